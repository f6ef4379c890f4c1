"""The first log-in: an activation code, a password of one's own, and an authenticator app."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.sign_in import activation as sign_in_activation
from accounts.sign_in.forms import ExemptionForm, InvitationForm
from accounts.sign_in.views.log_in import way_round
from accounts.web import access, cookies
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside


@access.everyone
@for_forms
def activate(request: VisitorRequest) -> HttpResponse:
    form = InvitationForm(posted(request))
    context: dict[str, Any] = {}
    if form.is_valid():
        user_name, exemption = form.cleaned_data["user_name"], ExemptionForm(request.POST).given
        with refusals_beside(form, "activation_code"):
            key = sign_in_activation.accept_invitation(
                user_name,
                form.cleaned_data["activation_code"],
                exemption=exemption,
                actor=request.actor,
            )
            return cookies.hold_pending(redirect("accounts:password"), key)
        context = way_round(form, "activation_code", exemption, user_name)
    return form_page(request, "accounts/sign_in/activate.html", form, **context)
