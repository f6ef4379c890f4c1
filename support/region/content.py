"""What an operator says of a region: whom to ask for what, which apps are approved, notices. Pure.

Stored as JSON, a row a version (support/models/regional_content.py). What stands in none of it is
empty, and pages leave it out.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

LONGEST_LINE = 200  # characters
LONGEST_TEXT = 2000
LONGEST_NAME = 100
Line = Annotated[str, Meta(max_length=LONGEST_LINE)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]  # paragraphs, an empty line between them
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
MOST_APPS = 20
MOST_NOTICES = 20
MOST_SYSTEMS = 50


class AppDevice(StrEnum):
    """What an authenticator app is used on."""

    SUPPLIED_PHONE = "supplied_phone"
    SUPPLIED_DESKTOP = "supplied_desktop"
    OWN_DEVICE = "own_device"


class Approval(StrEnum):
    """Whether an app may be used on a device, and whether the local IT service helps with it."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"  # may be used, and nobody helps with it
    NOT_ALLOWED = "not_allowed"


class NoticeKind(StrEnum):
    PROBLEM = "problem"
    PLANNED_WORK = "planned_work"
    INFORMATION = "information"


class RegionPart(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whatever regional content consists of: a key that it does not know is a fault."""


class SupportContact(RegionPart, frozen=True, kw_only=True):
    """A desk or a role that people ask."""

    name: Line = ""
    phone: Line = ""  # as accounts.text.phones shows it; words may follow: "(option 2)"
    email: Line = ""
    website: Line = ""  # of its web portal, with https://
    hours: Line = ""
    helps_with: Line = ""

    @property
    def is_reachable(self) -> bool:
        return bool(self.phone or self.email or self.website)


class ApprovedApp(RegionPart, frozen=True, kw_only=True):
    """An authenticator app; where it says nothing of a device it is not allowed there."""

    name: Name
    on: dict[AppDevice, Approval] = {}
    note: Line = ""

    def approval(self, device: AppDevice) -> Approval:
        return self.on.get(device, Approval.NOT_ALLOWED)


class Notice(RegionPart, frozen=True, kw_only=True):
    kind: NoticeKind
    title: Name
    text: Text = ""
    starts_at: datetime  # with its time zone
    ends_at: datetime | None = None  # until it is taken away

    def is_shown(self, now: datetime) -> bool:
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


class PharmacySystem(RegionPart, frozen=True, kw_only=True):
    """What people call the system behind an endpoint of docs/routes.md."""

    host: Name
    name: Name


class LegalText(RegionPart, frozen=True, kw_only=True):
    """What the privacy notice and the accessibility statement say of the region."""

    controller: Line = ""  # who answers for the data, by name
    data_protection_email: Line = ""
    accessibility_email: Line = ""
    privacy: Text = ""
    accessibility: Text = ""


class Region(RegionPart, frozen=True, kw_only=True):
    name: Line = ""
    service_desk: SupportContact = SupportContact()  # of PharmRefer itself
    local_it: SupportContact = SupportContact()  # devices, authenticator apps, the connection
    escalation: SupportContact = SupportContact()  # where neither has helped: a role, by name
    administrator_helps_with: Line = ""  # what a practice's own administrator does for its people
    apps: Annotated[tuple[ApprovedApp, ...], Meta(max_length=MOST_APPS)] = ()
    notices: Annotated[tuple[Notice, ...], Meta(max_length=MOST_NOTICES)] = ()
    pharmacy_systems: Annotated[tuple[PharmacySystem, ...], Meta(max_length=MOST_SYSTEMS)] = ()
    legal: LegalText = LegalText()

    def notices_at(self, now: datetime) -> tuple[Notice, ...]:
        return tuple(notice for notice in self.notices if notice.is_shown(now))

    def apps_on(self, device: AppDevice) -> list[tuple[Approval, list[ApprovedApp]]]:
        """Return those that may be used on it, the supported ones first."""
        found = [
            (approval, [app for app in self.apps if app.approval(device) is approval])
            for approval in (Approval.SUPPORTED, Approval.UNSUPPORTED)
        ]
        return [(approval, apps) for approval, apps in found if apps]


NOTHING = Region()


def from_json(text: str) -> Region:
    """Read what is stored."""
    return msgspec.json.decode(text, type=Region)


def to_json(region: Region) -> str:
    return msgspec.json.encode(region).decode()
