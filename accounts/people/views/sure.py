"""Actions on a member that are done once the administrator has confirmed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils import timezone

from accounts.errors import why_denied
from accounts.models.people import Membership
from accounts.people.views.people import find, to_people, to_person
from accounts.web.access import SignedInRequest
from accounts.web.pages import sure_page


@dataclass(frozen=True)
class MemberAction:
    act: Callable[..., None]
    heading: str  # with the person's name in place of {name}
    text: str
    button: str
    flash_code: str
    is_warning: bool = False
    flash_code_asked: str = ""  # where its owner has to accept it first


def ask_first(request: SignedInRequest, number: int, action: MemberAction) -> HttpResponse:
    member, denied = find(request, number), ""
    if request.method == "POST":
        denied = why_denied(action.act, number, request.actor)
        if not denied:
            return _done(request, number, action)
    return sure_page(
        request,
        "accounts/people/sure.html",
        member=member,
        heading=action.heading.format(name=member.user.full_name),
        text=action.text,
        button=action.button,
        is_warning=action.is_warning,
        denied=denied,
    )


def _done(request: SignedInRequest, number: int, action: MemberAction) -> HttpResponse:
    theirs = Membership.objects.filter(
        pk=number, practice=request.signed_in.membership.own_practice
    )
    found = theirs.select_related("practice").first()
    if found is None:
        return to_people(action.flash_code)
    is_asked = action.flash_code_asked and found.is_offer(today=timezone.localdate())
    return to_person(number, action.flash_code_asked if is_asked else action.flash_code)
