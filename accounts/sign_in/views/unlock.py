"""A locked screen: the user's password unlocks it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.models.sessions import Session
from accounts.sign_in import log_in
from accounts.sign_in.forms import UnlockForm
from accounts.sign_in.views.session import over, session_status
from accounts.web import access, cookies
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside


def _new_key(request: VisitorRequest, session: Session, form: UnlockForm) -> str:
    """Return the session's new key, or "" with an error beside the field.

    Raises:
        Gone: the session has ended meanwhile.
    """
    if form.is_valid():
        with refusals_beside(form, "password"):
            return log_in.unlock_screen(session, form.cleaned_data["password"], request.actor)
    return ""


@access.everyone
@for_forms
def unlock(request: VisitorRequest) -> HttpResponse:
    next_path, session = access.next_path(request), request.locked
    if session is None:
        return redirect(next_path or "home")
    form = UnlockForm(posted(request))
    try:
        key = _new_key(request, session, form)
    except errors.Gone:
        return redirect(next_path or "home")
    if not key:
        person = session.user
        return form_page(
            request, "accounts/sign_in/unlock.html", form, person=person, next_path=next_path
        )
    return cookies.hold_session(redirect(next_path or "home"), key)


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
    try:
        key = _new_key(request, session, form)
    except errors.Gone:
        return over(request, next_path)
    if not key:
        template, person = "accounts/sign_in/unlock_in_place.html", session.user
        return form_page(request, template, form, person=person, next_path=next_path)
    return cookies.hold_session(session_status(request, session), key)
