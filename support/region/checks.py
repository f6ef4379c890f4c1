"""What regional content must be, whether it was typed or loaded from a file. Pure.

``checked`` returns it with each value as it is stored, and every fault with the keys of where it
is: a form puts it beside a field, a command names file and key.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import structs

from support.region import values
from support.region.content import (
    LONGEST_LINE,
    LONGEST_NAME,
    LONGEST_TEXT,
    AppDevice,
    Approval,
    ApprovedApp,
    LegalText,
    Notice,
    PharmacySystem,
    Region,
    SupportContact,
)

LONDON = ZoneInfo("Europe/London")
YEARS = range(2020, 2100)
CONTACTS = ("service_desk", "local_it", "escalation")
Keys = tuple[str | int, ...]
Rule = Callable[[str], str]
_OF_A_CONTACT: dict[str, Rule] = {
    "name": values.line,
    "phone": values.phone,
    "email": values.email,
    "website": values.website,
    "hours": values.line,
    "helps_with": values.line,
}
_LEGAL: dict[str, Rule] = {
    "controller": values.line,
    "data_protection_email": values.email,
    "accessibility_email": values.email,
    "privacy": values.paragraphs,
    "accessibility": values.paragraphs,
}


class RegionFault(NamedTuple):
    keys: Keys  # as in apps, 0, name
    message: str


class _Checks:
    """Applies rules, and collects what does not fit."""

    def __init__(self) -> None:
        self.faults: list[RegionFault] = []

    def refuse(self, keys: Keys, message: str) -> None:
        self.faults.append(RegionFault(keys, message))

    def value(self, rule: Rule, text: str, *keys: str | int, required: str = "") -> str:
        try:
            fit = rule(text)
        except values.NotFitError as error:
            self.refuse(keys, str(error))
            return text
        if required and not fit:
            self.refuse(keys, required)
        # Once more: as it is stored it may be longer than it was typed (Unicode's NFC).
        is_text = rule is values.paragraphs
        longest = LONGEST_NAME if required else LONGEST_TEXT if is_text else LONGEST_LINE
        if len(fit) > longest:
            self.refuse(keys, f"Enter at most {longest} characters")
        return fit

    def values_of(
        self, part: SupportContact | LegalText, rules: dict[str, Rule], key: str
    ) -> dict[str, str]:
        return {
            name: self.value(rule, getattr(part, name), key, name) for name, rule in rules.items()
        }

    def contact(self, written: SupportContact, key: str) -> SupportContact:
        contact = SupportContact(**self.values_of(written, _OF_A_CONTACT, key))
        if not contact.is_reachable and contact != SupportContact():
            self.refuse(
                (key, "phone"),
                "Enter a phone number, an email address or a website, or leave everything empty",
            )
        return contact

    def app(self, written: ApprovedApp, number: int) -> ApprovedApp:
        required = f"Enter the name of app {number + 1}"
        name = self.value(values.line, written.name, "apps", number, "name", required=required)
        note = self.value(values.line, written.note, "apps", number, "note")
        on: dict[AppDevice, Approval] = {
            device: approval
            for device, approval in written.on.items()
            if approval is not Approval.NOT_ALLOWED
        }
        return ApprovedApp(name=name, on=on, note=note)

    def notice(self, written: Notice, number: int) -> Notice:
        required = f"Enter the title of notice {number + 1}"
        at = ("notices", number)
        title = self.value(values.line, written.title, *at, "title", required=required)
        text = self.value(values.paragraphs, written.text, *at, "text")
        starts_at = self.moment(written.starts_at, *at, "starts_at")
        ends_at = written.ends_at and self.moment(written.ends_at, *at, "ends_at")
        if ends_at and ends_at <= starts_at:
            self.refuse((*at, "ends_at"), f"Notice {number + 1} must end after it begins")
        return Notice(
            kind=written.kind, title=title, text=text, starts_at=starts_at, ends_at=ends_at
        )

    def moment(self, written: datetime, *keys: str | int) -> datetime:
        if written.year not in YEARS:
            self.refuse(keys, f"Enter a year from {YEARS[0]} to {YEARS[-1]}")
            return written.replace(year=YEARS[0], month=1, day=1, tzinfo=UTC)
        exact = written.replace(second=0, microsecond=0)
        return exact if exact.tzinfo else exact.replace(tzinfo=LONDON)

    def system(self, written: PharmacySystem, number: int) -> PharmacySystem:
        at, it = ("pharmacy_systems", number), f"system {number + 1}"
        host = self.value(
            values.host, written.host, *at, "host", required=f"Enter the host of {it}"
        )
        name = self.value(
            values.line, written.name, *at, "name", required=f"Enter the name of {it}"
        )
        return PharmacySystem(host=host, name=name)

    def different(self, names: Iterable[str], key: str, name: str) -> None:
        found = set()
        for number, each in enumerate(names):
            if each and each.casefold() in found:
                self.refuse((key, number, name), f"“{each}” is there already")
            found.add(each.casefold())


def checked(written: Region) -> tuple[Region, list[RegionFault]]:
    """Return it as it is stored, which is of use only where there is no fault."""
    checks = _Checks()
    contacts = {key: checks.contact(getattr(written, key), key) for key in CONTACTS}
    helps_with = checks.value(
        values.line, written.administrator_helps_with, "administrator_helps_with"
    )
    apps = tuple(checks.app(app, number) for number, app in enumerate(written.apps))
    checks.different((app.name for app in apps), "apps", "name")
    notices = tuple(checks.notice(each, number) for number, each in enumerate(written.notices))
    systems = tuple(
        checks.system(each, number) for number, each in enumerate(written.pharmacy_systems)
    )
    checks.different((system.host for system in systems), "pharmacy_systems", "host")
    region = structs.replace(
        written,
        name=checks.value(values.line, written.name, "name"),
        **contacts,
        administrator_helps_with=helps_with,
        apps=apps,
        notices=notices,
        pharmacy_systems=systems,
        legal=LegalText(**checks.values_of(written.legal, _LEGAL, "legal")),
    )
    return region, checks.faults
