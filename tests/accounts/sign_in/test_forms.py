"""What people may write into the forms about logins."""

from datetime import date

import pytest

from accounts.people.forms import MembershipForm

TODAY = date(2026, 11, 28)


def membership_form(day: str = "", month: str = "", year: str = "") -> MembershipForm:
    typed = {"role": "staff", "day": day, "month": month, "year": year}
    return MembershipForm(typed, today=TODAY)


@pytest.mark.parametrize(
    "boxes",
    [
        *(("31", "3", "2027"), ("31", "Mar", "2027"), ("31", "march.", "2027")),
        *(("31/03/2027",), ("31 March 2027",), ("2027-03-31",), ("31-Mar-2027",)),
    ],
)
def test_a_last_day_is_written_in_any_usual_form(boxes: tuple[str, ...]) -> None:
    form = membership_form(*boxes)
    assert form.is_valid()
    assert form.ends_on == date(2027, 3, 31)
    assert not form.wrong_boxes


def test_without_one_there_is_none() -> None:
    form = membership_form()
    assert form.is_valid()
    assert form.ends_on is None


@pytest.mark.parametrize(
    ("boxes", "sentence", "wrong"),
    [
        (("31", "3", "27"), "The year must be 4 digits: enter 2027, not 27", {"year"}),
        (("31", "April", "2027"), "a real date: April 2027 has 30 days", {"day"}),
        (("31", "spring", "2027"), "The month must be a number from 1 to 12", {"month"}),
        (("someday",), "must be a date, like 31 3 2027, or empty", {"day"}),
        (("?",), "must be a date, like 31 3 2027, or empty", {"day"}),
        (("27", "11", "2026"), "The last day must be today or later", {"day", "month", "year"}),
    ],
)
def test_what_is_wrong_is_said_of_the_very_box(
    boxes: tuple[str, ...], sentence: str, wrong: set[str]
) -> None:
    form = membership_form(*boxes)
    [(name, [error])] = form.errors.items()
    assert sentence in str(error)
    assert form.wrong_boxes == wrong
    assert name in wrong
