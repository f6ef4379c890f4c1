"""A passkey in place of a code: to log in, and to confirm."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models.sessions import Step
from accounts.sign_in.forms import CodeForm, ConfirmForm, ConfirmWithPasskeyForm, PasskeyForm
from accounts.sign_in.views.code import CODE_PAGE, second_factor_page
from accounts.sign_in.views.confirm import confirm_page, let_on
from accounts.sign_in.views.log_in import let_in
from accounts.web import access
from accounts.web.access import PendingRequest, SignedInRequest
from accounts.web.pages import for_forms, refusals_beside


@access.during(Step.CODE)
@for_forms
def log_in_with_passkey(request: PendingRequest) -> HttpResponse:
    if request.method != "POST":  # reloaded after a passkey was refused
        return redirect("accounts:code")
    form = PasskeyForm(request.POST)
    if form.is_valid():
        with refusals_beside(form, "answer"):
            return let_in(request, form)
    user = request.pending.user
    return second_factor_page(request, CODE_PAGE, user, form, CodeForm(), is_refused=False)


@access.own_account()
@for_forms
def confirm_with_passkey(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":  # reloaded after a passkey was refused
        return redirect(access.address_of("accounts:confirm", next=access.next_path(request)))
    form = ConfirmWithPasskeyForm(request.POST)
    if form.is_valid():
        with refusals_beside(form, "password"):
            return let_on(request, form)
    # A code that was typed stays, for a user who could not use their passkey.
    return confirm_page(request, form, ConfirmForm(initial={"code": request.POST.get("code", "")}))
