"""What a practice's administrators say of the practice: numbers, addresses, who gets drafts."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.validators import EmailValidator

from accounts.models.people import Membership
from accounts.text import phones
from accounts.web.fields import Address, Line


class CallBackForm(forms.Form):
    """On which number pharmacists reach the practice."""

    phone = Line(
        label="Call-back number",
        help_text="As in 01632 960 001. Leave it empty for the number on record",
        longest=phones.LONGEST,
        required="",
    )

    def clean_phone(self) -> str:
        """Return it as it is dialled, or nothing."""
        typed: str = self.cleaned_data["phone"]
        try:
            return phones.clean_practice(typed) if typed else ""
        except phones.NotAPhoneNumberError as error:
            raise forms.ValidationError(str(error)) from error


class NoticesForm(forms.Form):
    """Where copies of notices about the practice go."""

    email = Address(
        label="E-mail address",
        help_text="Several people may read it. Leave it empty to tell administrators only",
        longest=254,
        required="",
    )

    def clean_email(self) -> str:
        """Return an address, or nothing."""
        typed: str = self.cleaned_data["email"]
        if typed:
            message = "Enter an e-mail address, as in surgery.team@nhs.net"
            EmailValidator(message)(typed)
        return typed


class HandOverForm(forms.Form):
    """Which colleague gets somebody's drafts."""

    to = forms.ChoiceField(
        label="Who gets them?",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a colleague"),
    )

    def __init__(self, *args: Any, colleagues: Iterable[Membership], **options: Any) -> None:
        """Take those who can have them."""
        super().__init__(*args, **options)
        field = cast("forms.ChoiceField", self.fields["to"])
        names = [(str(each.pk), f"{each.user.full_name}, {each.user}") for each in colleagues]
        field.choices = [("", "Choose a colleague"), *names]
