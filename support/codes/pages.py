"""From which page someone asks for a support code: the name of its route, which says no identifier.

What the page has said goes along: why it refused something, or why a session has ended.
"""

from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from accounts.models.sessions import Ended
from accounts.sign_in.middleware import view_name
from accounts.topics import Topic
from accounts.web import access
from accounts.web.access import VisitorRequest

LONGEST_ROUTE = 80  # characters
_NUMBER, _REFERRAL, _SLUG = 0, UUID(int=0), "-"
_GIVEN: tuple[dict[str, object], ...] = (
    {},
    {"number": _NUMBER},
    {"referral_id": _REFERRAL},
    {"slug": _SLUG},
)
_SAID: dict[str, str] = {
    **{each.value: each.question for each in Topic},
    **{each.value: each.label for each in Ended},
}


def address_of(route: str) -> str:
    """Return where a page is, as in ``/referrals/…/send/``; nothing where there is no such page."""
    if not route or len(route) > LONGEST_ROUTE:
        return ""
    for given in _GIVEN:
        try:
            address = reverse(route, kwargs=given)
        except NoReverseMatch:
            continue
        for given_word in (_REFERRAL, _NUMBER, _SLUG):
            address = address.replace(f"/{given_word}/", "/…/")
        return address
    return ""


def what_was_said(code: str) -> str:
    return _SAID.get(code, "")


@cache
def _link(route: str, said: str) -> str:
    return access.address_of("support:support-code", page=route, said=said)


def support_code_link(request: HttpRequest) -> str:
    """Return the address at which someone gets a support code for this page."""
    said = request.GET.get("because", "")
    return _link(view_name(request), said if said in Ended else "")


class Where(NamedTuple):
    """The name of a page's route, and the code of what it said; "" where either is not known."""

    page: str
    said: str


def came_from(request: VisitorRequest) -> Where:
    """Return the page whose link was followed.

    Beside a refused field the link does not know its page; the browser says it.
    """
    page, said = request.GET.get("page", ""), request.GET.get("said", "")
    if not page and access.is_from_our_page(request):
        page = _route_at(urlsplit(request.headers.get("Referer", "")).path)
    if request.ended and not what_was_said(said):
        said = request.ended.value
    return known(page, said)


def known(page: str, said: str) -> Where:
    """Leave out what no page of ours has written: it could be anything."""
    return Where(page if address_of(page) else "", said if what_was_said(said) else "")


def _route_at(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
