"""Long lists, a page at a time: how many there are, and where the rest begins.

A page begins beside a row, which its address names by its moment and number and nothing else. So
it costs the same however far down it is, and what comes or goes meanwhile moves no page.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.paginator import Page as NumberedPage
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q

from accounts.prepared import key_of

PER_PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ASKED = re.compile(r"(after|before)((?:\.[0-9A-Za-z-]{1,40}){1,3})", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
Row = TypeVar("Row")
Other = TypeVar("Other")
Cursor = tuple[Any, ...]  # of a row in its list: the values that it is ordered by


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    count: int  # of all rows
    is_more: bool = False  # they were not counted further
    first: int = 1  # the cursor of the first row here; 0 where that was not counted
    previous: str = ""  # what an address asks for the page before this one, if there is one
    next: str = ""

    def map(self, show: Callable[[Row], Other]) -> "Page[Other]":
        rows = [show(row) for row in self.rows]
        return Page(rows, self.count, self.is_more, self.first, self.previous, self.next)

    @property
    def is_complete(self) -> bool:
        return not self.previous and not self.next

    @property
    def how_many(self) -> str:
        return f"more than {self.count:,}" if self.is_more else f"{self.count:,}"

    @property
    def said(self) -> str:
        """Which rows these are, as in 51 to 100 of 163; only how many where all are here."""
        if self.is_complete:
            return self.how_many
        if not self.first:
            return f"{len(self.rows)} of {self.how_many}"
        return f"{self.first:,} to {self.first + len(self.rows) - 1:,} of {self.how_many}"


class CountOf(models.Func):
    """How many rows a query finds, as a column of another; slice it to count only so far."""

    template = "(SELECT COUNT(*) FROM %(expressions)s counted)"

    def __init__(self, found: "models.QuerySet[Any, Any]") -> None:
        super().__init__(models.Subquery(found), output_field=models.IntegerField())


def numbered(found: "models.QuerySet[Any, Row]", asked: str) -> NumberedPage[Row]:
    """Return the page that is asked for by its number.

    For the few lists that are ordered by name: a name must not stand in an address.
    """
    return Paginator(found, PER_PAGE).get_page(asked)


def page_of(  # noqa: PLR0913  each by its name
    found: "models.QuerySet[Any, Row]",
    by: Sequence[str],
    asked: str,
    *,
    cursor_of: Callable[[Row], Cursor] | None = None,
    count_to: int = 0,
    per_page: int = PER_PAGE,
) -> Page[Row]:
    """Return the page that an address asks for; the first one where that is none.

    Args:
        by: the fields that it is ordered by, all up or all down; the last one is unique.
        asked: what the address says: "after." or "before.", and a cursor.
        cursor_of: returns these fields of a row, where they are not its attributes.
        count_to: do not count further, for a list that may be very long.
    """
    names = [name.removeprefix("-") for name in by]
    at = cursor_of or (lambda row: tuple(attrgetter(name)(row) for name in names))
    is_after, cursor = _asked(asked, found.model, names)
    rows, goes_on = _rows(found, by, cursor, is_after=is_after, per_page=per_page)
    is_beginning = not is_after and not goes_on
    if cursor and (is_beginning or not rows):  # a whole page; or all of them have gone meanwhile
        return page_of(found, by, "", cursor_of=cursor_of, count_to=count_to, per_page=per_page)
    has_previous, has_next = (bool(cursor), goes_on) if is_after else (goes_on, True)
    page = Page(
        rows,
        len(rows),
        previous=_written("before", at(rows[0])) if has_previous else "",
        next=_written("after", at(rows[-1])) if has_next else "",
    )
    return page if page.is_complete else _counted(page, found, by, at(rows[0]), count_to)


def _rows(
    found: "models.QuerySet[Any, Row]",
    by: Sequence[str],
    cursor: Cursor | None,
    *,
    is_after: bool,
    per_page: int,
) -> tuple[list[Row], bool]:
    """Return the rows beside a cursor, and whether there are more in that direction."""
    order = by if is_after else [_turned(name) for name in by]
    beside = found.filter(_behind(order, cursor)) if cursor else found
    rows = list(beside.order_by(*order)[: per_page + 1])
    goes_on, rows = len(rows) > per_page, rows[:per_page]
    return (rows if is_after else rows[::-1]), goes_on


def _counted(
    page: Page[Row],
    found: "models.QuerySet[Any, Row]",
    by: Sequence[str],
    start: Cursor,
    count_to: int,
) -> Page[Row]:
    count = _count(found, count_to)
    is_more = bool(count_to) and count > count_to
    first = 1
    if page.previous:
        before = found.filter(_behind([_turned(name) for name in by], start))
        first = _count(before, count_to) + 1
    if count_to and first > count_to:
        first = 0
    return replace(page, count=count - is_more, is_more=is_more, first=first)


def _count(found: "models.QuerySet[Any, Any]", count_to: int) -> int:
    every = found.order_by()
    return every[: count_to + 1].count() if count_to else every.count()


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _behind(order: Sequence[str], cursor: Cursor) -> Q:
    compare = "lt" if order[0].startswith("-") else "gt"
    pairs = list(zip([name.removeprefix("-") for name in order], cursor, strict=True))
    (last, value), *rest = reversed(pairs)
    behind = Q(**{f"{last}__{compare}": value})
    for name, value in rest:
        behind = Q(**{f"{name}__{compare}": value}) | Q(**{name: value}) & behind
    # Said again for the first field alone, so that an index is read from there on.
    return Q(**{f"{pairs[0][0]}__{compare}e": pairs[0][1]}) & behind if rest else behind


def _written(side: str, cursor: Cursor) -> str:
    return ".".join([side, *map(_part, cursor)])


def _part(value: Any) -> str:
    if isinstance(value, datetime):
        return str((value - _EPOCH) // timedelta(microseconds=1))
    return str(value)


def _asked(asked: str, model: type[models.Model], names: list[str]) -> tuple[bool, Cursor | None]:
    matched = _ASKED.fullmatch(asked)
    parts = matched[2][1:].split(".") if matched else []
    if not matched or len(parts) != len(names):
        return True, None
    try:
        cursor = tuple(_value(part, model, name) for part, name in zip(parts, names, strict=True))
    except (OverflowError, ValueError, ValidationError):
        return True, None
    return matched[1] == "after", cursor


def _value(text: str, model: type[models.Model], name: str) -> Any:
    """Raises OverflowError, ValueError or ValidationError where the text stands for nothing."""
    try:
        field = key_of(model) if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:  # a count
        field = models.IntegerField()
    if isinstance(field, models.IntegerField | models.DateTimeField) and not _NUMBER.fullmatch(
        text
    ):
        raise ValueError(text)
    if isinstance(field, models.DateTimeField):
        return _EPOCH + timedelta(microseconds=int(text))
    assert isinstance(field, models.Field)  # noqa: S101  no relation
    return field.to_python(text)
