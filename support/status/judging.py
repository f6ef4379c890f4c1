"""What follows from what was seen: the state of each part, and since when. Pure.

What cannot be told is not known. Nothing is said to work because nothing is heard of it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from support.status.parts import EMAIL, SENDING, SYSTEM, WEBSITE, PartReading, Parts, PartState

SLOW_PAGE = 2.0  # seconds
SLOW_ANSWER = 3.0  # seconds, of a pharmacy system
UNTAKEN = 60.0  # seconds: the sweep has enqueued it several times by then
UNTAKEN_LONG = 180.0  # seconds: its page tells the practice to phone the pharmacy
MAIL_WAITS = 90.0  # seconds; from a minute on the rescuer sends it too
MAIL_WAITS_LONG = 300.0  # seconds
FEW_FAILURES = 3  # attempts in a row: one may be an accident
SHARE_FAILING = 4  # one pharmacy in so many: a fault of the system, not of a single pharmacy
WORKED_LATELY = timedelta(hours=1)
REACHED_LATELY = timedelta(days=1)
SIGNS_EVERY = timedelta(seconds=30)
SILENT_AFTER = 5 * SIGNS_EVERY
SAME_SPELL = timedelta(minutes=5)  # a longer gap between readings ends what was said before


@dataclass(frozen=True)
class WebsiteSeen:
    status: int | None  # HTTP; None where nothing answered
    seconds: float


@dataclass(frozen=True)
class SendingSeen:
    untaken: float = 0.0  # seconds that the oldest has been due which nobody works on
    worker_sign: datetime | None = None


@dataclass(frozen=True)
class EmailSeen:
    waiting: float = 0.0  # seconds that the oldest has been due which nobody has tried
    unanswered: int = 0  # emails for which our mail server did not answer
    refused: int = 0  # emails that it refused, or we had a fault with, since one last went out
    most_tries: int = 0  # of those
    sent_at: datetime | None = None  # the last one that went out


@dataclass(frozen=True)
class PharmacySystemSeen:
    """What came of the last minutes' attempts."""

    tried: int = 0  # pharmacies
    failing: int = 0  # those of them whose last attempt failed
    accepted: int = 0  # attempts
    failed: int = 0  # attempts
    seconds: float | None = None  # half of the answers came within
    accepted_at: datetime | None = None
    pharmacies: int = 1  # behind it, tried or not


@dataclass(frozen=True)
class WhatWasSeen:
    website: WebsiteSeen
    sending: SendingSeen = SendingSeen()
    email: EmailSeen = EmailSeen()
    systems: dict[str, PharmacySystemSeen] = field(default_factory=dict)  # by host


Judged = tuple[PartState, datetime | None, float | None]  # worked_at, seconds


def _website(seen: WebsiteSeen, before: PartReading | None, now: datetime) -> Judged:
    reached_at = before.worked_at if before else None
    if seen.status is None:
        # Perhaps it cannot be asked from here at all: then nothing is known.
        was_reached = reached_at is not None and now - reached_at <= REACHED_LATELY
        state = PartState.NOT_WORKING if was_reached else PartState.NOT_KNOWN
        return state, reached_at, None
    if seen.status != 200:
        return PartState.NOT_WORKING, now, seen.seconds
    is_slow = seen.seconds >= SLOW_PAGE
    return PartState.SLOW if is_slow else PartState.WORKING, now, seen.seconds


def _sending(seen: SendingSeen, now: datetime) -> Judged:
    sign = seen.worker_sign
    if seen.untaken >= UNTAKEN_LONG:
        state = PartState.NOT_WORKING
    elif seen.untaken >= UNTAKEN:
        state = PartState.SLOW
    elif sign is None:
        state = PartState.NOT_KNOWN
    else:  # where its worker is silent, the rescuer sends, which waits for two minutes
        state = PartState.WORKING if now - sign < SILENT_AFTER else PartState.SLOW
    return state, sign, seen.untaken


def _email(seen: EmailSeen, now: datetime) -> Judged:
    has_trouble = seen.unanswered > 0 or seen.refused >= FEW_FAILURES
    went_out = seen.sent_at is not None and now - seen.sent_at <= WORKED_LATELY
    if seen.waiting >= MAIL_WAITS_LONG:
        state = PartState.NOT_WORKING
    elif has_trouble:
        lasts = seen.most_tries >= FEW_FAILURES
        goes_out = seen.sent_at is not None and now - seen.sent_at <= SAME_SPELL
        state = PartState.NOT_WORKING if lasts and not goes_out else PartState.SLOW
    elif seen.waiting >= MAIL_WAITS:
        state = PartState.SLOW
    else:
        state = PartState.WORKING if went_out else PartState.NOT_KNOWN
    return state, seen.sent_at, seen.waiting


def _system(seen: PharmacySystemSeen, before: PartReading | None, now: datetime) -> Judged:
    worked_at = seen.accepted_at or (before.worked_at if before else None)
    if seen.failing and seen.failing == seen.tried:
        is_its_own = seen.tried > 1 or seen.pharmacies == 1  # not a single pharmacy's fault
        lasts = seen.failed >= FEW_FAILURES and not seen.accepted and is_its_own
        was_down = before is not None and before.state is PartState.NOT_WORKING
        state = PartState.NOT_WORKING if lasts or was_down else PartState.SLOW
        return state, None, seen.seconds  # what it did before says nothing from here on
    is_slow = seen.seconds is not None and seen.seconds >= SLOW_ANSWER
    if is_slow or seen.failing * SHARE_FAILING >= max(seen.tried, 1):
        return PartState.SLOW, worked_at, seen.seconds
    lately = worked_at is not None and now - worked_at <= WORKED_LATELY
    return PartState.WORKING if lately else PartState.NOT_KNOWN, worked_at, seen.seconds


def judge(seen: WhatWasSeen, before: Parts, numbered: Parts, now: datetime) -> Parts:
    """Return what a reading says.

    Args:
        before: what the last reading said, or nothing where that is long ago.
        numbered: what the last reading said, however long ago.
    """
    found = {
        WEBSITE: _website(seen.website, before.get(WEBSITE), now),
        SENDING: _sending(seen.sending, now),
        EMAIL: _email(seen.email, now),
    }
    for host, system in seen.systems.items():
        found[SYSTEM + host] = _system(system, before.get(SYSTEM + host), now)
    numbers = _numbers([SYSTEM + host for host in seen.systems], numbered)
    return {
        name: _part(judged, before.get(name), numbers.get(name, 0), now)
        for name, judged in found.items()
    }


def _part(judged: Judged, before: PartReading | None, number: int, now: datetime) -> PartReading:
    state, worked_at, seconds = judged
    since = before.since if before and before.state is state else now
    rounded = None if seconds is None else round(seconds, 1)
    return PartReading(
        state=state, since=since, worked_at=worked_at, seconds=rounded, number=number
    )


def _numbers(systems: list[str], before: Parts) -> dict[str, int]:
    # Each keeps its own: people may have written it down.
    kept = {name: before[name].number for name in systems if name in before}
    free = (number for number in range(1, 1000) if number not in kept.values())
    return {name: kept.get(name) or next(free) for name in systems}
