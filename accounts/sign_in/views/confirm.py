"""Before how somebody logs in is changed: their password, and a fresh code or a passkey."""

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import errors
from accounts.roles import Permission
from accounts.sign_in import log_in
from accounts.sign_in.forms import ConfirmForm
from accounts.sign_in.views.code import offers_passkey
from accounts.web import access, cookies
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.refusals import refusals_beside


@access.needs(Permission.ACCOUNT_OPEN)
@for_forms
def confirm(request: SignedInRequest) -> HttpResponse:
    session, now = request.signed_in, timezone.now()
    if request.method != "POST" and session.is_confirmed(now):
        return redirect(wanted(request) or "accounts:account")
    form = ConfirmForm(posted(request))
    refused = refusals_beside(form, "password")
    if form.is_valid():
        password = form.cleaned_data["password"]
        try:
            with refused:
                return let_on(request, log_in.confirm(session, password, form.proof, request.actor))
        except errors.Gone:
            return redirect(wanted(request) or "accounts:account")
    return confirm_page(request, form, form, is_refused=refused.field == "code")


def wanted(request: SignedInRequest) -> str:
    asked = request.POST if request.method == "POST" else request.GET
    return access.own_path(asked.get("next", ""))


def confirm_page(
    request: SignedInRequest, form: Form, code_form: ConfirmForm, *, is_refused: bool = False
) -> HttpResponse:
    person = request.signed_in.user
    return form_page(
        request,
        "accounts/sign_in/confirm.html",
        form,
        code_form=code_form,
        has_passkey=offers_passkey(person, form),
        person=person,
        next_path=wanted(request),
        is_refused=is_refused,
    )


def let_on(request: SignedInRequest, key: str) -> HttpResponse:
    cookies.rotate_csrf_token(request)
    return cookies.hold_session(redirect(wanted(request) or "accounts:account"), key)
