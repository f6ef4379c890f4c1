"""Answers that stop a referral: recorded whatever is in the way, and corrected in a copy."""

import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.db import transaction

from accounts import errors
from accounts.actor import Actor
from accounts.text import dates
from referrals import drafts
from referrals.completeness import BIRTH, TEXTS, birth_boxes
from referrals.details import Details
from referrals.drafts import BaseVersion, DraftChangedError
from referrals.models.referrals import Referral, hash_of_nhs_number, hash_of_person
from referrals.nhs_numbers import is_valid
from referrals.same_patient import letters
from referrals.states import ReferralEvent, State

# What is no date stays as it was typed: no page says what is wrong with it.
_BIRTH = dates.Asked("", dict.fromkeys(dates.PARTS, ""), "15 3 1984", range(0))


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
    details, begun_as = _as_read(details), None
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


def _as_read(details: Details) -> Details:
    """Return details with what can be read as it is stored, and all else as it was typed."""
    read: dict[str, Any] = {}
    for name, rule in TEXTS.items():
        with suppress(ValueError):
            read[name] = rule.clean(getattr(details, name))
    if details.nhs_number and read.get("nhs_number") == "":
        read["other_number"] = details.nhs_number
    with suppress(dates.NotADateError):
        born = dates.read(birth_boxes(details), _BIRTH)
        read |= {BIRTH[part]: str(getattr(born, part)) for part in dates.PARTS}
    return replace(details, **read)


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
