"""Another password is chosen with a link; opening its page does not spend it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts import errors
from accounts.models.audit import AuditReason
from accounts.models.credentials import PasswordLink
from accounts.sign_in import log_in, password_reset
from accounts.sign_in.forms import PasswordForm
from accounts.web import access, cookies
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms, form_page, key_in_link, opened_by_link, posted


@access.everyone
@opened_by_link
@for_forms
def new_password(request: VisitorRequest) -> HttpResponse:
    link = PasswordLink.with_key(key_in_link(request), now=request.actor.now)
    if link is None:
        return render(request, "accounts/sign_in/password_link_gone.html")
    form = PasswordForm(link.user, posted(request))
    if form.is_valid():
        try:
            password_reset.reset_password(link, form.cleaned_data["password"], request.actor)
        except errors.Gone:
            return render(request, "accounts/sign_in/password_link_gone.html")
        if session := request.signed_in or request.locked:
            log_in.end(session, reason=AuditReason.LOGGED_OUT, actor=request.actor)
        response = redirect(access.address_of("accounts:log-in", because="new-password"))
        cookies.forget_session(response)
        cookies.forget_pending(response)
        return response
    return form_page(request, "accounts/sign_in/new_password.html", form, person=link.user)
