"""Referrals that are still being written: saved at every pause, in several windows, and deleted.

Whoever saves says on what they wrote: what another window has saved since is never overwritten
unknowingly.
"""

import uuid
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit, errors
from accounts.actor import Actor
from accounts.models.audit import Event, Remark
from accounts.models.people import Membership, MembershipQuerySet
from accounts.people.memberships import administering
from accounts.roles import Permission, Role, may
from referrals import notices, policy
from referrals.details import Details
from referrals.models.access_log import Deed, Look
from referrals.models.referrals import Referral, new_reference
from referrals.states import State


class Basis(NamedTuple):
    """On what somebody wrote: a version, and the page in which they did, counting what it saves.

    What a page saved itself never stands in its way, for it may not have heard the answer.
    """

    version: int  # 0 where nothing had been saved yet
    window: uuid.UUID
    turn: int = 0


class DraftChangedError(Exception):
    """Another window has saved something else, or deleted it, since what this one is based on."""

    def __init__(self, now: Referral | None) -> None:
        """Take the draft as it is now, if it still exists."""
        super().__init__("The draft was changed.")
        self.version = now.version if now else 0
        self.at = now.saved_at if now else None


def save(  # noqa: PLR0913  each by its name
    referral_id: uuid.UUID,
    details: Details,
    *,
    basis: Basis | None = None,
    is_complete: bool = True,
    is_late: bool = False,
    actor: Actor,
) -> Referral:
    """Write a draft, making it if there is none; of nothing none is made, and version 0 returned.

    Args:
        basis: on what it was written; None overwrites whatever there is.
        is_complete: whether the form has found nothing wrong with it.
        is_late: it came too late to be asked about: it is kept although the practice has closed.

    Raises:
        ClosedError: there is none yet, and none is begun any more at a practice that has closed.
        Denied: it is somebody else's, or has been sent.
        DraftChangedError: it is not what it was written on.
    """
    assert actor.member.practice_id  # noqa: S101  who may send is in one
    made = Referral(
        pk=referral_id,
        practice_id=actor.member.practice_id,
        author_id=actor.member.user_id,
        created_at=actor.now,
    )
    _write(made, details, basis=basis, is_complete=is_complete, now=actor.now)
    with transaction.atomic():
        found = _locked(referral_id)
        referral = found or _begin(made, basis=basis, is_late=is_late, actor=actor)
        if not referral.version:
            return referral
        policy.check_can_write(referral, actor.member)
        if basis and _is_late(referral, basis):
            return referral
        if is_changed := referral.details != details:
            if basis and _is_anothers(referral, basis):
                raise DraftChangedError(referral)
            _write(referral, details, basis=basis, is_complete=is_complete, now=actor.now)
            referral.version += 1
            referral.save(update_fields=[*WRITTEN, "version"])
        elif is_complete and not referral.is_whole:
            referral.is_whole = True
            referral.save(update_fields=["is_whole"])
        if is_changed or not found:
            Look.note(referral, Deed.CHANGED, actor)
    return referral


def _begin(made: Referral, *, basis: Basis | None, is_late: bool, actor: Actor) -> Referral:
    """Store a new draft, unless nothing is written in it, and return it locked."""
    if basis and basis.version:
        raise DraftChangedError(None)
    if made.details == Details():
        made.version = 0
        return made
    if not is_late:
        policy.check_can_begin(actor.member.own_practice, today=timezone.localdate(actor.now))
    return _make(made)


WRITTEN = ("sealed_details", "is_whole", "saved_at", "saved_window", "saved_turn")


def _write(
    referral: Referral, details: Details, *, basis: Basis | None, is_complete: bool, now: datetime
) -> None:
    referral.write(details)
    referral.is_whole, referral.saved_at = is_complete, now
    referral.saved_window = basis.window if basis else None
    referral.saved_turn = basis.turn if basis else 0


def _is_late(referral: Referral, basis: Basis) -> bool:
    """Say whether the same page has already saved what it sent after this."""
    return referral.saved_window == basis.window and basis.turn < referral.saved_turn


def _is_anothers(referral: Referral, basis: Basis) -> bool:
    """Say whether a draft holds what another page has saved, and its writer has not seen."""
    return referral.saved_window != basis.window and referral.version != basis.version


