"""Your account: whom PharmRefer takes you for, how and where you log in, and what has happened."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models.audit import AuditEvent
from accounts.models.passkeys import Passkey
from accounts.models.sessions import Session
from accounts.sign_in import own_account, presenters, webauthn
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.flash import ACCOUNT
from accounts.web.paging import page_of

LATEST = 20  # events on a page
COUNTED = 1000  # events, at most


def to_account(flash_code: str, **_number: int) -> HttpResponseRedirect:
    return flash.redirect_to("accounts:account", flash_code)


@access.own_account()
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    here, now = request.signed_in, request.actor.now
    sessions = Session.objects.filter(user=here.user).select_related(
        "user", "authenticator", "membership"
    )
    events = AuditEvent.objects.filter(person=here.user)
    context = {
        "flash": flash.message(request, ACCOUNT),
        "authenticators": here.user.authenticators.filter(confirmed=True).order_by("pk"),
        "most": own_account.MOST_AUTHENTICATORS,
        "passkeys": here.user.passkeys.order_by("pk"),
        "most_passkeys": Passkey.MOST,
        "passkeys_are_possible": webauthn.are_possible(),
        "open_sessions": presenters.open_sessions(sessions, here=here, now=now),
        "offers": here.user.offers(today=timezone.localdate(now)) if here.is_asked else [],
        "events": page_of(
            events, ("-pk",), request.GET.get("events", ""), count_to=COUNTED, per_page=LATEST
        ).map(lambda each: presenters.happening(each, now=now)),
    }
    return render(request, "accounts/sign_in/account.html", context)
