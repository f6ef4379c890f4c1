"""Referrals, from the first word that is saved, and what has happened to each of them."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Cast, Coalesce, Extract, Now

from accounts import encryption
from accounts.models.people import Membership, Practice, User
from accounts.prepared import Given, Prepared
from referrals import states
from referrals.details import Details
from referrals.models.pharmacies import Pharmacy
from referrals.same_patient import differences, letters
from referrals.states import ReferralEvent, State

# Without letters and digits that are easily confused, or that make words.
REFERENCE_LETTERS = "23456789BCDFGHJKMNPQRTVWXZ"
STATE_CHOICES = [(state.value, state.value) for state in State]
EVENT_CHOICES = [(event.value, event.label) for event in ReferralEvent]


class StaleError(Exception):
    """Another request was quicker: the row is not as it was read."""


def _keyed_hash(*parts: str) -> bytes:
    text = "\x00".join(parts).encode()
    return hmac.new(settings.LOOKUP_KEY.encode(), text, hashlib.sha256).digest()


def hash_of_nhs_number(nhs_number: str) -> bytes | None:
    """Return a keyed hash by which the patient's referrals are found."""
    return _keyed_hash("NHS number", nhs_number) if nhs_number else None


def hash_of_person(details: Details) -> bytes:
    """Return a keyed hash by which a patient without an NHS number is found.

    Of the family name only its letters count, beside the date of birth.
    """
    return _keyed_hash("person", letters(details.family_name), details.birth_date.isoformat())


def new_reference() -> str:
    """Return a case number that people can read out, as in PR-7K2M-9QXW."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"PR-{letters[:4]}-{letters[4:]}"


def _unseal(sealed: bytes, owner: str) -> Details:
    return Details.from_json(encryption.unseal(sealed, belongs_to=owner))


def _owner(referral_id: uuid.UUID, practice_id: int) -> str:
    return f"referral {referral_id} of practice {practice_id}"


class Listed(NamedTuple):
    id: uuid.UUID
    practice: int
    state: str
    sealed_details: bytes
    is_complete: bool
    pharmacy: str | None
    pharmacy_phone: str | None
    sent_by_given_name: str | None
    sent_by_family_name: str | None
    seconds: float  # since 1970: sent, or saved where it has not been

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, tz=UTC)

    @property
    def details(self) -> Details:
        return _unseal(self.sealed_details, _owner(self.id, self.practice))


class Earlier(NamedTuple):
    """What the practice has sent, or begun, that may be for the patient of a referral.

    Each is in one of the three, and lists have the latest first.
    """

    stopped: list[Listed]  # this very one, when its answers stopped it
    lately: list[Listed]  # within a day
    # The latest with the same NHS number that was complete, at any time, if it was for another name
    # or date of birth.
    differs: Listed | None

    @property
    def others(self) -> list[Listed]:
        return [*self.stopped, *self.lately]

    @property
    def all(self) -> list[Listed]:
        return [*filter(None, [self.differs]), *self.others]


def being_sent(found: Iterable[Listed]) -> list[uuid.UUID]:
    return [each.id for each in found if each.state == State.SENDING]


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, *, user: int | Given, practice: int | Given) -> "ReferralQuerySet":
        """Those that exist for the user: their practice's, and of drafts their own."""
        own = Q(author=user) | ~Q(state=State.DRAFT)
        return self.filter(own, practice=practice)

    def drafts_of(self, member: Membership) -> "ReferralQuerySet":
        return self.filter(state=State.DRAFT, author=member.user_id, practice=member.practice_id)

    def listed(self, *more: models.Expression) -> "models.QuerySet[Referral, tuple[Any, ...]]":
        """Return what ``Listed`` is made of, and ``more``: each column that is read costs time."""
        own = ("id", "practice", "state", "sealed_details", "is_complete")
        others = ("pharmacy__name", "pharmacy__phone", "sent_by__given_name")
        # A number, since psycopg takes ten times as long to read a timestamp.
        at = Cast(Extract(Coalesce("sent_at", "saved_at"), "epoch"), models.FloatField())
        return self.values_list(*own, *others, "sent_by__family_name", at, *more)

    def drafts(self) -> "ReferralQuerySet":
        return self.filter(state=State.DRAFT).order_by("-saved_at", "-pk")

    def sent(self) -> "ReferralQuerySet":
        return self.exclude(sent_at=None).order_by("-sent_at", "-pk")

    def needing_action(self, since: datetime | Given) -> "ReferralQuerySet":
        """Those that did not arrive for sure: the practice has to phone."""
        return self.sent().filter(
            state__in=[State.NOT_DELIVERED, State.NOT_CONFIRMED], sent_at__gte=since
        )

    def for_the_same_patient(
        self, person_hash: bytes | Given, nhs_number_hash: bytes | Given | None
    ) -> "ReferralQuerySet":
        """Those sent for the patient: by NHS number, or name and birth where one is missing."""
        same = Q(person_hash=person_hash)
        if nhs_number_hash:  # two numbers that differ are two people, such as twins
            same = Q(nhs_number_hash=nhs_number_hash) | same & Q(nhs_number_hash=None)
        return self.sent().filter(same)


