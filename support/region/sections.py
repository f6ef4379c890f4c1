"""The parts of the regional content that are changed one at a time, and how each reads in lines."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from accounts.wording import moment
from referrals.clinical.differences import Difference, between
from support.region.content import (
    AppDevice,
    Approval,
    ApprovedApp,
    Notice,
    NoticeKind,
    Region,
    SupportContact,
)


class RegionSection(StrEnum):
    """By the last word of the address where it is changed."""

    SERVICE_DESK = "service-desk"
    LOCAL_IT = "local-it"
    ESCALATION = "escalation"
    ADMINISTRATOR = "administrator"
    APPS = "apps"
    NOTICES = "notices"
    SYSTEMS = "pharmacy-systems"
    LEGAL = "legal"

    @property
    def heading(self) -> str:
        return SECTIONS[self].heading

    @property
    def about(self) -> str:
        return SECTIONS[self].about

    @property
    def route(self) -> str:
        return f"support:region-{self}"

    def values(self, region: Region) -> dict[str, Any]:
        return {name: getattr(region, name) for name in SECTIONS[self].names}

    def lines(self, region: Region) -> dict[str, str]:
        """Return all that it says, by what it is called; what is empty is left out."""
        return {name: text for name, text in _LINES[self](region) if text}


class _About(NamedTuple):
    heading: str
    about: str
    names: tuple[str, ...]  # of the Region


SECTIONS = {
    RegionSection.SERVICE_DESK: _About(
        "Service desk",
        "The desk for PharmRefer itself. It is in the footer of every page and on every help "
        "page. Disputes are emailed to it.",
        ("service_desk",),
    ),
    RegionSection.LOCAL_IT: _About(
        "Local IT service desk",
        "The desk for computers, phones, authenticator apps and the connection. It is in the "
        "footer of every page.",
        ("local_it",),
    ),
    RegionSection.ESCALATION: _About(
        "If neither desk has helped",
        "A role in the region, with its email address. It is on the help pages.",
        ("escalation",),
    ),
    RegionSection.ADMINISTRATOR: _About(
        "Practice administrators",
        "What a practice's own administrator does for its people.",
        ("administrator_helps_with",),
    ),
    RegionSection.APPS: _About(
        "Approved apps",
        "Which authenticator apps people may use, and on which of them your local IT service "
        "helps. The help pages show it as a table.",
        ("apps",),
    ),
    RegionSection.NOTICES: _About(
        "Notices",
        "A problem, planned work, or something else that all users should know. They see it when "
        "they log in, on their first page, in the help and on the status page.",
        ("notices",),
    ),
    RegionSection.SYSTEMS: _About(
        "Names of pharmacy systems",
        "What people call the system behind an endpoint, by its host. The status page uses it.",
        ("pharmacy_systems",),
    ),
    RegionSection.LEGAL: _About(
        "Name and legal texts",
        "What the privacy notice and the accessibility statement say of your region. Have them "
        "checked before you publish them.",
        ("name", "legal"),
    ),
}
APPROVALS = {
    Approval.SUPPORTED: "Approved, and local IT helps",
    Approval.UNSUPPORTED: "May be used, without help from local IT",
    Approval.NOT_ALLOWED: "Not approved",
}
DEVICES = {
    AppDevice.SUPPLIED_PHONE: "a phone that local IT supplied",
    AppDevice.SUPPLIED_DESKTOP: "a computer that local IT supplied",
    AppDevice.OWN_DEVICE: "their own device",
}
NOTICE_KINDS = {
    NoticeKind.PROBLEM: "Problem",
    NoticeKind.PLANNED_WORK: "Planned work",
    NoticeKind.INFORMATION: "Information",
}
CONTACT_NAMES = {
    "name": "Name",
    "phone": "Phone",
    "email": "Email",
    "website": "Website",
    "hours": "Open",
    "helps_with": "Helps with",
}
Lines = Iterator[tuple[str, str]]


def _contact_lines(contact: SupportContact) -> Lines:
    return ((label, getattr(contact, name)) for name, label in CONTACT_NAMES.items())


def _app_lines(app: ApprovedApp) -> Lines:
    if not app.on:
        yield f"“{app.name}”", "Approved on no device"
    for device, what in DEVICES.items():
        if device in app.on:
            yield f"“{app.name}” on {what}", APPROVALS[app.approval(device)]
    yield f"“{app.name}”, note", app.note


def _notice_lines(notice: Notice, name: str) -> Lines:
    yield name, NOTICE_KINDS[notice.kind]
    yield f"{name}, text", notice.text
    yield f"{name}, shown", shown_when(notice.starts_at, notice.ends_at)


def shown_when(starts_at: datetime, ends_at: datetime | None) -> str:
    until = f"until {moment(ends_at)}" if ends_at else "until it is removed"
    return f"From {moment(starts_at)} {until}"


def _notices_lines(region: Region) -> Lines:
    # Several may have one title: the second is called so.
    seen: dict[str, int] = {}
    for notice in region.notices:
        seen[notice.title] = count = seen.get(notice.title, 0) + 1
        yield from _notice_lines(notice, f"“{notice.title}”{f' ({count})' if count > 1 else ''}")


def _legal_lines(region: Region) -> Lines:
    yield "Name of the region", region.name
    yield "Who answers for the data", region.legal.controller
    yield "Email for data protection", region.legal.data_protection_email
    yield "Email for accessibility", region.legal.accessibility_email
    yield "Privacy notice", region.legal.privacy
    yield "Accessibility statement", region.legal.accessibility


def _apps_lines(region: Region) -> Lines:
    for app in region.apps:
        yield from _app_lines(app)


_LINES: dict[RegionSection, Callable[[Region], Iterable[tuple[str, str]]]] = {
    RegionSection.SERVICE_DESK: lambda region: _contact_lines(region.service_desk),
    RegionSection.LOCAL_IT: lambda region: _contact_lines(region.local_it),
    RegionSection.ESCALATION: lambda region: _contact_lines(region.escalation),
    RegionSection.ADMINISTRATOR: lambda region: [("Helps with", region.administrator_helps_with)],
    RegionSection.APPS: _apps_lines,
    RegionSection.NOTICES: _notices_lines,
    RegionSection.SYSTEMS: lambda region: [(it.host, it.name) for it in region.pharmacy_systems],
    RegionSection.LEGAL: _legal_lines,
}


def _all_lines(region: Region) -> dict[str, str]:
    return {
        f"{section.heading}: {name}": text
        for section in RegionSection
        for name, text in section.lines(region).items()
    }


def differences(before: Region, after: Region) -> list[Difference]:
    """Return what another version changes, each under the section's title."""
    found = between(_all_lines(before), _all_lines(after))
    return found or [*_orders(before, after)]


def _orders(before: Region, after: Region) -> Iterator[Difference]:
    for section in RegionSection:
        old, new = (_names(section.values(region)) for region in (before, after))
        if old != new:
            yield Difference(f"{section.heading}: order", old, new)


def _names(values: Mapping[str, Any]) -> str:
    listed = [each for value in values.values() if isinstance(value, tuple) for each in value]
    return ", ".join(getattr(each, "title", "") or each.name for each in listed)
