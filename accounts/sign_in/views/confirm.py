"""Before how somebody logs in is changed: their password, and a fresh code or a passkey."""

from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.roles import Permission
from accounts.sign_in import log_in, passkeys
from accounts.sign_in.forms import ConfirmForm, ConfirmWithPasskeyForm
from accounts.sign_in.views.log_in import offers_passkey
from accounts.web import access, cookies
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusal


@access.needs(Permission.ACCOUNT_OPEN)
@for_forms
def confirm(request: SignedInRequest) -> HttpResponse:
    """Ask for password and code, then show the page that was wanted."""
    session, now = request.signed_in, timezone.now()
    if request.method != "POST" and session.is_confirmed(now):
        return redirect(_wanted(request) or "accounts:account")
    form, is_refused = ConfirmForm(posted(request)), False
    if form.is_valid():
        password, code = form.cleaned_data["password"], form.cleaned_data["code"]
        try:
            key = log_in.confirm(session, password, code, request.actor)
        except errors.CodeDeniedError as error:
            form.add_error("code", refusal(error))
            is_refused = True
        except errors.DeniedError as error:
            form.add_error("password", refusal(error))
        except errors.GoneError:
            return redirect(_wanted(request) or "accounts:account")
        else:
            return let_on(request, key)
    return _page(request, form, form, is_refused=is_refused)


@access.needs(Permission.ACCOUNT_OPEN, by_script=True)
@require_POST
def challenge(request: SignedInRequest) -> HttpResponse:
    """Tell the page's script what to ask the browser for, to confirm with a passkey."""
    return JsonResponse(passkeys.ask_to_confirm(request.signed_in, now=timezone.now()))


@access.needs(Permission.ACCOUNT_OPEN)
@for_forms
def with_passkey(request: SignedInRequest) -> HttpResponse:
    """Take a passkey in place of a code."""
    if request.method != "POST":  # reloaded after a passkey was refused
        return redirect(access.confirm_address(_wanted(request)))
    form = ConfirmWithPasskeyForm(request.POST)
    if form.is_valid():
        session, given = request.signed_in, form.cleaned_data
        password, answer = given["password"], given["answer"]
        try:
            key = passkeys.confirm_with_passkey(session, password, answer, request.actor)
        except errors.CodeDeniedError as error:
            offered = offers_passkey(session.user)  # it may have been the only one
            form.add_error("answer" if offered else None, refusal(error))
        except errors.DeniedError as error:
            form.add_error("password", refusal(error))
        except errors.GoneError:
            return redirect(_wanted(request) or "accounts:account")
        else:
            return let_on(request, key)
    # What is typed of a code stays: who could not use their passkey presses the other button.
    return _page(request, form, ConfirmForm(initial={"code": request.POST.get("code", "")}))


def _wanted(request: SignedInRequest) -> str:
    """Return the page that was wanted, if it is one of ours."""
    asked = request.POST if request.method == "POST" else request.GET
    return access.own_path(asked.get("next", ""))


def _page(
    request: SignedInRequest, form: Form, code_form: ConfirmForm, *, is_refused: bool = False
) -> HttpResponse:
    """Show the page, whichever of its two buttons was pressed."""
    person = request.signed_in.user
    return form_page(
        request,
        "accounts/sign_in/confirm.html",
        form,
        code_form=code_form,
        has_passkey=offers_passkey(person),
        person=person,
        next_path=_wanted(request),
        is_refused=is_refused,
    )


def let_on(request: SignedInRequest, key: str) -> HttpResponse:
    """Answer somebody who has just confirmed who they are: a new key, and the page they wanted."""
    rotate_token(request)
    response = redirect(_wanted(request) or "accounts:account")
    cookies.hold_session(response, key)
    return response
