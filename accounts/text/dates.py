"""Dates that people write: in three boxes, whole in one of them, or in a spreadsheet's cell. Pure.

What a day cannot be is said of the very box that it stands in.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.text.characters import plain
from accounts.wording import MONTHS

PARTS = ("day", "month", "year")
LONGEST = 40  # characters of a box: a whole date may be pasted into one
_MONTHS = [name.casefold() for name in MONTHS]
_WHOLE = (
    re.compile(r"(?P<day>\d{1,2})[/. -]+(?P<month>\d{1,2})[/. -]+(?P<year>\d{4}|\d\d)"),
    re.compile(r"(?P<year>\d{4})[/. -](?P<month>\d{1,2})[/. -](?P<day>\d{1,2})"),
    re.compile(r"(?P<year>(19|20)\d\d)(?P<month>0\d|1[0-2])(?P<day>\d\d)"),
    re.compile(r"(?P<day>\d\d)(?P<month>\d\d)(?P<year>\d{4}|\d\d)"),
    re.compile(
        r"(?P<day>\d{1,2})(st|nd|rd|th)?([ /.-]*| of )"
        r"(?P<month>[a-z]{3,})[., /-]*(?P<year>\d{4}|\d\d)"
    ),
    re.compile(r"(?P<month>[a-z]{3,})[. -]+(?P<day>\d{1,2})(st|nd|rd|th)?[, -]+(?P<year>\d{4})"),
)
# Around a date: the day of the week, the time of midnight that spreadsheets write, an age.
_BEFORE = re.compile(r"(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?[., ]+")
_AFTER = re.compile(r"([t ]00:00(:00(\.0+)?)?z?|\s*\(\d{1,3} ?y[a-z]*\))$")

_TIME = re.compile(r"[ t]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.?m\.?)?$")
# Spreadsheets count days, and show the number where a cell is not formatted as a date.
_COUNTED = re.compile(r"(?P<days>\d{5})(\.\d*)?", re.ASCII)
_DAY_0 = date(1899, 12, 30)
_COUNTABLE = range(36526, 73051)  # from 2000 to 2099


@dataclass(frozen=True)
class Asked:
    """What a date is called where it is asked for, and which years it may lie in."""

    whole: str  # "Date of birth"
    parts: Mapping[str, str]  # "Day of birth", by box
    example: str  # "15 3 1984"
    years: range

    @property
    def year(self) -> str:
        return self.example.split()[2].rstrip(",")


class NotADateError(ValueError):
    """There is no such date; the message says why, for the user who typed it."""

    def __init__(self, message: str, *boxes: str) -> None:
        super().__init__(message)
        self.boxes = boxes or PARTS


def taken_apart(typed: Mapping[str, str]) -> dict[str, str] | None:
    filled = [text for text in typed.values() if text]
    return _whole(_tidy(filled[0])) if len(filled) == 1 else None


def parts(cell: str) -> tuple[int, int, int] | None:
    """Return day, month and year of a cell, or None where it is no date.

    No calendar may have that day. A year of two digits is one of this century. What may be American
    is read day first.
    """
    text = _TIME.sub("", _tidy(cell))
    counted = _COUNTED.fullmatch(text)
    if counted and int(counted["days"]) in _COUNTABLE:
        day = _DAY_0 + timedelta(days=int(counted["days"]))
        return day.day, day.month, day.year
    found = _whole(text)
    month = month_number(found["month"]) or int(found["month"]) if found else 0
    if not found or not month:
        return None
    year = int(found["year"])
    return int(found["day"]), month, year + 2000 * (year < 100)


def read(typed: Mapping[str, str], asked: Asked) -> date:
    """Return the date in the boxes, of which one at least is filled.

    Raises:
        NotADateError: there is none.
    """
    boxes = taken_apart(typed) or {part: _tidy(typed[part]) for part in PARTS}
    _check_all_there(boxes, asked)
    day = _day(boxes["day"])
    if day is None:
        raise NotADateError(f"{asked.parts['day']} must be a number from 1 to 31", "day")
    month = month_number(boxes["month"])
    if month is None:
        raise NotADateError(
            f"{asked.parts['month']} must be a number from 1 to 12 or a name, like March", "month"
        )
    year = _year(boxes["year"], asked)
    if day > monthrange(year, month)[1]:
        there_are = f"{MONTHS[month - 1]} {year} has {monthrange(year, month)[1]} days"
        raise NotADateError(f"{asked.whole} must be a real date: {there_are}", "day")
    return date(year, month, day)


def month_number(typed: str) -> int | None:
    # A name may be short, as in "Sept".
    text = _tidy(typed).rstrip(".")
    if re.fullmatch(r"0?[1-9]|1[0-2]", text):
        return int(text)
    if len(text) < 3:
        return None
    return next((at for at, name in enumerate(_MONTHS, 1) if name.startswith(text)), None)


def _tidy(typed: str) -> str:
    return " ".join(plain(typed).casefold().split())


def _whole(text: str) -> dict[str, str] | None:
    bare = _AFTER.sub("", _BEFORE.sub("", text, count=1))
    if not bare.isascii():
        return None
    found = next(filter(None, (each.fullmatch(bare) for each in _WHOLE)), None)
    if not found or not (found["month"].isdigit() or month_number(found["month"])):
        return None
    return {part: found[part] for part in PARTS}


def _check_all_there(boxes: dict[str, str], asked: Asked) -> None:
    missing = [part for part in PARTS if not boxes[part]]
    if not missing:
        return
    filled = [part for part in PARTS if boxes[part]]
    texts = [boxes[part] for part in filled if not re.fullmatch("[0-9]{1,4}", boxes[part])]
    if len(filled) == len(texts) == 1 and not month_number(texts[0]):
        raise NotADateError(f"{asked.whole} must be a date, like {asked.example}", filled[0])
    raise NotADateError(f"{asked.whole} must include a {' and a '.join(missing)}", *missing)


def _day(text: str) -> int | None:
    found = re.fullmatch(r"(0?[1-9]|[12][0-9]|3[01])(st|nd|rd|th)?", text)
    return int(found[1]) if found else None


def _year(text: str, asked: Asked) -> int:
    name = f"{asked.parts['year']} must be 4 digits"
    if re.fullmatch(r"[0-9]{4}", text) and int(text):
        return int(text)
    if re.fullmatch(r"[0-9]{2}", text):
        meant = [str(year) for year in (1900 + int(text), 2000 + int(text)) if year in asked.years]
        if meant:
            raise NotADateError(f"{name}: enter {' or '.join(meant)}, not {text}", "year")
    raise NotADateError(f"{name}, like {asked.year}", "year")
