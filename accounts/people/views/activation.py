"""Invite a member again."""

from django.http import HttpResponse

from accounts import errors
from accounts.people import colleagues
from accounts.people.views.invite import invited
from accounts.people.views.people import find, to_person
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, sure_page


@access.needs(Permission.PEOPLE_MANAGE, recently=True, if_gone=to_person)
@for_forms
def invite_again(request: SignedInRequest, number: int) -> HttpResponse:
    member, denied = find(request, number), ""
    if request.method == "POST":
        try:
            code = colleagues.activate_again(number, request.actor)
        except errors.Denied as error:
            denied = str(error)
        else:
            return invited(request, member.user, code)
    return sure_page(
        request,
        "accounts/people/sure.html",
        member=member,
        heading=f"Invite {member.user.full_name} again?",
        text="If they have never logged in, we will email them a new link. You will see a new "
        "activation code. Earlier links and codes will stop working.",
        button="Invite again",
        denied=denied,
    )
