"""Add an authenticator app: its secret, until the first code is accepted."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from accounts.factors import totp
from accounts.models.credentials import Authenticator
from accounts.models.people import User
from accounts.sign_in import own_account, qr_codes
from accounts.sign_in.forms import CodeForm
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside


@access.own_account(recently=True, if_gone=to_account)
@for_forms
def set_up(request: SignedInRequest) -> HttpResponse:
    session, form = request.signed_in, CodeForm(posted(request))
    refused = refusals_beside(form, "code")
    made = session.being_set_up()
    if form.is_valid():
        with refused:
            own_account.add_authenticator(session, form.cleaned_data["code"], request.actor)
            return to_account("added")
    template = "accounts/sign_in/set_up_authenticator.html"
    return set_up_page(
        request, template, form, made, session.user, is_refused=refused.field == "code"
    )


def set_up_page(
    request: HttpRequest,
    template: str,
    form: Form,
    authenticator: Authenticator,
    person: User,
    **context: Any,
) -> HttpResponse:
    secret = authenticator.secret
    uri = totp.provisioning_uri(secret, person.email)
    context |= {
        "person": person,
        "label": totp.ISSUER,
        "secret_groups": [secret[start : start + 4] for start in range(0, len(secret), 4)],
        # The image is made of squares and contains no text.
        "qr_code": mark_safe(qr_codes.qr_svg(uri)),  # noqa: S308
    }
    return form_page(request, template, form, **context)
