"""Who is part of the way in, and who is in.

The keys that browsers hold are stored as hashes, so that a copy of the database opens nothing.
"""

import math
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts import keys
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
    """Round up: whoever waits that long finds that it has happened."""
    return max(0, math.ceil(left.total_seconds()))


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
        key = keys.new()
        held = {"key_hash": hash_of_key(key), "session_epoch": user.session_epoch}
        insert(cls(user=user, created_at=now, **held, **fields))
        return key

    @property
    def is_still_the_persons(self) -> bool:
        """Whether the person may still sign in and has not ended all sessions since."""
        return self.user.is_active and self.session_epoch == self.user.session_epoch


LONGEST_PATH = 1000  # characters of an address to which somebody is led back


class Step(models.TextChoices):
    """What somebody who is logging in, and is not in yet, has to do next."""

    CODE = "code", "enter a code from the authenticator"
    ACTIVATION = "activation", "enter an activation code: there is no authenticator"
    PASSWORD = "password", "choose a password"
    SET_UP = "set_up", "set up an authenticator"


class PendingLogInManager(models.Manager["PendingLogIn"]):
    """Finds log-ins under way."""

    def with_key(self, key: str) -> "PendingLogIn | None":
        """Return a log-in under way with what its steps need."""
        return _PENDING.first(key_hash=hash_of_key(key))


class PendingLogIn(HeldByBrowser):
    """Somebody part of the way in: it opens the next step and nothing else, and soon ends."""

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

    def is_live(self, now: datetime) -> bool:
        """Whether it still opens its step."""
        activation = self.activation
        return (
            self.is_still_the_persons
            and now < self.expires_at
            and (activation is None or (activation.used_at is None and now < activation.expires_at))
        )


class SessionManager(models.Manager["Session"]):
    """Finds sessions: every request of somebody who is signed in asks."""

    def with_key(self, key: str) -> "Session | None":
        """Return a session with its person, authenticator, membership and practice."""
        session = _SESSION.first(key_hash=hash_of_key(key))
        if session:
            session.membership.user = session.user
        return session


class Session(HeldByBrowser):
    """Somebody is signed in: with which authenticator or passkey, and as what.

    It stands on one of them for as long as it lasts: without, it opens nothing. Whoever removes
    the one that their own session stands on makes it stand on another of theirs first.
    """

    TOUCH_EVERY = timedelta(minutes=1)
    CONFIRMED_FOR = timedelta(minutes=10)
    CONFIRMED_FOR_LONG = timedelta(hours=1)  # for a form that takes long, and cannot be kept

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
        """What the person is in this session."""
        return Role(self.membership.role)

    @property
    def name(self) -> str:
        """What pages may know it by, to notice that another one has begun; it opens nothing."""
        return _opaque("session", self.pk)

    @property
    def holder(self) -> str:
        """The same for who it is, and where: also in their next session."""
        return _opaque("holder", self.membership_id)

    def sealing_key(self, page: str) -> str:
        """Return what a page of the holder's is sealed with while the screen is locked.

        Args:
            page: what the page is called: each has a key of its own, and it is stored nowhere.
        """
        sealed = f"{self.membership_id} {page}"
        return keyed_hash("accounts.session.seal", sealed).hex()

    def locks_in(self, *, now: datetime) -> int:
        """Return how many seconds are left until the screen locks, if nothing happens."""
        return _seconds(self.last_seen_at + settings.SESSION_LOCK - now)

    def ends_in(self, *, now: datetime) -> int:
        """Return how many seconds are left until it ends: while it is open, whatever happens."""
        at = self.created_at + settings.SESSION_LONGEST
        if self.is_locked(now):
            at = min(at, self.last_seen_at + settings.SESSION_IDLE)
        return _seconds(at - now)

    def note_activity(self, *, at: datetime, **fields: Any) -> None:
        """Note when the person did something, unless they have done something since.

        Args:
            fields: what else is noted with it.
        """
        unseen = Session.objects.filter(pk=self.pk, last_seen_at__lt=at)
        if unseen.update(last_seen_at=at, **fields):
            for name, value in fields.items():
                setattr(self, name, value)
        self.last_seen_at = max(self.last_seen_at, at)

    def being_set_up(self) -> Authenticator | None:
        """Return the authenticator that this session sets up, whose secret it may see."""
        here = Session.objects.filter(pk=self.pk).values("new_authenticator")
        made = Authenticator.objects.filter(pk__in=here, confirmed=False)
        return made.first()  # type: ignore[no-any-return]

    def is_locked(self, now: datetime) -> bool:
        """Whether the person has done nothing for so long that their password is asked for."""
        return now - self.last_seen_at >= settings.SESSION_LOCK

    def is_confirmed(self, now: datetime, *, within: timedelta = CONFIRMED_FOR) -> bool:
        """Whether the person has shown again a moment ago who they are."""
        return self.confirmed_at is not None and now - self.confirmed_at < within

    @property
    def stands(self) -> bool:
        """Whether what the person has signed in with is still theirs."""
        if self.passkey_id is not None:
            return True
        return self.authenticator is not None and self.authenticator.confirmed

    def why_ended(self, now: datetime) -> "Ended | None":
        """Return why the session opens nothing any more, or None while it does."""
        today = timezone.localdate(now)
        # Who works nowhere yet is in to accept that they do, and for nothing else.
        is_to_accept = not self.has_chosen and self.membership.is_offer(today=today)
        is_live = is_to_accept or self.membership.is_live(today=today)
        if not self.is_still_the_persons or not self.stands or not is_live:
            return Ended.ELSEWHERE
        if now - self.last_seen_at >= settings.SESSION_IDLE:
            return Ended.IDLE
        if now - self.created_at >= settings.SESSION_LONGEST:
            return Ended.LONGEST
        return None

    def renew(self, *, now: datetime, confirmed_at: datetime | None, **fields: Any) -> str | None:
        """Go on under a new key and return it, or None if the session has ended meanwhile.

        Args:
            fields: what else changes with it.
        """
        key = keys.new()
        rows = Session.objects.filter(pk=self.pk, key_hash=self.key_hash)
        fields |= {"last_seen_at": now, "confirmed_at": confirmed_at}
        if rows.update(key_hash=hash_of_key(key), **fields):
            self.last_seen_at = now
            return key
        return None


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


class LoggedOutQuerySet(models.QuerySet["LoggedOut"]):
    """Sessions that somebody has ended with the button."""

    def forget_old(self, *, now: datetime) -> None:
        """Clear away those whose pages are too old to write anything, and have been for a day."""
        self.filter(at__lte=now - settings.SESSION_LONGEST - timedelta(days=1)).delete()


class LoggedOut(models.Model):
    """A session that its person has ended with the button: its pages write nothing any more.

    One that has ended by itself has no such row: what was typed on its pages is kept.
    """

    session_number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()

    objects = LoggedOutQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.session_number} at {self.at}"


class Ended(models.TextChoices):
    """Why a session has ended, as the log-in page tells it."""

    IDLE = "idle", "You were logged out because PharmRefer was not used for a while."
    LONGEST = "longest", "You were logged out because you had been logged in for a long time."
    ELSEWHERE = (
        "elsewhere",
        "You were logged out from another browser, or because something in your account changed.",
    )
