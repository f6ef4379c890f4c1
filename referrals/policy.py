"""May this person do this to this referral, now? Raises a sentence fit for them."""

from accounts.models import Membership
from referrals.details import Details
from referrals.models import Pharmacy, Referral
from referrals.states import State


class DeniedError(Exception):
    """No; the message says why."""


class ColleaguesError(DeniedError):
    """No: it is a colleague's draft."""


def check_can_write(referral: Referral, by: Membership) -> None:
    """Only its author writes a draft, where it was begun; what was sent is not changed."""
    if (referral.author_id, referral.practice_id) != (by.user_id, by.practice_id):
        is_draft_here = referral.practice_id == by.practice_id and referral.state == State.DRAFT
        denied = ColleaguesError if is_draft_here else DeniedError
        raise denied("This referral is somebody else's.")
    if referral.state != State.DRAFT:
        raise DeniedError("This referral has been sent and cannot be changed.")


def check_can_send(
    referral: Referral, details: Details, pharmacy: Pharmacy | None, by: Membership
) -> None:
    """Only its author sends a draft, to a pharmacy that it can reach, with consent."""
    check_can_write(referral, by)
    if pharmacy is None:
        raise DeniedError("The pharmacy takes no referrals any more. Choose another pharmacy.")
    if details.consent != "yes":
        raise DeniedError("There is no consent to share the patient's details.")
