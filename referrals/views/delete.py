"""Delete a draft, once its author has confirmed."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import errors
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, sure_page
from referrals import drafts
from referrals.states import State
from referrals.views.find import find, referral_address


@access.needs(Permission.REFERRAL_SEND)
@for_forms
def delete(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    referral = find(request, referral_id)
    if referral.state != State.DRAFT:
        return redirect(referral_address(referral_id))
    if request.method == "POST":
        try:
            drafts.discard(referral, by=request.signed_in.membership)
        except errors.Denied:  # sent in another window, a moment ago
            return redirect(referral_address(referral_id))
        return flash.redirect_to("referrals:home", "deleted")
    patient = referral.details.patient_name
    return sure_page(request, "referrals/delete.html", referral=referral, patient=patient)
