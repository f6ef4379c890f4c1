"""Where copies of notices about the practice go."""

from django.http import HttpResponse

from accounts.people import practice_settings
from accounts.people.forms import NoticesForm
from accounts.people.views.practice_setting import PracticeSetting, ask, to_settings
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms
from accounts.web.stash import stash_typed

NOTICES = PracticeSetting(
    NoticesForm,
    "email",
    "notices_email",
    practice_settings.change_notices_email,
    "accounts/people/notices.html",
    "notices",
)


@access.needs(
    Permission.PRACTICE_MANAGE,
    recently=True,
    stash=stash_typed(NOTICES.field, "before"),
    if_gone=to_settings,
)
@for_forms
def notices(request: SignedInRequest) -> HttpResponse:
    return ask(request, NOTICES)
