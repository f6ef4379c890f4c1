"""Every cookie of ours: what it is for and how long it lasts, from the settings that say so."""

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings

from accounts.models.sessions import PendingLogIn
from accounts.web.cookies import CONNECTION_KEPT_FOR, DEVICE_KEPT_FOR

_UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


class ListedCookie(NamedTuple):
    name: str
    purpose: str
    lasts: str


def duration(length: timedelta) -> str:
    """Return a length of time in the largest unit that it is a whole number of."""
    count, unit = next(
        (length // size, unit) for size, unit in _UNITS if length % size == timedelta(0)
    )
    return f"{count} {unit}{'s' * (count != 1)}"


def listed() -> list[ListedCookie]:
    closed = "Until you close the browser"
    log_in = f"{closed}. It works for {duration(PendingLogIn.LIFETIME)}"
    return [
        ListedCookie(
            settings.SESSION_COOKIE_NAME,
            "Keeps you logged in.",
            f"{closed} or log out. It works for {duration(settings.SESSION_LONGEST)} at most.",
        ),
        ListedCookie(
            settings.PENDING_COOKIE_NAME,
            "Remembers how far you are while you log in or set up your authenticator app.",
            f"{log_in}, or {duration(PendingLogIn.SET_UP_LIFETIME)} while you set up an app.",
        ),
        ListedCookie(
            settings.DEVICE_COOKIE_NAME,
            "Remembers that you have logged in with this browser. "
            "So you do not have to wait when others guess at passwords.",
            f"{duration(DEVICE_KEPT_FOR)} after you last logged in.",
        ),
        ListedCookie(
            settings.CONNECTION_COOKIE_NAME,
            "Shows, when you check your connection, that your browser keeps cookies.",
            f"{duration(CONNECTION_KEPT_FOR)}.",
        ),
        ListedCookie(
            settings.CSRF_COOKIE_NAME,
            "Shows that a form was sent from our own page, and not by another website.",
            f"{duration(timedelta(seconds=settings.CSRF_COOKIE_AGE))}.",
        ),
    ]
