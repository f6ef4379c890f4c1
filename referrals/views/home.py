"""The practice's home: referrals that need action, drafts, and the latest that were sent."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Value
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models.people import Membership
from accounts.models.practice_people import reminders
from accounts.prepared import Given, Prepared
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.paging import PER_PAGE, CountOf, Page, page_of
from referrals import presenters
from referrals.models.messages import Message
from referrals.models.referrals import Listed, Referral, ReferralQuerySet, being_sent
from referrals.views.flash import HOME

NEEDS_ACTION_FOR = timedelta(days=7)


COUNTED = 1000  # of what was sent, since there may be millions


def _found(
    name: str,
    *,
    user: int | Given,
    practice: int | Given,
    since: datetime | Given,
) -> ReferralQuerySet:
    visible = Referral.objects.visible_to(user=user, practice=practice)
    if name == "urgent":
        return visible.needing_action(since)
    return visible.drafts() if name == "drafts" else visible.sent()


LISTS = {
    "urgent": ("-sent_at", "-pk"),
    "drafts": ("-saved_at", "-pk"),
    "latest": ("-sent_at", "-pk"),
}


def _beginnings() -> "QuerySet[Referral, tuple[Any, ...]]":
    """The first page of all three lists in one query; each row has its list's name and count."""
    made = []
    for name, by in LISTS.items():
        found = _found(name, user=Given("user"), practice=Given("practice"), since=Given("since"))
        counted = found.order_by().values("pk")
        count = CountOf(counted[: COUNTED + 1] if name == "latest" else counted)
        made.append(found.order_by(*by).listed(Value(name), count)[:PER_PAGE])
    urgent, *others = made
    return urgent.union(*others, all=True)


BEGINNINGS = Prepared(_beginnings)


def _latest_first(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The union mixes the lists; within each, the latest comes first."""
    identity, *_, moment, _name, _count = row
    return moment, identity


def _begin(person: Membership, *, now: datetime) -> dict[str, Page[Listed]]:
    found = BEGINNINGS.rows(
        user=person.user_id, practice=person.practice_id, since=now - NEEDS_ACTION_FOR
    )
    rows: dict[str, list[Listed]] = {name: [] for name in LISTS}
    counts = dict.fromkeys(LISTS, 0)
    for *listed, name, count in sorted(found, key=_latest_first, reverse=True):
        rows[name].append(Listed._make(listed))
        counts[name] = count
    return {name: _beginning(rows[name], counts[name], name) for name in LISTS}


def _beginning(rows: list[Listed], count: int, name: str) -> Page[Listed]:
    is_more = name == "latest" and count > COUNTED
    return Page(rows, count - is_more, is_more, next="more" if count > len(rows) else "")


def _shown(pages: dict[str, Page[Listed]], *, now: datetime) -> dict[str, Page[presenters.HomeRow]]:
    on_their_way = {each for page in pages.values() for each in being_sent(page.rows)}
    outbox = Message.latest_of(list(on_their_way))
    return {
        name: page.map(lambda listed: presenters.row(listed, outbox.get(listed.id), now=now))
        for name, page in pages.items()
    }


@access.needs(Permission.REFERRAL_OPEN)
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    now, person = timezone.now(), request.signed_in.membership
    closing = presenters.closing(person.practice, today=timezone.localdate(now))
    context = {
        **_shown(_begin(person, now=now), now=now),
        "flash": flash.message(request, HOME),
        "closing": closing,
        "kept_for": settings.DRAFTS_KEPT.days,
        "urgent_for": NEEDS_ACTION_FOR.days,
        "reminders": reminders(person, now=now),
    }
    return render(request, "referrals/home.html", context)


def list_page(request: SignedInRequest, name: str) -> HttpResponse:
    now, person = timezone.now(), request.signed_in.membership
    practice = person.own_practice.pk
    found = _found(name, user=person.user_id, practice=practice, since=now - NEEDS_ACTION_FOR)
    page = page_of(
        found.listed(),
        LISTS[name],
        request.GET.get("page", ""),
        cursor_of=lambda row: (Listed._make(row).at, row[0]),
        count_to=COUNTED if name == "latest" else 0,
    )
    context = {
        **_shown({"page": page.map(Listed._make)}, now=now),
        "name": name,
        "kept_for": settings.DRAFTS_KEPT.days,
        "urgent_for": NEEDS_ACTION_FOR.days,
    }
    return render(request, "referrals/list.html", context)
