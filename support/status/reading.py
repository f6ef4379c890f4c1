"""The last reading, for every page: read every few seconds, kept where the database is away."""

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import inf

import msgspec
from django.utils import timezone

from referrals import clock
from referrals.clinical.packs import Pack
from referrals.models.content_packs import ContentPack
from support import database
from support.models.readings import DayOfReadings, MinuteReading
from support.status import parts
from support.status.parts import FRESH_FOR, WEBSITE, Minutes, PartReading, Parts, PartState

logger = logging.getLogger(__name__)

READ_EVERY = 10.0  # seconds
STATUS_READ_EVERY = 2.0  # seconds, for the page that is about nothing else
SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class LastReading:
    """What this process knows, and whether the database answered when it was last asked."""

    at: datetime | None = None  # None: it has seen no reading yet
    parts: Parts = field(default_factory=dict)
    days: dict[date, Minutes] = field(default_factory=dict)
    pack: Pack | None = None  # the clinical content in force
    database_answers: bool = True
    away_since: datetime | None = None

    def parts_at(self, now: datetime) -> Parts:
        """Return what can be said now.

        An old reading says nothing of now, nor does any while the database is away: but for the
        website, which does not work then.
        """
        since = self.away_since or self.at or now
        if self.database_answers and self.at and now - self.at < FRESH_FOR:
            return self.parts
        not_known = {
            name: PartReading(state=PartState.NOT_KNOWN, since=since, number=part.number)
            for name, part in self.parts.items()
        }
        if self.database_answers:
            return not_known
        return not_known | {WEBSITE: PartReading(state=PartState.NOT_WORKING, since=since)}

    def has_trouble(self, now: datetime) -> bool:
        return any(part.state.is_trouble for part in self.parts_at(now).values())


class _Kept:
    def __init__(self) -> None:
        self.last = LastReading()
        self.asked_at = -inf
        self._clock: tuple[datetime, float] | None = None  # the database's

    def now(self) -> datetime:
        if self._clock is None:
            return timezone.now()
        said, at = self._clock
        return said + timedelta(seconds=time.monotonic() - at)

    def refresh(self) -> None:
        self.asked_at = time.monotonic()  # first: one that fails is not tried by every page
        try:
            now, found = database.ask(_read)
        except msgspec.ValidationError as error:
            # A newer release has written it: what is known here grows old, and is said to be.
            logger.warning("the last reading cannot be read: %s", error)
            return
        except database.AwayError:
            since = self.last.away_since or self.now()
            self.last = replace(self.last, database_answers=False, away_since=since)
            return
        self._clock = now, time.monotonic()
        self.last = found


def _read() -> tuple[datetime, LastReading]:
    now = clock.now()
    today = timezone.localdate(now)
    row = MinuteReading.objects.order_by("-at").first()
    days = DayOfReadings.objects.filter(on__gt=today - SHOWN)
    return now, LastReading(
        at=row.at if row else None,
        parts=parts.parts_from_json(row.parts) if row else {},
        days={day.on: parts.minutes_from_json(day.minutes) for day in days},
        pack=ContentPack.in_force(today),
    )


_kept = _Kept()


def last(*, every: float = READ_EVERY) -> LastReading:
    """Return what this process knows, having asked again where that is some seconds old."""
    if time.monotonic() >= _kept.asked_at + every:
        _kept.refresh()
    return _kept.last


def now() -> datetime:
    """Return the time by which readings are old or new: the database's, as far as it is known."""
    return _kept.now()


def read_again() -> None:
    """Let the next page ask for it."""
    _kept.asked_at = -inf
