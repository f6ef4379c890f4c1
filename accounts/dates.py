"""Dates as people and spreadsheets write them in a cell: day first, a month by number or by name.

Pure. It takes a cell apart; whether there is such a day, the form says that asks for it.
"""

import re
from datetime import date, timedelta

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_TIME = re.compile(
    r"[ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.?m\.?)?$", re.ASCII | re.IGNORECASE
)
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +", re.IGNORECASE)
_YEAR = r"(?P<year>\d{4}|\d{2})"
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_FORMS = [
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"(?P<day>\d{{1,2}}) ?[/.-] ?(?P<month>\d{{1,2}}) ?[/.-] ?{_YEAR}",
        r"(?P<year>\d{4})[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ /.-]*{_NAME},?[ /.-]*{_YEAR}",
        rf"{_NAME}[ -]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[ -]+{_YEAR}",
    )
]
# Spreadsheets count days, and show the number where a cell is not formatted as a date.
_DAYS = re.compile(r"(?P<days>\d{5})(\.\d*)?", re.ASCII)
_FIRST = date(1899, 12, 30)
_COUNTED = range(36526, 73051)  # from 2000 to 2099


def parts(text: str) -> tuple[int, int, int] | None:
    """Return day, month and year of a date, perhaps of one that no calendar has; None: it is none.

    A year of two digits is one of this century. What may be American is read day first.
    """
    text = _WEEKDAY.sub("", _TIME.sub("", " ".join(text.split())))
    if (counted := _DAYS.fullmatch(text)) and int(counted["days"]) in _COUNTED:
        day = _FIRST + timedelta(days=int(counted["days"]))
        return day.day, day.month, day.year
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _numbers(found.groupdict())
    return None


def _numbers(found: dict[str, str]) -> tuple[int, int, int] | None:
    month = int(found["month"]) if "month" in found else _month(found["name"].lower())
    year = int(found["year"])
    return (int(found["day"]), month, year + 2000 * (year < 100)) if month else None


def _month(name: str) -> int:
    """Return the number of a month that a name means, whole or begun; 0: none."""
    return next((n for n, whole in enumerate(_MONTHS, 1) if whole.startswith(name)), 0)
