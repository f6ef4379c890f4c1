"""Log out."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt

from accounts.models.audit import AuditReason
from accounts.sign_in import log_in
from accounts.web import access, cookies
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms


# Each page of ours can log out, however old: on a shared computer that must never fail. Another
# site cannot: from there browsers send no session cookie (SameSite), and pages on another port or
# subdomain are recognised by their origin. Cookies that were not sent stay: their session lives on.
@csrf_exempt
@access.everyone
@for_forms
def log_out(request: VisitorRequest) -> HttpResponse:
    if request.method != "POST":  # somebody has opened the address
        return redirect("home")
    if access.is_from_elsewhere(request):
        return redirect("home")
    if session := request.signed_in or request.locked:
        log_in.log_out(session, reason=AuditReason.LOGGED_OUT, actor=request.actor)
    log_in.abandon(cookies.pending_key(request))
    response = redirect(access.address_of("accounts:log-in", because="out"))
    if cookies.session_key(request):
        cookies.forget_session(response)
    if cookies.pending_key(request):
        cookies.forget_pending(response)
    # Not "cookies": the one that marks a known browser serves the next user too. And not "cache":
    # clearing that takes seconds in a well-used browser, and it holds no page of ours.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response
