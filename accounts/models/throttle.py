"""Rate limits: how often a user, a browser or an address may try something."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models.functions import Now

from accounts.keys import keyed_hash
from accounts.models.people import fold_user_name
from accounts.origin import Device, Origin


class TooManyTriesError(Exception):
    def __init__(self, allowed_at: datetime) -> None:
        super().__init__(allowed_at)
        self.allowed_at = allowed_at


@dataclass(frozen=True)
class Limit:
    """How many tries are free; after that each wait is twice the last."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta


PER_PERSON = Limit(5, timedelta(minutes=1), timedelta(minutes=15))
# Many users share a practice's address, and many practices a gateway's: so many free tries,
# and short waits.
PER_ADDRESS = Limit(100, timedelta(seconds=15), timedelta(minutes=1))
NOT_TWICE = Limit(1, timedelta(minutes=15), timedelta(minutes=15))
UNLIMITED = Limit(2**31 - 1, timedelta(0), timedelta(0))
CODES = "code:"  # what the subjects of codes begin with
ADDRESS_WINDOW = timedelta(minutes=15)  # for which an address's tries are counted


class ThrottleManager(models.Manager["Throttle"]):
    CLAIM = """
        INSERT INTO accounts_throttle AS row (subject, tries, tried_at, allowed_at)
        VALUES (%(subject)s, 1, %(now)s,
            CASE WHEN %(free)s = 1 THEN %(now)s + make_interval(secs => %(first)s) END)
        ON CONFLICT (subject) DO UPDATE SET
            tries = row.tries + 1,
            tried_at = %(now)s,
            allowed_at = CASE WHEN row.tries + 1 >= %(free)s THEN %(now)s + make_interval(
                secs => least(%(first)s * 2 ^ least(row.tries + 1 - %(free)s, 20), %(longest)s)
            ) END
        WHERE row.allowed_at IS NULL OR row.allowed_at <= %(now)s
        RETURNING tries
        """
    GIVE_BACK = """
        UPDATE accounts_throttle SET
            tries = greatest(tries - 1, 0),
            allowed_at = CASE WHEN tries = %(claimed)s THEN NULL ELSE allowed_at END
        WHERE subject = %(subject)s
        """
    FORGET = "DELETE FROM accounts_throttle WHERE subject = %(subject)s"

    def is_first(self, subject: str, *, now: datetime) -> bool:
        """Whether this is the first time in a quarter of an hour; note it."""
        try:
            self.claim(f"once:{_hashed(subject)}", NOT_TWICE, now=now)
        except TooManyTriesError:
            return False
        return True

    def tries(self, subject: str) -> int:
        return self.filter(subject=subject).values_list("tries", flat=True).first() or 0

    def add(self, subject: str, *, now: datetime) -> None:
        self.claim(subject, UNLIMITED, now=now)

    def claim(self, subject: str, limit: Limit = PER_PERSON, *, now: datetime) -> int:
        """Count a try before it is made; return how many there have been.

        One statement, so that concurrent tries are all counted. Call it outside any transaction
        that may be rolled back. Raises TooManyTriesError where it may not be made yet.
        """
        parameters: dict[str, Any] = {
            "subject": subject,
            "now": now,
            "free": limit.free,
            "first": limit.first_wait.total_seconds(),
            "longest": limit.longest_wait.total_seconds(),
        }
        with connection.cursor() as cursor:
            cursor.execute(self.CLAIM, parameters)
            if claimed := cursor.fetchone():
                return int(claimed[0])
        row = self.filter(subject=subject).first()
        if row and row.allowed_at:
            raise TooManyTriesError(row.allowed_at)
        return self.claim(subject, limit, now=now)  # deleted meanwhile, by a try that was right

    def give_back(self, subject: str, claimed: int) -> None:
        """Uncount a try that was right, or was none.

        The wait that it began ends too, unless another try has been counted since.
        """
        with connection.cursor() as cursor:
            cursor.execute(self.GIVE_BACK, {"subject": subject, "claimed": claimed})

    def forget(self, subject: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(self.FORGET, {"subject": subject})

    def forget_old(self, *, now: datetime) -> None:
        """Start anew for what was not tried for a day.

        But not for wrong codes in a row: a thief who knows a password could try some every day.
        """
        old = self.filter(tried_at__lte=now - timedelta(days=1))
        old.exclude(subject__startswith=CODES).delete()


class Throttle(models.Model):
    """How often something was tried, and when it may be tried again.

    Counted by what is tried and for whom, and by address for browsers that nobody has logged in
    with before: a new cookie or authenticator does not reset it.
    """

    subject = models.CharField(max_length=100, primary_key=True)
    tries = models.PositiveIntegerField()
    tried_at = models.DateTimeField(db_default=Now())
    allowed_at = models.DateTimeField(null=True, help_text="empty while tries are free")

    objects = ThrottleManager()

    def __str__(self) -> str:
        return f"{self.subject}: {self.tries}"


def _hashed(text: str) -> str:
    return keyed_hash("accounts.Throttle", text).hex()


def hash_of_name(user_name: str) -> str:
    """What a browser's cookie keeps of a user name that has logged in there."""
    return _hashed(fold_user_name(user_name))[:16]


def knows(device: Device | None, user_name: str) -> bool:
    return device is not None and hash_of_name(user_name) in device.names


def subject_of_name(what: str, user_name: str, origin: Origin) -> str:
    """For a typed user name, whether or not it exists.

    A browser in which the user has logged in before counts apart: an attacker elsewhere who guesses
    at the password cannot lock the user out.
    """
    name = f"{what}:{_hashed(fold_user_name(user_name))}"
    device = origin.device
    return f"{name}:{device.id}" if device and knows(device, user_name) else name


def subject_of_proofs(user_name: str) -> str:
    """For tries that came with a solved puzzle, and so did not wait."""
    return f"proofs:{hash_of_name(user_name)}"


def subject_of_codes(user_id: int) -> str:
    return f"{CODES}{user_id}"


def subject_of_address(origin: Origin, *, now: datetime) -> str:
    """The browser if it is known, or the address, for a quarter of an hour.

    No longer: a computer that many people share is never long without a try.
    """
    window = int(now.timestamp() // ADDRESS_WINDOW.total_seconds())
    where = f"device:{origin.device.id}" if origin.device else f"address:{_hashed(origin.line)}"
    return f"{where}:{window}"
