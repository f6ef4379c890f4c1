"""Take back what a member was asked to accept."""

from django.http import HttpResponse

from accounts.people import memberships
from accounts.people.views.people import to_person
from accounts.people.views.sure import MemberAction, ask_first
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms

TAKE_BACK = MemberAction(
    memberships.take_back,
    "Take back what {name} was asked?",
    "They have not accepted it yet. They cannot accept it any more then, and are told by email.",
    "Take it back",
    "taken-back",
)


@access.needs(Permission.PEOPLE_MANAGE, recently=True, if_gone=to_person)
@for_forms
def take_back(request: SignedInRequest, number: int) -> HttpResponse:
    return ask_first(request, number, TAKE_BACK)
