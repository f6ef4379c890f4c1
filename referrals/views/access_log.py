"""The access log: of a referral and of a member, for the practice's administrators.

The pages name no patient, so that reading them is not logged itself.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models.people import Membership, User
from accounts.roles import Permission
from accounts.web import access, browsers
from accounts.web.access import SignedInRequest
from accounts.web.paging import Page, page_of
from accounts.wording import day_and_time
from referrals.models.access_log import AccessLogEntry
from referrals.models.referrals import Referral, TimelineEntry
from referrals.states import State
from referrals.views.find import find


@dataclass(frozen=True)
class AccessRow:
    when: str
    name: str
    user_name: str
    what: str
    browser: str


def _row(at: datetime, who: User, what: str, browser: str, *, now: datetime) -> AccessRow:
    return AccessRow(day_and_time(at, now=now), who.full_name, who.email, what, browser)


def _page(request: SignedInRequest, found: "QuerySet[AccessLogEntry]") -> Page[AccessLogEntry]:
    asked = request.GET.get("page", "")
    return page_of(
        found,
        AccessLogEntry.LATEST_FIRST,
        asked,
        count_to=AccessLogEntry.COUNTED,
        per_page=AccessLogEntry.PER_PAGE,
    )


def _rows(request: SignedInRequest, referral: Referral, *, now: datetime) -> Page[AccessRow]:
    """Merge the page of the log with what the timeline holds of the same time, latest first."""
    page = _page(request, AccessLogEntry.at_a(referral))
    by_people = TimelineEntry.objects.filter(referral=referral, by__isnull=False)
    timeline = list(by_people.select_related("by"))  # a few, however many entries there are
    until = page.rows[0].at if page.previous else None
    since = _next_at(referral, page.rows[-1]) if page.next else None
    done = [
        (each.at, each.person, each.get_action_display(), browsers.name_of(each.browser))
        for each in page.rows
    ]
    done += [
        (each.at, each.by, each.get_event_display(), "")
        for each in timeline
        if each.by and (not until or each.at <= until) and (not since or each.at > since)
    ]
    done.sort(key=lambda each: each[0], reverse=True)
    earlier = sum(1 for each in timeline if until and each.at > until)
    return replace(
        page.map(lambda _: AccessRow("", "", "", "", "")),
        rows=[_row(*each, now=now) for each in done],
        count=page.count + len(timeline),
        first=page.first and page.first + earlier,
    )


def _next_at(referral: Referral, last: AccessLogEntry) -> datetime | None:
    behind = Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk)
    found = AccessLogEntry.at_a(referral).filter(behind).order_by(*AccessLogEntry.LATEST_FIRST)
    return found.values_list("at", flat=True).first()


MINUTES = AccessLogEntry.SAME_WITHIN.seconds // 60


@access.needs(Permission.REFERRAL_ACCESS_LOG)
@require_safe
def access_log(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    found = find(request, referral_id)
    page = _rows(request, found, now=timezone.now())
    context = {"referral": found, "page": page, "minutes": MINUTES}
    return render(request, "referrals/access_log.html", context)


@dataclass(frozen=True)
class Seen:
    """A referral that a member has opened, printed or changed."""

    when: str
    reference: str
    address_id: UUID | None  # None for drafts, which only their author may open
    what: str
    browser: str


def _seen(entry: AccessLogEntry, *, now: datetime) -> Seen:
    referral = entry.referral
    return Seen(
        day_and_time(entry.at, now=now),
        referral.reference,
        None if referral.state == State.DRAFT else referral.pk,
        entry.get_action_display(),
        browsers.name_of(entry.browser),
    )


@access.needs(Permission.REFERRAL_ACCESS_LOG)
@require_safe
def person(request: SignedInRequest, number: int) -> HttpResponse:
    """Also of members who have left."""
    practice = request.signed_in.membership.practice_id
    found = Membership.objects.select_related("user").filter(practice=practice, pk=number)
    member, now = found.first(), timezone.now()
    if member is None:
        raise Http404
    page = _page(request, AccessLogEntry.of(member)).map(lambda each: _seen(each, now=now))
    context = {"person": member.user, "number": number, "page": page, "minutes": MINUTES}
    return render(request, "referrals/access_log_of_person.html", context)