class Referral(models.Model):
    """One patient, one pharmacy, one reason. What is written in it is encrypted."""

    SAME_PATIENT_WITHIN = timedelta(hours=24)
    MOST_EARLIER = 1000  # that are counted

    # Made when the form is opened, so that pressing a button twice makes one row.
    id = models.UUIDField(primary_key=True)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=STATE_CHOICES, default=State.DRAFT.value)
    version = models.PositiveIntegerField(default=1, help_text="counts what has been saved")
    created_at = models.DateTimeField()
    reference = models.CharField(max_length=20, unique=True, default=new_reference)
    journey_id = models.UUIDField(default=uuid.uuid4, help_text="kept in later referrals (BaRS)")
    # Of what its answers have stopped, and of each copy in which they are corrected: the id of the
    # first of them. No key of another row: that may be a draft, and be deleted.
    begun_as = models.UUIDField(null=True)
    sealed_details = models.BinaryField()
    # Of a draft: whether the form has found nothing wrong with it, which form saved it last, by
    # the id in its token, and how often that form had saved by then.
    is_complete = models.BooleanField(db_default=True)
    saved_at = models.DateTimeField(db_default=Now())
    saved_form_id = models.UUIDField(null=True)
    saved_sequence = models.PositiveIntegerField(db_default=0)
    # Known once it is sent; of one that was stopped by its answers, who was told so when.
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, null=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    nhs_number_hash = models.BinaryField(max_length=32, null=True)
    person_hash = models.BinaryField(max_length=32, null=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["practice", "-sent_at", "-id"], name="referral_latest"),
            models.Index(fields=["practice", "nhs_number_hash"], name="referral_nhs_number"),
            models.Index(fields=["practice", "person_hash"], name="referral_person"),
            models.Index(
                fields=["begun_as"],
                name="referral_begun_as",
                condition=Q(begun_as__isnull=False),
            ),
            models.Index(
                fields=["practice", "author"],
                name="referral_drafts",
                condition=Q(state=State.DRAFT.value),
            ),
            models.Index(
                fields=["saved_at"],
                name="referral_old_drafts",
                condition=Q(state=State.DRAFT.value),
            ),
            models.Index(
                fields=["practice", "-sent_at"],
                name="referral_needs_action",
                condition=Q(state__in=[State.NOT_DELIVERED.value, State.NOT_CONFIRMED.value]),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state=State.DRAFT.value, sent_at=None)
                | Q(state=State.STOPPED.value, sent_at__isnull=False, sent_by__isnull=False)
                | ~Q(state__in=[State.DRAFT.value, State.STOPPED.value])
                & Q(sent_at__isnull=False, pharmacy__isnull=False, sent_by__isnull=False),
                name="what_is_sent_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @classmethod
    def find(cls, referral_id: uuid.UUID, *, person: Membership) -> "Referral | None":
        return _VISIBLE.first(id=referral_id, user=person.user_id, practice=person.practice_id)

    def is_visible_to(self, person: Membership) -> bool:
        """Say of one that has been read what ``visible_to`` asks the database."""
        is_own = self.author_id == person.user_id or self.state != State.DRAFT
        return is_own and self.practice_id == person.practice_id

    def earlier(self, details: Details, *, now: datetime) -> Earlier:
        nhs_number_hash = hash_of_nhs_number(details.nhs_number)
        since = now - self.SAME_PATIENT_WITHIN
        rows = (_EARLIER_BY_NUMBER if nhs_number_hash else _EARLIER_BY_PERSON).rows(
            itself=self.pk,
            practice=self.practice_id,
            since=since,
            nhs_number=nhs_number_hash,
            person=hash_of_person(details),
            begun_as=self.first_id,
        )
        found = [(Listed._make(row[:-2]), row[-2], row[-1]) for row in rows]
        latest = next((each for each, is_latest, _ in found if is_latest), None)
        differs = latest if latest and differences(details, latest.details) else None
        others = [(each, is_itself) for each, _, is_itself in found if each is not differs]
        return Earlier(
            [each for each, is_itself in others if is_itself],
            [each for each, is_itself in others if each.at >= since and not is_itself],
            differs,
        )

    @property
    def first_id(self) -> uuid.UUID:
        return self.begun_as or self.pk

    @property
    def owner(self) -> str:
        return _owner(self.id, self.practice_id)

    @cached_property
    def details(self) -> Details:
        return _unseal(bytes(self.sealed_details), self.owner)

    def write(self, details: Details) -> None:
        """Seal the details; the caller saves the row."""
        self.sealed_details = encryption.seal(details.to_json(), belongs_to=self.owner)
        self.__dict__["details"] = details

    def apply(self, event: ReferralEvent, *, by: User | None, at: datetime, **fields: Any) -> None:
        """Change the state, and write a timeline entry: nothing else writes a state.

        Call it in a transaction.

        Args:
            by: None where PharmRefer did it by itself.
            fields: further columns that change with it.

        Raises:
            IllegalMoveError: it cannot happen in this state.
            StaleError: the row's state, or version, is not as it was read.
        """
        then = states.after(State(self.state), event)
        columns: dict[str, Any] = {"state": then}
        for name, value in fields.items():
            is_row = isinstance(value, models.Model)
            columns[f"{name}_id" if is_row else name] = value.pk if is_row else value
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH moved AS (
                    UPDATE referrals_referral
                    SET {", ".join(f"{column} = %s" for column in columns)}
                    WHERE id = %s AND state = %s AND version = %s
                    RETURNING id, practice_id
                )
                INSERT INTO referrals_timelineentry (referral_id, practice_id, event, by_id, at)
                SELECT id, practice_id, %s, %s::bigint, %s::timestamptz FROM moved
                """,  # noqa: S608  names of columns, from the model
                [
                    *columns.values(),
                    *(self.pk, self.state, self.version),
                    *(event, by.pk if by else None, at),
                ],
            )
            if not cursor.rowcount:
                raise StaleError
        self.state = then
        for name, value in fields.items():
            setattr(self, name, value)


_VISIBLE = Prepared(
    lambda: (
        Referral.objects.visible_to(user=Given("user"), practice=Given("practice"))
        .filter(pk=Given("id"))
        .select_related("practice", "pharmacy", "sent_by")
    )
)


def _earlier(nhs_number_hash: Given | None) -> "models.QuerySet[Referral, tuple[Any, ...]]":
    """Return those of the last day; with whatever date the latest with the NHS number, and stops.

    Behind what ``listed`` gives, each says whether it is that latest one, and whether it is this
    very referral, when its answers stopped it.
    """
    others = Referral.objects.filter(practice=Given("practice")).exclude(pk=Given("itself"))
    is_late = Q(sent_at__gte=Given("since"))
    is_latest: models.Expression = models.Value(value=False)
    same = others.for_the_same_patient(Given("person"), nhs_number_hash)
    if nhs_number_hash:
        complete = others.sent().filter(is_complete=True)
        latest = complete.filter(nhs_number_hash=nhs_number_hash).values("pk")[:1]
        is_latest = models.ExpressionWrapper(Q(pk=latest), output_field=models.BooleanField())
        is_late |= Q(pk=latest)
    is_itself = Q(begun_as=Given("begun_as"), state=State.STOPPED)
    found = same.filter(is_late) | others.filter(is_itself)
    says = models.ExpressionWrapper(is_itself, output_field=models.BooleanField())
    return found.listed(is_latest, says)[: Referral.MOST_EARLIER]


_EARLIER_BY_NUMBER = Prepared(lambda: _earlier(Given("nhs_number")))
_EARLIER_BY_PERSON = Prepared(lambda: _earlier(None))


class TimelineEntry(models.Model):
    """Something that has happened to a referral, as its practice is told."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="timeline")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT)
    event = models.CharField(max_length=20, choices=EVENT_CHOICES)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.event}"
