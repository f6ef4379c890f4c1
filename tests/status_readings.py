"""The reading that pages know of in a test: none, or what the test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

from support.status import reading
from support.status.reading import LastReading


def show(last: LastReading | None = None) -> None:
    """Let pages know it from here on; the database is not asked."""
    kept = reading._kept
    kept.last, kept.asked_at, kept._clock = last or LastReading(), inf, None


@contextmanager
def shown(last: LastReading) -> Iterator[None]:
    """Let pages know it meanwhile."""
    show(last)
    try:
        yield
    finally:
        show()
