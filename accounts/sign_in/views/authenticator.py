"""The first authenticator app is set up."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import errors
from accounts.models.sessions import Step
from accounts.sign_in import log_in
from accounts.sign_in.forms import CodeForm
from accounts.sign_in.views.log_in import let_in
from accounts.sign_in.views.set_up_page import set_up_page
from accounts.web import access
from accounts.web.access import PendingRequest
from accounts.web.pages import for_forms, posted, refusal


@access.during(Step.SET_UP)
@for_forms
def authenticator(request: PendingRequest) -> HttpResponse:
    pending, form, is_refused = request.pending, CodeForm(posted(request)), False
    if pending.authenticator is None:  # a set-up that began later has replaced it
        return redirect(access.log_in_address(because="again"))
    if form.is_valid():
        try:
            key = log_in.sign_in(pending, form.proof, request.actor)
        except errors.Denied as error:
            form.add_error("code", refusal(error))
            is_refused = True
        except errors.Gone:
            return redirect(access.log_in_address(because="again"))
        else:
            return let_in(request, key)
    return set_up_page(
        request,
        "accounts/sign_in/set_up.html",
        form,
        pending.authenticator,
        pending.user,
        is_refused=is_refused,
        membership=pending.user.home(today=timezone.localdate()),
    )
