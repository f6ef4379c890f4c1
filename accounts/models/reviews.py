"""The access review: who has confirmed that a member still works there, and who is due.

Rows are written once and never changed: a practice shows them to its auditors.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models.people import ROLE_CHOICES, Membership, User
from accounts.prepared import Given

REVIEW_EVERY = timedelta(days=90)  # CAF-aligned DSPT, outcome B2.a: at least each quarter


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    def last_of(self, members: Iterable[int]) -> "dict[int, Confirmation]":
        """The latest of each membership, by its id."""
        theirs = self.filter(membership__in=list(members)).select_related("by")
        last = theirs.order_by("membership", "-pk").distinct("membership")
        return {each.membership_id: each for each in last}


class Confirmation(models.Model):
    """An administrator has said that a member still works in the practice, in this role."""

    membership = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        related_name="confirmations",
        db_index=False,  # the index below begins with it
    )
    role = models.CharField(max_length=30, choices=ROLE_CHOICES, help_text="what they were then")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["membership", "-id"], name="confirmations_of_membership")
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} at {self.at}"


def is_due(since: datetime | Given) -> Q:
    """The condition that a membership is older than this, and was not confirmed since."""
    later = Confirmation.objects.filter(membership=OuterRef("pk"), at__gt=since)
    return Q(~Exists(later), created_at__lte=since)


def mark_of(member: Membership, last: Confirmation | None) -> str:
    """Role and last confirmation, as the review page showed them: a version for its answer."""
    return f"{member.role}-{last.pk if last else 0}"
