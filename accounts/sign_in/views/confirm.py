"""Before how somebody logs in is changed: their password, and a fresh code or a passkey."""

from contextlib import suppress

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import errors
from accounts.sign_in import log_in
from accounts.sign_in.forms import ConfirmForm, ConfirmWithPasskeyForm
from accounts.sign_in.views.code import second_factor_page
from accounts.web import access, cookies
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, posted, refusals_beside

Form = ConfirmForm | ConfirmWithPasskeyForm


@access.own_account()
@for_forms
def confirm(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST" and request.signed_in.is_confirmed(request.actor.now):
        return redirect(access.next_path(request) or "accounts:account")
    form = ConfirmForm(posted(request))
    refused = refusals_beside(form, "password")
    if form.is_valid():
        with refused:
            return let_on(request, form)
    return confirm_page(request, form, form, is_refused=refused.field == "code")


def confirm_page(
    request: SignedInRequest, form: Form, code_form: Form, *, is_refused: bool = False
) -> HttpResponse:
    context = {"next_path": access.next_path(request), "is_refused": is_refused}
    template, person = "accounts/sign_in/confirm.html", request.signed_in.user
    return second_factor_page(request, template, person, form, code_form, **context)


def let_on(request: SignedInRequest, form: Form) -> HttpResponse:
    session, password = request.signed_in, form.cleaned_data["password"]
    response: HttpResponse = redirect(access.next_path(request) or "accounts:account")
    with suppress(errors.Gone):  # it has ended meanwhile: the next page says so
        key = log_in.confirm(session, password, form.proof, request.actor)
        cookies.rotate_csrf_token(request)
        cookies.hold_session(response, key)
    return response
