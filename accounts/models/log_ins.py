"""Who is part of the way in, and who is in.

The keys that browsers hold are stored as hashes, so that a copy of the database opens nothing.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models

from accounts.models.credentials import Activation, Authenticator
from accounts.models.people import Membership, Practice, User
from accounts.roles import Role

Row = TypeVar("Row", bound=models.Model)


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


def _fields(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001  as documented


@cache
def _select_session() -> str:
    """Return the statement for ``Session.objects.with_key``; its columns are taken in order."""
    tables: dict[str, type[models.Model]] = {
        "s": Session,
        "u": User,
        "a": Authenticator,
        "m": Membership,
        "p": Practice,
    }
    columns = (f"{alias}.{field}" for alias, model in tables.items() for field in _fields(model))
    return f"""
        SELECT {", ".join(columns)}
        FROM accounts_session s
        JOIN accounts_user u ON u.id = s.user_id
        JOIN accounts_authenticator a ON a.id = s.authenticator_id
        JOIN accounts_membership m ON m.id = s.membership_id
        LEFT JOIN accounts_practice p ON p.id = m.practice_id
        WHERE s.key_hash = %s
        """  # noqa: S608  names of columns, from the models


def _take(model: type[Row], values: Iterator[Any]) -> Row:
    """Make a row of the next columns."""
    names = _fields(model)
    return model.from_db("default", names, list(islice(values, len(names))))


class SessionManager(models.Manager["Session"]):
    """Finds sessions; every request of somebody who is signed in does, so it is kept short."""

    def with_key(self, key: str) -> "Session | None":
        """Return a session with its person, authenticator, membership and practice, in one query.

        The statement is made once: having the ORM make it anew took 0.75 of 1.0 ms.
        """
        with connection.cursor() as cursor:
            cursor.execute(_select_session(), [hash_of_key(key)])
            row = cursor.fetchone()
        if row is None:
            return None
        values = iter(row)
        session = _take(Session, values)
        session.user = _take(User, values)
        session.authenticator = _take(Authenticator, values)
        session.membership = _take(Membership, values)
        session.membership.user = session.user
        practice = _take(Practice, values)
        session.membership.practice = practice if practice.pk else None
        return session


class Session(HeldByBrowser):
    """Somebody is signed in: with which authenticator, and as what."""

    TOUCH_EVERY = timedelta(minutes=1)

    authenticator = models.ForeignKey(Authenticator, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    last_seen_at = models.DateTimeField()

    objects = SessionManager()

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
