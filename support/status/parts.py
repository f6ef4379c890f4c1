"""The parts of PharmRefer whose state is read each minute, and what a reading says of them. Pure.

Stored as JSON, a row a minute and a row a day (support/models/readings.py).
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec import Struct

WEBSITE = "website"
SENDING = "sending"
EMAIL = "email"
SYSTEM = "system:"  # and the host behind which a pharmacy system is reached

# One minute late is nothing: a task may have waited.
FRESH_FOR = timedelta(minutes=3)


class PartState(StrEnum):
    WORKING = "working"
    SLOW = "slow"
    NOT_WORKING = "not-working"
    NOT_KNOWN = "not-known"

    @property
    def is_trouble(self) -> bool:
        return self in {PartState.SLOW, PartState.NOT_WORKING}


class PartReading(Struct, frozen=True, kw_only=True):
    state: PartState
    since: datetime
    worked_at: datetime | None = None  # when it was last seen to do its work
    seconds: float | None = None  # how long something took, or has waited
    number: int = 0  # of a pharmacy system, for one that has no name


Parts = dict[str, PartReading]
Minutes = dict[str, dict[PartState, int]]  # of a day, by part


def parts_from_json(text: str) -> Parts:
    return msgspec.json.decode(text, type=Parts)


def minutes_from_json(text: str) -> Minutes:
    return msgspec.json.decode(text, type=Minutes)


def to_json(said: Parts | Minutes) -> str:
    return msgspec.json.encode(said).decode()


def counted(minutes: Minutes, parts: Parts) -> Minutes:
    """Return a day's minutes with one more, that of a reading."""
    found = {name: dict(states) for name, states in minutes.items()}
    for name, part in parts.items():
        states = found.setdefault(name, {})
        states[part.state] = states.get(part.state, 0) + 1
    return found
