"""Unlock a member's account."""

from django.http import HttpResponse

from accounts.people import colleagues
from accounts.people.views.people import to_person
from accounts.people.views.sure import MemberAction, ask_first
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms

UNLOCK_ACCOUNT = MemberAction(
    colleagues.unlock_colleague,
    "Unlock {name}?",
    (
        "They are locked. Speak with them first: if it was not them, "
        "somebody knows their password. It stops working, and they get an e-mail with a link to "
        "choose another one."
    ),
    "Unlock",
    "unlocked",
)


@access.needs(Permission.PEOPLE_MANAGE, recently=True, if_gone=to_person)
@for_forms
def unlock(request: SignedInRequest, number: int) -> HttpResponse:
    return ask_first(request, number, UNLOCK_ACCOUNT)
