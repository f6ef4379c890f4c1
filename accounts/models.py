"""Rows about people: where they work, how they prove who they are, and that they have done so.

Nothing here knows about requests. Keys that a browser holds are stored as hashes, so that a copy
of the database opens nothing.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.models import Device, TimestampMixin

from accounts import activation_codes, encryption, totp
from accounts.roles import Role

ROLE_CHOICES = [(role.value, role.label) for role in Role]
IN_A_PRACTICE = [role.value for role in Role if role.is_in_a_practice]
IN_NO_PRACTICE = [role.value for role in Role if not role.is_in_a_practice]


class IntegratedCareBoard(models.Model):
    """The NHS body for a region; its practices share local services."""

    ods_code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Practice(models.Model):
    """A GP practice, as the Organisation Data Service (ODS) knows it."""

    ods_code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=300, help_text="in one line, without the postcode")
    postcode = models.CharField(max_length=8)
    phone = models.CharField(max_length=20)
    icb = models.ForeignKey(IntegratedCareBoard, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.name


def fold_user_name(typed: str) -> str:
    """Return a user name as it is stored: e-mail addresses are typed in any case."""
    return typed.strip().casefold()


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # Device has no types
    """One person, who signs in with their own e-mail address."""

    # Authenticator apps take the user name apart: 2FAST loses the secret after a question mark.
    email = models.EmailField(
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z0-9._@'+-]+\Z",
                "Use an e-mail address of letters, digits and . _ ' + - only",
            )
        ],
    )
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    job_role = models.CharField(max_length=100, help_text="as it goes into a referral")
    is_active = models.BooleanField(default=True)
    # Sessions bear the number that was current when they began: counting on ends all of them.
    session_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="user_email_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def full_name(self) -> str:
        """Given name and family name."""
        return f"{self.given_name} {self.family_name}"

    def default_membership(self) -> "Membership | None":
        """Return what the person signs in as: their first membership, with its practice."""
        return self.memberships.select_related("practice").order_by("pk").first()


class Membership(models.Model):
    """What a person is in a practice, or, for the service desk and operators, in none."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, blank=True)
    role = models.CharField(max_length=30, choices=ROLE_CHOICES)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "user", "practice", name="one_membership_a_practice", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(practice__isnull=False, role__in=IN_A_PRACTICE)
                | Q(practice__isnull=True, role__in=IN_NO_PRACTICE),
                name="practice_roles_have_a_practice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


class ActivationQuerySet(models.QuerySet["Activation"]):
    """One-time activations."""

    def live(self, now: datetime) -> "ActivationQuerySet":
        """Those that can still be used."""
        return self.filter(used_at=None, expires_at__gt=now)

    def with_code(self, typed: str) -> "ActivationQuerySet":
        """Those whose code somebody typed, however grouped."""
        return self.filter(code_hash=Activation.hash_of(typed))


class Activation(models.Model):
    """Permission to set up an authenticator once, proved with a one-time code.

    It is spent when the authenticator is confirmed, so that whoever is interrupted can go on.
    """

    LIFETIME = timedelta(hours=24)  # NIST SP 800-63B-4: enrolment codes that are sent

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    code_hash = models.BinaryField(max_length=32)
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
        return salted_hmac("accounts.Activation", bare, algorithm="sha256").digest()


