"""Pending log-ins and sessions.

The keys that browsers hold are stored as hashes, so that a copy of the database opens nothing.
"""

import math
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts import keys
from accounts.errors import Gone
from accounts.keys import hash_of_key, keyed_hash
from accounts.models.credentials import Activation, Authenticator
from accounts.models.passkeys import Passkey
from accounts.models.people import Membership, User
from accounts.origin import LONGEST_BROWSER, LONGEST_DEVICE
from accounts.prepared import Given, Prepared, insert
from accounts.roles import Role


def _opaque(kind: str, pk: int) -> str:
    return keyed_hash(f"accounts.session.{kind}", str(pk)).hex()[:32]


def _seconds(left: timedelta) -> int:
    """Rounded up: after so many seconds it has happened."""
    return max(0, math.ceil(left.total_seconds()))


class HeldByBrowser(models.Model):
    """A row that a browser finds with the key in its cookie; only the key's hash is stored."""

    key_hash = models.BinaryField(max_length=32, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    session_epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    @classmethod
    def begin(cls, *, user: User, now: datetime, **fields: Any) -> str:
        """Return the row's key, which is stored nowhere else."""
        key = keys.new()
        held = {"key_hash": hash_of_key(key), "session_epoch": user.session_epoch}
        insert(cls(user=user, created_at=now, **held, **fields))
        return key

    @property
    def is_still_the_persons(self) -> bool:
        return self.user.is_active and self.session_epoch == self.user.session_epoch


LONGEST_PATH = 1000  # characters of the address to which the user is led back


class Step(models.TextChoices):
    """What a user who is logging in has to do next."""

    CODE = "code", "enter a code from the authenticator"
    ACTIVATION = "activation", "enter an activation code: there is no authenticator"
    PASSWORD = "password", "choose a password"
    SET_UP = "set_up", "set up an authenticator"


class PendingLogInManager(models.Manager["PendingLogIn"]):
    def with_key(self, key: str) -> "PendingLogIn | None":
        return _PENDING.first(key_hash=hash_of_key(key))


class PendingLogIn(HeldByBrowser):
    """A log-in under way: it opens the next step and nothing else, and soon ends."""

    LIFETIME = timedelta(minutes=10)
    SET_UP_LIFETIME = timedelta(hours=1)  # the app may have to be installed first

    step = models.CharField(max_length=20, choices=Step.choices)
    expires_at = models.DateTimeField()
    next_path = models.CharField(max_length=LONGEST_PATH, blank=True)
    activation = models.ForeignKey(Activation, on_delete=models.CASCADE, null=True)
    authenticator = models.ForeignKey(Authenticator, on_delete=models.SET_NULL, null=True)

    objects = PendingLogInManager()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.step}"

    @classmethod
    def begin(cls, *, user: User, now: datetime, **fields: Any) -> str:
        return super().begin(user=user, now=now, expires_at=now + cls.LIFETIME, **fields)

    def is_live(self, now: datetime) -> bool:
        activation = self.activation
        return (
            self.is_still_the_persons
            and now < self.expires_at
            and (activation is None or (activation.used_at is None and now < activation.expires_at))
        )


class SessionManager(models.Manager["Session"]):
    def with_key(self, key: str) -> "Session | None":
        session = _SESSION.first(key_hash=hash_of_key(key))
        if session:
            session.membership.user = session.user
        return session


