"""The forms for regional content, one a section; fields are named as the content's keys are."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from msgspec import structs

from accounts.text import dates
from accounts.web.fields import DateBoxes, Line, Text
from support.region import checks, content, times, values
from support.region.checks import LONDON, Keys
from support.region.content import (
    LONGEST_LINE,
    LONGEST_NAME,
    LONGEST_TEXT,
    NOTHING,
    AppDevice,
    Approval,
    ApprovedApp,
    LegalText,
    Notice,
    NoticeKind,
    PharmacySystem,
    Region,
    SupportContact,
)
from support.region.sections import APPROVALS, DEVICES, NOTICE_KINDS, RegionSection

PREFIX = "region"  # of every field's name: what is stashed is told by it
_DIGITS = frozenset("0123456789")


def _line(label: str, help_text: str = "", *, longest: int = LONGEST_LINE) -> Line:
    return Line(label=label, help_text=help_text, required="", longest=longest)


class Paragraphs(Text):
    """Counted as it is stored, and as the page counts: browsers send two characters a line end."""

    def to_python(self, value: Any) -> str | None:
        return values.paragraphs(super().to_python(value) or "")


def _text(label: str, help_text: str = "") -> Paragraphs:
    return Paragraphs(label=label, help_text=help_text, required="", longest=LONGEST_TEXT)


def number_in(text: str | None) -> int:
    """Return a number that a form brings back; 0 where it is none."""
    return int(text) if text and len(text) <= 9 and set(text) <= _DIGITS else 0


class SectionForm(DateBoxes):
    """What is typed becomes a section of a Region, by the same checks as a file's."""

    section: ClassVar[RegionSection]
    template: ClassVar[str]

    def __init__(self, data: QueryDict | None = None, *, typed: Mapping[str, str]) -> None:
        """Take what stands in the fields before anything is sent."""
        super().__init__(data, prefix=PREFIX, initial=dict(typed))

    @classmethod
    def shown(cls, region: Region) -> dict[str, str]:
        """Return what stands in the fields for a Region."""
        raise NotImplementedError

    def built(self) -> Region:
        """Return a Region of nothing but this section, from the fields that are right."""
        raise NotImplementedError

    def field_of(self, keys: Keys) -> str:
        return str(keys[-1])

    def clean(self) -> None:
        self.region, faults = checks.checked(self.built())
        for keys, message in faults:
            if (name := self.field_of(keys)) not in self.errors:
                self.add_error(name, message)

    def text(self, name: str) -> str:
        # A field that is wrong in itself has no value.
        return str(self.cleaned_data.get(name) or "")


class ContactForm(SectionForm):
    template = "contact"
    attribute: ClassVar[str]
    name = _line("Name", "What people here call it. You can leave it empty")
    phone = _line(
        "Phone number",
        "Words may follow in brackets or after a comma, like 01632 960 400 (option 2)",
        longest=values.LONGEST_PHONE,
    )
    email = _line("Email address")
    website = _line("Website", "Of its web portal, with https://")
    hours = _line("Opening hours", "For example, Monday to Friday, 8am to 6pm")
    helps_with = _line("What it helps with", "In one short sentence")

    @classmethod
    def shown(cls, region: Region) -> dict[str, str]:
        return structs.asdict(getattr(region, cls.attribute))

    def built(self) -> Region:
        contact = SupportContact(**{name: self.text(name) for name in self.fields})
        return structs.replace(NOTHING, **{self.attribute: contact})


class ServiceDeskForm(ContactForm):
    section = RegionSection.SERVICE_DESK
    attribute = "service_desk"


class LocalItForm(ContactForm):
    section = RegionSection.LOCAL_IT
    attribute = "local_it"


class EscalationForm(ContactForm):
    section = RegionSection.ESCALATION
    attribute = "escalation"


class AdministratorHelpForm(SectionForm):
    section = RegionSection.ADMINISTRATOR
    template = "administrator"
    administrator_helps_with = _line(
        "What a practice administrator helps with", "Like: your own login, and unlocking it"
    )

    @classmethod
    def shown(cls, region: Region) -> dict[str, str]:
        return {"administrator_helps_with": region.administrator_helps_with}

    def built(self) -> Region:
        return Region(administrator_helps_with=self.text("administrator_helps_with"))