class Authenticator(TimestampMixin, Device):
    """An authenticator app that belongs to a person; they may have several.

    django-otp's own model would keep the secret in the clear and its failure counter on the
    device. Verify only through ``mfa``, which locks the row.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="authenticators")
    sealed_secret = models.BinaryField()
    last_step = models.BigIntegerField(default=-1, help_text="of the last code that was accepted")

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"

    @classmethod
    def make(cls, user: User, *, name: str) -> "Authenticator":
        """Return a new one, not confirmed yet, with a secret of its own."""
        made = cls(user=user, name=name, confirmed=False)
        made.sealed_secret = encryption.seal(
            totp.new_secret().encode(),
            belongs_to=made._owner,
        )
        made.save()
        return made

    @property
    def _owner(self) -> str:
        return f"authenticator of user {self.user_id}"

    @property
    def secret(self) -> str:
        """The secret in base32. Shown while it is being set up, and never again."""
        return encryption.unseal(bytes(self.sealed_secret), belongs_to=self._owner).decode()

    def verify_token(self, token: str) -> bool:
        """Accept a code of this moment that is newer than the last one accepted.

        ``django_otp.verify_token`` calls this with the row locked.
        """
        step = totp.matching_step(self.secret, token, timezone.now())
        if step is None or step <= self.last_step:
            return False
        self.last_step = step
        self.set_last_used_timestamp(commit=False)
        self.save(update_fields=["last_step", "last_used_at"])
        return True


def hash_of_key(key: str) -> bytes:
    """Return what is stored of a key that a browser holds; keys are random, so plain SHA-256."""
    return hashlib.sha256(key.encode()).digest()


class HeldByBrowser(models.Model):
    """A row that a browser finds again with a key in a cookie; only the key's hash is stored."""

    key_hash = models.BinaryField(max_length=32, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    session_epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    @classmethod
    def begin(cls, *, user: User, now: datetime, **fields: Any) -> str:
        """Make a row and return its key, which exists nowhere else."""
        key = secrets.token_urlsafe(32)
        cls._default_manager.create(
            key_hash=hash_of_key(key),
            user=user,
            session_epoch=user.session_epoch,
            created_at=now,
            **fields,
        )
        return key

    @property
    def is_still_the_persons(self) -> bool:
        """Whether the person may still sign in and has not ended all sessions since."""
        return self.user.is_active and self.session_epoch == self.user.session_epoch


class Step(models.TextChoices):
    """What somebody who is logging in, and is not in yet, has to do next."""

    CODE = "code", "enter a code from the authenticator"
    ACTIVATION = "activation", "enter an activation code: there is no authenticator"
    PASSWORD = "password", "choose a password"
    SET_UP = "set_up", "set up an authenticator"


class PendingLogIn(HeldByBrowser):
    """Somebody part of the way in: it opens the next step and nothing else, and soon ends."""

    LIFETIME = timedelta(minutes=10)
    SET_UP_LIFETIME = timedelta(hours=1)  # the app may have to be installed first

    step = models.CharField(max_length=20, choices=Step.choices)
    expires_at = models.DateTimeField()
    next_path = models.CharField(max_length=200, blank=True)
    activation = models.ForeignKey(Activation, on_delete=models.CASCADE, null=True)
    authenticator = models.ForeignKey(Authenticator, on_delete=models.SET_NULL, null=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.step}"

    def is_live(self, now: datetime) -> bool:
        """Whether it still opens its step."""
        activation = self.activation
        return (
            self.is_still_the_persons
            and now < self.expires_at
            and (activation is None or (activation.used_at is None and now < activation.expires_at))
        )


class Session(HeldByBrowser):
    """Somebody is signed in: with which authenticator, and as what."""

    TOUCH_EVERY = timedelta(minutes=1)

    authenticator = models.ForeignKey(Authenticator, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    last_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} since {self.created_at}"

    @property
    def role(self) -> Role:
        """What the person is in this session."""
        return Role(self.membership.role)

    def why_ended(self, now: datetime) -> "Ended | None":
        """Return why the session opens nothing any more, or None while it does."""
        if not self.is_still_the_persons or not self.authenticator.confirmed:
            return Ended.ELSEWHERE
        if now - self.last_seen_at >= settings.SESSION_IDLE:
            return Ended.IDLE
        if now - self.created_at >= settings.SESSION_LONGEST:
            return Ended.LONGEST
        return None


class Ended(models.TextChoices):
    """Why a session has ended, as the log-in page tells it."""

    IDLE = "idle", "You were logged out because PharmRefer was not used for a while."
    LONGEST = "longest", "You were logged out because you had been logged in for a long time."
    ELSEWHERE = "elsewhere", "You were logged out because something in your account changed."


class ThrottleManager(models.Manager["Throttle"]):
    """Counts tries; see ``Throttle``."""

    CLAIM = """
        INSERT INTO accounts_throttle AS row (subject, tries, allowed_at)
        VALUES (%(subject)s, 1, %(now)s)
        ON CONFLICT (subject) DO UPDATE SET
            tries = row.tries + 1,
            allowed_at = %(now)s + make_interval(secs => CASE
                WHEN row.tries + 1 < %(free)s THEN 0
                ELSE least(%(first)s * 2 ^ least(row.tries + 1 - %(free)s, 20), %(longest)s)
            END)
        WHERE row.allowed_at <= %(now)s
        RETURNING tries
        """

    def claim(self, subject: str, *, now: datetime) -> datetime | None:
        """Count a try before it is made; return None, or the time before which it may not be.

        One statement, so that tries made side by side are all counted, and outside any
        transaction of the caller's, so that none can be taken back.
        """
        parameters: dict[str, Any] = {
            "subject": subject,
            "now": now,
            "free": Throttle.FREE_TRIES,
            "first": Throttle.FIRST_WAIT.total_seconds(),
            "longest": Throttle.LONGEST_WAIT.total_seconds(),
        }
        with connection.cursor() as cursor:
            cursor.execute(self.CLAIM, parameters)
            if cursor.fetchone():
                return None
        return self.values_list("allowed_at", flat=True).get(subject=subject)

    def forget(self, subject: str) -> None:
        """Start counting anew: the right thing was given."""
        self.filter(subject=subject).delete()


class Throttle(models.Model):
    """How often somebody has tried, and when they may try again.

    Kept by what is tried and for whom, never by device or browser: a new cookie or a new
    authenticator does not start it anew. Five tries are free; then the wait doubles, to at most
    15 minutes.
    """

    FREE_TRIES = 5
    FIRST_WAIT = timedelta(minutes=1)
    LONGEST_WAIT = timedelta(minutes=15)

    subject = models.CharField(max_length=100, primary_key=True)
    tries = models.PositiveIntegerField()
    allowed_at = models.DateTimeField()

    objects = ThrottleManager()

    def __str__(self) -> str:
        return f"{self.subject}: {self.tries}"

    @staticmethod
    def of_name(what: str, user_name: str) -> str:
        """Return the subject for a typed user name, whether or not anybody has it."""
        folded = fold_user_name(user_name)
        name = salted_hmac("accounts.Throttle", folded, algorithm="sha256").hexdigest()
        return f"{what}:{name}"
