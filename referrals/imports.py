"""Bring practices and pharmacies to what files say: ODS's, and the routes that ODS lacks.

Each function belongs into a transaction of its caller's.
"""

import copy
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection, models

from accounts.files.spreadsheets import Fault
from accounts.models.people import IntegratedCareBoard, Practice
from accounts.text import phones
from accounts.wording import written_date
from referrals.grid_references import GridReference
from referrals.models.pharmacies import Pharmacy
from referrals.ods import Listing, Organisation
from referrals.routes import COLUMNS, OPTIONAL, Route, Routes

# More than this is rather a wrong file than what happens between two imports.
FEW_CLOSED = 10
MOST_CLOSED = 0.2  # of what is open
MOST_ABSENT = 0.01  # likewise: ODS goes on listing what has closed, so hardly any disappear
_BATCH = 2000  # rows a statement
_FROM_ODS = {
    Practice: [
        *("name", "address", "postcode", "phone", "phone_changed_on", "icb_id", "closed_on"),
        "from_ods",
    ],
    Pharmacy: ["name", "address", "postcode", "phone", "closed_on", "from_ods"],
}
_OF_A_ROUTE = [*COLUMNS[1:], *OPTIONAL]  # the first is the pharmacy's code

Tell = Callable[[str], Any]  # says how far it is
_Row = TypeVar("_Row", Practice, Pharmacy)


class ImportRefusedError(Exception):
    """So much would be closed that the file is probably incomplete; the message is a sentence."""


@dataclass(frozen=True)
class Changes:
    added: int
    changed: int
    closed: int
    reopened: int
    # By code the names of what no line has, and is still open: a line without a code may be its.
    kept_open: dict[str, str]


@dataclass(frozen=True)
class Run:
    today: date
    force: bool  # also close very many
    tell: Tell


def bring_practices(listing: Listing, run: Run) -> Changes:
    """Bring practices, and boards that are new, to what ODS says.

    Raises:
        ImportRefusedError: very many would be closed.
    """
    boards = _boards({each.icb for each in listing.active.values()})
    rows = [Practice(icb_id=boards[each.icb], **_fields(each)) for each in listing.active.values()]
    return _bring(Practice.objects.all(), rows, listing, run)


def bring_pharmacies(listing: Listing, run: Run) -> Changes:
    """As ``bring_practices``; routes are left alone."""
    rows = [Pharmacy(**_fields(each)) for each in listing.active.values()]
    changes = _bring(Pharmacy.objects.all(), rows, listing, run)
    locate_pharmacies()
    return changes


def _boards(codes: set[str]) -> dict[str, int]:
    # A new board is called by its code until it has a name.
    known = set(IntegratedCareBoard.objects.values_list("ods_code", flat=True))
    IntegratedCareBoard.objects.bulk_create(
        [IntegratedCareBoard(ods_code=code, name=code) for code in sorted(codes - known)],
        ignore_conflicts=True,  # two imports at once
    )
    return dict(IntegratedCareBoard.objects.values_list("ods_code", "pk"))


def _fields(organisation: Organisation) -> dict[str, Any]:
    fields = asdict(organisation)
    del fields["icb"]
    return {**fields, "phone": phones.in_register(organisation.phone), "from_ods": True}


def _tell_of_phones(listing: Listing, rows: list[_Row], tell: Tell) -> None:
    # The number is left out, and all else of the row is imported.
    for row in rows:
        listed = listing.active[row.ods_code].phone
        if listed and not row.phone:
            tell(f"the phone number of {row.ods_code} cannot be called, and is left out: {listed}")


def _bring(table: models.QuerySet[_Row], rows: list[_Row], listing: Listing, run: Run) -> Changes:
    known: dict[str, _Row] = {row.ods_code: row for row in table}
    fields = _FROM_ODS[table.model]
    counts: Counter[str] = Counter()
    written = []
    for row in rows:
        old = known.get(row.ods_code)
        if isinstance(old, Practice) and isinstance(row, Practice):
            _note_phone(old, row, run.today)
        if old is None or any(getattr(old, name) != getattr(row, name) for name in fields):
            counts[_what_happened(old, row)] += 1
            written.append(row)
    is_open = {code for code, row in known.items() if row.closed_on is None}
    absent = listing.missing(code for code in is_open if known[code].from_ods)
    kept_open = {code: known[code].name for code in sorted(absent) if listing.without_code}
    gone = dict.fromkeys(absent - kept_open.keys()) | listing.others
    closed = _close(known, gone, run.today, counts)
    if not run.force:
        _check_few(len(absent), len(is_open), MOST_ABSENT, "are not in the file at all")
        _check_few(counts["closed"], len(is_open), MOST_CLOSED, "would be closed")
    _write(table, written, fields, run.tell)
    _tell_of_phones(listing, rows, run.tell)
    table.bulk_update(closed, ["closed_on"], batch_size=_BATCH)
    return Changes(
        counts["added"], counts["changed"], counts["closed"], counts["reopened"], kept_open
    )


