"""A forgotten password: ask for a link by e-mail, and choose another password with it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import errors
from accounts.models.credentials import PasswordLink
from accounts.sign_in import log_in, password_reset
from accounts.sign_in.forms import ForgottenForm, PasswordForm
from accounts.sign_in.views.log_in import OUT
from accounts.web import access, cookies
from accounts.web.access import VisitorRequest
from accounts.web.pages import (
    for_forms,
    form_page,
    key_in_link,
    link_gone,
    opened_by_link,
    posted,
    refusal,
)


@access.everyone
@for_forms
def forgotten(request: VisitorRequest) -> HttpResponse:
    """Ask for the user name."""
    form = ForgottenForm(posted(request))
    if form.is_valid():
        try:
            password_reset.forget_password(form.cleaned_data["user_name"], request.actor)
        except errors.DeniedError as error:
            form.add_error("user_name", refusal(error))
        else:
            return redirect("accounts:forgotten-sent")
    return form_page(request, "accounts/sign_in/forgotten.html", form)


@access.everyone
@require_safe
def sent(request: VisitorRequest) -> HttpResponse:
    """Say the same whether or not anybody has the user name."""
    return render(request, "accounts/sign_in/forgotten_sent.html")


@access.everyone
@opened_by_link
@for_forms
def new(request: VisitorRequest) -> HttpResponse:
    """Let the person choose another password; opening the page spends nothing."""
    link = PasswordLink.with_key(key_in_link(request), now=timezone.now())
    if link is None:
        return link_gone(request, "accounts/sign_in/password_link_gone.html")
    form = PasswordForm(link.user, posted(request))
    if form.is_valid():
        try:
            password_reset.reset_password(link, form.cleaned_data["password"], request.actor)
        except errors.GoneError:
            return link_gone(request, "accounts/sign_in/password_link_gone.html")
        return _to_log_in(request)
    return form_page(request, "accounts/sign_in/new_password.html", form, person=link.user)


def _to_log_in(request: VisitorRequest) -> HttpResponse:
    """Lead to the log-in page, whoever was logged in with this browser or on the way in."""
    if session := request.signed_in or request.locked:
        log_in.end(session, because=OUT, actor=request.actor)
    response = redirect(access.log_in_address(because="new-password"))
    cookies.forget_session(response)
    cookies.forget_pending(response)
    return response
