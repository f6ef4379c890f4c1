"""Lets pages that need no database be opened while it is away, also by a browser with a session."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve

from accounts.web.access import declared
from support import database
from support.addresses import WITHOUT_DATABASE


def _asks_no_database(path: str) -> bool:
    if not path.startswith(WITHOUT_DATABASE):  # to resolve it twice is dear
        return False
    try:
        access = declared(resolve(path).func)
    except Http404:
        return False
    return access is not None and access.asks_no_database


def open_without_database(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    # The session's row would be asked for first of all. Where it cannot be had, these pages are
    # shown as to nobody; the browser keeps its cookie.
    def middleware(request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and _asks_no_database(request.path_info):
            try:
                database.check()
            except database.AwayError:
                del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return get_response(request)

    return middleware
