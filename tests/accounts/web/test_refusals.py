"""Refusals in a form: each beside the field that it names, or where the view puts the others."""

import pytest
from django import forms
from django.core.exceptions import ValidationError

from accounts.errors import Denied, Gone, why_denied
from accounts.topics import Topic
from accounts.web.pages import refusals_beside


class Form(forms.Form):
    password = forms.CharField()
    code = forms.CharField()


def form_with(error: Exception, default: str | None) -> tuple[Form, str]:
    form = Form({"password": "x", "code": "y"})
    refused = refusals_beside(form, default)
    assert form.is_valid()
    with refused:
        raise error
    return form, refused.field


@pytest.mark.parametrize(
    ("named", "default", "field"),
    [
        ("code", "password", "code"),
        (None, "password", "password"),
        ("answer", "password", "password"),  # another form's
        (None, None, "__all__"),
    ],
)
def test_it_stands_beside_its_field_or_where_the_others_do(
    named: str | None, default: str | None, field: str
) -> None:
    form, beside = form_with(Denied("Not now", named), default)
    assert form.errors == {field: ["Not now"]}
    assert beside == ("" if field == "__all__" else field)


def test_the_help_that_fits_goes_with_it() -> None:
    form, _ = form_with(Denied("Wrong", topic=Topic.PASSWORD), "password")
    assert form.has_error("password", Topic.PASSWORD)


def test_what_a_model_refuses_counts_too() -> None:
    form, _ = form_with(ValidationError({"code": ["a", "b"], "practice": ["closed"]}), None)
    assert form.errors == {"code": ["a", "b"], "__all__": ["closed"]}


def test_nothing_else_is_caught_and_nothing_refused_is_nothing_said() -> None:
    with pytest.raises(Gone):
        form_with(Gone(), "code")
    form = Form({"password": "x", "code": "y"})
    with refusals_beside(form, "code") as refused:
        pass
    assert (form.is_valid(), refused.field) == (True, "")


def test_why_a_check_denies_it() -> None:
    def check(message: str) -> None:
        if message:
            raise Denied(message)

    assert (why_denied(check, "Not now"), why_denied(check, "")) == ("Not now", "")
