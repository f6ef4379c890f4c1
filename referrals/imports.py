"""Bring practices and pharmacies to what files say: ODS's, and the routes that ODS lacks.

Each function belongs into a transaction of its caller's.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import IntegratedCareBoard, Practice
from referrals.csv_files import Fault
from referrals.models import Pharmacy
from referrals.ods import Listing, Organisation
from referrals.routes import COLUMNS, Route, Routes

# More than this is rather a wrong file than what happens between two imports.
FEW_CLOSED = 10
MOST_CLOSED = 0.2  # of what is open
_BATCH = 2000  # rows a statement
_FROM_ODS = {
    Practice: ["name", "address", "postcode", "phone", "icb_id", "closed_on", "from_ods"],
    Pharmacy: ["name", "address", "postcode", "phone", "closed_on", "from_ods"],
}
_OF_A_ROUTE = COLUMNS[1:]  # the first is the pharmacy's code

Tell = Callable[[str], Any]  # says how far it is
_Row = TypeVar("_Row", Practice, Pharmacy)


class RefusedError(Exception):
    """So much would be closed that the file is probably not whole; the message is a sentence."""


@dataclass(frozen=True)
class Changes:
    """How many rows of one kind an import has touched."""

    added: int
    changed: int
    closed: int
    reopened: int


@dataclass(frozen=True)
class Run:
    """What one run of an import goes by."""

    today: date
    force: bool  # also close very many
    tell: Tell


def bring_practices(listing: Listing, run: Run) -> Changes:
    """Bring practices, and boards that are new, to what ODS says.

    Raises:
        RefusedError: very many would be closed.
    """
    boards = _boards({each.icb for each in listing.active.values()})
    rows = [Practice(icb_id=boards[each.icb], **_fields(each)) for each in listing.active.values()]
    return _bring(Practice.objects.all(), rows, listing, run)


def bring_pharmacies(listing: Listing, run: Run) -> Changes:
    """Bring pharmacies to what ODS says, and leave their routes alone.

    Raises:
        RefusedError: very many would be closed.
    """
    rows = [Pharmacy(**_fields(each)) for each in listing.active.values()]
    return _bring(Pharmacy.objects.all(), rows, listing, run)


def _boards(codes: set[str]) -> dict[str, int]:
    """Return each board's key by its code; a new one is called by its code until it has a name."""
    known = set(IntegratedCareBoard.objects.values_list("ods_code", flat=True))
    IntegratedCareBoard.objects.bulk_create(
        [IntegratedCareBoard(ods_code=code, name=code) for code in sorted(codes - known)],
        ignore_conflicts=True,  # two imports at once
    )
    return dict(IntegratedCareBoard.objects.values_list("ods_code", "pk"))


def _fields(organisation: Organisation) -> dict[str, Any]:
    fields = asdict(organisation)
    del fields["icb"]
    return {**fields, "from_ods": True}


def _bring(table: models.QuerySet[_Row], rows: list[_Row], listing: Listing, run: Run) -> Changes:
    known: dict[str, _Row] = {row.ods_code: row for row in table}
    fields = _FROM_ODS[table.model]
    counts: Counter[str] = Counter()
    written = []
    for row in rows:
        old = known.get(row.ods_code)
        if old is None or any(getattr(old, name) != getattr(row, name) for name in fields):
            counts[_what_happened(old, row)] += 1
            written.append(row)
    open_before = sum(row.closed_on is None for row in known.values())
    closed = _close(known, listing, run.today, counts)
    if counts["closed"] > max(FEW_CLOSED, open_before * MOST_CLOSED) and not run.force:
        raise RefusedError(
            f"{counts['closed']:,} of {open_before:,} would be closed. If the file is whole and "
            "the right one, add --force."
        )
    _write(table, written, fields, run.tell)
    table.bulk_update(closed, ["closed_on"], batch_size=_BATCH)
    return Changes(counts["added"], counts["changed"], counts["closed"], counts["reopened"])


