"""What somebody is in a practice: their role there, until when, and whether at all."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import errors
from accounts.models.people import Membership
from accounts.people import colleagues, memberships, presenters
from accounts.people.forms import PlaceForm
from accounts.people.views.people import find, practice_of, to_people, to_person
from accounts.roles import Permission, Role
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusal
from accounts.web.stash import keep_typed, kept


@dataclass(frozen=True)
class Deed:
    """Something that is done once somebody has said that they are sure."""

    act: Callable[..., None]
    title: str  # with the person's name in place of {name}
    text: str
    button: str
    because: str
    is_warning: bool = False


OFF = Deed(
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
ON = Deed(
    memberships.turn_on,
    "Turn on {name} again?",
    (
        "They can log in at your practice again, as what they were before. If their account "
        "belongs to another practice, they are asked first, and can once they accept."
    ),
    "Turn on",
    "on",
)
TAKE_BACK = Deed(
    memberships.take_back,
    "Take back what {name} was asked?",
    "They have not accepted it yet. They cannot accept it any more then, and are told by email.",
    "Take it back",
    "taken-back",
)
UNLOCK = Deed(
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
ONE_PERSON = Deed(
    colleagues.say_one_person,
    "Does only {name} use this login?",
    (
        "Say so if you know that nobody else does. What was seen up to today is not shown any "
        "more. What is seen on a later day is shown again. It is noted that you said so."
    ),
    "This is one person",
    "one-person",
)


def _do(request: SignedInRequest, number: int, deed: Deed) -> HttpResponse:
    """Ask whether they are sure, then do it."""
    member, denied = find(request, number), ""
    if request.method == "POST":
        try:
            deed.act(number, request.actor)
        except errors.DeniedError as error:
            denied = str(error)
        except errors.GoneError:
            return to_person(number, "again")
        else:
            return _done(request, number, deed)
    context = {
        "person": presenters.person(member, now=timezone.now()),
        "title": deed.title.format(name=member.user.full_name),
        "text": deed.text,
        "button": deed.button,
        "is_warning": deed.is_warning,
        "denied": denied,
    }
    return render(request, "accounts/people/sure.html", context, status=422 if denied else 200)


def _done(request: SignedInRequest, number: int, deed: Deed) -> HttpResponse:
    """Say what has been done: on the person's page, if they have one still."""
    theirs = Membership.objects.filter(pk=number, practice=practice_of(request))
    found = theirs.select_related("practice").first()
    if found is None:
        return to_people(deed.because)
    is_asked = deed is ON and found.is_offer(today=timezone.localdate())
    return to_person(number, "on-asked" if is_asked else deed.because)


@access.needs(Permission.PEOPLE_MANAGE, recently=True)
@for_forms
def take_back(request: SignedInRequest, number: int) -> HttpResponse:
    """Take back what somebody was asked to accept."""
    return _do(request, number, TAKE_BACK)


@access.needs(Permission.PEOPLE_MANAGE, recently=True)
@for_forms
def off(request: SignedInRequest, number: int) -> HttpResponse:
    """Turn somebody off."""
    return _do(request, number, OFF)


@access.needs(Permission.PEOPLE_MANAGE, recently=True)
@for_forms
def on(request: SignedInRequest, number: int) -> HttpResponse:
    """Turn somebody on again."""
    return _do(request, number, ON)


@access.needs(Permission.PEOPLE_MANAGE, recently=True)
@for_forms
def unlock(request: SignedInRequest, number: int) -> HttpResponse:
    """Unlock somebody."""
    return _do(request, number, UNLOCK)


@access.needs(Permission.PEOPLE_MANAGE, recently=True)
@for_forms
def one_person(request: SignedInRequest, number: int) -> HttpResponse:
    """Say that nobody else uses somebody's login."""
    return _do(request, number, ONE_PERSON)


@access.needs(
    Permission.PEOPLE_MANAGE, recently=True, keep=keep_typed("role", "day", "month", "year")
)
@for_forms
def place(request: SignedInRequest, number: int) -> HttpResponse:
    """Ask for role and last day."""
    member, now, session = find(request, number), timezone.now(), request.signed_in
    role_now = member.offered_role or member.role
    initial = PlaceForm.written(role_now, member.ends_on) | kept(request, session.user_id)
    form = PlaceForm(posted(request), initial=initial, today=timezone.localdate(now))
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        try:
            memberships.change_place(number, role, form.ends_on, request.actor)
        except errors.DeniedError as error:
            form.add_error("role", refusal(error))
        except errors.GoneError:
            return to_person(number, "again")
        else:
            is_asked = find(request, number).has_offer and role != role_now
            return to_person(number, "asked" if is_asked else "place")
    return form_page(
        request, "accounts/people/membership.html", form, member=member, person=member.user
    )
