"""The page on which an authenticator app is set up, the first one and any other."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from accounts.factors import totp
from accounts.models.credentials import Authenticator
from accounts.models.people import User
from accounts.sign_in import qr_codes
from accounts.web.pages import form_page


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
