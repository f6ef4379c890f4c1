"""How clinical content becomes live: one operator loads a pack, another one confirms it."""

import hashlib
from datetime import date
from pathlib import Path

from django.db import models, transaction

from accounts import audit
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.audit import Event, Remark
from accounts.models.people import Membership, User, fold_user_name
from accounts.roles import Role
from accounts.wording import written_date
from referrals.clinical import packs, reading
from referrals.clinical.differences import Difference, differences
from referrals.clinical.packs import Pack
from referrals.models.content_packs import ContentPack

# Ships with PharmRefer, and is not clinically signed off.
FIRST_PACK = Path(reading.__file__).parent / "content" / "2026.1"


def operator(email: str, *, today: date) -> Membership | None:
    """Return the membership of an operator who may log in, if there is such a user."""
    return _operators(today).filter(user__email=fold_user_name(email)).first()


def _operators(today: date) -> "models.QuerySet[Membership]":
    live = Membership.objects.live(today).filter(user__is_active=True, role=Role.OPERATOR)
    return live.select_related("user")


def load(pack: Pack, by: User, actor: Actor) -> ContentPack:
    """Store a pack, which waits until another operator makes it live.

    Raises:
        Denied: its version has other content already, it has ended, or it would not be in force.
    """
    content = packs.to_json(pack)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    _check_has_not_ended(pack.ends_on, today=actor.today)
    with transaction.atomic():
        row, is_new = ContentPack.objects.get_or_create(
            version=pack.version,
            defaults={
                "content": content,
                "sha256": sha256,
                "starts_on": pack.starts_on,
                "ends_on": pack.ends_on,
                "loaded_by": by,
                "loaded_at": actor.now,
            },
        )
        if row.sha256 != sha256:
            raise Denied(
                f"Version {pack.version} was loaded before with other content. Give this one "
                "another version"
            )
        if is_new:
            _check_would_be_in_force(pack, today=actor.today)
            audit.note(Event.CONTENT_LOADED, actor, reason=Remark(pack.version), by=by)
    return row


def check_can_confirm(row: ContentPack, actor: Actor) -> None:
    if row.loaded_by_id == actor.member.user_id:
        raise Denied("You loaded it. Another operator has to make it live")
    _check_has_not_ended(row.ends_on, today=actor.today)
    _check_would_be_in_force(row, today=actor.today)


def later(row: ContentPack, *, today: date) -> list[ContentPack]:
    """Return what is live already and replaces it on some of its days, the first one first."""
    live = ContentPack.objects.exclude(confirmed_at=None).defer("content")
    after = live.filter(starts_on__gt=max(row.starts_on, today), starts_on__lte=row.ends_on)
    return list(after.order_by("starts_on", "confirmed_at"))


def _check_would_be_in_force(new: ContentPack | Pack, *, today: date) -> None:
    # A live pack with a later first day would stay in force, and nobody would notice.
    live = ContentPack.objects.live(max(new.starts_on, today)).first()
    if live and live.starts_on > new.starts_on:
        raise Denied(
            f"Version {live.version} is live from {written_date(live.starts_on)} and would stay in "
            "force. Give this one that day or a later one as its first, and another version"
        )


def _check_has_not_ended(ends_on: date, *, today: date) -> None:
    if ends_on < today:
        raise Denied(f"Its last day was {written_date(ends_on)}")


def confirm(number: int, actor: Actor) -> ContentPack:
    """Make a pack that waits live, from its first day on.

    Raises:
        Denied: not by them, or not any more.
        Gone: it does not wait any more, or they are no operator any more.
    """
    with transaction.atomic():
        row = _locked(number, actor)
        check_can_confirm(row, actor)
        row.confirmed_by, row.confirmed_at = actor.member.user, actor.now
        row.save(update_fields=["confirmed_by", "confirmed_at"])
        audit.note(Event.CONTENT_CONFIRMED, actor, reason=Remark(row.version), by=actor.user)
    return row


def discard(number: int, actor: Actor) -> None:
    """Throw a pack that waits away; its version is free again. Raises Gone."""
    with transaction.atomic():
        row = _locked(number, actor)
        row.delete()
        audit.note(Event.CONTENT_DISCARDED, actor, reason=Remark(row.version), by=actor.user)


def waiting(number: int) -> ContentPack:
    row = ContentPack.objects.waiting().filter(pk=number).first()
    if row is None:
        raise Gone
    return row


def _locked(number: int, actor: Actor) -> ContentPack:
    if not _operators(actor.today).filter(pk=actor.member.pk).exists():
        raise Gone
    row = ContentPack.objects.waiting().select_for_update().filter(pk=number).first()
    if row is None:
        raise Gone
    return row


def changes(pack: Pack, *, today: date) -> list[Difference]:
    """Return what a pack changes against the one in force."""
    return differences(ContentPack.in_force(today), pack)
