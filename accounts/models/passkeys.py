"""Passkeys, and the challenges that browsers are asked to answer with them."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection, models

from accounts.factors import challenges
from accounts.keys import keyed_hash
from accounts.models.people import User


class PasskeyQuerySet(models.QuerySet["Passkey"]):
    """Passkeys of people."""

    def usable(self) -> "PasskeyQuerySet":
        """Those that nobody is known to have copied."""
        return self.filter(disabled_at=None)

    def known(self) -> list[challenges.Known]:
        """Return what a browser is told of them."""
        rows = self.order_by("pk").values_list("credential_id", "transports")
        return [challenges.Known(bytes(each), transports) for each, transports in rows]


class Passkey(models.Model):
    """A passkey of a person: a key pair in their device, of which we have the public half.

    A second step only, after the password, and beside an authenticator app. Verify only through
    ``second_factor``, which locks the row.
    """

    MOST = 5  # for one person

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=64)
    credential_id = models.BinaryField(max_length=challenges.LONGEST_ID, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(help_text="of its uses, as it says; 0 where it counts none")
    transports = models.CharField(
        max_length=challenges.LONGEST_TRANSPORTS, blank=True, help_text="how browsers reach it"
    )
    is_backed_up = models.BooleanField(help_text="its device copies it to the person's others")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True, help_text="when a copy of it was seen")

    objects = PasskeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"


def handle_of(user: User) -> bytes:
    """Return what stands for a person in their devices: always the same, and nobody's name."""
    return keyed_hash("accounts.Passkey", str(user.pk))


class Purpose(StrEnum):
    """What a passkey is made or used for."""

    LOG_IN = "log-in"
    ADD = "add"
    CONFIRM = "confirm"


class ChallengeManager(models.Manager["Challenge"]):
    """Hands out challenges and takes them back."""

    # One statement: of two answers at once, one gets it.
    SPEND = "DELETE FROM accounts_challenge WHERE subject = %s RETURNING challenge, expires_at"

    def begin(self, purpose: Purpose, held: models.Model, *, now: datetime) -> bytes:
        """Return a new challenge; the one before it, for the same, counts no more."""
        challenge = challenges.new_challenge()
        ends = now + challenges.LIFETIME
        self.bulk_create(
            [Challenge(subject=f"{purpose}:{held.pk}", challenge=challenge, expires_at=ends)],
            update_conflicts=True,
            unique_fields=["subject"],
            update_fields=["challenge", "expires_at"],
        )
        return challenge

    def spend(self, purpose: Purpose, held: models.Model, *, now: datetime) -> bytes | None:
        """Take a challenge back and return it; None if there is none, or it is too old.

        Call it outside of any transaction that may be undone: it is good for one answer, right
        or wrong.
        """
        with connection.cursor() as cursor:
            cursor.execute(self.SPEND, [f"{purpose}:{held.pk}"])
            row = cursor.fetchone()
        return bytes(row[0]) if row and now < row[1] else None

    def forget_old(self, *, now: datetime) -> None:
        """Clear away what nobody has answered."""
        self.filter(expires_at__lte=now - timedelta(days=1)).delete()


class Challenge(models.Model):
    """What a browser has to sign: once, soon, for one purpose, where it was asked.

    No foreign key: deleting a session or a log-in under way, which everybody does, would look
    here each time for what hardly anybody has.
    """

    subject = models.CharField(max_length=40, primary_key=True, help_text="purpose, and whose row")
    challenge = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()

    objects = ChallengeManager()

    def __str__(self) -> str:
        return self.subject
