"""Lines as ODS files have them, of organisations that nobody has."""

from typing import Any

from referrals import ods

_COLUMNS = {
    "code": 1,
    "name": 2,
    "grouping": 3,
    "icb": 4,
    "address": 5,
    "street": 6,
    "town": 7,
    "postcode": 10,
    "opened": 11,
    "closed": 12,
    "status": 13,
    "sub_type": 14,
    "phone": 18,
    "setting": 26,
}


# As a program writes them that exports a table of ours; ODS's own files have none.
HEADINGS = [
    *("Organisation Code", "Name", "National Grouping", "High Level Health Geography"),
    *(f"Address Line {number}" for number in range(1, 6)),
    *("Postcode", "Open Date", "Close Date", "Status Code", "Sub-type"),
    *(f"Column{number}" for number in range(15, ods.COLUMNS + 1)),
]


def practice(**values: str) -> str:
    """One line of epraccur, without line end."""
    return _line(
        {"code": "Z00001", "name": "LARKFIELD SURGERY", "sub_type": "B", "setting": "4"} | values
    )


def pharmacy(**values: str) -> str:
    """One line of edispensary, without line end."""
    return _line({"code": "FZZ01", "name": "WELL STREET PHARMACY", "sub_type": "1"} | values)


def practices(number: int, **values: str) -> list[str]:
    """Return lines of several, with codes from Z00001 on."""
    return [practice(code=f"Z{each:05}", **values) for each in range(1, number + 1)]


def pharmacies(number: int, **values: str) -> list[str]:
    """Return lines of several, with codes from FZ001 on."""
    return [pharmacy(code=f"FZ{each:03}", **values) for each in range(1, number + 1)]


def _line(values: dict[str, Any]) -> str:
    usual = {
        "grouping": "Y60",
        "icb": "QZ9",
        "address": "4 WELL STREET",
        "town": "WESTMERE",
        "postcode": "WM1 3DE",
        "opened": "19740401",
        "status": "A",
        "phone": "01632 960201",
    }
    columns = [""] * ods.COLUMNS
    for name, value in (usual | values).items():
        columns[_COLUMNS[name] - 1] = value
    return ",".join(f'"{column}"' for column in columns)
