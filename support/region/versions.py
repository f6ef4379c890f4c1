"""The versions of the regional content: each change is another row, and names who made it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from msgspec import structs

from accounts import audit
from accounts.actor import Actor
from accounts.errors import Gone
from accounts.models.audit import LONGEST_AUDIT_REASON, Event, Remark
from accounts.models.people import User
from support.models.regional_content import RegionalContent
from support.region import content, current
from support.region.content import NOTHING, Region
from support.region.sections import RegionSection

LOOKED_AT = 10  # versions at a time, for who has changed something: there may be many
LOCK = 7_261_503_116  # of who saves a version: any number that nothing else here uses


class RegionChanged(Exception):
    """Another operator has saved a version since this one was read."""

    def __init__(self, row: RegionalContent) -> None:
        super().__init__("The regional content was changed.")
        self.row = row  # theirs


def newest() -> RegionalContent | None:
    return RegionalContent.objects.select_related("saved_by").order_by("-pk").first()


def number_of(row: RegionalContent | None) -> int:
    return row.pk if row else 0


def region_of(row: RegionalContent | None) -> Region:
    return content.from_json(row.content) if row else NOTHING


def version(number: int) -> RegionalContent:
    """Raises Gone."""
    row = RegionalContent.objects.select_related("saved_by").filter(pk=number).first()
    if row is None:
        raise Gone
    return row


def before(row: RegionalContent) -> Region:
    """Return what counted before a version was saved."""
    return region_of(RegionalContent.objects.filter(pk__lt=row.pk).order_by("-pk").first())


def change(section: RegionSection, wanted: Region, base: int, actor: Actor) -> bool:
    """Save a section as it is in ``wanted``; say whether that changes anything.

    Args:
        base: the version that the operator has read.

    Raises:
        RegionChanged: the section has been changed since.
    """
    with _alone():
        check_unchanged(section, base)
        now = region_of(newest())
        region = structs.replace(now, **section.values(wanted))
        if region == now:
            return False
        _save(region, section.heading, actor, by=actor.user)
    return True


def check_unchanged(section: RegionSection, base: int) -> None:
    """Raises RegionChanged with the version since ``base`` that has made the section what it is."""
    rows = RegionalContent.objects.select_related("saved_by").order_by("-pk")
    was = section.values(region_of(rows.filter(pk=base).first()))
    changed = rows.first()
    now = section.values(region_of(changed))
    if changed is None or now == was:
        return
    for row in rows.filter(pk__gt=base).iterator(chunk_size=LOOKED_AT):
        if section.values(region_of(row)) != now:
            break
        changed = row
    raise RegionChanged(changed)


def load(region: Region, by: User | None, actor: Actor) -> RegionalContent:
    """Save what a file says, whatever was there."""
    with _alone():
        return _save(region, "All of it, from a file", actor, by=by)


def restore(number: int, base: int, actor: Actor) -> None:
    """Save an earlier version as a new one.

    Raises:
        Gone: there is no such version.
        RegionChanged: ``base``, which the operator has read, is not the newest any more.
    """
    row = version(number)
    with _alone():
        last = newest()
        if last and last.pk != base:
            raise RegionChanged(last)
        _save(region_of(row), f"Back to version {row.pk}", actor, by=actor.user)


@contextmanager
def _alone() -> Iterator[None]:
    """Let nobody else save a version meanwhile; rows cannot be locked that nobody may change."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [LOCK])
        yield


def _save(region: Region, summary: str, actor: Actor, *, by: User | None) -> RegionalContent:
    row = RegionalContent.objects.create(
        content=content.to_json(region), saved_at=actor.now, saved_by=by, summary=summary
    )
    reason = f"version {row.pk}: {summary}"[:LONGEST_AUDIT_REASON]
    audit.note(Event.REGION_CHANGED, actor, reason=Remark(reason), by=by)
    transaction.on_commit(current.read_again)
    return row
