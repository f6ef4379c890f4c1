"""The regional content that pages show in a test: nothing, or what the test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

from support.region import current
from support.region.content import NOTHING, Region


def show(region: Region = NOTHING) -> None:
    """Let pages show it from here on; the database is not asked."""
    reading = current._last_read
    reading.region, reading.version, reading.due_at = region, 0, inf


@contextmanager
def shown(region: Region) -> Iterator[None]:
    """Let pages show it meanwhile."""
    show(region)
    try:
        yield
    finally:
        show()
