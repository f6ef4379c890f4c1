"""The two cookies of logging in: one opens the next step, the other one everything else."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def _set(response: HttpResponse, name: str, key: str) -> None:
    # No end: the browser forgets it when it is closed, and the row decides in any case.
    response.set_cookie(
        name, key, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def session_key(request: HttpRequest) -> str:
    """Return the key of a session, or nothing."""
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def pending_key(request: HttpRequest) -> str:
    """Return the key of a log-in under way, or nothing."""
    return request.COOKIES.get(settings.PENDING_COOKIE_NAME, "")


def hold_pending(response: HttpResponse, key: str) -> None:
    """Let the browser go on to the next step."""
    _set(response, settings.PENDING_COOKIE_NAME, key)


def hold_session(response: HttpResponse, key: str) -> None:
    """Let the browser in."""
    _set(response, settings.SESSION_COOKIE_NAME, key)
    forget_pending(response)


def holds_session(response: HttpResponse) -> bool:
    """Say whether a response sets the session's cookie, one way or the other."""
    return settings.SESSION_COOKIE_NAME in response.cookies


def forget_pending(response: HttpResponse) -> None:
    """End the log-in under way."""
    response.delete_cookie(settings.PENDING_COOKIE_NAME, samesite="Lax")


def forget_session(response: HttpResponse) -> None:
    """Let the browser out."""
    response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
