"""What users prove their identity with: activations, password links and authenticators."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F
from django.utils import timezone
from django_otp.models import Device, TimestampMixin

from accounts import encryption, keys, prepared
from accounts.factors import activation_codes, totp
from accounts.models.people import User, is_working
from accounts.prepared import Given, Prepared


class ActivationQuerySet(models.QuerySet["Activation"]):
    def live(self, now: datetime) -> "ActivationQuerySet":
        return self.filter(used_at=None, expires_at__gt=now)

    def with_link(self, key: str, *, now: datetime) -> "Activation | None":
        """Return the activation that a link is for, with its person; nothing is spent."""
        theirs = self.live(now).filter(link_hash=keys.hash_of_key(key), user__locked_at=None)
        working = theirs.filter(is_working(timezone.localdate(now), "user__"))
        return working.select_related("user").first()

    def with_code(self, typed: str) -> "ActivationQuerySet":
        return self.filter(code_hash=Activation.hash_of(typed))


class Activation(models.Model):
    """Permission to set up an authenticator once, proved with a one-time code or a link.

    It is used up when the authenticator is confirmed, not earlier, so that the user can be
    interrupted and go on.
    """

    LIFETIME = timedelta(hours=24)  # NIST SP 800-63B-4: enrolment codes that are sent

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    code_hash = models.BinaryField(max_length=32)
    link_hash = models.BinaryField(
        max_length=32, unique=True, null=True, help_text="empty where no link was sent"
    )
    needs_password = models.BooleanField(
        db_default=False, default=False, help_text="it is worth nothing before the password"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = ActivationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"for {self.user_id}, until {self.expires_at}"

    @staticmethod
    def hash_of(code: str) -> bytes:
        bare = activation_codes.clean(code)
        return keys.keyed_hash("accounts.Activation", bare)


class PasswordLink(models.Model):
    """A link with which a user who has forgotten their password chooses a new one, once.

    A user has one at most. It ends when all sessions of the user are ended, as by a new password.
    """

    LIFETIME = timedelta(hours=1)
    UNLOCKED_LIFETIME = timedelta(hours=24)  # the user has not asked for it, and may be away

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    key_hash = models.BinaryField(max_length=32, unique=True)
    session_epoch = models.PositiveIntegerField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"for {self.user_id}, until {self.expires_at}"

    @staticmethod
    def issue(user: User, *, expires_at: datetime) -> str:
        """Return the new link's key; the user's earlier link stops working."""
        key = keys.new()
        link = PasswordLink(
            user=user,
            key_hash=keys.hash_of_key(key),
            session_epoch=user.session_epoch,
            expires_at=expires_at,
        )
        replaced = ["key_hash", "session_epoch", "expires_at"]
        PasswordLink.objects.bulk_create(
            [link], update_conflicts=True, unique_fields=["user"], update_fields=replaced
        )
        return key

    @staticmethod
    def with_key(key: str, *, now: datetime) -> "PasswordLink | None":
        return (
            PasswordLink.objects.filter(
                is_working(timezone.localdate(now), "user__"),
                expires_at__gt=now,
                session_epoch=F("user__session_epoch"),
                key_hash=keys.hash_of_key(key),
            )
            .select_related("user")
            .first()
        )


BITS = 60  # of a bigint's 63: more steps than a code can be early


class Authenticator(TimestampMixin, Device):
    """An authenticator app (RFC 6238) of a user, who may have several.

    django-otp's own model would keep the secret in the clear and its failure counter on the device.
    Verify only through ``sign_in.second_factor``, which locks the row.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="authenticators")
    sealed_secret = models.BinaryField()
    refused_step = models.BigIntegerField(
        db_default=-1, help_text="of the latest code that was refused because it was too early"
    )
    refused_before = models.BigIntegerField(
        db_default=0, help_text="the steps before that one, too: a bit for each, the nearest first"
    )
    last_step = models.BigIntegerField(default=-1, help_text="of the last code that was accepted")

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"

    @classmethod
    def make(cls, user: User, *, name: str) -> "Authenticator":
        """Saved, but not confirmed yet."""
        made = cls(user=user, name=name, confirmed=False)
        made.sealed_secret = encryption.seal(
            totp.new_secret().encode(),
            belongs_to=made.owner,
        )
        made.save()
        return made

    @property
    def owner(self) -> str:
        return f"authenticator of user {self.user_id}"

    @property
    def secret(self) -> str:
        """Base32. Shown while the app is being set up, and never again."""
        return encryption.unseal(bytes(self.sealed_secret), belongs_to=self.owner).decode()

    def was_refused(self, step: int) -> bool:
        """Whether this step's code was given too early; then it is not accepted in time either."""
        before = self.refused_step - step
        return before == 0 or (0 < before <= BITS and bool(self.refused_before >> before - 1 & 1))

    def refuse(self, step: int) -> None:
        """Note that a code was given too early. The caller locks and saves the row."""
        later = step - self.refused_step
        if later > 0:
            refused = (self.refused_before << 1 | 1) << later - 1 if later <= BITS else 0
            self.refused_step, self.refused_before = step, refused & (1 << BITS) - 1
        elif 0 < -later <= BITS:
            self.refused_before |= 1 << -later - 1

    def verify_token(self, token: str) -> bool:
        """Accept a current code that is newer than the last one accepted (RFC 6238, section 5.2).

        ``django_otp.verify_token`` calls this with the row locked.
        """
        step = totp.matching_step(self.secret, token, timezone.now())
        if step is None or step <= self.last_step or self.was_refused(step):
            return False
        self.last_step = step
        self.set_last_used_timestamp(commit=False)
        prepared.update(self, "last_step", "last_used_at")
        return True


CONFIRMED = Prepared(lambda: Authenticator.objects.filter(user=Given("user"), confirmed=True))
