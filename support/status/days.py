"""How the last 30 days were, counted in minutes by London's days. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from support.status.parts import Minutes, PartState

SHOWN = 30
JUST_NOW = 3  # minutes that may not have been written down yet


@dataclass(frozen=True)
class DayShown:
    on: date
    slow: int  # minutes
    not_working: int
    not_known: int
    read: int  # of which there is a reading, whatever it says
    not_read: int

    @property
    def trouble(self) -> int:
        return self.slow + self.not_working

    @property
    def is_known(self) -> bool:
        return self.read > self.not_known

    @property
    def has_gap(self) -> bool:
        return self.not_read >= JUST_NOW


def last_days(
    days: dict[date, Minutes], part: str, *, now: datetime, zone: Any
) -> Iterator[DayShown]:
    """Yield what is known of a part, the oldest day first and today last.

    Args:
        zone: as ``zoneinfo`` gives it: a day may have 23 hours, or 25.
    """
    today = now.astimezone(zone).date()
    for ago in reversed(range(SHOWN)):
        on = today - timedelta(days=ago)
        states = days.get(on, {}).get(part, {})
        read = sum(states.values())
        passed = _minutes_until(on, now, zone)
        if on == today:
            passed -= JUST_NOW
        yield DayShown(
            on,
            slow=states.get(PartState.SLOW, 0),
            not_working=states.get(PartState.NOT_WORKING, 0),
            not_known=states.get(PartState.NOT_KNOWN, 0),
            read=read,
            not_read=max(passed - read, 0),
        )


def _minutes_until(on: date, now: datetime, zone: Any) -> int:
    """Return how many minutes of a day have passed."""
    begins = datetime.combine(on, time.min, tzinfo=zone)
    ends = datetime.combine(on + timedelta(days=1), time.min, tzinfo=zone)
    passed = min(ends.timestamp(), now.timestamp()) - begins.timestamp()
    return int(passed // 60)
