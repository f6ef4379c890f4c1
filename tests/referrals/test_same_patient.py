"""What is said of an earlier referral that may be for the same patient: no more than is known."""

import pytest

from referrals.same_patient import doubt
from tests.factories import details

NUMBER = "9990000018"


@pytest.mark.parametrize(
    "changes", [{}, {"given_name": "winifred"}, {"family_name": "ASHWORTH"}, {"town": "Saltby"}]
)
def test_the_same_number_name_and_birth_leave_no_doubt(changes: dict[str, str]) -> None:
    assert doubt(details(), details(**changes)) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"given_name": "Wilfred"}, "the first name is different"),
        ({"birth_year": "1948"}, "the date of birth is different"),
        (
            {"family_name": "Umber", "birth_day": "1"},
            "the last name and date of birth are different",
        ),
        (
            {"given_name": "Wilfred", "family_name": "Umber", "birth_month": "1"},
            "the first name, last name and date of birth are different",
        ),
    ],
)
def test_the_same_number_with_something_else_says_what_is_different(
    changes: dict[str, str], words: str
) -> None:
    said = doubt(details(), details(**changes))
    assert said.startswith("It has the same NHS number, but ")
    assert words in said
    assert said.endswith("One of the two may have the wrong NHS number: check it")


@pytest.mark.parametrize(
    "lacks",
    [
        {"given_name": ""},
        {"family_name": "", "town": ""},
        {"birth_month": ""},
        {"birth_year": "84"},
        {"given_name": "", "family_name": "", "birth_day": "", "birth_month": "", "birth_year": ""},
    ],
)
def test_what_one_of_them_lacks_is_no_difference(lacks: dict[str, str]) -> None:
    assert doubt(details(), details(**lacks)) == ""
    assert doubt(details(), details(**{"given_name": "Wilfred"} | lacks)) == (
        "" if "given_name" in lacks else doubt(details(), details(given_name="Wilfred"))
    )


@pytest.mark.parametrize("numbers", [("", ""), (NUMBER, ""), ("", NUMBER)])
def test_a_twin_is_another_person(numbers: tuple[str, str]) -> None:
    mine, theirs = numbers
    twin = details(nhs_number=theirs, given_name="Wilfred")
    assert doubt(details(nhs_number=mine), twin) == (
        "The last name and date of birth are the same, but the first name is different. It may be "
        "another person, such as a twin"
    )


@pytest.mark.parametrize(
    ("numbers", "words"),
    [(("", ""), "neither has"), ((NUMBER, ""), "only one has"), (("", NUMBER), "only one has")],
)
def test_without_both_numbers_it_is_not_certain(numbers: tuple[str, str], words: str) -> None:
    mine, theirs = numbers
    assert doubt(details(nhs_number=mine), details(nhs_number=theirs)) == (
        f"The name and date of birth are the same, but {words} an NHS number. It may be another "
        "person"
    )
