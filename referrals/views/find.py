"""Which referral a page is about: one that exists for whoever asks, else there is no such page."""

from uuid import UUID

from django.http import Http404
from django.urls import reverse

from accounts.web.access import SignedInRequest
from referrals.models.referrals import Referral


def referral_address(referral_id: UUID, *, flash_code: str = "") -> str:
    """Return the address of a referral's page, and what it should say on top."""
    address = reverse("referrals:referral", kwargs={"referral_id": referral_id})
    return f"{address}?because={flash_code}" if flash_code else address


def find(request: SignedInRequest, referral_id: UUID) -> Referral:
    """Return a referral that is visible to the person.

    Raises:
        Http404: there is none, or it is another practice's, or somebody else's draft.
    """
    referral = Referral.find(referral_id, person=request.signed_in.membership)
    if referral is None:
        raise Http404
    return referral
