"""A practice's people: the list, one of them, and what is done with one."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.errors import why_denied
from accounts.models.mail import Mail
from accounts.models.people import Membership, User
from accounts.models.practice_people import (
    AccountStatus,
    matching,
    may_be_shared,
    people_of,
    reminders,
)
from accounts.models.reviews import Confirmation
from accounts.models.shared_logins import Dismissal, SharedLoginIndicator
from accounts.people import account_rules, colleagues, presenters
from accounts.people.views.member_actions import ACTIONS
from accounts.roles import Permission, Role
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.flash import PEOPLE
from accounts.web.pages import for_forms, sure_page
from accounts.web.paging import numbered, page_of

LONGEST_SEARCH = 100
LAST_FEW = 5  # confirmations that a person's page shows at once


def is_closed(request: SignedInRequest) -> bool:
    return request.signed_in.membership.own_practice.is_closed(today=request.actor.today)


def find(request: SignedInRequest, number: int) -> Membership:
    practice = request.signed_in.membership.own_practice
    found = people_of(practice.pk, today=request.actor.today)
    return get_object_or_404(found.select_related("practice"), pk=number)


def to_person(number: int, flash_code: str, **_action: str) -> HttpResponseRedirect:
    return flash.redirect_to("accounts:person", flash_code, number=number)


def to_people(flash_code: str) -> HttpResponseRedirect:
    return flash.redirect_to("accounts:people", flash_code)


def _one_of(text: str, known: Any) -> str:
    return text if text in {each.value for each in known} else ""


@access.needs(Permission.PEOPLE_MANAGE)
@for_forms
def people(request: SignedInRequest) -> HttpResponse:
    """Fifty at a time. The search is no part of the address: it may be a patient's name."""
    now, today, asked = request.actor.now, request.actor.today, request.POST
    practice = request.signed_in.membership.own_practice
    words = " ".join(asked.get("words", "").replace("\x00", "").split())[:LONGEST_SEARCH]
    role = _one_of(asked.get("role", ""), Role)
    account_status = _one_of(asked.get("is", ""), AccountStatus)
    found = matching(people_of(practice.pk, today=today), words, role, account_status)
    page = numbered(found, asked.get("page", ""))
    shared = may_be_shared([each.pk for each in page], today=today)
    rows = [presenters.person(each, now=now, may_be_shared=each.pk in shared) for each in page]
    context = {
        "flash": flash.message(request, PEOPLE),
        "people": rows,
        "page": page,
        "query": {"words": words, "role": role, "is": account_status},
        "roles": [each for each in Role if each.is_in_a_practice],
        "account_statuses": list(AccountStatus),
        "reminders": reminders(request.signed_in.membership, now=now),
        "is_closed": is_closed(request),
    }
    return render(request, "accounts/people/people.html", context)


def unsent_to(user: User, *, now: datetime) -> presenters.Unsent | None:
    found = Mail.objects.unsent(now).filter(to=user.email).order_by("-created_at").first()
    return presenters.unsent(found, now=now) if found else None


def why_not(member: Membership) -> str:
    return why_denied(colleagues.check_can_change_account, member, today=timezone.localdate())


def _why_locked(member: Any, *, now: datetime) -> str:
    if member.account_status != AccountStatus.LOCKED:
        return ""
    return why_denied(account_rules.check_not_disputed, member.user, now=now)


@access.needs(Permission.PEOPLE_MANAGE)
@require_safe
def person(request: SignedInRequest, number: int) -> HttpResponse:
    member, now = find(request, number), request.actor.now
    today, why = request.actor.today, why_not(member)
    is_shared = may_be_shared([number], today=today)
    shown = SharedLoginIndicator.objects.of(member.user_id, today=today)
    indicators = shown.by_kind() if is_shared else []
    said = Dismissal.objects.filter(person=member.user_id).select_related("by").first()
    confirmations = Confirmation.objects.filter(membership=member).select_related("by")
    context = {
        "flash": flash.message(request, PEOPLE),
        "person": presenters.person(member, now=now),
        "confirmed": page_of(
            confirmations, ("-pk",), request.GET.get("confirmed", ""), per_page=LAST_FEW
        ).map(presenters.confirmed),
        "unsent": unsent_to(member.user, now=now),
        "is_self": member.user_id == request.signed_in.user_id,
        "is_closed": is_closed(request),
        "why_not": why,
        "why_locked": "" if why else _why_locked(member, now=now),
        "may_reset": not why_denied(colleagues.check_can_reset_colleague, member, request.actor),
        "account_statuses": AccountStatus,
        "seen": [presenters.seen(*each) for each in indicators],
        "word": presenters.word_of(said) if said and not why else "",
    }
    return render(request, "accounts/people/person.html", context)


@access.needs(Permission.PEOPLE_MANAGE, recently=True, if_gone=to_person)
@for_forms
def act(request: SignedInRequest, number: int, action: str) -> HttpResponse:
    row, member, denied = ACTIONS[action], find(request, number), ""
    if request.method == "POST":
        denied = why_denied(row.act, number, request.actor)
        if not denied:
            return _done(request, number, action)
    return sure_page(
        request,
        "accounts/people/sure.html",
        member=member,
        heading=row.heading.format(name=member.user.full_name),
        text=row.text,
        button=row.button,
        is_warning=row.is_warning,
        denied=denied,
    )


def _done(request: SignedInRequest, number: int, action: str) -> HttpResponse:
    row, practice = ACTIONS[action], request.signed_in.membership.own_practice
    theirs = Membership.objects.filter(pk=number, practice=practice)
    found = theirs.select_related("practice").first()
    if found is None:
        return to_people(row.flash_code)
    is_asked = row.flash_code_asked and found.is_offer(today=request.actor.today)
    return to_person(number, row.flash_code_asked if is_asked else row.flash_code)
