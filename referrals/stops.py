"""Answers that stop a referral: recorded whatever is in the way, and corrected in a copy."""

import uuid
from contextlib import suppress

from django.db import transaction
from django.utils import timezone

from accounts import errors
from accounts.actor import Actor
from referrals import drafts
from referrals.completeness import as_read
from referrals.details import Details
from referrals.drafts import BaseVersion, DraftChangedError
from referrals.models.referrals import Referral, hash_of_nhs_number, hash_of_person
from referrals.nhs_numbers import is_valid
from referrals.same_patient import letters
from referrals.states import ReferralEvent, State


def record(
    referral_id: uuid.UUID,
    details: Details,
    *,
    base: BaseVersion,
    is_complete: bool,
    actor: Actor,
) -> uuid.UUID:
    """Record that answers stop a referral, and return the id of what is stopped.

    Nothing of it is sent, or written in any more. Where the draft itself cannot be written (it was
    changed in another window, deleted, handed over, sent, or stopped for other answers) they are
    recorded by themselves, once for each page and what was written on it. So they are at a practice
    that has closed.
    """
    today = timezone.localdate(actor.now)
    details, begun_as = as_read(details, today=today), None
    while True:  # until nothing else has that id
        if _stop(referral_id, details, base, begun_as, is_complete=is_complete, actor=actor):
            return referral_id
        there = Referral.objects.filter(pk=referral_id, practice=actor.member.practice_id).first()
        if there and there.state == State.STOPPED and there.details == details:
            return referral_id
        begun_as = begun_as or (there.first_id if there else referral_id)
        referral_id = uuid.uuid5(base.form_id, str(referral_id))
        base = base._replace(version=0)


def _stop(  # noqa: PLR0913  each by its name
    referral_id: uuid.UUID,
    details: Details,
    base: BaseVersion,
    begun_as: uuid.UUID | None,
    *,
    is_complete: bool,
    actor: Actor,
) -> bool:
    """Save and stop in one transaction: another window sends it before that, or not at all."""
    with suppress(errors.Denied, DraftChangedError), transaction.atomic():
        draft = drafts.save(
            referral_id,
            details,
            base=base,
            is_complete=is_complete,
            even_if_closed=True,
            begun_as=begun_as,
            actor=actor,
        )
        if draft.details == details:  # or this page has saved something else after it
            draft.apply(
                ReferralEvent.STOPPED,
                by=actor.member.user,
                at=actor.now,
                sent_by=actor.member.user,
                sent_at=actor.now,
                begun_as=draft.first_id,
                **_hashes(details),
            )
            return True
    return False


def _hashes(details: Details) -> dict[str, bytes | None]:
    """Return what the patient's referrals are found by, as far as it is known who that is."""
    number = details.nhs_number if is_valid(details.nhs_number) else ""
    hashes = {"nhs_number_hash": hash_of_nhs_number(number)}
    if letters(details.family_name):
        with suppress(ValueError):  # the date of birth is not complete
            hashes["person_hash"] = hash_of_person(details)
    return hashes


def start_again(stopped: Referral, actor: Actor) -> uuid.UUID:
    """Return the draft in which a member corrects what stopped a referral; that one stays.

    It is made once for each member.

    Raises:
        ClosedError: the practice has closed.
    """
    again = uuid.uuid5(stopped.pk, str(actor.member.user_id))
    if not Referral.objects.filter(pk=again).exists():
        drafts.save(
            again, stopped.details, is_complete=False, begun_as=stopped.first_id, actor=actor
        )
    return again
