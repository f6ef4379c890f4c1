"""The lists of what the service desk has to see to, a page at a time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

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
    is_of_cases: bool = False


# By the last word of their addresses.
LISTS = {
    "objected": DeskList(
        "“This was not me”: find out who called",
        disputed,
        ("-disputed_at", "-pk"),
        is_of_cases=True,
    ),
    "open-cases": DeskList("Open cases", open_cases, ("opened_at", "pk"), is_of_cases=True),
    "reset-often": DeskList("Authenticators reset often", people_reset_often, ("-count", "-pk")),
    "many-resets": DeskList("Many resets within an hour", busy_members, ("-done_at", "-pk")),
    "locked": DeskList("People locked now", locked_people, ("-locked_at", "-pk")),
    "without-administrator": DeskList(
        "Practices without an administrator", without_administrator, ("ods_code",)
    ),
}


def part(name: str, asked: str, *, now: datetime) -> Page[Any]:
    row = LISTS[name]
    page = page_of(row.found(now), row.by, asked)
    return page.map(lambda each: presenters.case(each, now=now)) if row.is_of_cases else page
