"""What people type to log in, checked for its format; actions check whether it is right."""

import copy
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.factors import activation_codes, passwords, totp
from accounts.models.people import User
from accounts.sign_in import password_rules, puzzles, webauthn
from accounts.sign_in.exemptions import Exemption
from accounts.sign_in.second_factor import Assertion, Code
from accounts.text import names
from accounts.topics import Topic
from accounts.web.fields import LONGEST_NAME, Address, Named, Password, Text

LONGEST_CODE = 60  # characters, with whatever was pasted along


class UserNameForm(forms.Form):
    user_name = Address(
        label="Username",
        help_text="Your own work email address",
        longest=254,
        required="Enter your username",
    )


class ExemptionForm(forms.Form):
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
    def given(self) -> Exemption:
        self.is_valid()
        found = {name: self.cleaned_data.get(name) or "" for name in self.fields}
        try:
            found["code"] = totp.clean_code(found["code"])
        except totp.NotACodeError:
            found["code"] = ""
        return Exemption(**found)


class LogInForm(UserNameForm):
    password = Password(required="Enter your password")


class UnlockForm(forms.Form):
    IN_PLACE = "unlock-%s"  # ids of its fields, on pages that may have a password field too

    password = Password(required="Enter your password")


class CodeForm(forms.Form):
    code = Text(
        label="6-digit code",
        help_text="From your authenticator app",
        longest=LONGEST_CODE,
        required="Enter the 6-digit code from your authenticator app",
    )

    def clean_code(self) -> str:
        try:
            return totp.clean_code(self.cleaned_data["code"])
        except totp.NotACodeError as error:
            raise forms.ValidationError(
                "The code must be 6 digits, like 123 456", code=Topic.CODE_NOT_RIGHT
            ) from error

    @property
    def proof(self) -> Code:
        return Code(self.cleaned_data["code"])


class ConfirmForm(UnlockForm, CodeForm):
    field_order = ("password", "code")


class _AnswerForm(forms.Form):
    """What a browser answers about a passkey; its script asks it once all else is filled in."""

    NO_ANSWER = "Your browser did not use a passkey. Try again, or enter a code"

    answer = Text(label="Passkey", longest=webauthn.LONGEST_ANSWER, required="")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and not given["answer"]:
            self.add_error("answer", forms.ValidationError(self.NO_ANSWER, code=Topic.PASSKEYS))
        return given


class PasskeyForm(_AnswerForm):
    @property
    def proof(self) -> Assertion:
        return Assertion(self.cleaned_data["answer"])


class ConfirmWithPasskeyForm(UnlockForm, PasskeyForm):
    field_order = ("password", "answer")


class ActivationForm(forms.Form):
    """An activation code, for somebody who knows their password."""

    activation_code = Text(
        label="Activation code",
        help_text="12 letters and digits. For example, 7KQM-2XRW-9TPD",
        longest=LONGEST_CODE,
        required="Enter your activation code",
    )

    def clean_activation_code(self) -> str:
        typed: str = self.cleaned_data["activation_code"]
        if not activation_codes.is_code(typed):
            raise forms.ValidationError(
                "The activation code must be 12 letters and digits, without the letter U",
                code=Topic.ACTIVATION,
            )
        return typed


class InvitationForm(UserNameForm, ActivationForm):
    field_order = ("user_name", "activation_code")


class PasswordForm(forms.Form):
    """The person's own choice of a password."""

    LABEL = "Password"

    password = Password(required="Enter a password")

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._user = user
        shortest = password_rules.shortest_for(user)
        field = copy.copy(self.fields["password"])  # the class's own is shared by all forms
        field.label = self.LABEL
        field.help_text = f"{shortest} characters or more. Three random words are a good choice"
        self.fields["password"] = field

    def clean_password(self) -> str:
        """Return the password normalised, as it is hashed."""
        password = passwords.normalised(self.cleaned_data["password"])
        try:
            validate_password(password, self._user)
        except ValidationError as error:
            raise forms.ValidationError(error.messages[0]) from None  # one message at a time
        return password


class NewPasswordForm(PasswordForm):
    LABEL = "New password"


class NameForm(forms.Form):
    """What a person calls one of the things with which they log in."""

    name = Named(
        check=names.why_no_label,
        label="Name",
        help_text="So that you can tell them apart. For example, Phone or This computer",
        longest=LONGEST_NAME,
        required="Enter a name, like Phone or This computer",
    )

    def __init__(self, taken: Iterable[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._taken = {name.casefold() for name in taken}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name.casefold() in self._taken:
            raise forms.ValidationError("You already have one with that name")
        return name


class NewPasskeyForm(NameForm, _AnswerForm):
    """A passkey that a browser has made, and what its owner calls it."""

    NO_ANSWER = "Your browser did not create a passkey. Try again"
    field_order = ("name", "answer")
