"""Passkeys (WebAuthn), and the challenges that browsers answer with them."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection, models

from accounts.keys import keyed_hash
from accounts.models.people import User

CHALLENGE_LIFETIME = timedelta(minutes=5)  # the browser gives up then
LONGEST_ID = 1023  # bytes: Web Authentication Level 2, section 4, Credential ID
LONGEST_TRANSPORTS = 60  # characters


class PasskeyQuerySet(models.QuerySet["Passkey"]):
    def usable(self) -> "PasskeyQuerySet":
        return self.filter(disabled_at=None)


class Passkey(models.Model):
    """The public half of a key pair on a user's device.

    A second factor only, after the password, beside an authenticator app. Verify only through
    ``sign_in.second_factor``, which locks the row.
    """

    MOST = 5  # for one person

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=64)
    credential_id = models.BinaryField(max_length=LONGEST_ID, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(help_text="of its uses, as it says; 0 where it counts none")
    transports = models.CharField(
        max_length=LONGEST_TRANSPORTS, blank=True, help_text="how browsers reach it"
    )
    is_backed_up = models.BooleanField(help_text="its device copies it to the person's others")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True, help_text="when a copy of it was seen")

    objects = PasskeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"


def handle_of(user: User) -> bytes:
    """The WebAuthn user handle: always the same for a user, and it does not name them."""
    return keyed_hash("accounts.Passkey", str(user.pk))


class Purpose(StrEnum):
    LOG_IN = "log-in"
    ADD = "add"
    CONFIRM = "confirm"


def new_challenge() -> bytes:
    return secrets.token_bytes(32)


class ChallengeManager(models.Manager["Challenge"]):
    # One statement, so that of two answers at once only one finds the challenge.
    SPEND = "DELETE FROM accounts_challenge WHERE subject = %s RETURNING challenge, expires_at"

    def begin(self, purpose: Purpose, held: models.Model, *, now: datetime) -> bytes:
        """Return a new challenge, which replaces an earlier one for the same purpose and row."""
        challenge = new_challenge()
        ends = now + CHALLENGE_LIFETIME
        self.bulk_create(
            [Challenge(subject=f"{purpose}:{held.pk}", challenge=challenge, expires_at=ends)],
            update_conflicts=True,
            unique_fields=["subject"],
            update_fields=["challenge", "expires_at"],
        )
        return challenge

    def spend(self, purpose: Purpose, held: models.Model, *, now: datetime) -> bytes | None:
        """Return and delete the challenge; None if there is none, or it is too old.

        Call it outside any transaction that may be rolled back: a challenge is good for one answer,
        right or wrong.
        """
        with connection.cursor() as cursor:
            cursor.execute(self.SPEND, [f"{purpose}:{held.pk}"])
            row = cursor.fetchone()
        return bytes(row[0]) if row and now < row[1] else None


class Challenge(models.Model):
    """What a browser has to sign: once, soon, for one purpose and one row.

    No foreign key: each deletion of a session or pending log-in would look here for what few have.
    """

    subject = models.CharField(max_length=40, primary_key=True, help_text="purpose, and whose row")
    challenge = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()

    objects = ChallengeManager()

    def __str__(self) -> str:
        return self.subject
