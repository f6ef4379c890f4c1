"""The second step of logging in: a code."""

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts import errors
from accounts.models.people import User
from accounts.models.sessions import Step
from accounts.sign_in import log_in, webauthn
from accounts.sign_in.forms import CodeForm
from accounts.sign_in.views.log_in import let_in
from accounts.web import access
from accounts.web.access import PendingRequest
from accounts.web.pages import for_forms, form_page, posted, refusal


@access.during(Step.CODE)
@for_forms
def code(request: PendingRequest) -> HttpResponse:
    form, is_refused = CodeForm(posted(request)), False
    if form.is_valid():
        try:
            key = log_in.sign_in(request.pending, form.proof, request.actor)
        except errors.Denied as error:
            form.add_error("code", refusal(error))
            is_refused = True
        except errors.Gone:
            return redirect(access.log_in_address(because="again"))
        else:
            return let_in(request, key)
    return code_page(request, form, form, is_refused=is_refused)


def offers_passkey(person: User) -> bool:
    return webauthn.are_possible() and person.passkeys.usable().exists()


def code_page(
    request: PendingRequest, form: Form, code_form: CodeForm, *, is_refused: bool = False
) -> HttpResponse:
    person = request.pending.user
    return form_page(
        request,
        "accounts/sign_in/code.html",
        form,
        code_form=code_form,
        has_passkey=offers_passkey(person),
        person=person,
        is_refused=is_refused,
    )
