"""Where somebody works now, who works in more than one place."""

from contextlib import suppress

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import errors
from accounts.sign_in import log_in
from accounts.web import access, cookies
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms

LONGEST_NUMBER = 18  # digits


@access.own_account()
@for_forms
def choose(request: SignedInRequest) -> HttpResponse:
    session, now = request.signed_in, request.actor.now
    asked = request.POST if request.method == "POST" else request.GET
    next_path = access.next_path(request)
    if session.is_asked and not session.has_chosen and not asked.get("later"):
        return redirect(access.address_of("accounts:offers", next=next_path))
    memberships = session.user.live_memberships(today=timezone.localdate(now))
    if not memberships:  # there are only offers to answer
        return redirect(access.address_of("accounts:offers", next=next_path))
    text, is_wrong = request.POST.get("membership", ""), request.method == "POST"
    if is_wrong and text.isdecimal() and len(text) <= LONGEST_NUMBER:
        with suppress(errors.Gone):  # it ended a moment ago: the page shows the others
            key = log_in.choose(session, int(text), request.actor)
            cookies.rotate_csrf_token(request)
            return cookies.hold_session(redirect(next_path or "home"), key)
    context = {
        "memberships": memberships,
        "next_path": next_path,
        "is_wrong": is_wrong,
    }
    status = 422 if is_wrong else 200
    return render(request, "accounts/sign_in/choose.html", context, status=status)
