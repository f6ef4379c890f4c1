"""Before how somebody logs in is changed: their password and a fresh code, though they are in."""

from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils import timezone

from accounts import access, actions, cookies
from accounts.access import SignedInRequest
from accounts.forms import ConfirmForm
from accounts.roles import Permission
from accounts.views.page import for_forms, form_page, posted, refusal


@access.needs(Permission.ACCOUNT_OPEN)
@for_forms
def confirm(request: SignedInRequest) -> HttpResponse:
    """Ask for password and code, then show the page that was wanted."""
    asked = request.POST if request.method == "POST" else request.GET
    next_path = access.own_path(asked.get("next", ""))
    session, now = request.signed_in, timezone.now()
    if request.method != "POST" and session.is_confirmed(now):
        return redirect(next_path or "accounts:account")
    form, is_refused = ConfirmForm(posted(request)), False
    if form.is_valid():
        password, code = form.cleaned_data["password"], form.cleaned_data["code"]
        try:
            key = actions.confirm(session, password, code, origin=request.origin, now=now)
        except actions.CodeDeniedError as error:
            form.add_error("code", refusal(error))
            is_refused = True
        except actions.DeniedError as error:
            form.add_error("password", refusal(error))
        except actions.GoneError:
            return redirect(next_path or "accounts:account")
        else:
            return let_on(request, key, next_path)
    context = {"person": session.user, "next_path": next_path, "is_refused": is_refused}
    return form_page(request, "accounts/confirm.html", form, **context)


def let_on(request: SignedInRequest, key: str, next_path: str) -> HttpResponse:
    """Answer somebody who has just confirmed who they are: a new key, and the page they wanted."""
    rotate_token(request)
    response = redirect(next_path or "accounts:account")
    cookies.hold_session(response, key)
    return response
