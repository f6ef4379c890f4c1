"""The service desk's forms."""

from typing import Any

from django import forms

from accounts.models.cases import Case
from accounts.models.people import Practice
from accounts.people.forms import DETAILS, DetailsForm
from accounts.service_desk.cases import Call
from accounts.text import names, phones
from accounts.web.fields import Address, Line, Named


class ReasonForm(forms.Form):
    reason = Line(
        label="Reason",
        help_text="What has happened. For example, New phone. Never include patient details",
        longest=Case.LONGEST_REASON,
        required="Enter the reason, like New phone",
    )


class CheckedForm(forms.Form):
    """The member confirms that they have checked who the caller is."""

    checked = forms.BooleanField(label="")

    def ask(self, label: str, message: str) -> None:
        field = forms.BooleanField(label=label, error_messages={"required": message})
        self.fields["checked"] = field


class CalledBackForm(CheckedForm):
    def __init__(self, *args: Any, practice: Practice | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if practice is None:
            self.ask(
                "I know this person, and have seen them or called them on a number in our own list",
                "Check who they are, then tick this box",
            )
        else:
            number = phones.shown(practice.phone_on_record)
            self.ask(
                f"I have ended the call, rung {practice} on {number}, and spoken to this person",
                f"Call {practice} back on {number}, then tick this box",
            )


CALL = ("ticket", "caller", "reason")


class CallForm(ReasonForm, CalledBackForm):
    ticket = Line(
        label="Ticket",
        help_text="The number in your ticket system. For example, INC-20417",
        longest=Case.LONGEST_TICKET,
        required="Enter the ticket number",
    )
    caller = Named(
        check=names.why_no_name,
        label="Who called?",
        help_text="First and last name",
        longest=Case.LONGEST_CALLER,
        required="Enter the name of the caller",
    )
    field_order = (*CALL, "checked")

    @property
    def call(self) -> Call:
        return Call(**{name: self.cleaned_data[name] for name in CALL})


class ColleagueForm(ReasonForm, CheckedForm):
    """An administrator resets the authenticator of one of their own staff."""

    field_order = ("reason", "checked")

    def __init__(self, *args: Any, name: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ask(
            f"I have spoken to {name}, in person or on a number that I already knew",
            f"Speak to {name} first, then tick this box",
        )


class AdministratorForm(DetailsForm, CallForm):
    """A new user who becomes a practice's administrator."""

    field_order: tuple[str, ...] = (  # type: ignore[assignment]  # the base's is shorter
        *DETAILS,
        *CallForm.field_order,
    )


class AllowForm(forms.Form):
    """An address that looks shared, but is one person's."""

    email = Address(label="Email address", longest=254, required="Enter the email address")
    reason = Line(
        label="Reason",
        help_text="Why this address is safe to allow. Never include patient details",
        longest=Case.LONGEST_REASON,
        required="Enter why this address is safe to allow",
    )
    field_order = ("email", "reason")


class FindForm(forms.Form):
    who = Address(
        label="ODS code of a practice, or a username",
        help_text="For example, C82001 or jane.doe@practice.nhs.uk",
        longest=254,
        required="Enter an ODS code or a username",
    )
