"""Files of the Organisation Data Service (ODS): which rows are practices and pharmacies of ours.

Pure reading: it knows the columns of epraccur (GP practices) and edispensary (pharmacies), and no
database. Sources: NHS England, ODS CSV downloads, file specification (27 columns, no header); and
the predefined reports that took their place in October 2025, with other values in two columns.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from accounts.files.spreadsheets import Fault, Record
from referrals.display_case import readable

COLUMNS = 27
LONGEST = {"name": 100, "address": 300}  # characters, as the tables have them

STATUS = "column 13 (status)"

_CODE = re.compile(r"[A-Z0-9]{3,10}")
_DATE = re.compile(r"[0-9]{8}")
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
# Until 2025 active, closed, dormant and proposed; since then two words.
_STATUSES = {"A": True, "C": False, "D": False, "P": False, "ACTIVE": True, "INACTIVE": False}
# What an organisation is: a number until 2025, since then a role, or several with bars between.
_WHAT_IT_IS = re.compile(r"[0-9]{1,2}|RO[0-9]{1,4}")
_GROUPING = re.compile(r"[A-Z][0-9]{2}|")  # the region: Y60 in England, W00 in Wales, or nothing


@dataclass(frozen=True)
class OdsFile:
    """One of the two files, and which of its active rows in England are ours."""

    plural: str
    file: str  # as ODS calls it
    column: int  # which says what an organisation is; the first is 1
    says: str  # what that column is
    ours: frozenset[str]  # what stands there for one of ours

    @property
    def column_name(self) -> str:
        return f"column {self.column} ({self.says})"


PRACTICES = OdsFile("practices", "epraccur", 26, "prescribing setting", frozenset({"4", "RO76"}))
PHARMACIES = OdsFile("pharmacies", "edispensary", 14, "sub-type", frozenset({"1", "RO182"}))


@dataclass(frozen=True)
class Organisation:
    """An active practice or pharmacy in England."""

    ods_code: str
    name: str
    address: str  # in one line, without the postcode; "" where ODS has none
    postcode: str
    phone: str  # as ODS writes it, which may be anything
    icb: str  # ODS code of its integrated care board
    closed_on: date | None  # announced while it is active


@dataclass
class Listing:
    rows: int = 0
    active: dict[str, Organisation] = field(default_factory=dict)
    # Closed, dormant or proposed, not in England, or something else; with the date of closing.
    others: dict[str, date | None] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)  # lines that name the columns, or the file
    # By column what stands in it, and what of that is in neither dialect of the files.
    met: dict[str, Counter[str]] = field(default_factory=dict)
    unknown: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def without_code(self) -> list[int]:
        """Lines that may be about any organisation."""
        return [fault.line for fault in self.faults if not fault.about]

    def missing(self, codes: Iterable[str]) -> set[str]:
        """Return those of ``codes`` that no line of the file has; see ``without_code`` too.

        A malformed line still has its organisation.
        """
        spoilt = {fault.about for fault in self.faults}
        return set(codes) - self.active.keys() - self.others.keys() - spoilt

    def note(self, column: str, value: str, *, is_known: bool) -> None:
        self.met.setdefault(column, Counter())[value] += 1
        if not is_known:
            self.unknown.setdefault(column, Counter())[value] += 1


def read(rows: Iterable[Record | Fault], kind: OdsFile) -> Listing:
    listing = Listing()
    lines: dict[str, int] = {}
    headings: list[list[str]] = []
    for row in rows:
        if isinstance(row, Record) and _is_heading(row.cells, headings, is_first=not listing.rows):
            headings.append(row.cells)
            listing.headings.append(row.line)
            continue
        listing.rows += 1
        if isinstance(row, Fault):
            listing.faults.append(replace(row, about=_code(row.about)))
            continue
        code = _code(row.cells[0])
        try:
            _check_is_first(code, lines)
            _add(listing, code, row.cells, kind)
        except ValueError as error:
            listing.faults.append(Fault(row.line, str(error), code))
        if code:
            lines.setdefault(code, row.line)
    return listing


def _code(value: str) -> str:
    code = value.upper()
    return code if _CODE.fullmatch(code) else ""


def _is_heading(values: list[str], before: list[list[str]], *, is_first: bool) -> bool:
    """Say whether a row stands above the organisations, and has nothing that one of them has.

    Further down only the same line again is a heading, as where files were put together.
    """
    if not is_first:
        return values in before
    code, *others = (value.upper() for value in values)
    return not (
        (_CODE.fullmatch(code) and re.search("[0-9]", code))  # every code has a digit
        or any(
            _DATE.fullmatch(each) or _POSTCODE.fullmatch(each.replace(" ", "")) for each in others
        )
        or any(each in _STATUSES for each in others)
    )


def _check_is_first(code: str, lines: dict[str, int]) -> None:
    if code in lines:
        raise ValueError(f"{code} is on line {lines[code]} already.")


def _add(listing: Listing, code: str, values: list[str], kind: OdsFile) -> None:
    if len(values) != COLUMNS:
        raise ValueError(f"it has {len(values)} columns; ODS files have {COLUMNS}.")
    is_active = _is_active(listing, code, values[12].upper())
    if not code:
        raise ValueError(f"“{values[0]}” is not an ODS code.")
    _date(values[10], f"opening date of {code}")
    closed_on = _date(values[11], f"closing date of {code}")
    if not _GROUPING.fullmatch(values[2]):
        raise ValueError(f"the national grouping of {code} is “{values[2]}”.")
    if is_active and values[2].startswith("Y") and _is_ours(listing, code, values, kind):
        listing.active[code] = _organisation(code, values, closed_on)
    else:
        listing.others[code] = closed_on


def _is_active(listing: Listing, code: str, status: str) -> bool:
    listing.note(STATUS, status, is_known=status in _STATUSES)
    if status not in _STATUSES:
        *first, last = _STATUSES
        raise ValueError(f"the status of {code} is “{status}”, not {', '.join(first)} or {last}.")
    return _STATUSES[status]


def _is_ours(listing: Listing, code: str, values: list[str], kind: OdsFile) -> bool:
    value = values[kind.column - 1]
    parts = {part.strip() for part in value.upper().split("|")}
    is_known = all(_WHAT_IT_IS.fullmatch(part) for part in parts)
    listing.note(kind.column_name, value, is_known=is_known)
    if not is_known:
        raise ValueError(f"the {kind.says} of {code} is “{value}”, no number and no role as RO76.")
    return bool(parts & kind.ours)


def _organisation(code: str, values: list[str], closed_on: date | None) -> Organisation:
    parts = [readable(part.strip(" ,")) for part in values[4:9]]
    name, address, phone = readable(values[1]), ", ".join(filter(None, parts)), values[17]
    if not name:
        raise ValueError(f"{code} has no name.")
    for what, value in (("name", name), ("address", address)):
        if len(value) > LONGEST[what]:
            raise ValueError(f"the {what} of {code} is longer than {LONGEST[what]} characters.")
    postcode = _POSTCODE.fullmatch(values[9].replace(" ", "").upper())
    if not postcode:
        raise ValueError(f"the postcode of {code} is “{values[9]}”.")
    if not _CODE.fullmatch(values[3]):
        raise ValueError(f"the integrated care board of {code} is “{values[3]}”.")
    return Organisation(
        code, name, address, " ".join(postcode.groups()), phone, values[3], closed_on
    )


def _date(value: str, what: str) -> date | None:
    if not value:
        return None
    with contextlib.suppress(ValueError):  # no such day
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
    raise ValueError(f"the {what} is “{value}”, not YYYYMMDD.")
