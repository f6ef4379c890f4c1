"""An administrator's lists of their practice's people, each in a fixed number of queries."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from accounts.models.credentials import Authenticator
from accounts.models.passkeys import Passkey
from accounts.models.people import Membership, MembershipQuerySet, can_act
from accounts.models.reviews import REVIEW_EVERY, is_due
from accounts.models.shared_logins import KEPT_FOR, SharedLoginIndicator
from accounts.prepared import Given, Prepared
from accounts.roles import Role

MIN_ADMINISTRATORS = 2  # one may be ill on the day when the other has lost their phone


class AccountStatus(models.TextChoices):
    INVITED = "invited", "Invited"
    ACTIVE = "active", "Active"
    LOCKED = "locked", "Locked"
    WAITING = "waiting", "Waiting for them to accept"
    OFF = "off", "Off"


def _account_status(today: date) -> Case:
    is_over = Q(off_at__isnull=False) | Q(ends_on__lt=today) | Q(user__is_active=False)
    is_waiting = Q(off_at__isnull=False, user__is_active=True) & ~Q(offered_role="")
    has_not_ended = Q(ends_on=None) | Q(ends_on__gte=today)
    return Case(
        When(is_waiting & has_not_ended, then=Value(AccountStatus.WAITING.value)),
        When(is_over, then=Value(AccountStatus.OFF.value)),
        When(user__locked_at__isnull=False, then=Value(AccountStatus.LOCKED.value)),
        When(user__last_login=None, then=Value(AccountStatus.INVITED.value)),
        default=Value(AccountStatus.ACTIVE.value),
    )


def people_of(practice_id: int, *, today: date) -> MembershipQuerySet:
    # Each has an ``account_status``, and whether it ``has_authenticator``.
    apps = Authenticator.objects.filter(user=OuterRef("user"), confirmed=True)
    keys = Passkey.objects.usable().filter(user=OuterRef("user"))
    return (
        Membership.objects.filter(practice=practice_id)
        .select_related("user")
        .annotate(
            account_status=_account_status(today), has_authenticator=Exists(apps) | Exists(keys)
        )
        .order_by("user__family_name", "user__given_name", "pk")
    )


def may_be_shared(numbers: list[int], *, today: date) -> set[int]:
    """Return those of some memberships whose account shows indicators of a shared login.

    Only where the account is at home. A query of its own: as one statement with ``people_of`` the
    list took a third longer.
    """
    live = Membership.objects.live(today)
    shown = SharedLoginIndicator.objects.not_dismissed(after=today - KEPT_FOR)
    seen = shown.filter(person=OuterRef("user"))
    earlier = Membership.objects.filter(
        user=OuterRef("user"), pk__lt=OuterRef("pk"), accepted_at__isnull=False
    )
    made_here = Q(~Exists(earlier), user__home_practice=None)
    is_home = Q(user__home_practice=F("practice")) | made_here
    helps = live.filter(user=OuterRef("user"), practice=None)
    found = live.filter(is_home, Exists(seen), ~Exists(helps), pk__in=numbers, user__is_active=True)
    return set(found.values_list("pk", flat=True))


def matching(
    found: MembershipQuerySet, words: str, role: str, account_status: str
) -> MembershipQuerySet:
    for word in words.split():
        in_name = Q(user__given_name__icontains=word) | Q(user__family_name__icontains=word)
        found = found.filter(in_name | Q(user__email__icontains=word))
    wanted: dict[str, Any] = {"account_status": account_status} if account_status else {}
    if role:
        is_now = Q(role=role, accepted_at__isnull=False)
        found = found.filter(is_now | Q(offered_role=role))
    return found.filter(**wanted)


def to_review(practice_id: int, *, now: datetime) -> MembershipQuerySet:
    """Those who can log in; each has ``is_due``, and those come first."""
    today = timezone.localdate(now)
    found = people_of(practice_id, today=today).live(today).filter(user__is_active=True)
    return found.annotate(is_due=is_due(now - REVIEW_EVERY)).order_by(
        "-is_due", "user__family_name", "user__given_name", "pk"
    )


class Reminders(NamedTuple):
    administrators: int = 0  # of the practice who can act, this one included
    due: int = 0  # members whom the access review asks for

    @property
    def needs_another(self) -> bool:
        return 0 < self.administrators < MIN_ADMINISTRATORS

    @property
    def is_only_one(self) -> bool:
        return self.administrators == 1


def reminders(person: Membership, *, now: datetime) -> Reminders:
    """For anybody but an administrator: nothing, and no query."""
    if person.role != Role.PRACTICE_ADMINISTRATOR:
        return Reminders()
    today, since = timezone.localdate(now), now - REVIEW_EVERY
    found = _REMINDERS.first(practice=person.practice_id, today=today, since=since)
    return Reminders(*found) if found else Reminders()


def _reminders() -> "models.QuerySet[Membership, tuple[int, int]]":
    theirs = Membership.objects.live(Given("today")).filter(
        practice=Given("practice"), user__is_active=True
    )
    administrators = Count("pk", filter=Q(can_act("user__"), role=Role.PRACTICE_ADMINISTRATOR))
    due = Count("pk", filter=is_due(Given("since")))
    counted = theirs.values("practice").annotate(administrators=administrators, due=due)
    return counted.values_list("administrators", "due")


_REMINDERS = Prepared(_reminders)
