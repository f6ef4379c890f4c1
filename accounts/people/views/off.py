"""Turn a member off."""

from django.http import HttpResponse

from accounts.people import memberships
from accounts.people.views.people import to_person
from accounts.people.views.sure import MemberAction, ask_first
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms

OFF = MemberAction(
    memberships.turn_off,
    "Turn off {name}?",
    (
        "They are logged out at once, and cannot log in at your practice any more. Their referrals "
        "stay. Their drafts are deleted some days after they were last changed: on their page you "
        "can hand them to a colleague. You can turn them on again."
    ),
    "Turn off",
    "off",
    is_warning=True,
)


@access.needs(Permission.PEOPLE_MANAGE, recently=True, if_gone=to_person)
@for_forms
def off(request: SignedInRequest, number: int) -> HttpResponse:
    return ask_first(request, number, OFF)
