"""Community pharmacies: how a referral reaches each of them, and when they take one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from itertools import islice
from typing import Any, ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Concat, Greatest, Now, Replace, TruncDate, Upper
from django.utils import timezone

from accounts.models.people import Practice
from accounts.prepared import Given, Prepared
from accounts.wording import written_date
from referrals import hours, pharmacy_words
from referrals.details import Details
from referrals.endpoints import ENDPOINT
from referrals.hours import Opening
from referrals.models import postcodes
from referrals.models.postcodes import METRES_IN_A_MILE, metres_from, point


@dataclass(frozen=True)
class Seeker:
    """Who looks for a pharmacy: at which practice, for a patient who lives where, and when."""

    now: datetime
    practice: Practice | None = None
    postcode: str = ""  # the patient's, as it was typed

    @property
    def values(self) -> dict[str, Any]:
        return {
            "practice": self.practice.pk if self.practice else None,
            "today": timezone.localdate(self.now),
            "home": postcodes.key(self.postcode),
            "surgery": self.practice.postcode.replace(" ", "") if self.practice else "",
        }


_GIVEN = {name: Given(name) for name in ("practice", "today", "home", "surgery")}


class PharmacyQuerySet(models.QuerySet["Pharmacy"]):
    def offered(self) -> "PharmacyQuerySet":
        # Those that referrals reach; whether one takes them now, ``why_not`` says.
        with_route = self.exclude(endpoint="").exclude(dos_service_id="")
        is_open = Q(closed_on=None) | Q(closed_on__gt=TruncDate(Now()))
        return with_route.filter(is_open, offers_pharmacy_first=True)

    def seen(self, values: dict[str, Any], *nearer: str) -> "PharmacyQuerySet":
        """With what depends on a ``Seeker``, of whom these are the values.

        Args:
            nearer: postcodes from which to measure rather than from the patient's.
        """
        full = FullToday.objects.filter(
            pharmacy=OuterRef("pk"), practice=values["practice"], on=values["today"]
        )
        annotated: Any = self  # the types take them for fields twice
        seen: PharmacyQuerySet = annotated.annotate(
            is_full=Exists(full),
            metres=metres_from(*nearer, values["home"], values["surgery"]),
            is_from_patient=Exists(postcodes.Postcode.objects.filter(pk=values["home"])),
        )
        return seen

    def used_by(self, practice: int | Given, *, since: datetime | Given) -> "PharmacyQuerySet":
        """The one used last comes first, then the one used before it."""
        used = self.filter(referral__practice=practice, referral__sent_at__gte=since)
        return used.annotate(
            last=models.Max("referral__sent_at"), times=models.Count("referral")
        ).order_by("-last", "pk")

    def picked_by(self, practice: int | Given) -> "PharmacyQuerySet":
        return self.filter(usualpharmacy__practice=practice).order_by("usualpharmacy__position")

    def matching(self, typed: str) -> "PharmacyQuerySet":
        found, wanted = self, pharmacy_words.read(typed)
        if wanted.is_empty:
            return self.none()
        for word in wanted.words:
            found = found.filter(_has_any(_widest(word)))
        in_district = Q(search_words__contains=f" {wanted.district} ")
        if wanted.sector:
            found = found.filter(in_district)
        if wanted.postcode:
            # Where it is known, it is where we measure from. Else its district has to do.
            is_known = Exists(postcodes.Postcode.objects.filter(pk=wanted.postcode))
            found = found.filter(is_known | in_district)
        return found

    def best_first(self, typed: str, seeker: Seeker) -> "PharmacyQuerySet":
        # Whole words before beginnings before other parts; of the same kind the nearest first.
        wanted = pharmacy_words.read(typed)
        kinds = [_kind_of(word) for word in wanted.words]
        kind: Any = Value(pharmacy_words.WHOLE)
        if kinds:
            kind = Greatest(*kinds) if kinds[1:] else kinds[0]
        later: Any = Value(0)
        if wanted.first:
            later = Case(When(_has_any(wanted.first), then=0), default=1)
        elsewhere = Case(When(search_postcode=wanted.postcode, then=0), default=1)
        nearer = [wanted.postcode] if wanted.postcode else []
        found: Any = self.seen(seeker.values, *nearer)
        ordered: PharmacyQuerySet = found.order_by(
            kind, later, elsewhere, "metres", "name", "postcode", "pk"
        )
        return ordered

    def near(self, prefix: str | Given) -> "PharmacyQuerySet":
        # The nearest first; without a grid reference those whose postcodes begin so.
        found: Any = self
        found = found.filter(Q(metres__isnull=False) | Q(postcode__startswith=prefix))
        near: PharmacyQuerySet = found.order_by("metres")  # by this alone: an index has the order
        return near


def _kind_of(word: str) -> Case:
    *better, (_, worst) = pharmacy_words.ways(word)
    kinds = [When(search_words__contains=text, then=kind) for text, kind in better]
    return Case(*kinds, default=worst, output_field=models.IntegerField())


def _widest(word: str) -> list[str]:
    # What has "WELL" in it has " WELL " too, and need not be looked for twice.
    texts = [text for text, _ in pharmacy_words.ways(word)]
    return [each for each in texts if not any(text in each for text in texts if text != each)]


def _has_any(texts: Iterable[str]) -> Q:
    return Q(*(Q(search_words__contains=text) for text in texts), _connector=Q.OR)


def _words(*parts: str) -> Func:
    # In capitals without apostrophes, with one space before and after each.
    joined = Concat(*(each for part in parts for each in (Value(" "), part)), Value(" "))
    plain = _replaced(Upper(joined), "['\u2018\u2019`]", "")
    return _replaced(plain, "[^[:alnum:]]+", " ")


def _replaced(text: Any, pattern: str, by: str) -> Func:
    return Func(
        *(text, Value(pattern), Value(by), Value("g")),
        function="regexp_replace",
        output_field=models.TextField(),
    )


class Pharmacy(models.Model):
    USUAL = 5
    MANY = 20  # as many as a user reads through
    MOST_SHOWN = 500  # of those that a search has found, when the user asks for more and more
    LONGEST_SEARCH = 60  # characters
    LONGEST_POSTCODE = 40  # characters, as it is typed

    ods_code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=300, help_text="in one line, without the postcode")
    postcode = models.CharField(max_length=8)
    phone = models.CharField(max_length=30)
    closed_on = models.DateField(null=True, blank=True, help_text="may be announced: a later day")
    # Only what ODS files brought may be closed because they no longer have it.
    from_ods = models.BooleanField(db_default=False)
    # Of its postcode, copied: a search sorts all pharmacies by distance.
    easting = models.IntegerField(null=True, blank=True, help_text="metres")
    northing = models.IntegerField(null=True, blank=True, help_text="metres")
    # What ODS lacks. Without the first two there is no route, and it is not offered.
    dos_service_id = models.CharField(max_length=40, blank=True)
    endpoint = models.CharField(
        max_length=200,
        blank=True,
        validators=[RegexValidator(ENDPOINT, "Begin with https://, and leave out ? and #.")],
        help_text="of the BaRS API behind which it is reached; /$process-message follows",
    )
    secure_email = models.EmailField(blank=True)
    opening_hours = models.CharField(
        max_length=hours.LONGEST,
        blank=True,
        help_text="as OpenStreetMap writes them; other words are shown, and not known",
    )
    closures = models.CharField(
        max_length=hours.LONGEST,
        blank=True,
        default="",
        db_default="",
        help_text="days, as in 2026-12-24 to 2026-12-28, 2027-01-02",
    )
    paused_until = models.DateField(
        null=True, blank=True, help_text="from this day on it takes referrals again"
    )
    prescriber_hours = models.CharField(
        max_length=hours.LONGEST,
        blank=True,
        default="",
        db_default="",
        help_text="when a prescriber is there, written as opening_hours",
    )
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
        expression=_words(
            *("name", "address", "postcode"),
            Replace("postcode", Value(" "), Value("")),  # type: ignore[arg-type]
            "ods_code",
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    search_postcode = models.GeneratedField(
        expression=Replace("postcode", Value(" "), Value("")),
        output_field=models.CharField(max_length=8),
        db_persist=True,
    )

    # As a ``Seeker`` sees it; else nothing is known.
    is_full = False
    metres: float | None = None
    is_from_patient = False  # so far from the patient's postcode, else from the practice
    position: int | None = None  # among those that a practice has picked or used

    objects = PharmacyQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["postcode"], name="pharmacy_postcode", opclasses=["varchar_pattern_ops"]
            ),
            GistIndex(point("easting", "northing"), name="pharmacy_point"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_closed(self, *, today: date) -> bool:
        return self.closed_on is not None and self.closed_on <= today

    @property
    def miles(self) -> float | None:
        # In a straight line, from where a ``Seeker`` is.
        return None if self.metres is None else self.metres / METRES_IN_A_MILE

    def opening(self, now: datetime) -> Opening:
        return hours.opening(self.opening_hours, closures=self.closures, at=now)

    def week_in_words(self, today: date) -> str:
        return hours.week_in_words(self.opening_hours, today=today)

    def has_prescriber(self, day: date) -> bool:
        return hours.is_open_on(day, self.prescriber_hours, closures=self.closures)

    def why_not(self, now: datetime) -> str:
        """Why it is not offered, as in "Closed until 9am on Monday"; "" where it is."""
        # Most have no such dates, and a list asks many of them.
        if self.closed_on and self.is_closed(today=timezone.localdate(now)):
            return f"Closed on {written_date(self.closed_on)}"
        if not self.endpoint or not self.dos_service_id:
            return "PharmRefer cannot reach it now"
        if not self.offers_pharmacy_first:
            return "It does not offer Pharmacy First now"
        if self.is_full:
            return "Full today"
        if self.paused_until and timezone.localdate(now) < self.paused_until:
            return f"Not taking referrals until {written_date(self.paused_until)}"
        opening = self.opening(now)
        return opening.until_when if opening.closed_for_24_hours else ""

    @classmethod
    def usual_for(cls, seeker: Seeker, *, since: datetime) -> "list[Pharmacy]":
        """Return those picked, the one used last, and those used often; then near ones.

        Of those picked or used also what is not offered now: users look for them.
        """
        district = seeker.values["surgery"][:-3]  # as in WM1
        rows = _USUAL.rows(since=since, prefix=f"{district} ", **seeker.values)
        known = [each for each in rows if each.position is not None]
        missing = cls.USUAL - sum(not each.why_not(seeker.now) for each in known)
        near = (each for each in rows[len(known) :] if not each.why_not(seeker.now))
        return known + list(islice(near, max(missing, 0)))

    @classmethod
    def find(cls, ods_code: str, seeker: Seeker) -> "Pharmacy | None":
        # Also one that is not offered: ``why_not`` says so.
        if not ods_code.isprintable():  # PostgreSQL takes no NUL
            return None
        return _BY_CODE.first(ods_code=ods_code, **seeker.values)

    @classmethod
    def find_offered(
        cls,
        ods_code: str,
        *,
        now: datetime,
        practice: Practice | None,
        postcode: str = "",
    ) -> "Pharmacy | None":
        """Return None for one that is not there or takes no referrals now.

        Args:
            practice: which one refers: it may have noted that the pharmacy is full today.
            postcode: the patient's; the distance is from there.
        """
        seeker = Seeker(now, practice, postcode[: cls.LONGEST_POSTCODE])
        found = cls.find(ods_code, seeker)
        return None if found is None or found.why_not(seeker.now) else found

    @classmethod
    def chosen_in(cls, details: Details, practice: Practice, *, now: datetime) -> "Pharmacy | None":
        """Return the pharmacy that a referral names, if it takes referrals now."""
        if not details.pharmacy:
            return None
        return cls.find_offered(
            details.pharmacy, now=now, practice=practice, postcode=details.postcode
        )


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


class FullToday(models.Model):
    """A pharmacy has phoned a practice to say that it takes no more today. It ends by itself."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, db_index=False)
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.CASCADE)
    on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practice", "pharmacy"], name="full_once"),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id}: {self.on}"