def _note_phone(old: Practice, new: Practice, today: date) -> None:
    # The service desk calls back on this number, and sees for a while that it is new.
    is_other = new.phone != phones.in_register(old.phone) and not old.phone_override
    new.phone_changed_on = today if is_other else old.phone_changed_on


def _check_few(count: int, of: int, most: float, what: str) -> None:
    if count > max(FEW_CLOSED, of * most):
        raise ImportRefusedError(
            f"{count:,} of {of:,} {what}. If the file is whole and the right one, add --force."
        )


def _close(
    known: dict[str, _Row], told: dict[str, date | None], today: date, counts: Counter[str]
) -> list[_Row]:
    """Close rows that are no longer active, with the day if it is told; return them, unsaved."""
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
    """Return the day on which it closed, which is never after today."""
    return told if told and told <= today else min(known or today, today)


def _write(table: models.QuerySet[_Row], rows: list[_Row], fields: list[str], tell: Tell) -> None:
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
    added: int
    changed: int
    taken_away: int
    same: int
    handed_on: dict[str, str]  # DoS service ids of closed pharmacies, by these; who has them now
    faults: list[Fault]


def bring_routes(routes: Routes, *, today: date, tell: Tell) -> RouteChanges:
    """Give pharmacies their routes; lines that break the rules of the table become faults."""
    codes = [route.ods_code for route in routes.by_line.values()]
    known = {each.ods_code: each for each in Pharmacy.objects.filter(ods_code__in=codes)}
    accepted, faults = {}, list(routes.faults)
    for line, route in routes.by_line.items():
        try:
            accepted[line] = _with_route(known.get(route.ods_code), route)
        except ValueError as error:
            faults.append(Fault(line, str(error)))
    faults += _take_out_what_is_twice(accepted, today=today)
    faults += _take_out_what_others_have(accepted, today=today)
    handed_on = _hand_on(accepted.values())
    counts: Counter[str] = Counter()
    written = list(handed_on)
    for pharmacy in accepted.values():
        happened = _what_happened_to_the_route(known[pharmacy.ods_code], pharmacy)
        counts[happened] += 1
        if happened != "same":
            written.append(pharmacy)
    _write(Pharmacy.objects.all(), written, _OF_A_ROUTE, tell)
    faults.sort(key=lambda fault: fault.line)
    return RouteChanges(
        counts["added"],
        counts["changed"],
        counts["taken away"],
        counts["same"],
        {old.ods_code: new.ods_code for old, new in handed_on.items()},
        faults,
    )


def _with_route(pharmacy: Pharmacy | None, route: Route) -> Pharmacy:
    """Return a copy of the pharmacy with its new route, unsaved.

    Raises:
        ValueError: there is no such pharmacy, or the fields break the rules of the table.
    """
    if pharmacy is None:
        raise ValueError(f"no pharmacy has the ODS code {route.ods_code}.")
    made = copy.copy(pharmacy)
    for name in _OF_A_ROUTE:
        if (value := getattr(route, name)) is not None:
            setattr(made, name, value)
    made.paused_until = made.paused_until or None
    try:
        made.clean_fields(exclude=_FROM_ODS[Pharmacy])
    except ValidationError as error:
        words = [f"{name}: {' '.join(said)}" for name, said in error.message_dict.items()]
        raise ValueError(" ".join(words)) from None
    return made


def _take_out_what_is_twice(accepted: dict[int, Pharmacy], *, today: date) -> list[Fault]:
    """Take out each line whose service an earlier one has, or one whose pharmacy is still open."""
    lines: dict[str, int] = {}
    for line in sorted(accepted, key=lambda line: (accepted[line].is_closed(today=today), line)):
        if service := accepted[line].dos_service_id:
            lines.setdefault(service, line)
    twice = {
        line: lines[each.dos_service_id]
        for line, each in accepted.items()
        if lines.get(each.dos_service_id, line) != line
    }
    return [
        Fault(line, f"DoS service id {accepted.pop(line).dos_service_id} is on line {at} already.")
        for line, at in twice.items()
    ]


