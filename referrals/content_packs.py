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
        Denied: its version has other content already, or it has ended.
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
            audit.note(Event.CONTENT_LOADED, actor, reason=Remark(pack.version), by=by)
    return row


def check_can_confirm(row: ContentPack, actor: Actor) -> None:
    if row.loaded_by_id == actor.member.user_id:
        raise Denied("You loaded it. Another operator has to make it live")
    _check_has_not_ended(row.ends_on, today=actor.today)


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
