"""Correct what stopped a referral: in a draft of its own, for what was stopped stays as it was."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from referrals import stops
from referrals.states import State
from referrals.views.find import find, referral_address


@access.needs(Permission.REFERRAL_SEND)
@require_POST
def again(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    stopped = find(request, referral_id)
    if stopped.state != State.STOPPED:
        return redirect(referral_address(referral_id))
    try:
        draft_id = stops.start_again(stopped, request.actor)
    except errors.Denied:  # the practice has closed, which the page says
        return redirect(referral_address(referral_id))
    return redirect("referrals:edit", referral_id=draft_id)
