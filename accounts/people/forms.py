"""The forms of a practice's people and of their offers: they check form only."""

import copy
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from accounts.factors import passwords
from accounts.models.people import User
from accounts.people.new_accounts import NewPerson
from accounts.roles import Role
from accounts.text import dates, names, phones
from accounts.web.fields import Address, DateBoxes, Line, Named, Text

LONGEST_NUMBER = 19  # digits: the id of a row has fewer


class OfferForm(forms.Form):
    """A user says yes to what they were asked."""

    is_main = forms.BooleanField(label="Make this my main practice", required=False)
    password = Text(
        label="Your password",
        strip=False,
        longest=passwords.LONGEST,
        required="Enter your password",
    )
    new_password = Text(label="New password", strip=False, longest=passwords.LONGEST, required="")

    def __init__(self, user: User, shortest: int, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._user, self._shortest = user, shortest
        field = copy.copy(self.fields["new_password"])  # the class's own is shared by all forms
        field.help_text = f"Only if yours has fewer than {shortest} characters"
        self.fields["new_password"] = field

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        if password:
            if len(passwords.normalised(password)) < self._shortest:
                raise forms.ValidationError(f"Password must be {self._shortest} characters or more")
            validate_password(password, self._user)
        return password


DETAILS = ("given_name", "family_name", "email", "job_role")


class DetailsForm(forms.Form):
    """A user's account details; the rules of accounts are checked where it is stored."""

    given_name = Named(
        check=names.why_no_name,
        label="First name",
        longest=names.LONGEST,
        required=f"Enter the first name. {names.ONE_NAME}",
    )
    family_name = Named(
        check=names.why_no_name,
        label="Last name",
        longest=names.LONGEST,
        required=f"Enter the last name. {names.ONE_NAME}",
    )
    email = Address(
        label="Email address",
        help_text="Their own work email, not a shared mailbox. This will be their username",
        longest=254,
        required="Enter the email address",
    )
    job_role = Named(
        check=names.why_no_label,
        label="Job role",
        help_text="Shown to pharmacies on referrals. For example, Receptionist",
        longest=names.LONGEST,
        required="Enter the job role, like Receptionist",
    )

    @property
    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in DETAILS}


LAST_DAY = {part: part for part in dates.PARTS}


def _last_day(today: date) -> dates.Asked:
    return dates.Asked(
        "The last day",
        {part: f"The {part}" for part in dates.PARTS},
        f"31 3 {today.year + 1}, or empty",
        range(today.year, today.year + 50),
    )


class MembershipForm(DateBoxes):
    """Role and last day."""

    ROLES = (
        (Role.STAFF.value, "Practice staff: send referrals"),
        (
            Role.PRACTICE_ADMINISTRATOR.value,
            "Practice administrator: send referrals, and look after people's logins",
        ),
    )
    role = forms.ChoiceField(
        label="Role",
        choices=ROLES,
        error_messages={"required": "Choose a role", "invalid_choice": "Choose a role"},
    )
    day = Line(label="Day", longest=dates.LONGEST, required="")
    month = Line(label="Month", longest=dates.LONGEST, required="")
    year = Line(label="Year", longest=dates.LONGEST, required="")

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self._today = today

    @staticmethod
    def written(role: str, ends_on: date | None) -> dict[str, Any]:
        parts = (ends_on.day, ends_on.month, ends_on.year) if ends_on else ("", "", "")
        return {"role": role, **dict(zip(("day", "month", "year"), parts, strict=True))}

    @property
    def ends_on(self) -> date | None:
        found: date | None = self.cleaned_data["ends_on"]
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        given["ends_on"] = last = self.take_date(LAST_DAY, _last_day(self._today))
        if last and last < self._today:
            self.refuse_date(LAST_DAY, "The last day must be today or later")
        return given


class InviteForm(DetailsForm, MembershipForm):
    field_order = (*DETAILS, "role")

    @property
    def person(self) -> NewPerson:
        role = Role(self.cleaned_data["role"])
        return NewPerson(**self.details, role=role, ends_on=self.ends_on)


class ReviewForm(forms.Form):
    """Answers for the members of a list: the names of a row's fields end in its membership's id."""

    HERE, OFF = "here", "off"
    WHO, SEEN = "who-", "seen-"

    def __init__(
        self, typed: Mapping[str, str] | None, *, begun: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(typed)
        given = (begun or {}) if typed is None else typed
        said = self._by_number(given, self.WHO)
        self.chosen = {each: word for each, word in said.items() if word in {self.HERE, self.OFF}}
        self.seen = self._by_number(given, self.SEEN)

    @staticmethod
    def _by_number(given: Mapping[str, str], prefix: str) -> dict[int, str]:
        numbers = {name: name.removeprefix(prefix) for name in given if name.startswith(prefix)}
        return {
            int(number): given[name]
            for name, number in numbers.items()
            if number.isascii() and number.isdecimal() and len(number) < LONGEST_NUMBER
        }

    def clean(self) -> dict[str, Any]:
        if not self.chosen:
            raise ValidationError("Say for at least one person whether they still work here")
        return super().clean() or self.cleaned_data


class CallBackForm(forms.Form):
    """On which number pharmacists reach the practice."""

    phone = Line(
        label="Call-back number",
        help_text="For example, 01632 960 001. Leave it empty to use the number on record",
        longest=phones.LONGEST,
        required="",
    )

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"]
        try:
            return phones.clean_practice(typed) if typed else ""
        except phones.NotAPhoneNumberError as error:
            raise forms.ValidationError(str(error)) from error


class NoticesForm(forms.Form):
    """Where copies of notices about the practice go."""

    email = Address(
        label="Email address",
        help_text="It can be a shared mailbox. Leave it empty to tell administrators only",
        longest=254,
        required="",
    )

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        if typed:
            EmailValidator("Enter an email address, like surgery.team@nhs.net")(typed)
        return typed
