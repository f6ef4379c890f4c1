"""Names in capitals are shown as people write them."""

import pytest

from referrals.display_case import readable


@pytest.mark.parametrize(
    "name",
    [
        "The Elms Surgery",
        "St. John's Medical Centre",
        "O'Neil & McDonald LLP",
        "D'Arcy Street Surgery",
        "N'hood Health Centre",
        "Stoke-on-Trent Walk-in Centre",
        "Newcastle upon Tyne",
        "Surgery @ The Green",
        "88 The Parade, The Green",
        "NHS GP Practice (WM)",
        "Dr A K Smith & Ptnrs",
        "Unit 10A, 24HR Pharmacy",
        "1st Floor, 2nd Avenue",
        "Unit9 Medicines2Home",
        "Park Surgery II",
        "S.L. Jones Ltd",
        "Pharmacy+Health",
        "Zoë’s Chemist",
        "wellbeing.co.uk",
        "",
    ],
)
def test_capitals_become_names(name: str) -> None:
    assert readable(name.upper()) == name


def test_a_comma_is_followed_by_a_space() -> None:
    assert readable("LODGE,HIGHFIELD , REDBOURN,") == "Lodge, Highfield, Redbourn,"


def test_what_has_small_letters_is_left_alone() -> None:
    assert readable("MacDonald and SON") == "MacDonald and SON"
