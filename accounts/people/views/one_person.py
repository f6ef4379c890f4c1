"""Say that one person alone uses an account."""

from django.http import HttpResponse

from accounts.people import colleagues
from accounts.people.views.people import to_person
from accounts.people.views.sure import MemberAction, ask_first
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms

ONE_PERSON = MemberAction(
    colleagues.say_one_person,
    "Does only {name} use this login?",
    (
        "Say so if you know that nobody else does. What was seen up to today is not shown any "
        "more. What is seen on a later day is shown again. It is noted that you said so."
    ),
    "This is one person",
    "one-person",
)


@access.needs(Permission.PEOPLE_MANAGE, recently=True, if_gone=to_person)
@for_forms
def one_person(request: SignedInRequest, number: int) -> HttpResponse:
    return ask_first(request, number, ONE_PERSON)
