"""The cookies: one opens the next step of logging in, one everything else, two nothing at all.

The CSRF cookie is Django's: here it is only given a new token.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from accounts.origin import Device

DEVICE_KEPT_FOR = timedelta(days=180)
CONNECTION_KEPT_FOR = timedelta(minutes=5)
MOST_NAMES = 20  # of people who share a computer
_SALT = "accounts.device"


def _set(response: HttpResponse, name: str, key: str, max_age: timedelta | None = None) -> None:
    # Without an end, the browser forgets it when it is closed; the row decides in any case.
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, key, max_age, secure=secure, httponly=True, samesite="Lax")


def session_key(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def pending_key(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.PENDING_COOKIE_NAME, "")


def hold_pending(response: HttpResponse, key: str) -> HttpResponse:
    _set(response, settings.PENDING_COOKIE_NAME, key)
    return response


def hold_session(response: HttpResponse, key: str) -> HttpResponse:
    _set(response, settings.SESSION_COOKIE_NAME, key)
    forget_pending(response)
    return response


def holds_session(response: HttpResponse) -> bool:
    # A response that deletes the cookie has it too.
    return settings.SESSION_COOKIE_NAME in response.cookies


def forget_pending(response: HttpResponse) -> None:
    response.delete_cookie(settings.PENDING_COOKIE_NAME, samesite="Lax")


def forget_session(response: HttpResponse) -> None:
    response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")


def rotate_csrf_token(request: HttpRequest) -> None:
    """Give the browser a new CSRF token: one from before somebody signed in is no use any more."""
    rotate_token(request)


def device(request: HttpRequest) -> Device | None:
    """Return the browser as it is known to us, or None: no user has logged in with it before."""
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        said = signing.loads(text, salt=_SALT, max_age=DEVICE_KEPT_FOR) if text else None
    except signing.BadSignature:
        return None
    return Device(said[0], tuple(said[1])) if said else None


def hold_device(response: HttpResponse, known: Device | None, name: str) -> None:
    """Let the browser show from now on that the user has logged in with it.

    It opens nothing: tries are counted apart from those of browsers that are not known.
    """
    earlier = [each for each in known.names if each != name] if known else []
    identity = known.id if known else secrets.token_urlsafe(16)
    said = signing.dumps([identity, [name, *earlier][:MOST_NAMES]], salt=_SALT)
    _set(response, settings.DEVICE_COOKIE_NAME, said, DEVICE_KEPT_FOR)


def connection_mark(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.CONNECTION_COOKIE_NAME, "")


def hold_connection(response: HttpResponse, mark: str) -> None:
    """Give the browser a mark that it brings again if it keeps cookies, and no more."""
    _set(response, settings.CONNECTION_COOKIE_NAME, mark, CONNECTION_KEPT_FOR)
