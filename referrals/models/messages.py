"""The outbox: messages byte for byte as they go to a pharmacy's system, and every attempt.

The row is the queue. ``next_attempt_at`` says when it is due; empty means never again. A program
that claims a row holds a lease on it for a while, and writes the attempt before making it.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

import orjson
from django.db import models
from django.db.models import F, Q

from accounts import encryption
from accounts.models.people import Practice
from accounts.prepared import Given, Prepared, is_any_of
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from referrals.verdicts import Reason

REASON_CHOICES = [(reason.value, reason.value) for reason in Reason]


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime | Given) -> "MessageQuerySet":
        return self.unclaimed(now).filter(next_attempt_at__lte=now)

    def unclaimed(self, now: datetime | Given) -> "MessageQuerySet":
        return self.filter(Q(lease_until=None) | Q(lease_until__lte=now))

    def to_show(self) -> "MessageQuerySet":
        """Without what is sent in it, and with the referral's state of the same moment."""
        found: Any = self.defer("sealed_headers", "sealed_body")  # the types take it for two
        annotated: MessageQuerySet = found.annotate(referral_state=F("referral__state"))
        return annotated

    def expired(self, now: datetime) -> "MessageQuerySet":
        return self.unclaimed(now).filter(next_attempt_at__isnull=False, give_up_at__lte=now)


class Message(models.Model):
    """One message to a pharmacy's system. Every attempt sends the same bytes with the same ids."""

    id = models.UUIDField(primary_key=True, help_text="X-Request-Id")
    correlation_id = models.UUIDField(help_text="X-Correlation-Id: the case")
    bundle_id = models.UUIDField()
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="messages")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT)
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT)
    sealed_headers = models.BinaryField()
    sealed_body = models.BinaryField()
    created_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True)
    enqueued_until = models.DateTimeField(
        null=True, help_text="the sweep does not enqueue it again before"
    )
    attempts_made = models.PositiveIntegerField(default=0)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    last_reason = models.CharField(max_length=30, blank=True, choices=REASON_CHOICES)
    delivered_at = models.DateTimeField(null=True)
    sealed_receipt = models.BinaryField(null=True, help_text="the answer that accepted it")

    # As ``to_show`` reads it: one that was read before may be over by now.
    referral_state = ""

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                name="message_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["pharmacy", "next_attempt_at"],
                name="message_of_pharmacy",
                condition=Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def latest_of(cls, referral_ids: list[uuid.UUID]) -> "dict[uuid.UUID, Message]":
        """Return each referral's latest message, as ``to_show`` reads it."""
        found = _OF_REFERRALS.rows(referrals=referral_ids) if referral_ids else []
        return {each.referral_id: each for each in found}

    def may_have_arrived(self, *, now: datetime) -> bool:
        """Whether an attempt that is over may have succeeded without our knowing."""
        known = self.attempts.filter(number__lte=self.attempts_made)  # when this row was read
        unknown = known.filter(outcome=Outcome.UNKNOWN)
        if self.lease and self.lease_until and self.lease_until > now:  # still under way
            unknown = unknown.exclude(pk=self.lease)
        return self.attempts_made > 0 and unknown.exists()

    def owner(self, part: str) -> str:
        # What is sealed is bound to this text: with another one it could not be opened.
        return f"{part} of message {self.id} of practice {self.practice_id}"

    def write(self, headers: dict[str, str], body: bytes) -> None:
        self.sealed_headers = encryption.seal(
            orjson.dumps(headers), belongs_to=self.owner("headers")
        )
        self.sealed_body = encryption.seal(body, belongs_to=self.owner("body"))

    @property
    def headers(self) -> dict[str, str]:
        sealed = bytes(self.sealed_headers)
        read: dict[str, str] = orjson.loads(
            encryption.unseal(sealed, belongs_to=self.owner("headers"))
        )
        return read

    @property
    def body(self) -> bytes:
        return encryption.unseal(bytes(self.sealed_body), belongs_to=self.owner("body"))

    def seal_receipt(self, body: bytes) -> bytes:
        return encryption.seal(body, belongs_to=self.owner("receipt"))

    @property
    def receipt(self) -> bytes:
        """The body of the answer that accepted it; empty where that was "we have it already"."""
        if self.sealed_receipt is None:
            return b""
        return encryption.unseal(bytes(self.sealed_receipt), belongs_to=self.owner("receipt"))


_OF_REFERRALS = Prepared(
    lambda: (
        Message.objects.filter(is_any_of("referral", "referrals")).to_show().order_by("created_at")
    )
)


class Outcome(models.TextChoices):
    UNKNOWN = "unknown", "not known: the pharmacy may have it"
    ACCEPTED = "accepted", "accepted"
    FAILED = "failed", "not accepted"


class Attempt(models.Model):
    """One try to send a message, written before it is made: what is cut short stays unknown."""

    LEASE = timedelta(seconds=45)  # more than twice as long as a request can take

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, help_text="the lease")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT)
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.UNKNOWN)
    reason = models.CharField(max_length=30, blank=True, choices=REASON_CHOICES)
    status = models.PositiveIntegerField(null=True, help_text="HTTP")
    code = models.CharField(max_length=64, blank=True, help_text="of the OperationOutcome")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("message", "number", name="attempts_are_counted"),
        ]
        indexes: ClassVar = [models.Index(fields=["started_at"], name="attempt_started")]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.number}"
