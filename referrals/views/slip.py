"""A sheet for the patient: where to go with a referral, and by when; nothing of what it is for."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from referrals import advice
from referrals.fhir import answers
from referrals.states import State
from referrals.views.find import find
from referrals.views.referral import latest_message

HAS_SLIP = {State.SENDING, State.DELIVERED}


@access.needs(Permission.REFERRAL_OPEN)
@require_safe
def slip(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    found, now = find(request, referral_id), timezone.now()
    message = latest_message(found) if found.state in HAS_SLIP else None
    made = (
        message
        and found.state in HAS_SLIP
        and advice.slip(
            found,
            has_arrived=found.state == State.DELIVERED,
            pharmacy_reference=answers.receipt(message.receipt).reference,
            now=now,
        )
    )
    if not made:  # a draft, one that failed, one that is too old: its own page says which
        return redirect("referrals:referral", referral_id=referral_id)
    return render(request, "referrals/slip.html", {"referral": found, "slip": made})
