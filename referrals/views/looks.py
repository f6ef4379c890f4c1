"""Who has looked at a referral, and at which ones somebody has, for a practice's administrators.

The pages name no patient, so that looking here is not one more look.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access, browsers
from accounts.access import SignedInRequest
from accounts.models import Membership, User
from accounts.prepared import Given, Prepared
from accounts.roles import Permission
from accounts.wording import day_and_time
from referrals.models import Look, Referral, TimelineEntry
from referrals.states import State
from referrals.views.find import find

_Row = TypeVar("_Row")
BY_PEOPLE = Prepared(
    lambda: (
        TimelineEntry.objects.filter(referral=Given("referral"))
        .exclude(by=None)
        .select_related("by")
        .order_by("-at", "-pk")[: Look.MOST + 1]
    )
)


@dataclass(frozen=True)
class Row:
    """What somebody has done with a referral."""

    when: str
    name: str
    user_name: str
    what: str
    browser: str


def _row(at: datetime, who: User, what: str, browser: str, *, now: datetime) -> Row:
    return Row(day_and_time(at, now=now), who.full_name, who.email, what, browser)


def _rows(referral: Referral, *, now: datetime) -> list[Row]:
    """Return what people have done with it, the latest first: its timeline tells the rest."""
    done = [
        (each.at, each.person, each.get_deed_display(), browsers.name_of(each.browser))
        for each in Look.latest(referral)
    ]
    done += [
        (each.at, each.by, each.get_event_display(), "")
        for each in BY_PEOPLE.rows(referral=referral.pk)
        if each.by
    ]
    done.sort(key=lambda each: each[0], reverse=True)
    return [_row(*each, now=now) for each in done]


def _shown(rows: list[_Row]) -> dict[str, object]:
    return {
        "rows": rows[: Look.MOST],
        "most": Look.MOST,
        "has_more": len(rows) > Look.MOST,
        "minutes": Look.SAME_WITHIN.seconds // 60,
    }


@access.needs(Permission.REFERRAL_LOOKS)
@require_safe
def looks(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    """Show what people have done with one lately."""
    found = find(request, referral_id)
    context = {"referral": found, **_shown(_rows(found, now=timezone.now()))}
    return render(request, "referrals/looks.html", context)


@dataclass(frozen=True)
class Seen:
    """A referral with which somebody has done something."""

    when: str
    reference: str
    address_id: UUID | None  # a draft is its author's alone
    what: str
    browser: str


def _seen(look: Look, *, now: datetime) -> Seen:
    referral = look.referral
    return Seen(
        day_and_time(look.at, now=now),
        referral.reference,
        None if referral.state == State.DRAFT else referral.pk,
        look.get_deed_display(),
        browsers.name_of(look.browser),
    )


@access.needs(Permission.REFERRAL_LOOKS)
@require_safe
def person(request: SignedInRequest, number: int) -> HttpResponse:
    """Show what one of the practice's people has looked at lately, also of those who have left."""
    practice = request.signed_in.membership.practice_id
    found = Membership.objects.select_related("user").filter(practice=practice, pk=number)
    member, now = found.first(), timezone.now()
    if member is None:
        raise Http404
    seen = [_seen(each, now=now) for each in Look.latest_of(member)]
    context = {"person": member.user, "number": number, **_shown(seen)}
    return render(request, "referrals/looks_of_person.html", context)
