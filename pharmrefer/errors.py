"""The pages for what went wrong: plain words, and what to do next.

They need no database, since its absence is one of the things that they tell.
"""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.web import access
from accounts.web.access import VisitorRequest


def _page(
    request: HttpRequest, status: int, title: str, *paragraphs: str, is_outage: bool = False
) -> HttpResponse:
    context = {"title": title, "paragraphs": paragraphs, "is_outage": is_outage}
    return render(request, "error.html", context, status=status)


def _database_is_unreachable(error: BaseException | None) -> bool:
    """Tell a lost database from one that refused, timed out or broke a deadlock.

    By SQLSTATE (PostgreSQL manual, appendix A): none when nothing answered, class 08, shut down,
    starting up, or out of connections.
    """
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    state = getattr(error.__cause__, "sqlstate", None) or "08000"
    return state.startswith(("08", "57P0")) or state == "53300"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _page(
            request,
            413,
            "That is more than PharmRefer can take at once",
            "Nothing was stored. Go back and send less: for example, a list of people in parts.",
        )
    return _page(
        request,
        400,
        "PharmRefer did not understand that request",
        "Go back and try again. If you typed or pasted the web address, check that it is correct.",
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(
        request,
        403,
        "You cannot open this page",
        "Your role does not have access to this page.",
    )


def csrf_failure(request: VisitorRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403: the form did not come from a page of ours, or its page is too old.

    Where the user has logged in meanwhile, in another tab, what can be stashed of a form is, and is
    shown again, and a page of logging in is shown afresh. Of what another site has written, also
    one on another port or subdomain, nothing is stashed or shown.
    """
    match = request.resolver_match
    is_ours = access.is_from_our_page(request)
    if match and is_ours and (stashed := access.stash(request, match)):
        return redirect(access.way_back(request, stashed))
    if (
        match
        and match.namespace in {"accounts", "support"}
        and not access.is_from_elsewhere(request)
    ):
        return redirect(access.afresh(request))
    return _page(
        request,
        403,
        "That page was out of date",
        "Nothing was sent. Go back, reload the page and try again.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(
        request,
        404,
        "Page not found",
        "If you typed the web address, check that it is correct.",
        "If you pasted the web address, check that you copied all of it.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    if _database_is_unreachable(sys.exc_info()[1]):
        response = _page(
            request,
            503,
            "PharmRefer cannot be used at the moment",
            "It cannot reach its database. Try again in a minute.",
            "If a patient is waiting, phone the pharmacy.",
            is_outage=True,
        )
        response.headers["Retry-After"] = "60"
        return response
    return _page(
        request,
        500,
        "There is a problem with PharmRefer",
        "Try again in a minute. If a patient is waiting, phone the pharmacy.",
    )
