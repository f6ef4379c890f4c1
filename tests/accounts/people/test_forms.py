"""What a practice's administrators may say of it."""

import pytest

from accounts.people.forms import CallBackForm


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ("", ""),
        ("(01632) 960-999", "+441632960999"),
        ("+44 (0)1632 960999 x5", "+441632960999;ext=5"),
    ],
)
def test_a_number_that_anybody_can_phone_is_kept_or_none(typed: str, saved: str) -> None:
    form = CallBackForm({"phone": typed})
    assert form.is_valid()
    assert form.cleaned_data["phone"] == saved


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0000000000", "Enter a phone number that exists"),
        ("01632 96099", "have 11 digits, and this one has 10"),
        ("0845 123 4567", "others cost the caller more"),
        ("+33 1 23 45 67 89", "Enter a UK phone number"),
        ("phone us", "Enter a phone number"),
    ],
)
def test_anything_else_is_refused_beside_its_field(typed: str, sentence: str) -> None:
    form = CallBackForm({"phone": typed})
    [error] = form.errors["phone"]
    assert sentence in str(error)
