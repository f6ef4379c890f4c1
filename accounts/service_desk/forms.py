"""What the service desk writes down of a call; what may be done for it, actions say."""

from typing import Any

from django import forms

from accounts.models.cases import Case
from accounts.models.people import Practice
from accounts.people.forms import DETAILS, DetailsForm
from accounts.text import names, phones
from accounts.web.fields import Address, Line, Named


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = Line(
        label="Reason",
        help_text="What has happened, as in “New phone”. Write nothing about a patient",
        longest=Case.LONGEST_REASON,
        required="Enter the reason, as in New phone",
    )


class CheckedForm(forms.Form):
    """Somebody says that they have checked who it is that they do something for."""

    checked = forms.BooleanField(label="")

    def ask(self, label: str, message: str) -> None:
        """Say what has to be ticked, and what is said where it is not."""
        field = forms.BooleanField(label=label, error_messages={"required": message})
        self.fields["checked"] = field


class CallForm(ReasonForm, CheckedForm):
    """A call: its ticket, who called, and that they were called back."""

    ticket = Line(
        label="Ticket",
        help_text="Its number in your ticket system, as in INC-20417",
        longest=Case.LONGEST_TICKET,
        required="Enter the number of the ticket",
    )
    caller = Named(
        check=names.why_no_name,
        label="Who called?",
        help_text="First and last name",
        longest=Case.LONGEST_CALLER,
        required="Enter the name of the caller",
    )
    field_order = ("ticket", "caller", "reason", "checked")

    def __init__(self, *args: Any, practice: Practice | None, **options: Any) -> None:
        """Take the practice on whose number the caller was called back, if there is one."""
        super().__init__(*args, **options)
        self.ask(*called_back(practice))


def called_back(practice: Practice | None) -> tuple[str, str]:
    """Return what a member confirms of who called, and what is said where they do not."""
    if practice is None:
        return (
            "I know them, and have seen them or called them on a number of our own list",
            "Check who it is, then tick this box",
        )
    number = phones.shown(practice.phone_on_record)
    return (
        f"I have hung up, called {practice} on {number}, and spoken with them",
        f"Call {practice} back on {number}, then tick this box",
    )


class CarryOutForm(CheckedForm):
    """The caller is on the phone again, and is told the code."""

    def __init__(self, *args: Any, practice: Practice | None, **options: Any) -> None:
        """Take the practice on whose number they are called back, if there is one."""
        super().__init__(*args, **options)
        self.ask(*called_back(practice))


class ColleagueForm(ReasonForm, CheckedForm):
    """An administrator resets the authenticator of one of their own staff."""

    field_order = ("reason", "checked")

    def __init__(self, *args: Any, name: str, **options: Any) -> None:
        """Take whose it is."""
        super().__init__(*args, **options)
        self.ask(
            f"I have spoken with {name}, in person or on a number that I knew before",
            f"Speak with {name} first, then tick this box",
        )


class AdministratorForm(DetailsForm, CallForm):
    """Somebody new who is to look after a practice's people."""

    field_order: tuple[str, ...] = (  # type: ignore[assignment]  # the base's is shorter
        *DETAILS,
        *CallForm.field_order,
    )


class AllowForm(ReasonForm):
    """An address that is one person's though it does not look so."""

    email = Address(label="E-mail address", longest=254, required="Enter the e-mail address")
    field_order = ("email", "reason")


class FindForm(forms.Form):
    """Whom the service desk looks for."""

    who = Address(
        label="ODS code of a practice, or a user name",
        help_text="As in C82001, or jane.doe@practice.nhs.uk",
        longest=254,
        required="Enter an ODS code or a user name",
    )