_NEAR_ENOUGH = 15  # of those some are closed
_OFTEN = 3  # times
_KEYS = ArrayField(models.BigIntegerField())


def _usual() -> PharmacyQuerySet:
    # What the practice has picked, and what it uses: a list of keys, which gives the order. After
    # them near ones: that they are not needed is known only once these are looked at. One that was
    # used once or twice is where a patient wanted to go, and not the practice.
    offered = Pharmacy.objects.offered()
    picked = Pharmacy.objects.picked_by(Given("practice"))
    used: Any = offered.used_by(Given("practice"), since=Given("since"))  # its types know no times
    last, often = used[:1], used.filter(times__gte=_OFTEN)[: Pharmacy.USUAL]
    near = offered.seen(_GIVEN).near(Given("prefix"))[:_NEAR_ENOUGH]
    known = _keys(picked, last, often)
    position = Func(known, F("pk"), function="array_position", output_field=models.IntegerField())
    seen: Any = offered.filter(_is_one_of(_keys(picked, last, often, near))).seen(_GIVEN)
    found: PharmacyQuerySet = seen.annotate(position=position).order_by(
        F("position").asc(nulls_last=True), "metres", "name", "postcode", "pk"
    )
    return found


def _keys(*several: PharmacyQuerySet) -> Any:
    lists: list[Any] = [ArraySubquery(each.values("pk")) for each in several]
    return reduce(
        lambda some, more: Func(some, more, function="array_cat", output_field=_KEYS), lists
    )


def _is_one_of(keys: Func) -> Func:
    return Func(
        *(F("pk"), keys),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=models.BooleanField(),
    )


_USUAL = Prepared(_usual)
_BY_CODE = Prepared(lambda: Pharmacy.objects.seen(_GIVEN).filter(ods_code=Given("ods_code")))