def _take_out_what_others_have(accepted: dict[int, Pharmacy], *, today: date) -> list[Fault]:
    """Take out each line whose service is and stays another open pharmacy's; return the faults.

    A pharmacy whose own line is taken out keeps its service, and so on. One that has closed needs
    its service no more: the pharmacy that took it over has it now.
    """
    services = {pharmacy.dos_service_id for pharmacy in accepted.values()} - {""}
    holders = Pharmacy.objects.filter(dos_service_id__in=services)
    holder_of = {each.dos_service_id: each for each in holders if not each.is_closed(today=today)}
    faults: list[Fault] = []
    while True:
        changing = {pharmacy.ods_code for pharmacy in accepted.values()}
        kept = {key: each for key, each in holder_of.items() if each.ods_code not in changing}
        clashing = [line for line, each in accepted.items() if each.dos_service_id in kept]
        if not clashing:
            return faults
        for line in clashing:
            service = accepted.pop(line).dos_service_id
            faults.append(Fault(line, _taken(service, kept[service])))


def _taken(service: str, holder: Pharmacy) -> str:
    until = holder.closed_on
    free = (
        f"ODS says that it closes on {written_date(until)}: import this line from that day on."
        if until
        else "It is open: if it has changed hands, import ODS's file that says so first."
    )
    return f"{holder.ods_code} ({holder.name}) has the DoS service id {service}. {free}"


def _hand_on(accepted: Collection[Pharmacy]) -> dict[Pharmacy, Pharmacy]:
    """Return closed pharmacies without the services that others have now, unsaved, and the others.

    A closed one that opens again then has no route: two pharmacies never have one service. Its
    endpoint stays, for what is on its way to it.
    """
    taking = {each.dos_service_id: each for each in accepted if each.dos_service_id}
    changing = {each.ods_code for each in accepted}
    holders = Pharmacy.objects.filter(dos_service_id__in=taking).exclude(ods_code__in=changing)
    found = {}
    for holder in holders:
        found[holder] = taking[holder.dos_service_id]
        holder.dos_service_id = ""
    return found


def _what_happened_to_the_route(old: Pharmacy, new: Pharmacy) -> str:
    if all(getattr(old, name) == getattr(new, name) for name in _OF_A_ROUTE):
        return "same"
    if bool(old.endpoint) == bool(new.endpoint):
        return "changed"
    return "added" if new.endpoint else "taken away"


@dataclass(frozen=True)
class PostcodeChanges:
    read: int
    changed: int  # or new
    pharmacies: int  # that are elsewhere now


def bring_postcodes(found: Iterable[GridReference], *, tell: Tell) -> PostcodeChanges:
    """Add postcodes, or move them; those that are not in ``found`` stay. Pharmacies follow."""
    read = changed = 0
    with connection.cursor() as cursor:
        for batch in _batches(found):
            read += len(batch)
            one_each = {each.postcode: each for each in batch}.values()
            cursor.execute(
                BRING_POSTCODES, [list(column) for column in zip(*one_each, strict=True)]
            )
            changed += cursor.rowcount
            if read % _TOLD_EVERY == 0:
                tell(f"{read:,} read")
    return PostcodeChanges(read, changed, locate_pharmacies())


def _batches(found: Iterable[GridReference]) -> Iterator[list[GridReference]]:
    rest = iter(found)
    while batch := list(islice(rest, _POSTCODES_AT_ONCE)):
        yield batch


_POSTCODES_AT_ONCE, _TOLD_EVERY = 20_000, 400_000
BRING_POSTCODES = """
    INSERT INTO referrals_postcode AS known (code, easting, northing)
    SELECT * FROM unnest(%s::text[], %s::int[], %s::int[])
    ON CONFLICT (code) DO UPDATE SET easting = excluded.easting, northing = excluded.northing
    WHERE (known.easting, known.northing) IS DISTINCT FROM (excluded.easting, excluded.northing)
"""
# Each looks its postcode up by itself: of tables that were filled a moment ago nothing is known by
# which PostgreSQL could join them well, and a bad join of 20,000 rows takes more than ten seconds.
LOCATE_PHARMACIES = """
    UPDATE referrals_pharmacy AS pharmacy SET
        easting = (SELECT easting FROM referrals_postcode WHERE code = pharmacy.search_postcode),
        northing = (SELECT northing FROM referrals_postcode WHERE code = pharmacy.search_postcode)
    WHERE pharmacy.easting IS DISTINCT FROM
        (SELECT easting FROM referrals_postcode WHERE code = pharmacy.search_postcode)
    OR pharmacy.northing IS DISTINCT FROM
        (SELECT northing FROM referrals_postcode WHERE code = pharmacy.search_postcode)
"""


def locate_pharmacies() -> int:
    # How many have another grid reference than before.
    with connection.cursor() as cursor:
        cursor.execute(LOCATE_PHARMACIES)
        return int(cursor.rowcount)
