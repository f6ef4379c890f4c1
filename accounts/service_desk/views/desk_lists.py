"""The lists of what the service desk has to see to, a page at a time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models.service_desk import (
    busy_members,
    disputed,
    locked_people,
    open_cases,
    people_reset_often,
    without_administrator,
)
from accounts.service_desk import presenters
from accounts.web.paging import Page, page_of


class DeskList(NamedTuple):
    heading: str
    found: Callable[[datetime], "QuerySet[Any, Any]"]
    by: tuple[str, ...]  # what it is ordered by


LISTS = {
    "objected": DeskList(
        "“This was not me”: find out who called",
        lambda now: disputed(now=now),
        ("-disputed_at", "-pk"),
    ),
    "open-cases": DeskList("Open cases", lambda now: open_cases(now=now), ("opened_at", "pk")),
    "reset-often": DeskList(
        "Authenticators reset often",
        lambda now: people_reset_often(now=now),
        ("-count", "-pk"),
    ),
    "many-resets": DeskList(
        "Many resets within an hour", lambda now: busy_members(now=now), ("-done_at", "-pk")
    ),
    "locked": DeskList(
        "People locked now",
        lambda now: locked_people(today=timezone.localdate(now)),
        ("-locked_at", "-pk"),
    ),
    "without-administrator": DeskList(
        "Practices without an administrator",
        lambda now: without_administrator(today=timezone.localdate(now)),
        ("ods_code",),
    ),
}
OF_CASES = {"objected", "open-cases"}


def part(name: str, asked: str, *, now: datetime) -> Page[Any]:
    page = page_of(LISTS[name].found(now), LISTS[name].by, asked)
    if name in OF_CASES:
        return page.map(lambda each: presenters.case(each, now=now))
    return page
