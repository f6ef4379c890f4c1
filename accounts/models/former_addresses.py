"""E-mail addresses that users had until lately, so that nobody moves an account unseen."""

from datetime import datetime, timedelta

from django.db import models

from accounts.models.people import User


class FormerAddress(models.Model):
    NOTIFIED_FOR = timedelta(days=30)  # it still gets notices about the account

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_addresses")
    email = models.EmailField()
    left_at = models.DateTimeField(help_text="when it was changed")

    def __str__(self) -> str:
        return self.email


def addresses_of(user: User, *, now: datetime) -> list[str]:
    """Return today's address first, then those of the last 30 days.

    A notice to all of them reaches the owner also where a thief changed the address twice in a row.
    """
    since = now - FormerAddress.NOTIFIED_FOR
    if user.email_changed_at is None or user.email_changed_at <= since:
        return [user.email]
    # ``email_before`` too: an earlier version of the program stored the last address only there.
    former = user.former_addresses.filter(left_at__gt=since).order_by("-pk")
    before = [user.email_before, *former.values_list("email", flat=True)]
    return list(dict.fromkeys([user.email, *filter(None, before)]))
