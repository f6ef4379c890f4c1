"""A list of people as a form: each line is checked as one invitation would be."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.files import spreadsheets
from accounts.files.spreadsheets import Fault
from accounts.files.text_files import UnreadableError
from accounts.people import rosters
from accounts.people.forms import InviteForm
from accounts.people.invitations import InvitationPlan
from accounts.people.new_accounts import NewPerson
from accounts.people.rosters import Row
from accounts.text import email_addresses
from accounts.web.fields import Text
from accounts.wording import written_date

NEW_LOGIN = "New login"
HAS_LOGIN = "We ask them, and they join with the login they have once they accept"


@dataclass(frozen=True)
class Planned:
    """A row of the page on which the list is checked."""

    line: int
    name: str
    email: str
    job_role: str
    role: str  # with the last day, if there is one
    outcome: list[str]
    is_wrong: bool


@dataclass
class Roster:
    """The people of a list with their lines, and what is wrong with the other lines."""

    rows: list[Row]
    people: list[NewPerson]
    faults: list[Fault]
    wrong: dict[int, Row] = field(default_factory=dict)  # by line number, if it could be read

    def refuse(self, plan: InvitationPlan) -> None:
        for number, error in plan.refused.items():
            self.fault(self.rows[number], error)
        self.faults.sort(key=lambda fault: fault.line)

    def fault(self, row: Row, error: ValidationError) -> None:
        self.wrong[row.line] = row
        self.faults += [Fault(row.line, words, row.who) for words in error.messages]

    def planned(self, plan: InvitationPlan) -> list[Planned]:
        said: dict[int, list[str]] = {}
        for fault in self.faults:
            said.setdefault(fault.line, []).append(fault.words)
        about = {fault.line: fault.about for fault in self.faults}
        wrong = [
            _planned_wrong(line, self.wrong.get(line), words, about[line])
            for line, words in said.items()
        ]
        return wrong + [
            _planned(row, person, has_login=number in plan.joining)
            for number, (row, person) in enumerate(zip(self.rows, self.people, strict=True))
            if row.line not in said
        ]


def _planned_wrong(line: int, row: Row | None, words: list[str], about: str) -> Planned:
    if row is None:
        return Planned(line, about, "", "", "", words, is_wrong=True)
    role = ", until ".join(filter(None, (row.cells["role"], row.cells["last_day"])))
    email, job_role = row.cells["email"], row.cells["job_role"]
    return Planned(line, row.who, email, job_role, role, words, is_wrong=True)


def _planned(row: Row, person: NewPerson, *, has_login: bool) -> Planned:
    name = f"{person.given_name} {person.family_name}"
    until = f", until {written_date(person.ends_on)}" if person.ends_on else ""
    role = f"{person.role.label}{until}"
    outcome = HAS_LOGIN if has_login else NEW_LOGIN
    return Planned(row.line, name, person.email, person.job_role, role, [outcome], is_wrong=False)


class _LineForm(InviteForm):
    role = forms.ChoiceField(
        choices=InviteForm.ROLES,
        error_messages={"invalid_choice": "The role must be staff or administrator, or empty"},
    )


class RosterForm(forms.Form):
    """A pasted list, or a file; the file's text is then shown where lists are pasted."""

    people = Text(  # twice the limit: tidying makes it shorter
        label="Paste the list here", required="", strip=False, longest=2 * rosters.MOST_BYTES
    )
    file = forms.FileField(
        label="Or choose a file: an Excel workbook (.xlsx), or CSV",
        help_text="This replaces anything in the box above",
        required=False,
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, today: date, is_cut: bool = False, **options: Any) -> None:
        """``is_cut``: the request was larger than allowed, so a file may be missing."""
        super().__init__(*args, **options)
        self._today, self._is_cut = today, is_cut
        self._lines: list[Row | Fault] = []
        self.notes: list[str] = []  # what was left out of the file or list

    @property
    def text(self) -> str:
        return str(self["people"].value() or "")

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        file: UploadedFile[bytes] | None = given.get("file")
        if self._is_cut:
            self.add_error("file", rosters.TOO_LARGE)
            return given
        pasted = spreadsheets.TableText(spreadsheets.tidy(given["people"]))
        try:
            opened = rosters.opened(file.read()) if file else pasted
        except UnreadableError as error:
            self.add_error("file", str(error))
            return given
        text, self.notes = opened.text, list(opened.notes)
        self.data = {**self.data, "people": text}
        if not text.strip():
            self.add_error("people", "Paste a list, or choose a file")
            return given
        try:
            read = rosters.read(text)
        except UnreadableError as error:
            self.add_error("people", str(error))
        else:
            self._lines = read.lines
            self.notes += read.notes
            if not self._lines:
                self.add_error("people", "There are no people in the list")
        return given

    def roster(self) -> Roster:
        roster, seen = Roster([], [], []), dict[str, int]()
        for line in self._lines:
            if isinstance(line, Fault):
                roster.faults.append(line)
                continue
            try:
                person = _person(line, today=self._today)
                _check_first(seen, line, person)
            except ValidationError as error:
                roster.fault(line, error)
            else:
                roster.rows.append(line)
                roster.people.append(person)
        return roster


def _check_first(seen: dict[str, int], row: Row, person: NewPerson) -> None:
    first = seen.setdefault(email_addresses.mailbox(person.email), row.line)
    if first != row.line:
        raise ValidationError(f"Same person as line {first}: {person.email}. List each person once")


def _person(row: Row, *, today: date) -> NewPerson:
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
    return form.person


def _messages(form: forms.Form) -> list[str]:
    return [str(message) for errors in form.errors.values() for message in errors]
