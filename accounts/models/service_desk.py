"""The service desk's lists of its region: each is one query, however large the region."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Lag, TruncDate
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models.cases import (
    MEMBER_WITHIN,
    MOST_OF_A_MEMBER,
    MOST_OF_A_PERSON,
    PERSON_WITHIN,
    Case,
)
from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice, User, can_act
from accounts.roles import Role

DAYS = 14
LATELY = timedelta(days=7)
FEW = 10  # resets a day are never unusual, however quiet the days before were
TIMES = 3  # the usual number, and more, is unusual


@dataclass(frozen=True)
class Day:
    on: date
    count: int
    is_unusual: bool


def service_desk_address() -> str:
    """Return where the service desk is written to, or "": the region's to say, and not ours."""
    return str(import_string(settings.SERVICE_DESK_ADDRESS)())


def resets_by_day(*, today: date) -> list[Day]:
    """The last days, latest first; a day with many more than usual is marked."""
    first = today - timedelta(days=DAYS - 1)
    since = timezone.make_aware(datetime.combine(first, time.min))
    rows = Case.objects.resets(since).annotate(on=TruncDate("done_at")).values("on")
    counts = Counter({row["on"]: row["count"] for row in rows.annotate(count=Count("pk"))})
    days = [today - timedelta(days=ago) for ago in range(DAYS)]
    usual = sorted(counts[day] for day in days)[DAYS // 2]
    return [Day(day, counts[day], counts[day] > max(FEW, TIMES * usual)) for day in days]


def people_reset_often(now: datetime) -> QuerySet[User, User]:
    often = Count("cases", filter=Q(cases__in=Case.objects.resets(now - PERSON_WITHIN)))
    of_cases = User.objects.filter(cases__in=Case.objects.resets(now - PERSON_WITHIN))
    return (
        of_cases.annotate(count=often).filter(count__gt=MOST_OF_A_PERSON).order_by("-count", "pk")
    )


def busy_members(now: datetime) -> QuerySet[Case, Case]:
    """The resets with which a member had made suspiciously many within an hour."""
    few_before = Window(
        Lag("done_at", offset=MOST_OF_A_MEMBER), partition_by="ended_by", order_by="done_at"
    )
    lately = Case.objects.resets(now - LATELY).filter(ended_by__isnull=False)
    many = lately.annotate(few_before=few_before).filter(
        few_before__gt=F("done_at") - MEMBER_WITHIN
    )
    # By their keys: a further filter must not take rows out of the window function's sight.
    found = Case.objects.filter(pk__in=many.values("pk"))
    return found.select_related("ended_by").order_by("-done_at")


def open_cases(now: datetime) -> QuerySet[Case, Case]:
    return (
        Case.objects.waiting(now).select_related("person", "practice", "by").order_by("opened_at")
    )


def disputed(now: datetime) -> QuerySet[Case, Case]:
    lately = Case.objects.disputed(now - LATELY)
    return lately.select_related("person", "practice", "by").order_by("-disputed_at")


def without_administrator(now: datetime) -> QuerySet[Practice, Practice]:
    today = timezone.localdate(now)
    live = Membership.objects.live(today).filter(practice=OuterRef("pk"), user__is_active=True)
    there = Practice.objects.filter(Q(closed_on=None) | Q(closed_on__gt=today))
    look_after = live.filter(can_act("user__"), role=Role.PRACTICE_ADMINISTRATOR)
    return there.filter(Exists(live), ~Exists(look_after)).order_by("ods_code")


def locked_people(now: datetime) -> QuerySet[User, User]:
    # By a join, not by is_working: few are locked, and their memberships are found one by one.
    live = Membership.objects.live(timezone.localdate(now))
    locked = User.objects.filter(locked_at__isnull=False, is_active=True, memberships__in=live)
    return locked.distinct().order_by("-locked_at")


def unsent_mails(*, now: datetime) -> "QuerySet[Mail, Any]":
    """The newest one to each address that is still in use.

    Each has ``person`` and ``practice``: the ids of the user and the practice with that address.
    """
    people = User.objects.filter(email=OuterRef("to")).values("pk")
    practices = Practice.objects.filter(notices_email__iexact=OuterRef("to")).order_by("pk")
    newest = Mail.objects.unsent(now).newest_of_each_address().values("pk")
    found = Mail.objects.filter(pk__in=newest).annotate(
        person=Subquery(people[:1]), practice=Subquery(practices.values("pk")[:1])
    )
    is_in_use = Q(person__isnull=False) | Q(practice__isnull=False)
    is_in_use |= Q(to=service_desk_address())
    return found.filter(is_in_use).order_by("created_at", "pk")
