"""May this person do this to this referral, now? Raises a sentence fit for them."""

from collections.abc import Sized
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from accounts.errors import Denied
from accounts.models.people import Membership, Practice
from referrals.clinical.decision import TriageDecision
from referrals.clinical.packs import Pack
from referrals.completeness import NOT_OFFERED, decided, is_up_to_date, problems
from referrals.details import Details
from referrals.models.content_packs import ContentPack
from referrals.models.pharmacies import Pharmacy, UsualPharmacy
from referrals.models.referrals import Referral
from referrals.states import State


class ClosedError(Denied):
    """The practice has closed, or become part of another one."""


class ColleaguesError(Denied):
    """No: it is a colleague's draft."""


def why_closed(practice: Practice) -> str:
    """Return why a closed practice sends nothing new, and where that is done instead."""
    return (
        f"{practice.closed_in_words}. You can still see its referrals. New ones are sent from the "
        "practice that you work at now."
    )


def check_can_begin(practice: Practice, *, today: date) -> None:
    """From the day on which a practice closes nothing new begins there."""
    if practice.is_closed(today=today):
        raise ClosedError(why_closed(practice))


def check_can_write(referral: Referral, by: Membership) -> None:
    """Only its author writes a draft, where it was begun; what was sent or stopped stays."""
    if (referral.author_id, referral.practice_id) != (by.user_id, by.practice_id):
        is_draft_here = referral.practice_id == by.practice_id and referral.state == State.DRAFT
        denied = ColleaguesError if is_draft_here else Denied
        raise denied("This referral belongs to someone else.")
    if referral.state != State.DRAFT:
        done = "stopped by its answers" if referral.state == State.STOPPED else "sent"
        raise Denied(f"This referral has been {done} and cannot be changed.")


def decision_of(referral: Referral) -> TriageDecision | None:
    """Return what became of it by its answers, which a pack asked for; None where none did."""
    details = referral.details
    pack = ContentPack.of_version(details.content_pack) if details.content_pack else None
    if pack is None:
        return None
    day = timezone.localdate(referral.sent_at or referral.saved_at)
    return decided(details, today=day, pack=pack, pharmacy=referral.pharmacy)


class Circumstances(NamedTuple):
    """By what it is judged on a day whether a referral can be sent."""

    pharmacy: Pharmacy | None  # the one that it names, if that takes referrals now
    pack: Pack | None  # the one in force
    today: date


def check_can_send(
    referral: Referral, details: Details, by: Membership, now: Circumstances
) -> TriageDecision:
    """Only its author sends a draft that is complete, from an open practice, with consent.

    Returns what it goes as.
    """
    check_can_write(referral, by)
    check_can_begin(referral.practice, today=now.today)
    if now.pharmacy is None:
        raise Denied(f"{NOT_OFFERED}.")
    if details.consent != "yes":
        raise Denied("The patient has not agreed to share their details.")
    pharmacy, pack, today = now
    if pack is None or problems(details, today=today, pack=pack, pharmacy=pharmacy):
        raise Denied("This referral is not complete. Go back to it, and press Continue.")
    decision = decided(details, today=today, pack=pack, pharmacy=pharmacy)
    if decision.outcome.is_stop:
        raise Denied("The answers stop this referral. Go back to it, and press Continue.")
    if not is_up_to_date(details, pack, decision):
        raise Denied("The clinical questions have changed. Go back to it, and press Continue.")
    return decision


def check_can_hand_over(member: Membership, *, today: date) -> None:
    """Only a leaver's drafts go to a colleague: who works on finishes their own."""
    if member.is_live(today=today) and member.ends_on is None:
        raise Denied(
            f"{member.user.full_name} still works here. Their drafts can be handed over once they "
            "are turned off, or have a last day"
        )


def check_can_pick(pharmacy: Pharmacy | None, picked: Sized) -> None:
    """A practice picks a few pharmacies that a referral can reach."""
    if pharmacy is None:
        raise Denied("That pharmacy is not accepting referrals at the moment. Choose another one.")
    if len(picked) >= UsualPharmacy.MOST:
        raise Denied(
            f"You have {UsualPharmacy.MOST} usual pharmacies, and cannot have more. Remove one "
            "first."
        )


def check_can_note_full(pharmacy: Pharmacy | None) -> None:
    if pharmacy is None:
        raise Denied("That pharmacy takes no referrals anyway.")
