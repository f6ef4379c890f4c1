"""What is new, for each role: the parts of CHANGELOG.md, read once per process."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from html import escape

from django.conf import settings
from django.utils.safestring import mark_safe

from accounts.actor import Actor
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.roles import Role


class ReleasePart(StrEnum):
    """Who notices a change: its heading in CHANGELOG.md."""

    PRACTICES = "For practices"
    SERVICE_DESK = "For the service desk"
    OPERATORS = "For operators"


PART_OF = {
    Role.STAFF: ReleasePart.PRACTICES,
    Role.PRACTICE_ADMINISTRATOR: ReleasePart.PRACTICES,
    Role.SERVICE_DESK: ReleasePart.SERVICE_DESK,
    Role.OPERATOR: ReleasePart.OPERATORS,
}
UNRELEASED = "Unreleased"
# The repository's files are not pages of ours: of a link to one, its words are left.
_MARKS = (
    (r"\[([^\]]+)\]\([^)]*\)", r"\1"),
    (r"`([^`]+)`", r"<code>\1</code>"),
    (r"\*{1,2}([^*]+)\*{1,2}", r"<strong>\1</strong>"),
)


@dataclass(frozen=True)
class Release:
    version: str
    released_on: str  # as written in its heading, behind a comma
    parts: dict[ReleasePart, list[str]]  # of HTML

    @property
    def heading(self) -> str:
        if self.version == UNRELEASED:
            return "Latest changes"
        return ", ".join(part for part in (f"Version {self.version}", self.released_on) if part)


def _entry(text: str) -> str:
    shown = escape(" ".join(text.split()))
    for pattern, replacement in _MARKS:
        shown = re.sub(pattern, replacement, shown)
    return mark_safe(shown)  # noqa: S308  escaped above


def _entries(text: str) -> list[str]:
    before, *entries = re.split(r"(?m)^- ", text)
    if before.strip():
        raise ValueError(f"no entry of a list: {before.strip()}")
    return [_entry(entry) for entry in entries]


def releases_in(changelog: str) -> list[Release]:
    """Return what each version brings, the newest first.

    Raises:
        ValueError: something stands under no version, or under no heading of a part.
    """
    made = []
    for section in re.split(r"(?m)^## ", changelog)[1:]:
        title, *parts = re.split(r"(?m)^### ", section)
        version, _, rest = title.partition("\n")
        if rest.strip():
            raise ValueError(f"{version}: it is not said who notices: {rest.strip()}")
        number, _, released_on = version.partition(", ")
        read = (part.partition("\n") for part in parts)
        entries = {ReleasePart(name.strip()): _entries(text) for name, _, text in read}
        made.append(Release(number.strip(), released_on.strip(), entries))
    return made


@cache
def releases() -> list[Release]:
    return releases_in((settings.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))


def has_notes_since(every: list[Release], seen: str, part: ReleasePart) -> bool:
    """Say whether anything of the part came after a version."""
    for release in every:
        if release.version == seen:
            return False
        if release.parts.get(part):
            return True
    return False


def has_release_notes(session: Session) -> bool:
    """Say whether something is new for a user that they have not seen; asks no database."""
    seen = session.user.seen_version
    return seen != settings.VERSION and has_notes_since(releases(), seen, PART_OF[session.role])


def mark_seen(actor: Actor) -> None:
    if actor.user and actor.user.seen_version != settings.VERSION:
        User.objects.filter(pk=actor.user.pk).update(seen_version=settings.VERSION)
