"""Log in: user name and password, then a code; or an activation code, where there is no app yet."""

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt

from accounts import errors
from accounts.factors import webauthn
from accounts.models.people import User
from accounts.models.sessions import Step
from accounts.models.throttle import hash_of_name
from accounts.sign_in import activation as sign_in_activation
from accounts.sign_in import exemptions, puzzles
from accounts.sign_in import log_in as sign_in_log_in
from accounts.sign_in.forms import ActivationForm, CodeForm, LogInForm, ProofForm
from accounts.topics import Topic
from accounts.web import access, cookies
from accounts.web.access import PendingRequest, VisitorRequest
from accounts.web.pages import for_forms, form_page, posted, refusal

OUT = "logged out"


@access.everyone
@for_forms
def log_in(request: VisitorRequest) -> HttpResponse:
    """Ask for user name and password."""
    asked = request.POST if request.method == "POST" else request.GET
    next_path, whose = access.own_path(asked.get("next", "")), asked.get("whose", "")
    if request.method != "POST" and (session := request.signed_in):
        is_theirs = access.person_of(whose) in {None, session.user_id}
        return redirect((is_theirs and next_path) or "home")
    form, proof = LogInForm(posted(request)), ProofForm(request.POST)
    context: dict[str, Any] = {"next_path": next_path, "whose": whose}
    if form.is_valid():
        user_name = form.cleaned_data["user_name"]
        try:
            key = sign_in_log_in.accept_password(
                user_name,
                form.cleaned_data["password"],
                next_path=next_path,
                whose=access.person_of(whose),
                proof=exemptions.Proof(**proof.given),
                actor=request.actor,
            )
        except errors.DeniedError as error:
            form.add_error("password", refusal(error))
            context |= way_round(error, proof, user_name)
        else:
            response = redirect("accounts:code")
            cookies.hold_pending(response, key)
            return response
    return form_page(request, "accounts/sign_in/log_in.html", form, **context)


def way_round(error: errors.DeniedError, proof: ProofForm, user_name: str) -> dict[str, Any]:
    """Return what a page needs to offer a try that need not wait, where one would have to."""
    if error.topic is not Topic.TOO_MANY_TRIES and not any(proof.given.values()):
        return {}
    puzzle = exemptions.puzzle_for(user_name)
    return {"puzzle": puzzle, "puzzle_parts": puzzles.PARTS, "code_field": ProofForm()["code"]}


def let_in(request: PendingRequest, key: str) -> HttpResponse:
    """Answer somebody who has just signed in: a new session, and the page they wanted."""
    if before := request.signed_in or request.locked:
        # Whoever was logged in here before.
        sign_in_log_in.end(before, because=OUT, actor=request.actor)
    rotate_token(request)
    response = redirect(request.pending.next_path or "home")
    cookies.hold_session(response, key)
    name = hash_of_name(request.pending.user.email)
    cookies.hold_device(response, request.actor.origin.device, name)
    return response


@access.during(Step.CODE)
@for_forms
def code(request: PendingRequest) -> HttpResponse:
    """Ask for a code from the authenticator."""
    form, is_refused = CodeForm(posted(request)), False
    if form.is_valid():
        try:
            key = sign_in_log_in.accept_code(
                request.pending, form.cleaned_data["code"], request.actor
            )
        except errors.DeniedError as error:
            form.add_error("code", refusal(error))
            is_refused = True
        except errors.GoneError:
            return redirect(access.log_in_address(because="again"))
        else:
            return let_in(request, key)
    return code_page(request, form, form, is_refused=is_refused)


def offers_passkey(person: User) -> bool:
    """Say whether somebody can use a passkey in place of a code."""
    return webauthn.are_possible() and person.passkeys.usable().exists()


def code_page(
    request: PendingRequest, form: Form, code_form: CodeForm, *, is_refused: bool = False
) -> HttpResponse:
    """Show the page of the second step, whichever of its forms was sent."""
    person = request.pending.user
    return form_page(
        request,
        "accounts/sign_in/code.html",
        form,
        code_form=code_form,
        has_passkey=offers_passkey(person),
        person=person,
        is_refused=is_refused,
    )


@access.during(Step.ACTIVATION)
@for_forms
def activation(request: PendingRequest) -> HttpResponse:
    """Ask for an activation code: the password was right, but there is no authenticator."""
    form = ActivationForm(posted(request))
    if form.is_valid():
        try:
            sign_in_activation.accept_activation(
                request.pending, form.cleaned_data["activation_code"], request.actor
            )
        except errors.DeniedError as error:
            form.add_error("activation_code", refusal(error))
        except errors.GoneError:
            return redirect(access.log_in_address(because="again"))
        else:
            return redirect("accounts:set-up")
    return form_page(request, "accounts/sign_in/activation.html", form, person=request.pending.user)


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
        sign_in_log_in.log_out(session, because=OUT, actor=request.actor)
    sign_in_log_in.abandon(cookies.pending_key(request))
    response = redirect(access.log_in_address(because="out"))
    if cookies.session_key(request):
        cookies.forget_session(response)
    if cookies.pending_key(request):
        cookies.forget_pending(response)
    # Not "cookies": those that know this browser belong to whoever comes next, too. And not
    # "cache": it takes seconds in a browser that is used a lot, and no page of ours is in it.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response
