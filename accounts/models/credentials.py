"""What people prove with who they are: activations, links and authenticators."""

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
    """One-time activations."""

    def live(self, now: datetime) -> "ActivationQuerySet":
        """Those that can still be used."""
        return self.filter(used_at=None, expires_at__gt=now)

    def with_link(self, key: str, *, now: datetime) -> "ActivationQuerySet":
        """The one whose link somebody opened, if its person may log in."""
        theirs = self.filter(link_hash=keys.hash_of_key(key), user__locked_at=None)
        return theirs.filter(is_working(timezone.localdate(now), "user__")).select_related("user")

    def with_code(self, typed: str) -> "ActivationQuerySet":
        """Those whose code somebody typed, however grouped."""
        return self.filter(code_hash=Activation.hash_of(typed))


class Activation(models.Model):
    """Permission to set up an authenticator once, proved with a one-time code or a link.

    Using either spends both. It is spent when the authenticator is confirmed, so that whoever is
    interrupted can go on.
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
        """Return what is stored of a code."""
        bare = activation_codes.clean(code)
        return keys.keyed_hash("accounts.Activation", bare)


class PasswordLink(models.Model):
    """A link with which somebody who has forgotten their password chooses another one, once.

    A person has one, the newest. It opens nothing but that, and nothing any more as soon as all
    sessions of the person have been ended: the password has been changed since, say.
    """

    LIFETIME = timedelta(hours=1)
    UNLOCKED_LIFETIME = timedelta(hours=24)  # somebody else has asked for it: they may be away

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    key_hash = models.BinaryField(max_length=32, unique=True)
    session_epoch = models.PositiveIntegerField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"for {self.user_id}, until {self.expires_at}"

    @staticmethod
    def issue(user: User, *, expires_at: datetime) -> str:
        """Return the key of a new link, which takes the place of the one before."""
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
        """Return a link that can still be used, with its person, who may log in."""
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


BITS = 60  # of a row's number, which has 63: more steps than are recognised as early


class Authenticator(TimestampMixin, Device):
    """An authenticator app that belongs to a person; they may have several.

    django-otp's own model would keep the secret in the clear and its failure counter on the
    device. Verify only through ``second_factor``, which locks the row.
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
        """Return a new one, not confirmed yet, with a secret of its own."""
        made = cls(user=user, name=name, confirmed=False)
        made.sealed_secret = encryption.seal(
            totp.new_secret().encode(),
            belongs_to=made.owner,
        )
        made.save()
        return made

    @property
    def owner(self) -> str:
        """What its secret belongs to."""
        return f"authenticator of user {self.user_id}"

    @property
    def secret(self) -> str:
        """The secret in base32. Shown while it is being set up, and never again."""
        return encryption.unseal(bytes(self.sealed_secret), belongs_to=self.owner).decode()

    def was_refused(self, step: int) -> bool:
        """Say whether its code was given before its moment; then it is not accepted in it."""
        before = self.refused_step - step
        return before == 0 or (0 < before <= BITS and bool(self.refused_before >> before - 1 & 1))

    def refuse(self, step: int) -> None:
        """Note that a code was given before its moment. Call it with the row locked, and save."""
        later = step - self.refused_step
        if later > 0:
            refused = (self.refused_before << 1 | 1) << later - 1 if later <= BITS else 0
            self.refused_step, self.refused_before = step, refused & (1 << BITS) - 1
        elif 0 < -later <= BITS:
            self.refused_before |= 1 << -later - 1

    def verify_token(self, token: str) -> bool:
        """Accept a code of this moment that is newer than the last one accepted.

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
