"""What people type to log in, checked for its form only; whether it is right, actions say."""

import contextlib
import copy
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.factors import activation_codes, passwords, totp, webauthn
from accounts.models.people import User
from accounts.roles import Role
from accounts.sign_in import password_rules, puzzles
from accounts.text import dates, names
from accounts.topics import Topic
from accounts.web.fields import LONGEST_NAME, Address, DateBoxes, Line, Named, Password, Text

LONGEST_CODE = 60  # characters, with whatever was pasted along


LONGEST_NUMBER = 19  # digits: a row's has fewer


class _UserNameForm(forms.Form):
    user_name = Address(
        label="User name",
        help_text="Your own e-mail address at work",
        longest=254,
        required="Enter your user name",
    )


class ProofForm(forms.Form):
    """What lets a try not wait: a puzzle that a script has solved, or a code; both may be empty.

    Whatever is wrong with it is left out: then the try waits.
    """

    puzzle = Text(label="Puzzle", longest=puzzles.LONGEST, required="")
    solution = Text(label="Solution", longest=puzzles.LONGEST, required="")
    code = Text(
        label="6-digit code (optional)",
        help_text="From your authenticator app. With it, you do not have to wait",
        longest=LONGEST_CODE,
        required="",
    )

    @property
    def given(self) -> dict[str, str]:
        """What was sent of it, as far as it can be anything."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) or "" for name in self.fields}
        with contextlib.suppress(totp.NotACodeError):
            return found | {"code": totp.clean_code(found["code"])}
        return found | {"code": ""}


class ForgottenForm(_UserNameForm):
    """The user name of somebody who has forgotten their password."""


class LogInForm(_UserNameForm):
    """The first step."""

    password = Password(required="Enter your password")


class UnlockForm(forms.Form):
    """The password of somebody whose screen is locked."""

    IN_PLACE = "unlock-%s"  # the ids of its fields in a page that may have a password of its own

    password = Password(required="Enter your password")


class CodeForm(forms.Form):
    """The second step."""

    code = Text(
        label="6-digit code",
        help_text="From your authenticator app",
        longest=LONGEST_CODE,
        required="Enter the 6-digit code from your authenticator app",
    )

    def clean_code(self) -> str:
        """Return six digits."""
        try:
            return totp.clean_code(self.cleaned_data["code"])
        except totp.NotACodeError as error:
            raise forms.ValidationError(
                "The code must be 6 digits, as in 123 456", code=Topic.CODE_NOT_RIGHT
            ) from error


class ConfirmForm(UnlockForm, CodeForm):
    """Password and code of somebody who is signed in."""

    field_order = ("password", "code")


NO_PASSKEY = "Your browser did not use a passkey. Try again, or enter a code"


class PasskeyForm(forms.Form):
    """What a browser answers with a passkey; its script writes it."""

    answer = Text(label="Passkey", longest=webauthn.LONGEST_ANSWER, required=NO_PASSKEY)


class ConfirmWithPasskeyForm(UnlockForm):
    """Password and passkey of somebody who is signed in."""

    answer = Text(label="Passkey", longest=webauthn.LONGEST_ANSWER, required="")

    def clean(self) -> dict[str, Any]:
        """Ask for the passkey once there is a password: the script waits for that too."""
        given = super().clean() or self.cleaned_data
        if not self.errors and not given["answer"]:
            self.add_error("answer", NO_PASSKEY)
        return given


class ActivationForm(forms.Form):
    """An activation code, for somebody who knows their password."""

    activation_code = Text(
        label="Activation code",
        help_text="12 letters and digits, as in 7KQM-2XRW-9TPD",
        longest=LONGEST_CODE,
        required="Enter your activation code",
    )

    def clean_activation_code(self) -> str:
        """Return the code as it was typed, once it can be one."""
        typed: str = self.cleaned_data["activation_code"]
        if not activation_codes.is_code(typed):
            raise forms.ValidationError(
                "The activation code must be 12 letters and digits, without the letter U",
                code=Topic.ACTIVATION,
            )
        return typed


class InvitationForm(_UserNameForm, ActivationForm):
    """User name and activation code, for somebody who has no password yet."""

    field_order = ("user_name", "activation_code")


class PasswordForm(forms.Form):
    """The person's own choice of a password."""

    password = Password(required="Enter a password")

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        """Take whose password it will be: it may not be made of their name."""
        super().__init__(*args, **options)
        self._user = user
        shortest = password_rules.shortest_for(user)
        field = copy.copy(self.fields["password"])  # the class's own belongs to every form
        field.help_text = f"{shortest} characters or more. Three words that you remember are good"
        self.fields["password"] = field

    def clean_password(self) -> str:
        """Return the password as it is hashed, once it is none that is guessed easily."""
        password = passwords.normalised(self.cleaned_data["password"])
        try:
            validate_password(password, self._user)
        except ValidationError as error:
            raise forms.ValidationError(error.messages[0]) from None  # one thing after the other
        return password


class NewPasswordForm(PasswordForm):
    """Another one, in place of the one that the person has."""

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        """Take whose password it will be."""
        super().__init__(user, *args, **options)
        self.fields["password"].label = "New password"


