"""Referrals that are still being written: saved at every pause, in several windows, and deleted.

A form says on what version it was written: what another one has saved since is never overwritten
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
from referrals.models.access_log import AccessAction, AccessLogEntry
from referrals.models.referrals import Referral, new_reference
from referrals.states import State


class BaseVersion(NamedTuple):
    """On what version a form was written, and which of that form's saves this is.

    What a form saved itself never stands in its way, for it may not have heard the answer.
    """

    version: int  # 0 where nothing had been saved yet
    form_id: uuid.UUID
    sequence: int = 0


class DraftChangedError(Exception):
    """Another form has saved something else, or deleted it, since the version of this one."""

    def __init__(self, now: Referral | None) -> None:
        """Take the draft as it is now, if it still exists."""
        super().__init__("The draft was changed.")
        self.version = now.version if now else 0
        self.at = now.saved_at if now else None


def save(  # noqa: PLR0913  each by its name
    referral_id: uuid.UUID,
    details: Details,
    *,
    base: BaseVersion | None = None,
    is_complete: bool = True,
    even_if_closed: bool = False,
    begun_as: uuid.UUID | None = None,
    actor: Actor,
) -> Referral:
    """Write a draft, making it if there is none; of nothing none is made, and version 0 returned.

    Args:
        base: on what version it was written; None overwrites whatever there is.
        is_complete: whether the form has found nothing wrong with it.
        even_if_closed: for what came too late to be asked about, and for emergencies.
        begun_as: which other one it was before, where it is made here.

    Raises:
        ClosedError: there is none yet, and none is begun any more at a practice that has closed.
        Denied: it is another user's, or has been sent or stopped.
        DraftChangedError: it is not what it was written on.
    """
    assert actor.member.practice_id  # noqa: S101  who may send is in one
    made = Referral(
        pk=referral_id,
        practice_id=actor.member.practice_id,
        author_id=actor.member.user_id,
        created_at=actor.now,
        begun_as=begun_as,
    )
    _write(made, details, base=base, is_complete=is_complete, now=actor.now)
    with transaction.atomic():
        found = _locked(referral_id)
        referral = found or _begin(made, base=base, even_if_closed=even_if_closed, actor=actor)
        if not referral.version:
            return referral
        policy.check_can_write(referral, actor.member)
        if base and _is_late(referral, base):
            return referral
        if is_changed := referral.details != details:
            _write_again(referral, details, base=base, is_complete=is_complete, now=actor.now)
        elif is_complete and not referral.is_complete:
            referral.is_complete = True
            referral.save(update_fields=["is_complete"])
        if is_changed or not found:
            AccessLogEntry.note(referral, AccessAction.CHANGED, actor)
    return referral


def _begin(
    made: Referral, *, base: BaseVersion | None, even_if_closed: bool, actor: Actor
) -> Referral:
    """Store a new draft, unless nothing is written in it, and return it locked."""
    if base and base.version:
        raise DraftChangedError(None)
    if made.details == Details():
        made.version = 0
        return made
    if not even_if_closed:
        policy.check_can_begin(actor.member.own_practice, today=timezone.localdate(actor.now))
    return _make(made)


WRITTEN = ("sealed_details", "is_complete", "saved_at", "saved_form_id", "saved_sequence")


def _write(
    referral: Referral,
    details: Details,
    *,
    base: BaseVersion | None,
    is_complete: bool,
    now: datetime,
) -> None:
    referral.write(details)
    referral.is_complete, referral.saved_at = is_complete, now
    referral.saved_form_id = base.form_id if base else None
    referral.saved_sequence = base.sequence if base else 0


def _write_again(
    referral: Referral,
    details: Details,
    *,
    base: BaseVersion | None,
    is_complete: bool,
    now: datetime,
) -> None:
    if base and _is_anothers(referral, base):
        raise DraftChangedError(referral)
    _write(referral, details, base=base, is_complete=is_complete, now=now)
    referral.version += 1
    referral.save(update_fields=[*WRITTEN, "version"])


def _is_late(referral: Referral, base: BaseVersion) -> bool:
    """Say whether the same form has already saved what it sent after this."""
    return referral.saved_form_id == base.form_id and base.sequence < referral.saved_sequence


def _is_anothers(referral: Referral, base: BaseVersion) -> bool:
    """Say whether a draft holds what another form has saved, and its writer has not seen."""
    return referral.saved_form_id != base.form_id and referral.version != base.version


def _locked(referral_id: uuid.UUID) -> Referral | None:
    return Referral.objects.select_for_update(no_key=True).filter(pk=referral_id).first()


def _make(made: Referral) -> Referral:
    """Store a new draft and return it locked: two windows may make the same one at one moment."""
    while True:
        Referral.objects.bulk_create([made], ignore_conflicts=True)
        if referral := _locked(made.pk):
            return referral
        made.reference = new_reference()  # another referral has that one


def stash(
    referral_id: uuid.UUID, details: Details, *, base: BaseVersion, actor: Actor
) -> uuid.UUID:
    """Save what came too late to be asked about; return the id of the draft that has it.

    Where another window has saved something else meanwhile, or the draft was handed to a
    colleague, both stay: this becomes a draft of its own, always the same one for the same page.

    Args:
        actor: whose page it is: that it is about this draft shows that it was theirs.

    Raises:
        Denied: it is another practice's, or has been sent.
    """
    try:
        save(referral_id, details, base=base, is_complete=False, even_if_closed=True, actor=actor)
    except (DraftChangedError, policy.ColleaguesError):
        copy_id = uuid.uuid5(base.form_id, str(referral_id))
        return stash(copy_id, details, base=base._replace(version=0), actor=actor)
    return referral_id


def discard(referral: Referral, *, by: Membership) -> None:
    """Delete a draft; one that is gone already is fine.

    Raises:
        Denied: it is another user's, or has been sent.
    """
    with transaction.atomic():
        if found := _locked(referral.pk):
            policy.check_can_write(found, by)
            found.delete()


def who_may_have_them(member: Membership, *, now: datetime) -> MembershipQuerySet:
    """Return to whom a member's drafts can be handed: colleagues who may send referrals."""
    roles = [role for role in Role if may(role, Permission.REFERRAL_SEND)]
    live = Membership.objects.live(timezone.localdate(now)).select_related("user")
    there = live.filter(practice=member.practice_id, role__in=roles, user__is_active=True)
    return there.exclude(pk=member.pk).order_by("user__family_name", "user__given_name", "pk")


def hand_over(number: int, to: int, actor: Actor) -> int:
    """Give a colleague all drafts that a member has at a practice; return how many there were.

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
            saved_form_id=None,
            saved_sequence=0,
        )
        if count:
            AccessLogEntry.objects.bulk_create(
                AccessLogEntry.given(each, colleague, actor) for each in drafts
            )
            event, reason = Event.DRAFTS_HANDED_OVER, Remark(f"{count} to {colleague.user_id}")
            by = actor.member.user
            audit.note(event, actor, reason=reason, person=member.user, by=by)
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
