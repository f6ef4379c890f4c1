"""A forgotten password: ask for a link by e-mail, and choose another password with it."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models.audit import AuditReason
from accounts.sign_in import log_in, password_reset
from accounts.sign_in.forms import ForgottenForm
from accounts.web import access, cookies
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.refusals import refusals_beside


@access.everyone
@for_forms
def forgotten(request: VisitorRequest) -> HttpResponse:
    form = ForgottenForm(posted(request))
    if form.is_valid():
        with refusals_beside(form, "user_name"):
            password_reset.forget_password(form.cleaned_data["user_name"], request.actor)
            return redirect("accounts:forgotten-sent")
    return form_page(request, "accounts/sign_in/forgotten.html", form)


def to_log_in(request: VisitorRequest) -> HttpResponse:
    """Redirect to the log-in page, and end any session or log-in of this browser."""
    if session := request.signed_in or request.locked:
        log_in.end(session, reason=AuditReason.LOGGED_OUT, actor=request.actor)
    response = redirect(access.address_of("accounts:log-in", because="new-password"))
    cookies.forget_session(response)
    cookies.forget_pending(response)
    return response
