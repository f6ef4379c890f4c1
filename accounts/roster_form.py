"""A list of people as a form: each line is checked as the form for one person would check it."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts import addresses, rosters
from accounts.actions import NewPerson, Outlook
from accounts.forms import InviteForm, Text
from accounts.roles import Role
from accounts.rosters import Fault, Row, UnreadableError


@dataclass
class Roster:
    """The people of a list, with the lines they stand in, and what is wrong with other lines."""

    rows: list[Row]
    people: list[NewPerson]
    faults: list[Fault]

    def refuse(self, outlook: Outlook) -> None:
        """Add what stands in the way of letting people in, so that all is in the order of lines."""
        for number, error in outlook.refused.items():
            self.faults += _faults(self.rows[number], error)
        self.faults.sort(key=lambda fault: fault.line)


class _LineForm(InviteForm):
    """One line."""

    role = forms.ChoiceField(
        choices=InviteForm.ROLES,
        error_messages={"invalid_choice": "The role must be staff or administrator, or empty"},
    )


class RosterForm(forms.Form):
    """A list that is pasted, or a file; the file's text is shown where a list is pasted."""

    people = Text(  # twice as long as it may be: it is measured once it is tidy
        label="Paste the list here", required="", strip=False, longest=2 * rosters.MOST_BYTES
    )
    file = forms.FileField(
        label="Or choose a CSV file",
        help_text="It takes the place of what stands in the box above",
        required=False,
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, today: date, is_cut: bool = False, **options: Any) -> None:
        """Take the day before which no last day can lie.

        Args:
            is_cut: whether more was sent than is taken, so that a file may be missing.
        """
        super().__init__(*args, **options)
        self._today, self._is_cut = today, is_cut
        self._lines: list[Row | Fault] = []

    @property
    def text(self) -> str:
        """What stands in the box."""
        return str(self["people"].value() or "")

    @property
    def digest(self) -> str:
        """By what the same list is known again."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def clean(self) -> dict[str, Any]:
        """Read the list."""
        given = super().clean() or self.cleaned_data
        file: UploadedFile[bytes] | None = given.get("file")
        if self._is_cut:
            self.add_error("file", rosters.TOO_LARGE)
            return given
        try:
            text = rosters.tidy(rosters.decode(file.read()) if file else given["people"])
        except UnreadableError as error:
            self.add_error("file", str(error))
            return given
        self.data = {**self.data, "people": text}
        if not text.strip():
            self.add_error("people", "Paste a list, or choose a file with one")
            return given
        try:
            self._lines = rosters.read(text)
        except UnreadableError as error:
            self.add_error("people", str(error))
        else:
            if not self._lines:
                self.add_error("people", "There are no people in the list")
        return given

    def roster(self) -> Roster:
        """Return the people of the list, once it can be read."""
        roster, seen = Roster([], [], []), dict[str, int]()
        for line in self._lines:
            if isinstance(line, Fault):
                roster.faults.append(line)
                continue
            try:
                person = _person(line, today=self._today)
                _check_first(seen, line, person)
            except ValidationError as error:
                roster.faults += _faults(line, error)
            else:
                roster.rows.append(line)
                roster.people.append(person)
        return roster


def _faults(row: Row, error: ValidationError) -> list[Fault]:
    return [Fault(row.line, row.who, words) for words in error.messages]


def _check_first(seen: dict[str, int], row: Row, person: NewPerson) -> None:
    """Raise ValidationError where an earlier line has the same mailbox."""
    first = seen.setdefault(addresses.mailbox(person.email), row.line)
    if first != row.line:
        raise ValidationError(
            f"Line {first} has this mailbox already: {person.email}. One person needs one line"
        )


def _person(row: Row, *, today: date) -> NewPerson:
    """Return whom a line names.

    Raises:
        ValidationError: with everything that is wrong with the line by itself.
    """
    role = rosters.role_named(row.cells["role"])
    form = _LineForm(
        {
            **row.cells,
            "role": role.value if role else row.cells["role"],
            **(rosters.date_parts(row.cells["last_day"]) or {"day": "?"}),
        },
        today=today,
    )
    if not form.is_valid():
        raise ValidationError(_messages(form))
    given = form.cleaned_data
    return NewPerson(
        email=given["email"],
        given_name=given["given_name"],
        family_name=given["family_name"],
        job_role=given["job_role"],
        role=Role(given["role"]),
        ends_on=form.ends_on,
    )


def _messages(form: forms.Form) -> list[str]:
    return [str(message) for errors in form.errors.values() for message in errors]
