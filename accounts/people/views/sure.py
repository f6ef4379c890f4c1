"""Actions on a member that are done once the administrator has confirmed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import errors
from accounts.models.people import Membership
from accounts.people import presenters
from accounts.people.views.people import find, to_people, to_person
from accounts.web.access import SignedInRequest


@dataclass(frozen=True)
class MemberAction:
    act: Callable[..., None]
    title: str  # with the person's name in place of {name}
    text: str
    button: str
    flash_code: str
    is_warning: bool = False
    flash_code_asked: str = ""  # where its owner has to accept it first


def ask_first(request: SignedInRequest, number: int, action: MemberAction) -> HttpResponse:
    member, denied = find(request, number), ""
    if request.method == "POST":
        try:
            action.act(number, request.actor)
        except errors.Denied as error:
            denied = str(error)
        except errors.Gone:
            return to_person(number, "again")
        else:
            return _done(request, number, action)
    context = {
        "person": presenters.person(member, now=timezone.now()),
        "title": action.title.format(name=member.user.full_name),
        "text": action.text,
        "button": action.button,
        "is_warning": action.is_warning,
        "denied": denied,
    }
    return render(request, "accounts/people/sure.html", context, status=422 if denied else 200)


def _done(request: SignedInRequest, number: int, action: MemberAction) -> HttpResponse:
    theirs = Membership.objects.filter(
        pk=number, practice=request.signed_in.membership.own_practice
    )
    found = theirs.select_related("practice").first()
    if found is None:
        return to_people(action.flash_code)
    is_asked = action.flash_code_asked and found.is_offer(today=timezone.localdate())
    return to_person(number, action.flash_code_asked if is_asked else action.flash_code)
