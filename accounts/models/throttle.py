"""How often somebody may try."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from accounts.models.people import fold_user_name


class ThrottleManager(models.Manager["Throttle"]):
    """Counts tries; see ``Throttle``."""

    CLAIM = """
        INSERT INTO accounts_throttle AS row (subject, tries, tried_at)
        VALUES (%(subject)s, 1, %(now)s)
        ON CONFLICT (subject) DO UPDATE SET
            tries = row.tries + 1,
            tried_at = %(now)s,
            allowed_at = CASE WHEN row.tries + 1 >= %(free)s THEN %(now)s + make_interval(
                secs => least(%(first)s * 2 ^ least(row.tries + 1 - %(free)s, 20), %(longest)s)
            ) END
        WHERE row.allowed_at IS NULL OR row.allowed_at <= %(now)s
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
        if row := self.filter(subject=subject).first():
            return row.allowed_at
        return self.claim(subject, now=now)  # forgotten meanwhile: somebody got it right

    def forget(self, subject: str) -> None:
        """Start counting anew: the right thing was given."""
        self.filter(subject=subject).delete()

    def forget_old(self, *, now: datetime) -> None:
        """Start counting anew for everybody who has not tried for a day."""
        self.filter(tried_at__lte=now - timedelta(days=1)).delete()


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
    tried_at = models.DateTimeField(db_default=Now())
    allowed_at = models.DateTimeField(null=True, help_text="empty while tries are free")

    objects = ThrottleManager()

    def __str__(self) -> str:
        return f"{self.subject}: {self.tries}"

    @staticmethod
    def of_name(what: str, user_name: str) -> str:
        """Return the subject for a typed user name, whether or not anybody has it."""
        folded = fold_user_name(user_name)
        name = salted_hmac("accounts.Throttle", folded, algorithm="sha256").hexdigest()
        return f"{what}:{name}"
