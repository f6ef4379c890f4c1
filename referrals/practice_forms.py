"""What a practice's administrators say of the practice: numbers, addresses, who gets drafts."""

import re
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.validators import EmailValidator

from accounts.forms import Address
from accounts.models import Membership
from referrals.forms import Line, clean_phone


def clean_practice_phone(typed: str) -> str:
    """Return a telephone number in the United Kingdom that anybody can phone, from 0 on.

    Numbers that cost the caller more are none: a pharmacist phones it because a referral says so.
    Source: Ofcom, National Telephone Numbering Plan: 070 are personal numbers, 076 pagers, 084,
    087 and 09 services at a higher rate.

    Raises:
        django.core.exceptions.ValidationError: it cannot be one.
    """
    number = clean_phone(typed)
    if number.startswith("+44"):
        number = "0" + number.removeprefix("+44").strip().removeprefix("0").strip()
    digits = number.replace(" ", "")
    if not re.fullmatch(r"0[1-9][0-9]{8,9}", digits, re.ASCII):
        raise forms.ValidationError("Enter a UK phone number, as in 01632 960 001")
    if not digits.startswith(("01", "02", "03", "07", "080")) or digits.startswith(("070", "076")):
        raise forms.ValidationError(
            "Enter a number that begins with 01, 02, 03, 07 or 080: others cost the caller more"
        )
    return number


class CallBackForm(forms.Form):
    """On which number pharmacists reach the practice."""

    phone = Line(
        label="Call-back number",
        help_text="As in 01632 960 001. Leave it empty for the number on record",
        longest=30,
        required="",
    )

    def clean_phone(self) -> str:
        """Return digits and spaces, or nothing."""
        typed: str = self.cleaned_data["phone"]
        return clean_practice_phone(typed) if typed else ""


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
