"""The link in an e-mail shows whose account it activates; only pressing Continue starts it."""

from contextlib import suppress

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import errors
from accounts.models.credentials import Activation
from accounts.sign_in import activation as sign_in_activation
from accounts.web import access, cookies
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms, key_in_link, opened_by_link


@access.everyone
@opened_by_link
@for_forms
def link(request: VisitorRequest) -> HttpResponse:
    key, now = key_in_link(request), request.actor.now
    activation = Activation.objects.with_link(key, now=now)
    if request.method == "POST":
        with suppress(errors.Gone):
            pending_key = sign_in_activation.accept_link(key, request.actor)
            return cookies.hold_pending(redirect("accounts:password"), pending_key)
        activation = None
    if activation is None:
        return render(request, "accounts/sign_in/activation_link_gone.html")
    home = activation.user.home(today=timezone.localdate(now))
    context = {"person": activation.user, "membership": home}
    return render(request, "accounts/sign_in/activation_link.html", context)
