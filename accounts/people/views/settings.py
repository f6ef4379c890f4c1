"""A practice's settings that are a line of text: call-back number, address for notices."""

from typing import NamedTuple

from django import forms
from django.http import HttpResponse, HttpResponseRedirect

from accounts import errors
from accounts.people import practice_settings
from accounts.people.forms import CallBackForm, NoticesForm
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.stash import stash_typed, stashed


class SettingPage(NamedTuple):
    setting: practice_settings.Setting
    form: type[forms.Form]
    field: str
    template: str


# By the last word of their addresses, which is also the flash code.
PAGES = {
    "call-back": SettingPage(
        practice_settings.CALL_BACK, CallBackForm, "phone", "accounts/people/call_back.html"
    ),
    "notices": SettingPage(
        practice_settings.NOTICES, NoticesForm, "email", "accounts/people/notices.html"
    ),
}


def to_settings(flash_code: str, **_name: str) -> HttpResponseRedirect:
    return flash.redirect_to("practice:settings", flash_code)


@access.needs(
    Permission.PRACTICE_MANAGE,
    recently=True,
    stash=stash_typed(*(page.field for page in PAGES.values()), "before"),
    if_gone=to_settings,
)
@for_forms
def change_setting(request: SignedInRequest, name: str) -> HttpResponse:
    """The value that the user has seen comes back with the answer, so that changes are noticed."""
    setting, form_class, field, template = PAGES[name]
    typed, practice = posted(request), request.signed_in.membership.own_practice
    value, late = getattr(practice, setting.column), stashed(request)
    was_seen = late.get("before", "") if late else value
    before = was_seen if typed is None else typed.get("before", "")
    form = form_class(typed, initial={field: setting.shown(value)} | late)
    if form.is_valid():
        try:
            practice_settings.change(setting, form.cleaned_data[field], before, request.actor)
        except errors.Changed as error:
            before, it_is = error.now, setting.shown(error.now) or "empty"
            form.add_error(
                field,
                f"Someone else has just changed it: it is {it_is} now. Save again to replace it "
                "with yours",
            )
        else:
            return to_settings(name)
    return form_page(request, template, form, practice=practice, before=before)
