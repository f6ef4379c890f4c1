"""Finding the referral of a page, among those that are visible to the user."""

from uuid import UUID

from django.http import Http404
from django.urls import reverse

from accounts.web.access import SignedInRequest
from referrals.models.referrals import Referral


def referral_address(referral_id: UUID, *, flash_code: str = "") -> str:
    address = reverse("referrals:referral", kwargs={"referral_id": referral_id})
    return f"{address}?because={flash_code}" if flash_code else address


def find(request: SignedInRequest, referral_id: UUID) -> Referral:
    """Raises Http404 also for another practice's referral, and for a colleague's draft."""
    referral = Referral.find(referral_id, person=request.signed_in.membership)
    if referral is None:
        raise Http404
    return referral
