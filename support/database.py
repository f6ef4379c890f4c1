"""Asks the database for a moment only, for pages that are shown without it too.

A database that is frozen neither answers nor refuses: who waits for it on a connection of their own
waits for ever. So a thread asks, over a connection of its own, and the page goes on.
"""

import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar, cast

from django.db import DatabaseError, InterfaceError, connection

logger = logging.getLogger(__name__)

WITHIN = 1.0  # seconds
SILENT_FOR = 5.0  # seconds in which one that gave no answer is not asked: each would wait again

Found = TypeVar("Found")


class AwayError(Exception):
    """The database has not answered, or not in time."""


def _in_a_thread(act: Callable[[], None]) -> None:
    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    threading.Thread(target=run, name="asks the database", daemon=True).start()


class _Asker:
    def __init__(self) -> None:
        self.begin = _in_a_thread
        self._silent_until = 0.0

    def ask(self, read: Callable[[], Found]) -> Found:
        if time.monotonic() < self._silent_until:
            raise AwayError("it has not answered a moment ago")
        answers: SimpleQueue[tuple[object, Exception | None]] = SimpleQueue()

        def act() -> None:
            try:
                answers.put((read(), None))
            except Exception as error:  # noqa: BLE001  the page's thread raises it again
                answers.put((None, error))

        self.begin(act)
        try:
            found, error = answers.get(timeout=WITHIN)
        except Empty:
            self._silent_until = time.monotonic() + SILENT_FOR
            logger.warning("the database has not answered within %s s", WITHIN)
            raise AwayError("it has not answered in time") from None
        if isinstance(error, DatabaseError | InterfaceError):
            raise AwayError(type(error).__name__) from error
        if error:
            raise error
        return cast("Found", found)


asker = _Asker()


def ask(read: Callable[[], Found]) -> Found:
    """Return what ``read`` returns.

    Raises:
        AwayError: no answer came within a second, or an error in its place.
    """
    return asker.ask(read)


def check() -> None:
    """Ask it for nothing but an answer, as ``ask`` does."""
    ask(_one)


def _one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
