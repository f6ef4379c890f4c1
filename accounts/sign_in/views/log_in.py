"""Log in: user name and password, then a code; or an activation code, where there is no app yet."""

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models.audit import AuditReason
from accounts.models.throttle import hash_of_name
from accounts.sign_in import log_in as sign_in_log_in
from accounts.sign_in import puzzles
from accounts.sign_in.exemptions import NO_EXEMPTION, Exemption, puzzle_for
from accounts.sign_in.forms import CodeForm, ExemptionForm, LogInForm, PasskeyForm
from accounts.topics import Topic
from accounts.web import access, cookies
from accounts.web.access import Destination, PendingRequest, VisitorRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside


@access.everyone
@for_forms
def log_in(request: VisitorRequest) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    next_path, whose = access.own_path(asked.get("next", "")), asked.get("whose", "")
    then = Destination(next_path, access.person_of(whose))
    if request.method != "POST" and (session := request.signed_in):
        return redirect(then.path_for(session.user_id) or "home")
    form = LogInForm(posted(request))
    context: dict[str, Any] = {"next_path": next_path, "whose": whose}
    if form.is_valid():
        user_name, exemption = form.cleaned_data["user_name"], ExemptionForm(request.POST).given
        with refusals_beside(form, "password"):
            key = sign_in_log_in.accept_password(
                user_name,
                form.cleaned_data["password"],
                then,
                exemption=exemption,
                actor=request.actor,
            )
            return cookies.hold_pending(redirect("accounts:code"), key)
        context |= way_round(form, "password", exemption, user_name)
    return form_page(request, "accounts/sign_in/log_in.html", form, **context)


def way_round(form: Form, field: str, exemption: Exemption, user_name: str) -> dict[str, Any]:
    """Return what a page needs to offer a puzzle or a code in place of a wait."""
    if not form.has_error(field, Topic.TOO_MANY_TRIES) and exemption == NO_EXEMPTION:
        return {}
    puzzle = puzzle_for(user_name)
    return {"puzzle": puzzle, "puzzle_parts": puzzles.PARTS, "code_field": ExemptionForm()["code"]}


def let_in(request: PendingRequest, form: CodeForm | PasskeyForm) -> HttpResponse:
    key = sign_in_log_in.sign_in(request.pending, form.proof, request.actor)
    if before := request.signed_in or request.locked:
        # Another user may have been logged in here.
        sign_in_log_in.end(before, reason=AuditReason.LOGGED_OUT, actor=request.actor)
    cookies.rotate_csrf_token(request)
    response = cookies.hold_session(redirect(request.pending.next_path or "home"), key)
    name = hash_of_name(request.pending.user.email)
    cookies.hold_device(response, request.actor.origin.device, name)
    return response
