"""A locked screen: the user's password unlocks it."""

from contextlib import suppress

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.sign_in import log_in
from accounts.sign_in.forms import UnlockForm
from accounts.sign_in.views.session import over, session_status
from accounts.web import access, cookies
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside


@access.everyone
@for_forms
def unlock(request: VisitorRequest) -> HttpResponse:
    next_path, session = access.next_path(request), request.locked
    response: HttpResponse = redirect(next_path or "home")
    if session is None:
        return response
    form = UnlockForm(posted(request))
    if form.is_valid():
        with refusals_beside(form, "password"):
            with suppress(errors.Gone):  # it has ended meanwhile: the next page says so
                key = log_in.unlock_screen(session, form.cleaned_data["password"], request.actor)
                cookies.hold_session(response, key)
            return response
    template, person = "accounts/sign_in/unlock.html", session.user
    return form_page(request, template, form, person=person, next_path=next_path)


@access.everyone_quietly
@require_POST
def unlock_in_place(request: VisitorRequest) -> HttpResponse:
    """Unlock for a page that stays open: answer with the session's status.

    If the password is wrong, answer with the form again, for the page to show.
    """
    next_path, session = access.next_path(request), request.locked
    if session is None:  # another tab was faster, or the session has ended
        held = request.signed_in
        return session_status(request, held) if held else over(request, next_path)
    form = UnlockForm(request.POST, auto_id=UnlockForm.IN_PLACE)
    if form.is_valid():
        with refusals_beside(form, "password"):
            try:
                key = log_in.unlock_screen(session, form.cleaned_data["password"], request.actor)
            except errors.Gone:
                return over(request, next_path)
            return cookies.hold_session(session_status(request, session), key)
    template, person = "accounts/sign_in/unlock_in_place.html", session.user
    return form_page(request, template, form, person=person, next_path=next_path)
