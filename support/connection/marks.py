"""What the connection test's cookie holds: when it was given, so a later one is known. Pure."""

from datetime import datetime

from accounts.web.cookies import CONNECTION_KEPT_FOR
from support.connection.figures import CookieState

_LENGTH = 16  # digits: microseconds


def new(now: datetime) -> str:
    return f"{now.timestamp() * 1_000_000:.0f}"


def state(given: str, came: str, *, now: datetime) -> CookieState:
    """Say whether a browser keeps cookies that was given one mark, and has brought another.

    One that another tab was given later has also been kept. None comes once it has expired: that
    says nothing.
    """
    if not _is_mark(given):
        return CookieState.UNKNOWN
    if _is_mark(came) and came >= given:
        return CookieState.KEPT
    is_due = new(now - CONNECTION_KEPT_FOR) < given <= new(now)
    return CookieState.REFUSED if is_due else CookieState.UNKNOWN


def _is_mark(text: str) -> bool:
    return len(text) == _LENGTH and text.isascii() and text.isdigit()