def _close(
    known: dict[str, _Row], listing: Listing, today: date, counts: Counter[str]
) -> list[_Row]:
    """Close rows that ODS says are closed, or that it no longer has; return them, unsaved."""
    is_open = {code for code, row in known.items() if row.from_ods and row.closed_on is None}
    told = dict.fromkeys(listing.missing(is_open)) | listing.others
    closed = []
    for code in sorted(told.keys() & known.keys()):
        row = known[code]
        day = _closing_day(told[code], row.closed_on, today)
        if day != row.closed_on:
            counts["changed" if row.closed_on else "closed"] += 1
            row.closed_on = day
            closed.append(row)
    return closed


def _closing_day(told: date | None, known: date | None, today: date) -> date:
    """Return since when something is closed that is closed now: never a later day."""
    return told if told and told <= today else min(known or today, today)


def _write(table: models.QuerySet[_Row], rows: list[_Row], fields: list[str], tell: Tell) -> None:
    """Add rows, or change those of the same code in ``fields`` only."""
    rows = sorted(rows, key=lambda row: row.ods_code)  # two imports at once wait for each other
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        table.bulk_create(
            batch, update_conflicts=True, unique_fields=["ods_code"], update_fields=fields
        )
        tell(f"{start + len(batch):,} of {len(rows):,} written")


def _what_happened(old: Practice | Pharmacy | None, new: Practice | Pharmacy) -> str:
    if old is None:
        return "added"
    if (old.closed_on is None) == (new.closed_on is None):
        return "changed"
    return "reopened" if new.closed_on is None else "closed"


@dataclass(frozen=True)
class RouteChanges:
    """How many pharmacies' routes an import has touched, and what it left alone."""

    added: int
    changed: int
    taken_away: int
    same: int
    faults: list[Fault]


def bring_routes(routes: Routes, *, tell: Tell) -> RouteChanges:
    """Give pharmacies their routes; what breaks the tables' rules is named and left alone."""
    codes = [route.ods_code for route in routes.by_line.values()]
    known = {each.ods_code: each for each in Pharmacy.objects.filter(ods_code__in=codes)}
    taken = _services_of_others(routes, known)
    counts: Counter[str] = Counter()
    faults, written = list(routes.faults), []
    for line, route in routes.by_line.items():
        try:
            happened = _give(known.get(route.ods_code), route, taken)
        except ValueError as error:
            faults.append(Fault(line, str(error)))
            continue
        counts[happened] += 1
        if happened != "same":
            written.append(known[route.ods_code])
    _write(Pharmacy.objects.all(), written, _OF_A_ROUTE, tell)
    faults.sort(key=lambda fault: fault.line)
    return RouteChanges(
        counts["added"], counts["changed"], counts["taken away"], counts["same"], faults
    )


def _services_of_others(routes: Routes, known: dict[str, Pharmacy]) -> dict[str, str]:
    """Return the code of each pharmacy that the file does not touch and whose service it gives."""
    services = {route.dos_service_id for route in routes.by_line.values()} - {""}
    others = Pharmacy.objects.filter(dos_service_id__in=services).exclude(ods_code__in=known)
    return dict(others.values_list("dos_service_id", "ods_code"))


def _give(pharmacy: Pharmacy | None, route: Route, taken: dict[str, str]) -> str:
    """Set a route's fields, unsaved, and return what happened.

    Raises:
        ValueError: there is no such pharmacy, or the fields break the rules of the table.
    """
    if pharmacy is None:
        raise ValueError(f"no pharmacy has the ODS code {route.ods_code}.")
    if other := taken.get(route.dos_service_id):
        raise ValueError(f"{other} has the DoS service id {route.dos_service_id}.")
    before = [getattr(pharmacy, name) for name in _OF_A_ROUTE]
    had_one = bool(pharmacy.endpoint)
    for name in _OF_A_ROUTE:
        setattr(pharmacy, name, getattr(route, name))
    if before == [getattr(pharmacy, name) for name in _OF_A_ROUTE]:
        return "same"
    try:
        pharmacy.clean_fields(exclude=_FROM_ODS[Pharmacy])
    except ValidationError as error:
        words = [f"{name}: {' '.join(said)}" for name, said in error.message_dict.items()]
        raise ValueError(" ".join(words)) from None
    if had_one == bool(route.endpoint):
        return "changed"
    return "added" if route.endpoint else "taken away"
