"""E-mails that are to be sent: stored with what they tell of, so that none is lost."""

import json
import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts import encryption


class Mail(models.Model):
    """An e-mail. Its words are encrypted, for they may hold a link that opens something."""

    KEPT_FOR = timedelta(days=30)  # without its words, once it has been sent

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    to = models.EmailField()
    sealed_words = models.BinaryField(help_text="empty once it has been sent, or is of no use")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, help_text="when it would be of no use any more")
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, help_text="empty when there is none")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at"], name="mail_due", condition=Q(next_try_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def owner(self) -> str:
        """What its words belong to."""
        return f"mail {self.pk} to {self.to}"

    def write(self, subject: str, text: str) -> None:
        """Seal its words; saving is the caller's."""
        words = json.dumps([subject, text]).encode()
        self.sealed_words = encryption.seal(words, belongs_to=self.owner)

    def read(self) -> tuple[str, str]:
        """Return its subject and text."""
        opened = encryption.unseal(bytes(self.sealed_words), belongs_to=self.owner)
        subject, text = json.loads(opened)
        return subject, text
