"""A form for one of the practice's settings that is a line of text."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse, HttpResponseRedirect

from accounts import errors
from accounts.web import flash
from accounts.web.access import SignedInRequest
from accounts.web.pages import form_page, posted
from accounts.web.stash import stashed


def to_settings(flash_code: str) -> HttpResponseRedirect:
    return flash.redirect_to("practice:settings", flash_code)


@dataclass(frozen=True)
class PracticeSetting:
    form: type[forms.Form]
    field: str
    column: str
    act: Callable[..., None]
    template: str
    name: str  # of the flash message that says it is changed
    shown: Callable[[str], str] = str


def ask(request: SignedInRequest, setting: PracticeSetting) -> HttpResponse:
    """The value that the user has seen comes back with the answer, so that changes are noticed."""
    session, typed = request.signed_in, posted(request)
    practice = session.membership.own_practice
    value, late = getattr(practice, setting.column), stashed(request, session.user_id)
    was_seen = late.get("before", "") if late else value
    before = was_seen if typed is None else typed.get("before", "")
    form = setting.form(typed, initial={setting.field: setting.shown(value)} | late)
    if form.is_valid():
        wanted = form.cleaned_data[setting.field]
        try:
            setting.act(wanted, before=before, actor=request.actor)
        except errors.Changed as error:
            before, it_is = error.now, setting.shown(error.now) or "empty"
            form.add_error(
                setting.field,
                f"Somebody else has changed it meanwhile: it is {it_is} now. Save again to put "
                "yours in its place",
            )
        else:
            return to_settings(setting.name)
    return form_page(request, setting.template, form, practice=practice, before=before)
