"""Children that do not outlive us, even if we are killed; standard library only (prctl(2))."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def dies_with_us(number: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """Return what a child runs before its program (``preexec_fn``) to be signalled when we die."""
    parent = os.getpid()

    def ask() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, number.value)
        if os.getppid() != parent:  # we died before the child could ask
            os._exit(1)

    return ask


def adopt_orphans() -> None:
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
