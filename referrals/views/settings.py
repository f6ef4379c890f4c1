"""What a practice's administrators say of the practice: the overview, and two of its parts."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import errors
from accounts.models.people import Practice
from accounts.people import practice_settings
from accounts.roles import Permission
from accounts.text import phones
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.stash import keep_typed, kept
from referrals import presenters
from referrals.models.pharmacies import Pharmacy
from referrals.practice_forms import CallBackForm, NoticesForm

NEWS = {
    "again": "That was changed by somebody else meanwhile. This is how it is now.",
    "call-back": "The call-back number is changed. Your administrators are told.",
    "notices": "The address for notices is changed. The old one and the new one are told.",
}


def to(route: str, because: str) -> HttpResponseRedirect:
    """Lead to a page, which says what has been done."""
    return HttpResponseRedirect(f"{reverse(route)}?because={because}")


def practice_of(request: SignedInRequest) -> Practice:
    """Return the practice that somebody looks after, as it is now."""
    practice = request.signed_in.membership.practice
    assert practice  # noqa: S101  whose role has the permission is in one
    return practice


def picked_by(practice: Practice) -> list[presenters.Picked]:
    """Return the pharmacies that a practice has picked, also those that are not offered."""
    found = Pharmacy.objects.picked_by(practice.pk)
    return presenters.picked(list(found), today=timezone.localdate())


@access.needs(Permission.PRACTICE_MANAGE)
@require_safe
def settings(request: SignedInRequest) -> HttpResponse:
    """Show how it is now."""
    practice = practice_of(request)
    context = {
        "news": NEWS.get(request.GET.get("because", ""), ""),
        "practice": practice,
        "picked": picked_by(practice),
    }
    return render(request, "practice/settings.html", context)


@dataclass(frozen=True)
class Part:
    """One of the settings that is a line of text."""

    form: type[forms.Form]
    field: str
    column: str
    act: Callable[..., None]
    name: str
    shown: Callable[[str], str] = str


CALL_BACK = Part(
    CallBackForm,
    "phone",
    "call_back_phone",
    practice_settings.change_call_back,
    "call-back",
    phones.shown,
)
NOTICES = Part(
    NoticesForm, "email", "notices_email", practice_settings.change_notices_email, "notices"
)


@access.needs(Permission.PRACTICE_MANAGE, recently=True, keep=keep_typed(CALL_BACK.field, "before"))
@for_forms
def call_back(request: SignedInRequest) -> HttpResponse:
    """Ask on which number pharmacists reach the practice."""
    return _ask(request, CALL_BACK)


@access.needs(Permission.PRACTICE_MANAGE, recently=True, keep=keep_typed(NOTICES.field, "before"))
@for_forms
def notices(request: SignedInRequest) -> HttpResponse:
    """Ask where copies of notices go."""
    return _ask(request, NOTICES)


def _ask(request: SignedInRequest, part: Part) -> HttpResponse:
    """Ask for one of them; what it was when it was read comes back with the answer."""
    session, practice, typed = request.signed_in, practice_of(request), posted(request)
    value, late = getattr(practice, part.column), kept(request, session.user_id)
    was_seen = late.get("before", "") if late else value
    before = was_seen if typed is None else typed.get("before", "")
    form = part.form(typed, initial={part.field: part.shown(value)} | late)
    if form.is_valid():
        wanted = form.cleaned_data[part.field]
        try:
            part.act(wanted, before=before, actor=request.actor)
        except errors.ChangedError as error:
            before, it_is = error.now, part.shown(error.now) or "empty"
            form.add_error(
                part.field,
                f"Somebody else has changed it meanwhile: it is {it_is} now. Save again to put "
                "yours in its place",
            )
        except errors.GoneError:
            return to("practice:settings", "again")
        else:
            return to("practice:settings", part.name)
    template = f"practice/{part.name}.html"
    return form_page(request, template, form, practice=practice, before=before)
