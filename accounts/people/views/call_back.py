"""On which number pharmacists reach the practice."""

from django.http import HttpResponse

from accounts.people import practice_settings
from accounts.people.forms import CallBackForm
from accounts.people.views.practice_setting import PracticeSetting, ask, to_settings
from accounts.roles import Permission
from accounts.text import phones
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms
from accounts.web.stash import stash_typed

CALL_BACK = PracticeSetting(
    CallBackForm,
    "phone",
    "call_back_phone",
    practice_settings.change_call_back,
    "accounts/people/call_back.html",
    "call-back",
    phones.shown,
)


@access.needs(
    Permission.PRACTICE_MANAGE,
    recently=True,
    stash=stash_typed(CALL_BACK.field, "before"),
    if_gone=to_settings,
)
@for_forms
def call_back(request: SignedInRequest) -> HttpResponse:
    return ask(request, CALL_BACK)
