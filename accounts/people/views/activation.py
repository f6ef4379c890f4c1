"""Invite a member again."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import errors
from accounts.people import colleagues, presenters
from accounts.people.views.invite import invited
from accounts.people.views.people import find, to_person
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms


@access.needs(Permission.PEOPLE_MANAGE, recently=True)
@for_forms
def invite_again(request: SignedInRequest, number: int) -> HttpResponse:
    member, denied = find(request, number), ""
    if request.method == "POST":
        try:
            code = colleagues.activate_again(number, request.actor)
        except errors.Denied as error:
            denied = str(error)
        except errors.Gone:
            return to_person(number, "again")
        else:
            return invited(request, member.user, code)
    context = {
        "person": presenters.person(member, now=timezone.now()),
        "title": f"Invite {member.user.full_name} again?",
        "text": (
            "They get an e-mail with a new link, if they have never logged in, and you see a new "
            "activation code. Links and codes that they were given before do not work any more."
        ),
        "button": "Invite again",
        "is_warning": False,
        "denied": denied,
    }
    return render(request, "accounts/people/sure.html", context, status=422 if denied else 200)
