"""The addresses that people had until lately: whoever moves an account must not do so unseen."""

from datetime import datetime, timedelta

from django.db import models

from accounts.models.people import User


class FormerAddress(models.Model):
    """An address that was somebody's."""

    NOTIFIED_FOR = timedelta(days=30)  # of what happens to the account

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_addresses")
    email = models.EmailField()
    left_at = models.DateTimeField(help_text="when it was changed")

    def __str__(self) -> str:
        return self.email


def addresses_of(user: User, *, now: datetime) -> list[str]:
    """Return every address that was somebody's in the last 30 days, today's first.

    What is told to all of them reaches its owner also where an account was moved twice in a row.
    """
    since = now - FormerAddress.NOTIFIED_FOR
    if user.email_changed_at is None or user.email_changed_at <= since:
        return [user.email]
    # The last one also where an earlier version, which knows no others, has moved it.
    former = user.former_addresses.filter(left_at__gt=since).order_by("-pk")
    before = [user.email_before, *former.values_list("email", flat=True)]
    return list(dict.fromkeys([user.email, *filter(None, before)]))
