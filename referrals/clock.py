"""The clock by which everything that is sent is timed: the database's, the same for all processes.

The clock of the machine that a worker or a web server runs on may be hours off. What is stored to
be compared later, and what it is compared with, comes from here.
"""

import threading
import time
from datetime import UTC, datetime, timedelta

from django.db import connection

ASKED_AGAIN_AFTER = 60.0  # seconds: two clocks do not drift apart in that time

# With %(now)s in it: the moment that is given, or else the database's.
SQL_NOW = "coalesce(%(now)s::timestamptz, clock_timestamp())"


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    _estimate.set(found)
    return found


class _Estimate:
    """What the database would say, counted from when it was last asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: tuple[datetime, float] | None = None

    def set(self, moment: datetime) -> None:
        with self._lock:
            self._said = (moment, time.monotonic())

    def get(self) -> datetime | None:
        with self._lock:
            if self._said is None:
                return None
            moment, at = self._said
        age = time.monotonic() - at
        return None if age > ASKED_AGAIN_AFTER else moment + timedelta(seconds=age)


_estimate = _Estimate()


def about_now() -> datetime:
    """Return what the database's clock shows, good to a second: it is asked once a minute."""
    return _estimate.get() or now()


def seconds(moment: datetime) -> float:
    """Return seconds since 1970, as tasks carry a moment."""
    return moment.astimezone(UTC).timestamp()
