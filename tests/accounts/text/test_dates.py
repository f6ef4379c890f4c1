"""Dates, as people write them into boxes."""

from datetime import date

import pytest

from accounts.text import dates
from accounts.text.dates import Asked, NotADateError

BIRTH = Asked(
    "Date of birth",
    {"day": "Day of birth", "month": "Month of birth", "year": "Year of birth"},
    "15 3 1984",
    range(1896, 2027),
)


def boxes(day: str = "", month: str = "", year: str = "") -> dict[str, str]:
    return {"day": day, "month": month, "year": year}


@pytest.mark.parametrize(
    ("number", "names"),
    [
        (1, ("1", "01", "January", "jan", "JAN.", "janu")),
        (3, ("March", "mar", " Mar. ")),
        (9, ("9", "September", "Sept", "sep.", "SEPT.", "\u200bSep\ufeff")),
        (12, ("12", "dec", "１２")),
    ],
)
def test_a_month_has_a_number_and_names(number: int, names: tuple[str, ...]) -> None:
    assert [dates.month_number(name) for name in names] == [number] * len(names)


@pytest.mark.parametrize("odd", ["", "0", "13", "ma", "ju", "marz", "٣", "3.5", "-1", "sept-"])
def test_nothing_else_is_a_month(odd: str) -> None:
    assert dates.month_number(odd) is None


@pytest.mark.parametrize(
    "whole",
    [
        *("15/03/1984", "15/3/1984", "15-03-1984", "15.3.1984", "15 3 1984", "15 / 03 / 1984"),
        *("15 March 1984", "15 Mar 1984", "15-Mar-1984", "15th of March, 1984", "15 mar. 1984"),
        *("Thursday 15 March 1984", "Thu, 15 Mar 1984", "March 15, 1984", "Mar 15th 1984"),
        *("1984-03-15", "1984/3/15", "1984-03-15T00:00:00", "15/03/1984 00:00", "15031984"),
        *("19840315", "15\u20113\u20131984", "15-Mar-1984 (42y)", "\u202a15/03/1984\u202c"),
    ],
)
@pytest.mark.parametrize("box", dates.PARTS)
def test_a_whole_date_in_one_box_is_taken_apart(whole: str, box: str) -> None:
    assert dates.read(boxes(**{box: whole}), BIRTH) == date(1984, 3, 15)


def test_three_boxes_say_it_in_any_usual_form() -> None:
    for day, month in (("15", "3"), ("15th", "mar."), ("15", "MARCH"), ("１５", "03")):
        assert dates.read(boxes(day, month, "1984"), BIRTH) == date(1984, 3, 15)


@pytest.mark.parametrize(
    ("typed", "sentence", "wrong"),
    [
        (boxes("31", "2", "1984"), "must be a real date: February 1984 has 29 days", "day"),
        (boxes("31/02/1984"), "must be a real date: February 1984 has 29 days", "day"),
        (boxes("32", "2", "1984"), "Day of birth must be a number from 1 to 31", "day"),
        (boxes("1_5", "2", "1984"), "Day of birth must be a number from 1 to 31", "day"),
        (boxes("5", "13", "1984"), "Month of birth must be a number from 1 to 12", "month"),
        (boxes("05/13/1984"), "Month of birth must be a number from 1 to 12", "month"),
        (boxes("5", "3", "84"), "Year of birth must be 4 digits: enter 1984, not 84", "year"),
        (boxes("5/3/84"), "Year of birth must be 4 digits: enter 1984, not 84", "year"),
        (boxes("5", "3", "26"), "must be 4 digits: enter 1926 or 2026, not 26", "year"),
        (boxes("5", "3", "٢٠٠٠"), "Year of birth must be 4 digits, like 1984", "year"),
        (boxes("5", "3", "0000"), "Year of birth must be 4 digits, like 1984", "year"),
        (boxes("5", "", "1984"), "Date of birth must include a month", "month"),
        (boxes("5"), "Date of birth must include a month and a year", "month year"),
        (boxes("", "aug"), "Date of birth must include a day and a year", "day year"),
        (boxes("٥"), "Date of birth must be a date, like 15 3 1984", "day"),
        (boxes("?"), "Date of birth must be a date, like 15 3 1984", "day"),
        (boxes("15 Foo 1984"), "Date of birth must be a date, like 15 3 1984", "day"),
        (boxes("15/3/1984", "4"), "Date of birth must include a year", "year"),
    ],
)
def test_what_is_wrong_is_said_of_the_very_box(
    typed: dict[str, str], sentence: str, wrong: str
) -> None:
    with pytest.raises(NotADateError) as refused:
        dates.read(typed, BIRTH)
    assert sentence in str(refused.value)
    assert " ".join(refused.value.boxes) == wrong
