"""Dates as cells have them."""

import pytest

from accounts.text import dates

DAY = (31, 3, 2027)


@pytest.mark.parametrize(
    "text",
    [
        *("31/03/2027", "31/3/2027", "31.3.2027", "31-3-2027", "31/03/27", "31 / 3 / 2027"),
        *("2027-03-31", "2027/3/31", "2027-03-31 00:00:00", "2027-03-31T00:00:00"),
        *("31/03/2027 00:00", "31/03/2027 00:00:00", "31/03/2027 12:00 AM", "31/03/27 9:30"),
        *("31-Mar-27", "31-Mar-2027", "31 Mar 2027", "31 March 2027", "31Mar2027", "31/mar/27"),
        *("31st March 2027", "31st of March, 2027", "Wednesday 31 March 2027", "Wed, 31 Mar. 27"),
        *("March 31, 2027", "Mar 31 2027", "  31  March\u00a02027 "),
        *("46477", "46477.0", "46477.75"),
    ],
)
def test_all_of_these_are_one_day(text: str) -> None:
    assert dates.parts(text) == DAY


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1 Sept 2027", (1, 9, 2027)),
        ("1 Sep. 27", (1, 9, 2027)),
        ("36526", (1, 1, 2000)),
        ("73050", (31, 12, 2099)),
        ("31/02/2027", (31, 2, 2027)),  # the form says that there is no such day
        ("3/31/2027", (3, 31, 2027)),
    ],
)
def test_other_days(text: str, parts: tuple[int, int, int]) -> None:
    assert dates.parts(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "31/03", "Mar-27", "Ma 3 2027", "1 Mai 2027", "31/03/027", "36525", "73051"),
        *("31/03/2027 or later", "TRUE", "٣١/٠٣/٢٠٢٧", "1" * 400, "9" * 5 + "\n", "12:00", "- - -"),
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert dates.parts(text) is None
