"""The second step of logging in: a code."""

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import Form
from django.http import HttpResponse

from accounts.models.people import User
from accounts.models.sessions import Step
from accounts.sign_in import log_in, webauthn
from accounts.sign_in.forms import CodeForm
from accounts.sign_in.views.log_in import let_in
from accounts.web import access
from accounts.web.access import PendingRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.refusals import refusals_beside


@access.during(Step.CODE)
@for_forms
def code(request: PendingRequest) -> HttpResponse:
    form = CodeForm(posted(request))
    refused = refusals_beside(form, "code")
    if form.is_valid():
        with refused:
            return let_in(request, log_in.sign_in(request.pending, form.proof, request.actor))
    return code_page(request, form, form, is_refused=refused.field == "code")


def offers_passkey(person: User, form: Form) -> bool:
    """Say whether the user can use a passkey in place of a code.

    What is said of a passkey goes to the top where no button is left that it could stand beside.
    """
    is_offered = webauthn.are_possible() and person.passkeys.usable().exists()
    if not is_offered and "answer" in form.errors:
        form.errors[NON_FIELD_ERRORS] = form.errors.pop("answer")
    return is_offered


def code_page(
    request: PendingRequest, form: Form, code_form: CodeForm, *, is_refused: bool = False
) -> HttpResponse:
    person = request.pending.user
    return form_page(
        request,
        "accounts/sign_in/code.html",
        form,
        code_form=code_form,
        has_passkey=offers_passkey(person, form),
        person=person,
        is_refused=is_refused,
    )
