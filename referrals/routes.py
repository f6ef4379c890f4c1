"""The CSV of routes: for each pharmacy, what sending needs and the ODS files lack.

docs/routes.md describes it. Pure reading: the tables' own rules are tried where it is applied.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from referrals.csv_files import Fault, Row, UnreadableError

_YES_NO = {"yes": True, "no": False}
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


COLUMNS = [each.name for each in fields(Route)]


@dataclass
class Routes:
    """What a whole file says."""

    by_line: dict[int, Route] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read(rows: Sequence[Row | Fault]) -> Routes:
    """Return the routes of a file, whose first line names the columns, in any order.

    Raises:
        UnreadableError: the first line does not name them.
    """
    header = rows[0].values if rows and isinstance(rows[0], Row) else []
    if sorted(header) != sorted(COLUMNS):
        raise UnreadableError(f"its first line must be {','.join(COLUMNS)} (docs/routes.md).")
    found = Routes()
    lines: dict[str, int] = {}
    for row in rows[1:]:
        try:
            route = _route(row, header)
            _check_is_first(route.ods_code, row.line, lines)
            found.by_line[row.line] = route
        except ValueError as error:
            found.faults.append(Fault(row.line, str(error)))
    return found


def _check_is_first(code: str, line: int, lines: dict[str, int]) -> None:
    if lines.setdefault(code, line) != line:
        raise ValueError(f"{code} is on line {lines[code]} already.")


def _route(row: Row | Fault, header: list[str]) -> Route:
    if isinstance(row, Fault):
        raise ValueError(row.words)  # noqa: TRY004  one kind of error says what is wrong
    if len(row.values) != len(header):
        raise ValueError(f"it has {len(row.values)} columns; the first line has {len(header)}.")
    value = dict(zip(header, row.values, strict=True))
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
    )


def _yes_or_no(value: dict[str, str], column: str) -> bool:
    answer = _YES_NO.get(value[column].lower())
    if answer is None:
        raise ValueError(f"{column} must be yes or no.")
    return answer