class Session(HeldByBrowser):
    """A user is signed in: with this authenticator or passkey, and as this member.

    Without its authenticator or passkey it opens nothing. Who removes the one that their own
    session was opened with, moves it to another of theirs first.
    """

    TOUCH_EVERY = timedelta(minutes=1)
    CONFIRMED_FOR = timedelta(minutes=10)
    CONFIRMED_FOR_LONG = timedelta(hours=1)  # for a long form that is not stashed

    authenticator = models.ForeignKey(Authenticator, on_delete=models.CASCADE, null=True)
    passkey = models.ForeignKey(Passkey, on_delete=models.CASCADE, null=True)
    # Set up in this session and shown nowhere else, nor here once it is confirmed.
    new_authenticator = models.ForeignKey(
        Authenticator, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(
        null=True, help_text="when password and code were last given to confirm; not to sign in"
    )
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    # Who works in several places says first where they are now: until then they are nowhere.
    has_chosen = models.BooleanField(default=True, db_default=True)
    can_switch = models.BooleanField(default=False, db_default=False)
    # Noted here, so that no page has to ask: something waits for the person to accept it.
    is_asked = models.BooleanField(default=False, db_default=False)
    last_seen_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=LONGEST_BROWSER, db_default="")
    device = models.CharField(
        max_length=LONGEST_DEVICE, default="", db_default="", help_text="the browser, once known"
    )
    beside_since = models.DateTimeField(
        null=True, help_text="since when another machine has been in use at the same time"
    )

    objects = SessionManager()

    def __str__(self) -> str:
        return f"{self.user_id} since {self.created_at}"

    @property
    def role(self) -> Role:
        return Role(self.membership.role)

    @property
    def name(self) -> str:
        """What pages may know it by, to notice that another one has begun; it opens nothing."""
        return _opaque("session", self.pk)

    @property
    def holder(self) -> str:
        """As ``name``, but the same in each session of this membership."""
        return _opaque("holder", self.membership_id)

    def sealing_key(self, page: str) -> str:
        """The key, stored nowhere, that encrypts this page while the screen is locked."""
        sealed = f"{self.membership_id} {page}"
        return keyed_hash("accounts.session.seal", sealed).hex()

    def locks_in(self, *, now: datetime) -> int:
        """Seconds, if the user does nothing."""
        return _seconds(self.last_seen_at + settings.SESSION_LOCK - now)

    def ends_in(self, *, now: datetime) -> int:
        """Seconds; while the screen is unlocked, whatever the user does."""
        at = self.created_at + settings.SESSION_LONGEST
        if self.is_locked(now):
            at = min(at, self.last_seen_at + settings.SESSION_IDLE)
        return _seconds(at - now)

    def note_activity(self, *, at: datetime, **fields: Any) -> None:
        """Update ``last_seen_at`` and further columns, unless a later request has done so."""
        unseen = Session.objects.filter(pk=self.pk, last_seen_at__lt=at)
        if unseen.update(last_seen_at=at, **fields):
            for name, value in fields.items():
                setattr(self, name, value)
        self.last_seen_at = max(self.last_seen_at, at)

    def being_set_up(self) -> Authenticator:
        """Return the authenticator that this session sets up, whose secret it may see.

        Raises:
            Gone: it sets up none, or none any more.
        """
        here = Session.objects.filter(pk=self.pk).values("new_authenticator")
        made = Authenticator.objects.filter(pk__in=here, confirmed=False).first()
        if made is None:
            raise Gone
        return made  # type: ignore[no-any-return]

    def is_locked(self, now: datetime) -> bool:
        return now - self.last_seen_at >= settings.SESSION_LOCK

    def is_confirmed(self, now: datetime, *, within: timedelta = CONFIRMED_FOR) -> bool:
        return self.confirmed_at is not None and now - self.confirmed_at < within

    @property
    def stands(self) -> bool:
        if self.passkey_id is not None:
            return True
        return self.authenticator is not None and self.authenticator.confirmed

    def why_ended(self, now: datetime) -> "Ended | None":
        today = timezone.localdate(now)
        # A user without a live membership is signed in only to accept an offer.
        is_to_accept = not self.has_chosen and self.membership.is_offer(today=today)
        is_live = is_to_accept or self.membership.is_live(today=today)
        if not self.is_still_the_persons or not self.stands or not is_live:
            return Ended.ELSEWHERE
        if now - self.last_seen_at >= settings.SESSION_IDLE:
            return Ended.IDLE
        if now - self.created_at >= settings.SESSION_LONGEST:
            return Ended.LONGEST
        return None

    def renew(self, *, now: datetime, confirmed_at: datetime | None, **fields: Any) -> str:
        """Replace the key and return the new one; raises Gone if the session has ended."""
        key = keys.new()
        rows = Session.objects.filter(pk=self.pk, key_hash=self.key_hash)
        fields |= {"last_seen_at": now, "confirmed_at": confirmed_at}
        if not rows.update(key_hash=hash_of_key(key), **fields):
            raise Gone
        self.last_seen_at = now
        return key


_PENDING = Prepared(
    lambda: PendingLogIn.objects.filter(key_hash=Given("key_hash")).select_related(
        "user", "activation", "authenticator"
    )
)
_SESSION = Prepared(
    lambda: Session.objects.filter(key_hash=Given("key_hash")).select_related(
        "user", "authenticator", "membership__practice"
    )
)


class LoggedOut(models.Model):
    """A session that its user has ended with the button: its open pages save nothing any more.

    One that has expired has no such row: what was typed on its pages is kept.
    """

    session_number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.session_number} at {self.at}"


class Ended(models.TextChoices):
    """Why a session has ended, in the log-in page's words."""

    IDLE = "idle", "You were logged out because PharmRefer was not used for a while."
    LONGEST = "longest", "You were logged out because you had been logged in for a long time."
    ELSEWHERE = (
        "elsewhere",
        "You were logged out from another browser, or because something in your account changed.",
    )
