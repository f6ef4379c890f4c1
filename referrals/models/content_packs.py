"""Clinical content packs: loaded by one operator, made live by another, and never changed after.

The database sees to that too: referrals/migrations/0006_content_packs.py.
"""

from datetime import date
from functools import lru_cache
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models.people import User
from accounts.prepared import Given, Prepared
from referrals.clinical import packs
from referrals.clinical.packs import Pack


class ContentPackQuerySet(models.QuerySet["ContentPack"]):
    def waiting(self) -> "ContentPackQuerySet":
        return self.filter(confirmed_at=None)

    def live(self, day: date | Given) -> "ContentPackQuerySet":
        """Those that may be used on this day, the one in force first."""
        confirmed = self.exclude(confirmed_at=None)
        then = confirmed.filter(starts_on__lte=day, ends_on__gte=day)
        return then.order_by("-starts_on", "-confirmed_at", "-pk")


class ContentPack(models.Model):
    version = models.CharField(max_length=40, unique=True)
    content = models.TextField(help_text="JSON, as referrals.clinical.packs writes it")
    sha256 = models.CharField(max_length=64)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="its last day")
    # Nobody where the tables' owner has put it there.
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    loaded_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, help_text="empty while it waits")

    objects = ContentPackQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("loaded_by")),
                name="confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def pack(self) -> Pack:
        return _parsed(self.sha256)

    @classmethod
    def row_in_force(cls, today: date) -> "tuple[int, Pack] | None":
        found = _LIVE.first(today=today)
        return found and (found[0], _parsed(found[1]))

    @classmethod
    def in_force(cls, today: date) -> Pack | None:
        found = cls.row_in_force(today)
        return found and found[1]

    @classmethod
    def of_version(cls, version: str) -> Pack | None:
        """Return a pack that has been in force, whatever its dates."""
        found = _OF_VERSION.first(version=version)
        return found and _parsed(found[0])


_LIVE = Prepared(lambda: ContentPack.objects.live(Given("today")).values_list("pk", "sha256")[:1])
_OF_VERSION = Prepared(
    lambda: (
        ContentPack.objects.exclude(confirmed_at=None)
        .filter(version=Given("version"))
        .values_list("sha256")
    )
)


@lru_cache(maxsize=16)
def _parsed(sha256: str) -> Pack:
    # Read once in a process: what has this hash never changes.
    content = ContentPack.objects.filter(sha256=sha256).values_list("content", flat=True)
    return packs.from_json(content[:1].get())
