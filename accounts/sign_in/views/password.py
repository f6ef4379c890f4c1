"""A password is chosen: the first one, and another one."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models.sessions import Step
from accounts.sign_in import activation as sign_in_activation
from accounts.sign_in import own_account
from accounts.sign_in.forms import NewPasswordForm, PasswordForm
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import PendingRequest, SignedInRequest
from accounts.web.pages import for_forms, form_page, posted


@access.during(Step.PASSWORD)
@for_forms
def choose_password(request: PendingRequest) -> HttpResponse:
    user = request.pending.user
    form = PasswordForm(user, posted(request))
    if form.is_valid():
        sign_in_activation.choose_password(
            request.pending, form.cleaned_data["password"], request.actor
        )
        return redirect("accounts:set-up")
    return form_page(request, "accounts/sign_in/password.html", form, person=user)


@access.own_account(recently=True, if_gone=to_account)
@for_forms
def change_password(request: SignedInRequest) -> HttpResponse:
    session = request.signed_in
    form = NewPasswordForm(session.user, posted(request))
    if form.is_valid():
        password = form.cleaned_data["password"]
        own_account.change_password(session, password, request.actor)
        return to_account("password")
    return form_page(request, "accounts/sign_in/change_password.html", form, person=session.user)
