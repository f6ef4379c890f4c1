"""Passkeys: used beside the code page, added and removed on the account page."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.models.people import User
from accounts.models.sessions import Step
from accounts.roles import Permission
from accounts.sign_in import passkeys
from accounts.sign_in.forms import CodeForm, NewPasskeyForm, PasskeyForm
from accounts.sign_in.views.account import to_account
from accounts.sign_in.views.log_in import code_page, let_in, offers_passkey
from accounts.web import access
from accounts.web.access import PendingRequest, SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusal
from accounts.web.stash import keep_name, kept_name


@access.during(Step.CODE)
@require_POST
def challenge(request: PendingRequest) -> HttpResponse:
    """Tell the page's script what to ask the browser for, to log in with a passkey."""
    return JsonResponse(passkeys.ask_for_passkey(request.pending, now=timezone.now()))


@access.during(Step.CODE)
@for_forms
def use(request: PendingRequest) -> HttpResponse:
    """Take a passkey in place of a code."""
    if request.method != "POST":  # reloaded after a passkey was refused
        return redirect("accounts:code")
    form = PasskeyForm(request.POST)
    if form.is_valid():
        try:
            key = passkeys.accept_passkey(
                request.pending, form.cleaned_data["answer"], request.actor
            )
        except errors.DeniedError as error:
            offered = offers_passkey(request.pending.user)  # it may have been the only one
            form.add_error("answer" if offered else None, refusal(error))
        except errors.GoneError:
            return redirect(access.log_in_address(because="again"))
        else:
            return let_in(request, key)
    return code_page(request, form, CodeForm())


@access.needs(Permission.ACCOUNT_OPEN, recently=True, by_script=True)
@require_POST
def new_challenge(request: SignedInRequest) -> HttpResponse:
    """Tell the page's script what to ask the browser for, to make a passkey."""
    try:
        asked = passkeys.ask_for_new_passkey(request.signed_in, now=timezone.now())
    except errors.DeniedError:
        return HttpResponse(status=409)  # the page itself says why
    return JsonResponse(asked)


@access.needs(Permission.ACCOUNT_OPEN, recently=True, keep=keep_name)
@for_forms
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for a name, and have the browser make a passkey."""
    session = request.signed_in
    names, why_not = session.user.passkeys.values_list("name", flat=True), _why_not(session.user)
    given = None if why_not else posted(request)
    form = NewPasskeyForm(names, given, initial=kept_name(request))
    if form.is_valid():
        name, answer = form.cleaned_data["name"], form.cleaned_data["answer"]
        try:
            passkeys.add_passkey(session, name, answer, request.actor)
        except errors.DeniedError as error:
            form.add_error("answer", refusal(error))
        except errors.GoneError:
            return to_account("again")
        else:
            return to_account("passkey-added")
    return form_page(request, "accounts/sign_in/new_passkey.html", form, why_not=why_not)


def _why_not(user: User) -> str:
    """Return why the person cannot have a new passkey, or nothing."""
    try:
        passkeys.check_can_add_passkey(user)
    except errors.DeniedError as error:
        return str(error)
    return ""


@access.needs(Permission.ACCOUNT_OPEN, recently=True)
@for_forms
def remove(request: SignedInRequest, number: int) -> HttpResponse:
    """Ask whether a passkey is to go, and let it go."""
    session = request.signed_in
    passkey = get_object_or_404(session.user.passkeys, pk=number)
    if request.method != "POST":
        return render(request, "accounts/sign_in/remove_passkey.html", {"passkey": passkey})
    try:
        passkeys.remove_passkey(passkey, session, request.actor)
    except errors.GoneError:
        return to_account("again")
    return to_account("passkey-removed")
