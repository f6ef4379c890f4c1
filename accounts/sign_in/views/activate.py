"""The first log-in: an activation code, a password of one's own, and an authenticator app."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import errors
from accounts.models.sessions import Step
from accounts.sign_in import activation as sign_in_activation
from accounts.sign_in import exemptions
from accounts.sign_in.forms import CodeForm, InvitationForm, PasswordForm, ProofForm
from accounts.sign_in.views.log_in import let_in, way_round
from accounts.web import access, cookies
from accounts.web.access import PendingRequest, VisitorRequest
from accounts.web.pages import (
    for_forms,
    form_page,
    key_in_link,
    link_gone,
    opened_by_link,
    posted,
    refusal,
    set_up_page,
)


@access.everyone
@for_forms
def activate(request: VisitorRequest) -> HttpResponse:
    """Ask for user name and activation code."""
    form, proof = InvitationForm(posted(request)), ProofForm(request.POST)
    context: dict[str, Any] = {}
    if form.is_valid():
        user_name = form.cleaned_data["user_name"]
        try:
            key = sign_in_activation.accept_invitation(
                user_name,
                form.cleaned_data["activation_code"],
                proof=exemptions.Proof(**proof.given),
                actor=request.actor,
            )
        except errors.DeniedError as error:
            form.add_error("activation_code", refusal(error))
            context = way_round(error, proof, user_name)
        else:
            response = redirect("accounts:password")
            cookies.hold_pending(response, key)
            return response
    return form_page(request, "accounts/sign_in/activate.html", form, **context)


@access.everyone
@opened_by_link
@for_forms
def link(request: VisitorRequest) -> HttpResponse:
    """Show whose account a link from an e-mail activates; only pressing Continue begins."""
    key, now = key_in_link(request), timezone.now()
    activation = sign_in_activation.activation_with_link(key, now=now)
    if request.method == "POST":
        try:
            pending_key = sign_in_activation.accept_link(key, request.actor)
        except errors.GoneError:
            activation = None
        else:
            response = redirect("accounts:password")
            cookies.hold_pending(response, pending_key)
            return response
    if activation is None:
        return link_gone(request, "accounts/sign_in/activation_link_gone.html")
    context = {"person": activation.user, "place": activation.user.home(today=timezone.localdate())}
    return render(request, "accounts/sign_in/activation_link.html", context)


@access.during(Step.PASSWORD)
@for_forms
def password(request: PendingRequest) -> HttpResponse:
    """Let the person choose a password that nobody else ever knows."""
    user = request.pending.user
    form = PasswordForm(user, posted(request))
    if form.is_valid():
        try:
            sign_in_activation.choose_password(
                request.pending, form.cleaned_data["password"], request.actor
            )
        except errors.GoneError:
            return redirect(access.log_in_address(because="again"))
        return redirect("accounts:set-up")
    return form_page(request, "accounts/sign_in/password.html", form, person=user)


@access.during(Step.SET_UP)
@for_forms
def set_up(request: PendingRequest) -> HttpResponse:
    """Show the secret, as barcode and text, and ask for the first code."""
    pending, form, is_refused = request.pending, CodeForm(posted(request)), False
    if pending.authenticator is None:  # another set-up has begun since, and replaced it
        return redirect(access.log_in_address(because="again"))
    if form.is_valid():
        try:
            key = sign_in_activation.confirm_authenticator(
                pending, form.cleaned_data["code"], request.actor
            )
        except errors.DeniedError as error:
            form.add_error("code", refusal(error))
            is_refused = True
        except errors.GoneError:
            return redirect(access.log_in_address(because="again"))
        else:
            return let_in(request, key)
    return set_up_page(
        request,
        "accounts/sign_in/set_up.html",
        form,
        pending.authenticator,
        pending.user,
        is_refused=is_refused,
        membership=pending.user.home(today=timezone.localdate()),
    )
