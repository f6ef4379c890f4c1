"""The second step of logging in: a code."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import Form
from django.http import HttpRequest, HttpResponse

from accounts.models.people import User
from accounts.models.sessions import Step
from accounts.sign_in import webauthn
from accounts.sign_in.forms import CodeForm
from accounts.sign_in.views.log_in import let_in
from accounts.web import access
from accounts.web.access import PendingRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside

CODE_PAGE = "accounts/sign_in/code.html"


@access.during(Step.CODE)
@for_forms
def code(request: PendingRequest) -> HttpResponse:
    form = CodeForm(posted(request))
    refused = refusals_beside(form, "code")
    if form.is_valid():
        with refused:
            return let_in(request, form)
    is_refused, user = refused.field == "code", request.pending.user
    return second_factor_page(request, CODE_PAGE, user, form, form, is_refused=is_refused)


def second_factor_page(
    request: HttpRequest, template: str, person: User, form: Form, code_form: Form, **context: Any
) -> HttpResponse:
    has_passkey = webauthn.are_possible() and person.passkeys.usable().exists()
    if not has_passkey and "answer" in form.errors:
        # Their only one was refused just now: no button is left beside which that could stand.
        form.errors[NON_FIELD_ERRORS] = form.errors.pop("answer")
    context |= {"code_form": code_form, "has_passkey": has_passkey, "person": person}
    return form_page(request, template, form, **context)