class LegalForm(SectionForm):
    section = RegionSection.LEGAL
    template = "legal"
    region_name = _line("Name of the region", "For example, Westmere and Vale")
    controller = _line("Who answers for the data", "The data controller, by name")
    data_protection_email = _line("Email address for data protection")
    accessibility_email = _line("Email address for accessibility")
    privacy = _text(
        "For the privacy notice", "What it says of your region. Leave a line empty for a paragraph"
    )
    accessibility = _text(
        "For the accessibility statement", "Leave a line empty for a new paragraph"
    )

    @classmethod
    def shown(cls, region: Region) -> dict[str, str]:
        return {"region_name": region.name} | structs.asdict(region.legal)

    def built(self) -> Region:
        legal = {name: self.text(name) for name in LegalText.__struct_fields__}
        return Region(name=self.text("region_name"), legal=LegalText(**legal))

    def field_of(self, keys: Keys) -> str:
        return "region_name" if keys == ("name",) else super().field_of(keys)


class RowsForm(SectionForm):
    """Some rows, each with the same fields, named as in name-0. Rows with nothing in them go."""

    most: ClassVar[int]
    what: ClassVar[str]  # a row is called
    always: ClassVar[frozenset[str]] = frozenset()  # has a value also in a row with nothing in it

    def __init__(
        self, data: QueryDict | None = None, *, typed: Mapping[str, str], rows: int
    ) -> None:
        super().__init__(data, typed=typed)
        self.rows = range(min(max(rows, 1), self.most))
        for number in self.rows:
            fields = self.fields_of(number)
            self.fields |= {f"{name}-{number}": field for name, field in fields.items()}

    @staticmethod
    def fields_of(number: int) -> dict[str, forms.Field]:
        raise NotImplementedError

    @classmethod
    def rows_in(cls, typed: Mapping[str, str]) -> int:
        """Return how many rows something stands in, counted to the last one."""
        return max((number_in(name.rpartition("-")[2]) + 1 for name in typed), default=0)

    @classmethod
    def retyped(cls, typed: Mapping[str, str], rows: Iterable[int]) -> dict[str, str]:
        """Return what stands in the fields where only these rows are left."""
        return {
            f"{name}-{to}": typed[f"{name}-{number}"]
            for to, number in enumerate(rows)
            for name in cls.fields_of(0)
            if f"{name}-{number}" in typed
        }

    @property
    def filled(self) -> list[int]:
        """The rows in which something stands."""
        names = self.fields_of(0).keys() - self.always
        return [
            number
            for number in self.rows
            if any(f"{name}-{number}" in self.errors for name in names)
            or any(self.text(f"{name}-{number}") for name in names)
        ]

    def field_of(self, keys: Keys) -> str:
        _, row, name = keys
        return f"{name}-{self.filled[int(row)]}"


class AppRowsForm(RowsForm):
    section = RegionSection.APPS
    template = "apps"
    most = content.MOST_APPS
    what = "app"
    always = frozenset(AppDevice)

    @staticmethod
    def fields_of(number: int) -> dict[str, forms.Field]:
        by_device: dict[str, forms.Field] = {
            device: forms.ChoiceField(
                label=f"On {DEVICES[device]}",
                choices=[*APPROVALS.items()],
                initial=Approval.NOT_ALLOWED,
                error_messages=dict.fromkeys(
                    ("required", "invalid_choice"), f"Choose one for app {number + 1}"
                ),
            )
            for device in AppDevice
        }
        return {
            "name": _line("Name of the app", longest=LONGEST_NAME),
            **by_device,
            "note": _line("Note", "Like: ask your local IT service desk to install it"),
        }

    @classmethod
    def shown(cls, region: Region) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, app in enumerate(region.apps):
            found |= {f"name-{number}": app.name, f"note-{number}": app.note}
            found |= {f"{device}-{number}": app.approval(device) for device in AppDevice}
        return found

    def built(self) -> Region:
        return Region(apps=tuple(map(self._app, self.filled)))

    def _app(self, number: int) -> ApprovedApp:
        on = {
            device: Approval(self.text(f"{device}-{number}") or Approval.NOT_ALLOWED)
            for device in AppDevice
        }
        name, note = self.text(f"name-{number}"), self.text(f"note-{number}")
        return ApprovedApp(name=name, on=on, note=note)


class SystemRowsForm(RowsForm):
    section = RegionSection.SYSTEMS
    template = "pharmacy_systems"
    most = content.MOST_SYSTEMS
    what = "system"

    @staticmethod
    def fields_of(number: int) -> dict[str, forms.Field]:  # noqa: ARG004  others use it
        return {
            "host": _line("Host of its endpoint", longest=LONGEST_NAME),
            "name": _line("What people call it", longest=LONGEST_NAME),
        }

    @classmethod
    def shown(cls, region: Region) -> dict[str, str]:
        return {
            f"{name}-{number}": text
            for number, system in enumerate(region.pharmacy_systems)
            for name, text in structs.asdict(system).items()
        }

    def built(self) -> Region:
        systems = (
            PharmacySystem(host=self.text(f"host-{number}"), name=self.text(f"name-{number}"))
            for number in self.filled
        )
        return Region(pharmacy_systems=tuple(systems))


