"""Begin a referral."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.errors import why_denied
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from referrals import policy
from referrals.models.referrals import Referral
from referrals.states import State
from referrals.views.find import referral_address


@access.needs(Permission.REFERRAL_SEND)
@require_safe
def new(request: SignedInRequest) -> HttpResponse:
    """It has an address of its own at once, so that it can be created only once."""
    if cannot_begin(request):
        return redirect("referrals:home")  # which says why
    return redirect("referrals:edit", referral_id=uuid.uuid4())


def leads_elsewhere(request: SignedInRequest, referral: Referral | None) -> str:
    """Where to go if there is nothing to write: it was sent, or the practice has closed."""
    is_sent = request.method == "POST"
    if referral is None:
        return "" if is_sent or not cannot_begin(request) else reverse("referrals:home")
    if referral.state == State.DRAFT:
        return ""
    return referral_address(referral.pk, flash_code="changed" if is_sent else "")


def cannot_begin(request: SignedInRequest) -> bool:
    practice = request.signed_in.membership.own_practice
    return bool(why_denied(policy.check_can_begin, practice, today=timezone.localdate()))
