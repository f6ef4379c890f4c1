"""Indicators that several people share one login: a hint for administrators, never a block.

They hold what was seen and on which day: not when, nor where.
"""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, Max, OuterRef
from django.utils import timezone

from accounts.models.people import User

# An indicator is worth a question, not a verdict: each of these is set so that one person at work
# does not come near it, and several who share a login do so sooner or later.
KEPT_FOR = timedelta(days=30)  # a month's rota
# ``last_seen_at`` is written at most once a minute, so a user at work was seen within two.
IN_USE = timedelta(minutes=2)
# An overlap must be longer than IN_USE: a user who has gone from one desk to another was seen at
# the first one up to IN_USE ago, so that going once never looks like two people.
OVERLAP = timedelta(minutes=2)
# A code is accepted in its own 30 seconds and in those before and after.
ONE_CODE = timedelta(seconds=90)
# Different hours of one day that a shift of 12 hours can touch, as from 7.30am to 7.30pm.
MOST_HOURS = 13
# Three weeks without a day off: a locum at weekends, too, has one in seven days, or two in
# fourteen (Working Time Regulations 1998, regulation 11).
MOST_DAYS = 20


class IndicatorKind(models.TextChoices):
    MACHINES = "machines", "use on two machines at the same time"
    CODE = "code", "one code on two machines"
    HOURS = "hours", "more hours of a day than one person works"
    DAYS = "days", "more days in a row than one person works"


class IndicatorQuerySet(models.QuerySet["SharedLoginIndicator"]):
    def note(self, user_id: int, kind: IndicatorKind, *, on: date) -> None:
        self.bulk_create([self.model(person_id=user_id, kind=kind, day=on)], ignore_conflicts=True)

    def not_dismissed(self, *, after: date) -> "IndicatorQuerySet":
        """Those seen after a day, and after an administrator last said that it is one person."""
        looked_at = Dismissal.objects.filter(person=OuterRef("person"), day__gte=OuterRef("day"))
        return self.filter(~Exists(looked_at), day__gt=after)

    def of(self, user_id: int, *, today: date) -> "IndicatorQuerySet":
        return self.not_dismissed(after=today - KEPT_FOR).filter(person=user_id)

    def by_kind(self) -> list[tuple[str, int, date]]:
        """Kind, number of days and last day of each kind, latest first."""
        kinds = self.values("kind").annotate(days=Count("day"), last=Max("day"))
        return list(kinds.order_by("-last", "kind").values_list("kind", "days", "last"))

    def forget_old(self, *, now: datetime) -> None:
        last = timezone.localdate(now) - KEPT_FOR
        self.filter(day__lte=last).delete()
        Dismissal.objects.filter(day__lte=last).delete()


class SharedLoginIndicator(models.Model):
    """Something was seen on a day that one person does not do."""

    person = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="shared_login_indicators",
        db_index=False,  # the constraint below begins with it
    )
    kind = models.CharField(max_length=20, choices=IndicatorKind.choices)
    day = models.DateField()

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person", "kind", "day"], name="one_indicator_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind} on {self.day}"


class Dismissal(models.Model):
    """An administrator says that one person uses this login, whatever was seen up to a day."""

    person = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.person_id}: up to {self.day}"
