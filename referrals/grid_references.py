"""The ONS Postcode Directory: where each postcode is, on the grid of the Ordnance Survey. Pure.

Its columns have had several names; these are those that we read. Source: Office for National
Statistics, ONS Postcode Directory User Guide.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

POSTCODE = ("pcds", "pcd", "pcd7", "pcd8", "pcd2", "postcode")
EASTING, NORTHING = ("oseast1m", "east1m", "easting"), ("osnrth1m", "north1m", "northing")
_CODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
_IRISH = "BT"  # on the grid of Ireland, which begins elsewhere
_EAST, _NORTH = range(1, 700_000), range(1, 1_300_000)
_REMEDY = "Give a CSV file of the ONS Postcode Directory, unzipped and as it was downloaded"


class NotTheDirectoryError(ValueError):
    """The file cannot be used; the message is a sentence for the operator who gave it."""


class GridReference(NamedTuple):
    postcode: str  # without its space
    easting: int  # metres
    northing: int


def read(lines: Iterable[str]) -> Iterator[GridReference]:
    """Yield what can be placed: Northern Ireland, the Channel Islands and odd lines are left out.

    Raises:
        NotTheDirectoryError: the first line does not name the columns, or a line is no CSV.
    """
    rows = _rows(lines)
    named = [cell.strip().lower() for cell in next(rows, [])]
    code, east, north = (_column(named, names) for names in (POSTCODE, EASTING, NORTHING))
    for row in rows:
        try:
            postcode = row[code].replace(" ", "").upper()
            easting, northing = int(row[east]), int(row[north])
        except (ValueError, IndexError):
            continue
        is_placed = easting in _EAST and northing in _NORTH and not postcode.startswith(_IRISH)
        if is_placed and _CODE.fullmatch(postcode):
            yield GridReference(postcode, easting, northing)


def _rows(lines: Iterable[str]) -> Iterator[list[str]]:
    # Strictly: else a quotation mark without another swallows the lines after it, unnoticed.
    rows = csv.reader(lines, strict=True)
    begun = 1
    try:
        for row in rows:
            yield row
            begun = rows.line_num + 1
    except csv.Error as error:
        raise NotTheDirectoryError(f"line {begun:,} is broken ({error}). {_REMEDY}") from None


def _column(named: list[str], names: tuple[str, ...]) -> int:
    for name in names:
        if name in named:
            return named.index(name)
    raise NotTheDirectoryError(f"no heading is {' or '.join(names)}. {_REMEDY}")
