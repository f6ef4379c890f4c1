"""Community pharmacies, and how a referral reaches each of them."""

import re
from datetime import date, datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Now, Replace, TruncDate, Upper

from accounts.models.people import Practice
from accounts.prepared import Given, Prepared
from referrals.endpoints import ENDPOINT


class PharmacyQuerySet(models.QuerySet["Pharmacy"]):
    def offered(self) -> "PharmacyQuerySet":
        with_route = self.exclude(endpoint="").exclude(dos_service_id="")
        is_open = Q(closed_on=None) | Q(closed_on__gt=TruncDate(Now()))
        return with_route.filter(is_open, offers_pharmacy_first=True)

    def used_by(self, practice: int | Given, *, since: datetime | Given) -> "PharmacyQuerySet":
        used = self.filter(referral__practice=practice, referral__sent_at__gte=since)
        return used.annotate(last=models.Max("referral__sent_at")).order_by("-last", "pk")

    def picked_by(self, practice: int | Given) -> "PharmacyQuerySet":
        return self.filter(usualpharmacy__practice=practice).order_by("usualpharmacy__position")

    def matching(self, typed: str) -> "PharmacyQuerySet":
        """Those with every word in their name or address, or whose postcode begins so."""
        words = re.findall(r"\w+", typed.upper().replace("'", "").replace("\u2019", ""))
        by_name = Q()
        for word in words:
            by_name &= Q(search_words__contains=word)
        postcode = "".join(words)
        found = by_name | Q(search_postcode__startswith=postcode) if words else Q(pk=None)
        return self.filter(found).order_by("name", "postcode", "pk")

    def near(self, prefix: str | Given) -> "PharmacyQuerySet":
        return self.filter(postcode__startswith=prefix).order_by("name", "postcode", "pk")


class Pharmacy(models.Model):
    USUAL = 5
    MANY = 20  # as many as a user reads through
    MOST_SHOWN = 500  # of those that a search has found, when the user asks for more and more
    LONGEST_SEARCH = 60  # characters

    ods_code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=300, help_text="in one line, without the postcode")
    postcode = models.CharField(max_length=8)
    phone = models.CharField(max_length=30)
    closed_on = models.DateField(null=True, blank=True, help_text="may be announced: a later day")
    # Only what ODS files brought may be closed because they no longer have it.
    from_ods = models.BooleanField(db_default=False)
    # What ODS lacks. Without the first two there is no route, and it is not offered.
    dos_service_id = models.CharField(max_length=40, blank=True)
    endpoint = models.CharField(
        max_length=200,
        blank=True,
        validators=[RegexValidator(ENDPOINT, "Begin with https://, and leave out ? and #.")],
        help_text="of the BaRS API behind which it is reached; /$process-message follows",
    )
    secure_email = models.EmailField(blank=True)
    opening_hours = models.CharField(max_length=300, blank=True, help_text="as people read them")
    offers_pharmacy_first = models.BooleanField(default=False)
    is_distance_selling = models.BooleanField(default=False)
    # The circuit breaker: while sending to it fails, one attempt at a time is made, and after a few
    # only now and then. A message counts once: the fault may be in the message.
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    failed_messages = ArrayField(
        models.UUIDField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="those that were counted",
    )
    not_before = models.DateTimeField(null=True, blank=True, help_text="it is left in peace")
    search_words = models.GeneratedField(
        expression=Replace(Upper(Concat("name", Value(" "), "address")), Value("'"), Value("")),
        output_field=models.CharField(max_length=401),
        db_persist=True,
    )
    search_postcode = models.GeneratedField(
        expression=Replace("postcode", Value(" "), Value("")),
        output_field=models.CharField(max_length=8),
        db_persist=True,
    )

    objects = PharmacyQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["postcode"], name="pharmacy_postcode", opclasses=["varchar_pattern_ops"]
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_closed(self, *, today: date) -> bool:
        return self.closed_on is not None and self.closed_on <= today

    def has_prescriber(self, day: date) -> bool:
        return False

    @classmethod
    def usual_for(cls, practice: Practice, *, since: datetime) -> "list[Pharmacy]":
        """Return those picked, then those used last, filled up with near ones to ``USUAL``."""
        district = practice.postcode.rpartition(" ")[0]  # as in WM1
        known = list(dict.fromkeys(_KNOWN.rows(practice=practice.pk, since=since)))
        near = _NEAR.rows(prefix=f"{district} ")
        return list(dict.fromkeys([*known, *near]))[: max(cls.USUAL, len(known))]

    @classmethod
    def find_offered(cls, ods_code: str) -> "Pharmacy | None":
        # PostgreSQL takes no NUL.
        return _OFFERED.first(ods_code=ods_code) if ods_code.isprintable() else None


_OFFERED = Prepared(lambda: Pharmacy.objects.offered().filter(ods_code=Given("ods_code")))


class UsualPharmacy(models.Model):
    """One that a practice has picked: it comes first among those that are offered to it."""

    MOST = 10  # of a practice

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, db_index=False)
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "pharmacy"], name="picked_once"),
            models.UniqueConstraint(
                fields=["practice", "position"],
                name="one_usual_pharmacy_a_position",
                deferrable=models.Deferrable.DEFERRED,  # two change places
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id}: {self.position}"


def _known() -> PharmacyQuerySet:
    # Both in one query: what the practice has picked, then what it used last.
    offered = Pharmacy.objects.offered()
    picked = offered.picked_by(Given("practice")).annotate(
        last=Cast(Value(None), models.DateTimeField()), place=F("usualpharmacy__position")
    )
    used = offered.used_by(Given("practice"), since=Given("since"))
    used = used.annotate(place=Value(UsualPharmacy.MOST, models.PositiveSmallIntegerField()))
    both = picked.order_by().union(used[: Pharmacy.USUAL], all=True)
    return both.order_by("place", F("last").desc(), "pk")


_KNOWN = Prepared(_known)
_NEAR = Prepared(lambda: Pharmacy.objects.offered().near(Given("prefix"))[: 2 * Pharmacy.USUAL])
