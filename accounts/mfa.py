"""Accepts or refuses a code, and says why: the one place where an authenticator is asked.

With ``models``, whose ``Authenticator`` is a django-otp device, the only module that knows
django-otp. ``django_otp.verify_token`` locks the row: without it, one code sent sixteen times
side by side was accepted sixteen times.
"""

from collections.abc import Sequence
from datetime import datetime

import django_otp

from accounts import totp
from accounts.models import Authenticator, User
from accounts.topics import Topic
from accounts.wording import clock_time

USED = "You have used that code already. Wait up to 30 seconds for the next one"
WRONG = (
    "That code is not right. Enter the 6 digits that your authenticator app shows for "
    "PharmRefer now"
)


class CodeRefusedError(Exception):
    """A code was not accepted; the message says why, for the person who typed it."""

    def __init__(
        self,
        message: str,
        topic: Topic,
        *,
        because: str,
        is_guess: bool,
        early: tuple[Authenticator, int] | None = None,
    ) -> None:
        """Take the help that fits, the reason in a word, and whether it may be anybody's guess.

        Args:
            early: the authenticator that makes it later, and in which step.
        """
        super().__init__(message)
        self.topic = topic
        self.because = because
        self.is_guess = is_guess
        self.early = early


def accept(
    user: User, authenticators: Sequence[Authenticator], code: str, *, now: datetime
) -> Authenticator:
    """Spend ``code`` and return the authenticator that made it.

    Raises:
        CodeRefusedError: none of them made it for this moment, or it has been spent.
    """
    for authenticator in authenticators:
        if django_otp.verify_token(user, authenticator.persistent_id, code):
            return authenticator
    raise _why(authenticators, code, now)


def _why(authenticators: Sequence[Authenticator], code: str, now: datetime) -> CodeRefusedError:
    """Return the reason why a code was refused."""
    for authenticator in authenticators:
        step = totp.matching_step(authenticator.secret, code, now, totp.WIDE_WINDOW)
        if step is None:
            continue
        off = step - totp.step_at(now)
        if abs(off) <= totp.WINDOW or step == authenticator.last_step:
            return CodeRefusedError(USED, Topic.CODE_USED, because="used", is_guess=False)
        message, because = _wrong_clock(off, now), f"clock {off * totp.PERIOD:+} s"
        early = (authenticator, step) if off > 0 else None
        return CodeRefusedError(message, Topic.CLOCK, because=because, is_guess=False, early=early)
    return CodeRefusedError(WRONG, Topic.CODE_NOT_RIGHT, because="wrong", is_guess=True)


def _wrong_clock(steps: int, now: datetime) -> str:
    minutes = max(1, round(abs(steps) * totp.PERIOD / 60))
    off = f"{minutes} minute{'' if minutes == 1 else 's'} {'fast' if steps > 0 else 'slow'}"
    return (
        f"That code is for another time. Enter the code that shows now. If it is refused too, the "
        f"clock of the device that shows your codes is about {off}: the right time is "
        f"{clock_time(now, seconds=True)}"
    )
