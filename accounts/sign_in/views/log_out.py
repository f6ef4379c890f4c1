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
# site cannot: from most the browser sends no session cookie (SameSite), and those on another port
# or subdomain say where they are. A cookie goes only with what it belongs to: one that was not sent
# may open a session that lives on.
@csrf_exempt
@access.everyone
@for_forms
def log_out(request: VisitorRequest) -> HttpResponse:
    """End the session, and a log-in under way: both say whose they are."""
    if request.method != "POST":  # an address that somebody has kept
        return redirect("home")
    if access.is_from_elsewhere(request):
        return redirect("home")
    if session := request.signed_in or request.locked:
        log_in.log_out(session, reason=AuditReason.LOGGED_OUT, actor=request.actor)
    log_in.abandon(cookies.pending_key(request))
    response = redirect(access.log_in_address(because="out"))
    if cookies.session_key(request):
        cookies.forget_session(response)
    if cookies.pending_key(request):
        cookies.forget_pending(response)
    # Not "cookies": those that know this browser belong to whoever comes next, too. And not
    # "cache": it takes seconds in a browser that is used a lot, and no page of ours is in it.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response
