"""Ends a process that has not shown for a while that it works, so that it is started again.

So no other program needs the right to stop containers. What shows that a process works goes the
way of its work, but past whatever waits there: a process that is busy is well.
"""

import logging
import os
import threading
from collections.abc import Callable

from referrals import delivery

logger = logging.getLogger(__name__)

EVERY = 5.0  # seconds
MOST_UNHEARD = 18  # times, or 90 seconds: counted, since a process that was frozen is well
FAILED = 70  # the exit status of a fault within (sysexits.h)


def _end_the_process() -> None:
    os._exit(FAILED)  # threads that hang are not waited for; what they had begun stays unknown


class Watchdog:
    def __init__(self, end: Callable[[], None] = _end_the_process) -> None:
        self.ask: Callable[[], object] = self.heard
        self._end = end
        self._unheard = 0
        self._is_stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._is_stopped.set()

    def heard(self) -> None:
        self._unheard = 0
        delivery.note_health()

    def _run(self) -> None:
        while not self._is_stopped.wait(EVERY):
            self.look()

    def look(self) -> None:
        """Ask once more, or end the process where no answer has come for too long."""
        if self._unheard >= MOST_UNHEARD:
            logger.critical("nothing has been heard of the work itself for too long: ending")
            self._end()
        try:
            self.ask()
        except Exception as error:  # noqa: BLE001  the broker's fault; starting again would not help
            logger.warning("the watchdog cannot ask: %s", type(error).__name__)
        else:
            self._unheard += 1