def _locked(referral_id: uuid.UUID) -> Referral | None:
    return Referral.objects.select_for_update(no_key=True).filter(pk=referral_id).first()


def _make(made: Referral) -> Referral:
    """Store a new draft and return it locked: two windows may make the same one at one moment."""
    while True:
        Referral.objects.bulk_create([made], ignore_conflicts=True)
        if referral := _locked(made.pk):
            return referral
        made.reference = new_reference()  # somebody else has that one


def keep(referral_id: uuid.UUID, details: Details, *, basis: Basis, actor: Actor) -> uuid.UUID:
    """Save what came too late to be asked about; return the id under which it is kept.

    Where another window has saved something else meanwhile, or the draft was handed to a
    colleague, both stay: this becomes a draft of its own, always the same one for the same page.

    Args:
        actor: whose page it is: that it is about this draft shows that it was theirs.

    Raises:
        Denied: it is another practice's, or has been sent.
    """
    try:
        save(referral_id, details, basis=basis, is_complete=False, is_late=True, actor=actor)
    except (DraftChangedError, policy.ColleaguesError):
        copy_id = uuid.uuid5(basis.window, str(referral_id))
        return keep(copy_id, details, basis=basis._replace(version=0), actor=actor)
    return referral_id


def discard(referral: Referral, *, by: Membership) -> None:
    """Delete a draft; one that is gone already is fine.

    Raises:
        Denied: it is somebody else's, or has been sent.
    """
    with transaction.atomic():
        if found := _locked(referral.pk):
            policy.check_can_write(found, by)
            found.delete()


def who_may_have_them(member: Membership, *, now: datetime) -> MembershipQuerySet:
    """Return to whom somebody's drafts can be handed: colleagues who may send referrals."""
    roles = [role for role in Role if may(role, Permission.REFERRAL_SEND)]
    live = Membership.objects.live(timezone.localdate(now)).select_related("user")
    there = live.filter(practice=member.practice_id, role__in=roles, user__is_active=True)
    return there.exclude(pk=member.pk).order_by("user__family_name", "user__given_name", "pk")


def hand_over(number: int, to: int, actor: Actor) -> int:
    """Give a colleague all drafts that somebody has at a practice; return how many there were.

    They are kept as if they had just been saved. No page that is open on one writes in it any
    more; what is being sent at this moment stays where it is.

    Args:
        number: whose they are, and ``to``: who gets them, as the practice knows them.

    Raises:
        Gone: it is nobody of that practice, or the actor is no administrator there any more.
        Denied: they go on working there, or who gets them may not send referrals.
    """
    with administering(number, actor) as member:
        policy.check_can_hand_over(member, today=timezone.localdate(actor.now))
        colleague = who_may_have_them(member, now=actor.now).filter(pk=to).first()
        if colleague is None:
            raise errors.Denied("They cannot send referrals at your practice. Choose another")
        drafts = list(Referral.objects.drafts_of(member).select_for_update(no_key=True))
        count = Referral.objects.filter(pk__in=[each.pk for each in drafts]).update(
            author=colleague.user,
            version=F("version") + 1,
            saved_at=actor.now,
            saved_window=None,
            saved_turn=0,
        )
        if count:
            Look.objects.bulk_create(Look.given(each, colleague, actor) for each in drafts)
            event, because = Event.DRAFTS_HANDED_OVER, Remark(f"{count} to {colleague.user_id}")
            by = actor.member.user
            audit.note(event, actor, because=because, person=member.user, by=by)
            _tell(member, colleague, count, actor)
    return count


def _tell(member: Membership, colleague: Membership, count: int, actor: Actor) -> None:
    by, now = actor.member.user, actor.now
    notices.drafts_received(colleague, count, member=member, by=by, now=now)
    notices.drafts_handed_over(member, count, colleague=colleague, by=by, now=now)


def forget_old(*, now: datetime) -> None:
    """Delete drafts that nobody has changed for long; one that is sent this moment stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM referrals_referral WHERE state = %s AND saved_at < %s",
            [State.DRAFT, now - settings.DRAFTS_KEPT],
        )
