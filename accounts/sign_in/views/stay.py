"""A page reports that the user is active, or was some seconds ago; a false number locks sooner."""

from datetime import timedelta

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.sign_in import shared_logins
from accounts.sign_in.views.session import session_status
from accounts.web import access
from accounts.web.access import SignedInRequest

MOST_DIGITS = 6  # of seconds


@access.own_account(keeps_awake=False, by_script=True)
@require_POST
def stay(request: SignedInRequest) -> HttpResponse:
    text = request.POST.get("ago", "")
    ago = timedelta(seconds=int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0)
    at = request.actor.now - ago
    shared_logins.note_use(request.signed_in, origin=request.actor.origin, at=at)
    return session_status(request, request.signed_in)
