"""Files of the Organisation Data Service (ODS): which rows are practices and pharmacies of ours.

Pure reading: it knows the columns of epraccur (GP practices) and edispensary (pharmacies), and no
database. Source: NHS England, ODS CSV downloads, file specification (27 columns, no header).
"""

import contextlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from referrals.csv_files import Fault, Row
from referrals.readable import readable

COLUMNS = 27
LONGEST = {"name": 100, "address": 300}  # characters, as the tables have them

_CODE = re.compile(r"[A-Z0-9]{3,10}")
_DATE = re.compile(r"[0-9]{8}")
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
_STATUSES = {"A": True, "C": False, "D": False, "P": False}  # active, closed, dormant, proposed


@dataclass(frozen=True)
class Kind:
    """Which of the two files, and which of its active rows in England are meant."""

    plural: str
    file: str  # as ODS calls it
    is_one: Callable[[list[str]], bool]


# Column 26 is the prescribing setting, 4 a GP practice; column 14 the sub-type, 1 a pharmacy.
PRACTICES = Kind("practices", "epraccur", lambda values: values[25] == "4")
PHARMACIES = Kind("pharmacies", "edispensary", lambda values: values[13] == "1")


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
    """What a whole file says."""

    rows: int = 0
    active: dict[str, Organisation] = field(default_factory=dict)
    # Closed, dormant or proposed, not in England, or something else; with the date of closing.
    others: dict[str, date | None] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def missing(self, codes: Iterable[str]) -> set[str]:
        """Return those of ``codes`` that the file, as far as it is whole, does not have.

        A malformed line still has its organisation; if its code is spoilt too, it may be any.
        """
        spoilt = {fault.code for fault in self.faults}
        return (
            set() if "" in spoilt else set(codes) - self.active.keys() - self.others.keys() - spoilt
        )


def read(rows: Iterable[Row | Fault], kind: Kind) -> Listing:
    """Sort a file's rows into what is active, what is not, and what is malformed."""
    listing = Listing()
    lines: dict[str, int] = {}
    for row in rows:
        listing.rows += 1
        if isinstance(row, Fault):
            listing.faults.append(row)
            continue
        code = row.values[0].upper()
        code = code if _CODE.fullmatch(code) else ""
        try:
            _check_is_first(code, lines)
            _add(listing, code, row.values, kind)
        except ValueError as error:
            listing.faults.append(Fault(row.line, str(error), code))
        if code:
            lines.setdefault(code, row.line)
    return listing


def _check_is_first(code: str, lines: dict[str, int]) -> None:
    if code in lines:
        raise ValueError(f"{code} is on line {lines[code]} already.")


def _add(listing: Listing, code: str, values: list[str], kind: Kind) -> None:
    if len(values) != COLUMNS:
        raise ValueError(f"it has {len(values)} columns; ODS files have {COLUMNS}.")
    if not code:
        raise ValueError(f"“{values[0]}” is no ODS code.")
    status = values[12]
    if status not in _STATUSES:
        raise ValueError(f"the status of {code} is “{status}”, not A, C, D or P.")
    _date(values[10], f"opening date of {code}")
    closed_on = _date(values[11], f"closing date of {code}")
    is_in_england = values[2].startswith("Y")
    if _STATUSES[status] and is_in_england and kind.is_one(values):
        listing.active[code] = _organisation(code, values, closed_on)
    else:
        listing.others[code] = closed_on


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
