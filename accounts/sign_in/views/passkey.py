"""A passkey in place of a code: to log in, and to confirm."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import errors
from accounts.models.sessions import Step
from accounts.roles import Permission
from accounts.sign_in import log_in
from accounts.sign_in.forms import CodeForm, ConfirmForm, ConfirmWithPasskeyForm, PasskeyForm
from accounts.sign_in.views.code import code_page
from accounts.sign_in.views.confirm import confirm_page, let_on, wanted
from accounts.sign_in.views.log_in import let_in
from accounts.web import access
from accounts.web.access import PendingRequest, SignedInRequest
from accounts.web.pages import for_forms
from accounts.web.refusals import refusals_beside


@access.during(Step.CODE)
@for_forms
def log_in_with_passkey(request: PendingRequest) -> HttpResponse:
    if request.method != "POST":  # reloaded after a passkey was refused
        return redirect("accounts:code")
    form = PasskeyForm(request.POST)
    if form.is_valid():
        with refusals_beside(form, "answer"):
            return let_in(request, log_in.sign_in(request.pending, form.proof, request.actor))
    return code_page(request, form, CodeForm())


@access.needs(Permission.ACCOUNT_OPEN)
@for_forms
def confirm_with_passkey(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":  # reloaded after a passkey was refused
        return redirect(access.confirm_address(wanted(request)))
    form = ConfirmWithPasskeyForm(request.POST)
    if form.is_valid():
        session, password = request.signed_in, form.cleaned_data["password"]
        try:
            with refusals_beside(form, "password"):
                return let_on(request, log_in.confirm(session, password, form.proof, request.actor))
        except errors.Gone:
            return redirect(wanted(request) or "accounts:account")
    # A code that was typed stays, for a user who could not use their passkey.
    return confirm_page(request, form, ConfirmForm(initial={"code": request.POST.get("code", "")}))
