"""Turn a member on again."""

from django.http import HttpResponse

from accounts.people import memberships
from accounts.people.views.people import to_person
from accounts.people.views.sure import MemberAction, ask_first
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms

ON = MemberAction(
    memberships.turn_on,
    "Turn on {name} again?",
    (
        "They can log in at your practice again, as what they were before. If their account "
        "belongs to another practice, they are asked first, and can once they accept."
    ),
    "Turn on",
    "on",
    flash_code_asked="on-asked",
)


@access.needs(Permission.PEOPLE_MANAGE, recently=True, if_gone=to_person)
@for_forms
def on(request: SignedInRequest, number: int) -> HttpResponse:
    return ask_first(request, number, ON)
