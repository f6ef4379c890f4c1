"""The outbox of e-mails: stored in the transaction that they tell of, so that none is lost."""

import json
import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts import encryption


class Trouble(models.TextChoices):
    """Why an e-mail has not gone out; the label continues a sentence."""

    NO_SUCH_ADDRESS = "no-such-address", "the address does not exist"
    REFUSED = "refused", "our mail server refuses it"
    BUSY = "busy", "our mail server asks us to wait"
    NO_ANSWER = "no-answer", "our mail server does not answer"
    UNSURE = "unsure", "our mail server has not said whether it took it"
    NOT_TRIED = "not-tried", "it was not tried in time"
    OUR_FAULT = "our-fault", "PharmRefer has a fault"


class MailQuerySet(models.QuerySet["Mail"]):
    def unsent(self, now: datetime) -> "MailQuerySet":
        """Those that failed, or should have gone out by now.

        One that failed for good is left out once a later e-mail has reached the same address.
        """
        later = Mail.objects.filter(to=OuterRef("to"), sent_at__gt=OuterRef("created_at"))
        is_late = Q(next_try_at__isnull=False, created_at__lte=now - Mail.SENT_WITHIN)
        return self.filter(is_late | (Q(next_try_at=None) & ~Exists(later)), sent_at=None)

    def newest_of_each_address(self) -> "MailQuerySet":
        return self.order_by("to", "-created_at").distinct("to")


class Mail(models.Model):
    """An e-mail. Subject and text are encrypted, for they may hold a link that opens something."""

    KEPT_FOR = timedelta(days=30)  # once it has been sent, without subject and text
    SENT_WITHIN = timedelta(minutes=10)  # else the service desk is shown that it was not

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    to = models.EmailField()
    sealed_words = models.BinaryField(help_text="empty once it has been sent, or is of no use")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, help_text="when it would be of no use any more")
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, help_text="empty when there is none")
    sent_at = models.DateTimeField(null=True)
    trouble = models.CharField(
        max_length=20, default="", db_default="", help_text="why it has not gone out"
    )

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["to", "created_at"], name="mail_of_an_address"),
            models.Index(
                fields=["created_at"], name="mail_unsent", condition=Q(sent_at__isnull=True)
            ),
            models.Index(
                fields=["next_try_at"], name="mail_due", condition=Q(next_try_at__isnull=False)
            ),
            models.Index(fields=["sent_at"], name="mail_sent"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def owner(self) -> str:
        return f"mail {self.pk} to {self.to}"

    def write(self, subject: str, text: str) -> None:
        words = json.dumps([subject, text]).encode()
        self.sealed_words = encryption.seal(words, belongs_to=self.owner)

    def read(self) -> tuple[str, str]:
        opened = encryption.unseal(bytes(self.sealed_words), belongs_to=self.owner)
        subject, text = json.loads(opened)
        return subject, text
