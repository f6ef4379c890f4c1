"""The table of routes: for each pharmacy, what sending needs and the ODS files lack.

docs/routes.md describes it. Pure reading: the tables' own rules are tried where it is applied.
"""

import re
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from typing import Any

from accounts.files.spreadsheets import Fault, Record, Table
from accounts.files.text_files import UnreadableError
from referrals import hours
from referrals.hours import NotHoursError

_YES_NO = {"yes": True, "no": False, "true": True, "false": False}
_DOS_SERVICE_ID = re.compile(r"[0-9A-Za-z-]+", re.ASCII)


@dataclass(frozen=True)
class Route:
    """One pharmacy's. Field names are those of the columns and of ``Pharmacy``."""

    ods_code: str
    dos_service_id: str  # with the endpoint, or neither: then there is no route
    endpoint: str
    secure_email: str
    opening_hours: str
    offers_pharmacy_first: bool
    is_distance_selling: bool
    # Columns that a file may leave out: then what is known stays, and this is None.
    closures: str | None = None
    paused_until: date | str | None = None  # "": it is not paused
    prescriber_hours: str | None = None


COLUMNS = [each.name for each in fields(Route) if each.default is MISSING]
OPTIONAL = [each.name for each in fields(Route) if each.name not in COLUMNS]


@dataclass
class Routes:
    by_line: dict[int, Route] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unknown_hours: list[Fault] = field(default_factory=list)  # imported all the same


def is_heading(cells: Sequence[str]) -> bool:
    return len({_column(cell) for cell in cells} & {*COLUMNS, *OPTIONAL}) > 1


def _column(cell: str) -> str:
    # "DoS service ID" is a column too.
    return re.sub("[ _-]+", "_", cell.strip().lower())


def read(table: Table) -> Routes:
    """Return the routes of a table, whose headings name the columns, in any order.

    Raises:
        UnreadableError: the headings do not.
    """
    columns = [_column(cell) for cell in table.heading.cells] if table.heading else []
    while columns and not columns[-1]:  # empty ones at the end
        columns.pop()
    given = sorted(columns)
    if given != sorted({*COLUMNS, *columns} & {*COLUMNS, *OPTIONAL}):
        raise UnreadableError(
            f"its headings must be {','.join(COLUMNS)}; it may also have {', '.join(OPTIONAL)} "
            "(docs/routes.md)"
        )
    found = Routes()
    lines: dict[str, int] = {}
    for row in table.rows:
        try:
            route = _route(row, columns)
            _check_is_first(route.ods_code, row.line, lines)
            found.by_line[row.line] = route
            if route.opening_hours:
                hours.check(route.opening_hours)
        except NotHoursError as error:
            found.unknown_hours.append(Fault(row.line, f"{error}."))
        except ValueError as error:
            found.faults.append(Fault(row.line, str(error)))
    return found


def _check_is_first(code: str, line: int, lines: dict[str, int]) -> None:
    if lines.setdefault(code, line) != line:
        raise ValueError(f"{code} is on line {lines[code]} already.")


def _route(row: Record | Fault, columns: list[str]) -> Route:
    if isinstance(row, Fault):
        raise ValueError(row.words)  # noqa: TRY004  one kind of error says what is wrong
    cells = row.cells[: len(columns)]
    if len(cells) < len(columns) or any(row.cells[len(columns) :]):
        raise ValueError(f"it has {len(row.cells)} columns; the headings have {len(columns)}.")
    value = dict(zip(columns, cells, strict=True))
    if not value["ods_code"]:
        raise ValueError("it has no ODS code.")
    if bool(value["dos_service_id"]) != bool(value["endpoint"]):
        raise ValueError("give dos_service_id and endpoint, or neither to take the route away.")
    if value["dos_service_id"] and not _DOS_SERVICE_ID.fullmatch(value["dos_service_id"]):
        raise ValueError("the dos_service_id must have only letters, digits and hyphens.")
    return Route(
        ods_code=value["ods_code"].upper(),
        dos_service_id=value["dos_service_id"],
        endpoint=value["endpoint"],
        secure_email=value["secure_email"],
        opening_hours=value["opening_hours"],
        offers_pharmacy_first=_yes_or_no(value, "offers_pharmacy_first"),
        is_distance_selling=_yes_or_no(value, "is_distance_selling"),
        **_optional(value),
    )


def _optional(value: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: value[name] for name in OPTIONAL if name in value}
    try:
        hours.read_closures(found.get("closures", ""))
        if said := found.get("prescriber_hours"):
            hours.check(said)
        if said := found.get("paused_until"):
            found["paused_until"] = hours.read_day(said)
    except NotHoursError as error:
        raise ValueError(f"{error}.") from None
    return found


def _yes_or_no(value: dict[str, str], column: str) -> bool:
    answer = _YES_NO.get(value[column].lower())
    if answer is None:
        raise ValueError(f"{column} must be yes or no.")
    return answer
