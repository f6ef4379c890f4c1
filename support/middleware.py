"""Lets pages that need no database be opened while it is away, also by a browser with a session."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from support import database
from support.addresses import WITHOUT_DATABASE


def open_without_database(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    # The session's row would be asked for first of all. Where it cannot be had, these pages are
    # shown as to nobody; the browser keeps its cookie.
    def middleware(request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and request.path_info.startswith(WITHOUT_DATABASE):
            try:
                database.check()
            except database.AwayError:
                del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return get_response(request)

    return middleware
