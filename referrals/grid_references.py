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


class HeadingsError(ValueError):
    """The first line does not name the columns."""


class GridReference(NamedTuple):
    postcode: str  # without its space
    easting: int  # metres
    northing: int


def read(lines: Iterable[str]) -> Iterator[GridReference]:
    """Yield what can be placed: Northern Ireland, the Channel Islands and odd lines are left out.

    Raises:
        HeadingsError: as soon as the first is asked for.
    """
    rows = csv.reader(lines)
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


def _column(named: list[str], names: tuple[str, ...]) -> int:
    for name in names:
        if name in named:
            return named.index(name)
    raise HeadingsError(f"no heading is {' or '.join(names)}")
