"""Addresses that look shared and are one person's all the same, as the service desk has found."""

from collections.abc import Iterable

from django.db import models

from accounts.models.people import User
from accounts.text import email_addresses


class AllowedAddressQuerySet(models.QuerySet["AllowedAddress"]):
    """Allowed addresses."""

    def among(self, emails: Iterable[str]) -> set[str]:
        """Return the mailboxes of those of some that may be user names whatever they look like."""
        asked = {email_addresses.mailbox(email) for email in emails}
        return set(self.filter(mailbox__in=asked).values_list("mailbox", flat=True))

    def covers(self, email: str) -> bool:
        """Say whether an address may be a person's user name whatever it looks like."""
        return bool(self.among([email]))


class AllowedAddress(models.Model):
    """One that may be somebody's user name though it looks like several people's."""

    mailbox = models.EmailField(unique=True, help_text="in lower case, without a tag")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AllowedAddressQuerySet.as_manager()

    def __str__(self) -> str:
        return self.mailbox