class NoticeRowsForm(RowsForm):
    """Of a moment a form has day, month, year and time: London's."""

    section = RegionSection.NOTICES
    template = "notices"
    most = content.MOST_NOTICES
    what = "notice"
    always = frozenset({"kind"})

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        typed: Mapping[str, str],
        rows: int,
        now: datetime,
    ) -> None:
        super().__init__(data, typed=typed, rows=rows)
        self._now = now

    @staticmethod
    def fields_of(number: int) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {
            "kind": forms.ChoiceField(
                label="What it is about",
                choices=[*NOTICE_KINDS.items()],
                initial=NoticeKind.PROBLEM,
                error_messages=dict.fromkeys(
                    ("required", "invalid_choice"), f"Choose what notice {number + 1} is about"
                ),
            ),
            "title": _line("Title", longest=LONGEST_NAME),
            "text": _text("Text", "Leave a line empty for a new paragraph"),
        }
        for end, label in (("starts", "Time that it begins"), ("ends", "Time that it ends")):
            for part in dates.PARTS:
                found[f"{end}_{part}"] = _line(part.capitalize(), longest=dates.LONGEST)
            found[f"{end}_time"] = _line(label, "For example, 9am or 18:30", longest=dates.LONGEST)
        return found

    @classmethod
    def shown(cls, region: Region) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, notice in enumerate(region.notices):
            of_notice = {"kind": notice.kind.value, "title": notice.title, "text": notice.text}
            of_notice |= _boxes("starts", notice.starts_at) | _boxes("ends", notice.ends_at)
            found |= {f"{name}-{number}": text for name, text in of_notice.items()}
        return found

    def built(self) -> Region:
        return Region(notices=tuple(self._notice(number) for number in self.filled))

    def _notice(self, number: int) -> Notice:
        starts_at, ends_at = (self._moment(end, number) for end in ("starts", "ends"))
        begins = {f"starts_{part}-{number}" for part in (*dates.PARTS, "time")}
        return Notice(
            kind=NoticeKind(self.text(f"kind-{number}") or NoticeKind.PROBLEM),
            title=self.text(f"title-{number}"),
            text=self.text(f"text-{number}"),
            starts_at=starts_at or self._now,
            # Where it begins at no time that is known, it does not end too early.
            ends_at=None if begins & self.errors.keys() else ends_at,
        )

    def _moment(self, end: str, number: int) -> datetime | None:
        """Return None where nothing is typed, or it is wrong and the form says so."""
        boxes = {part: f"{end}_{part}-{number}" for part in dates.PARTS}
        at = f"{end}_time-{number}"
        typed_time, wrong = self.text(at), self.wrong_boxes
        what = "begins" if end == "starts" else "ends"
        nothing = f"Enter the day on which notice {number + 1} {what}" if typed_time else ""
        day = self.take_date(boxes, _asked(what, number, self._now), nothing=nothing)
        self.wrong_boxes |= wrong  # the boxes of other dates
        if day is None:
            return None
        # The first moment of the first day, the last one of the last.
        otherwise = time(0) if end == "starts" else time(23, 59)
        try:
            return _here(day, times.read(typed_time) if typed_time else otherwise)
        except times.NotATimeError as error:
            self.add_error(at, str(error))
            return None

    def field_of(self, keys: Keys) -> str:
        ends = {"starts_at": "starts_day", "ends_at": "ends_day"}
        return super().field_of((*keys[:-1], ends.get(str(keys[-1]), keys[-1])))


def _asked(what: str, number: int, now: datetime) -> dates.Asked:
    whole = f"The day on which notice {number + 1} {what}"
    example = f"{now.day} {now.month} {now.year}"
    parts = {part: f"{part.capitalize()} on which it {what}" for part in dates.PARTS}
    return dates.Asked(whole, parts, example, checks.YEARS)


def _here(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=LONDON)


def _boxes(end: str, moment: datetime | None) -> dict[str, str]:
    if moment is None:
        return {}
    here = moment.astimezone(LONDON)
    parts = {part: str(getattr(here, part)) for part in dates.PARTS}
    return {f"{end}_{part}": text for part, text in parts.items()} | {
        f"{end}_time": f"{here:%H:%M}"
    }


_FORMS: tuple[type[SectionForm], ...] = (
    *(ServiceDeskForm, LocalItForm, EscalationForm, AdministratorHelpForm),
    *(AppRowsForm, NoticeRowsForm, SystemRowsForm, LegalForm),
)
FORMS = {form.section: form for form in _FORMS}