class OfferForm(forms.Form):
    """An account's owner says yes to what others have asked."""

    is_main = forms.BooleanField(label="Make this my main practice", required=False)
    password = Text(
        label="Your password",
        strip=False,
        longest=passwords.LONGEST,
        required="Enter your password",
    )
    new_password = Text(label="New password", strip=False, longest=passwords.LONGEST, required="")

    def __init__(self, user: User, shortest: int, *args: Any, **options: Any) -> None:
        """Take whose account it is, and how long its password has to be then."""
        super().__init__(*args, **options)
        self._user, self._shortest = user, shortest
        field = copy.copy(self.fields["new_password"])  # the class's own belongs to every form
        field.help_text = f"Only if yours has fewer than {shortest} characters"
        self.fields["new_password"] = field

    def clean_new_password(self) -> str:
        """Return another password, once it is none that is guessed easily."""
        password: str = self.cleaned_data["new_password"]
        if password:
            if len(passwords.normalised(password)) < self._shortest:
                raise forms.ValidationError(f"Password must be {self._shortest} characters or more")
            validate_password(password, self._user)
        return password


class NameForm(forms.Form):
    """What a person calls one of the things with which they log in."""

    name = Named(
        check=names.why_no_label,
        label="Name",
        help_text="So that you can tell them apart, as in Phone or This computer",
        longest=LONGEST_NAME,
        required="Enter a name, as in Phone or This computer",
    )

    def __init__(self, taken: Iterable[str], *args: Any, **options: Any) -> None:
        """Take the names of the person's others."""
        super().__init__(*args, **options)
        self._taken = {name.casefold() for name in taken}

    def clean_name(self) -> str:
        """Return the name, if it tells it from the others."""
        name: str = self.cleaned_data["name"]
        if name.casefold() in self._taken:
            raise forms.ValidationError("You have one with that name already")
        return name


class NewPasskeyForm(NameForm):
    """A passkey that a browser has made, and what its owner calls it."""

    answer = Text(label="Passkey", longest=webauthn.LONGEST_ANSWER, required="")

    def clean(self) -> dict[str, Any]:
        """Ask for the passkey once there is a name for it: the script waits for that too."""
        given = super().clean() or self.cleaned_data
        if not self.errors and not given["answer"]:
            self.add_error("answer", "Your browser did not make a passkey. Try again")
        return given


class DetailsForm(forms.Form):
    """Who somebody is; the account's own rules are checked where it is stored."""

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
        label="E-mail address",
        help_text="Their own at work, which nobody else reads: it will be their user name",
        longest=254,
        required="Enter the e-mail address",
    )
    job_role = Named(
        check=names.why_no_label,
        label="Job role",
        help_text="As pharmacies see it in a referral, as in Receptionist",
        longest=names.LONGEST,
        required="Enter the job role, as in Receptionist",
    )

    def refuse(self, error: ValidationError) -> None:
        """Say what is wrong with the values where they stand; the practice is no field."""
        for name, messages in error.message_dict.items():
            field = name if name in self.fields else "email"
            for message in messages:
                self.add_error(None if name == "practice" else field, message)


LAST_DAY = {part: part for part in dates.PARTS}


def _last_day(today: date) -> dates.Asked:
    return dates.Asked(
        "The last day",
        {part: f"The {part}" for part in dates.PARTS},
        f"31 3 {today.year + 1}, or empty",
        range(today.year, today.year + 50),
    )


class PlaceForm(DateBoxes):
    """What somebody is in a practice, and until when."""

    ROLES = (
        (Role.STAFF.value, "Practice staff: send referrals"),
        (
            Role.PRACTICE_ADMINISTRATOR.value,
            "Practice administrator: send referrals, and look after the people of the practice",
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
        """Take the day before which no last day can lie."""
        super().__init__(*args, **options)
        self._today = today

    @staticmethod
    def written(role: str, ends_on: date | None) -> dict[str, Any]:
        """Return what stands in the boxes for somebody's place."""
        parts = (ends_on.day, ends_on.month, ends_on.year) if ends_on else ("", "", "")
        return {"role": role, **dict(zip(("day", "month", "year"), parts, strict=True))}

    @property
    def ends_on(self) -> date | None:
        """The last day, or None: there is none."""
        found: date | None = self.cleaned_data["ends_on"]
        return found

    def clean(self) -> dict[str, Any]:
        """Put the last day together."""
        given = super().clean() or self.cleaned_data
        given["ends_on"] = last = self.take_date(LAST_DAY, _last_day(self._today))
        if last and last < self._today:
            self.refuse_date(LAST_DAY, "The last day must be today or later")
        return given


class InviteForm(DetailsForm, PlaceForm):
    """Somebody new in a practice."""

    field_order = ("given_name", "family_name", "email", "job_role", "role")


class ReviewForm(forms.Form):
    """What is said of each person in a list: a row's fields bear the number of its person."""

    HERE, OFF = "here", "off"
    WHO, SEEN = "who-", "seen-"

    def __init__(
        self, typed: Mapping[str, str] | None, *, begun: Mapping[str, str] | None = None
    ) -> None:
        """Take what is sent, or what was chosen before and came too late."""
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
        """Ask for one answer at least: what is not answered stays open."""
        if not self.chosen:
            raise ValidationError("Choose for at least one person whether they still work here")
        return super().clean() or self.cleaned_data
