"""E-mail addresses that look shared, but which the service desk has found to be one person's."""

from collections.abc import Iterable

from django.db import models

from accounts.models.people import User
from accounts.text import email_addresses


class AllowedAddressQuerySet(models.QuerySet["AllowedAddress"]):
    def among(self, emails: Iterable[str]) -> set[str]:
        """Return those of the addresses' mailboxes (lower case, without a tag) that are allowed."""
        asked = {email_addresses.mailbox(email) for email in emails}
        return set(self.filter(mailbox__in=asked).values_list("mailbox", flat=True))

    def covers(self, email: str) -> bool:
        return bool(self.among([email]))


class AllowedAddress(models.Model):
    mailbox = models.EmailField(unique=True, help_text="in lower case, without a tag")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AllowedAddressQuerySet.as_manager()

    def __str__(self) -> str:
        return self.mailbox
