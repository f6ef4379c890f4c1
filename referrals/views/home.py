"""The practice's home: what needs somebody, what was not sent, and what was."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Value
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import SignedInRequest
from accounts.models import attention
from accounts.prepared import Given, Prepared
from accounts.roles import Permission
from referrals import presenters
from referrals.models import Listed, Referral, ReferralQuerySet
from referrals.states import State

NEWS = {"deleted": "The draft was deleted."}
MOST = 50  # in a list
NEEDS_SOMEBODY_FOR = timedelta(days=7)


def _visible() -> ReferralQuerySet:
    return Referral.objects.visible_to(user=Given("user"), practice=Given("practice"))


def _lists() -> "QuerySet[Referral, tuple[Any, ...]]":
    """Return all three lists at one go, each row with the name of its list."""
    lists = {
        "urgent": _visible().in_need_of_somebody(Given("since")),
        "drafts": _visible().filter(state=State.DRAFT).order_by("-saved_at"),
        "latest": _visible().sent(),
    }
    urgent, *others = (referrals.listed(Value(name))[:MOST] for name, referrals in lists.items())
    return urgent.union(*others, all=True)


def _latest_first(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return by what the lists, which come one after another, are ordered: the moment."""
    identity, *_, moment, _name = row
    return moment, identity


LISTS = Prepared(_lists)


@access.needs(Permission.REFERRAL_OPEN)
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show the practice's latest referrals, and first those that somebody has to look after."""
    now, person = timezone.now(), request.signed_in.membership
    rows: dict[str, list[presenters.Row]] = {"urgent": [], "drafts": [], "latest": []}
    since = now - NEEDS_SOMEBODY_FOR
    found = LISTS.rows(user=person.user_id, practice=person.practice_id, since=since)
    for *listed, name in sorted(found, key=_latest_first, reverse=True):
        rows[name].append(presenters.row(Listed._make(listed), now=now))
    closing = presenters.closing(person.practice, today=timezone.localdate(now))
    context = {
        **rows,
        "news": NEWS.get(request.GET.get("because", ""), ""),
        "closing": closing,
        "kept_for": settings.DRAFTS_KEPT.days,
        "attention": attention(person, now=now),
    }
    return render(request, "referrals/home.html", context)
