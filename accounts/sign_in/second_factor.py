"""Accepts or refuses a code or a passkey, and says why: only this module checks either.

With ``models``, whose ``Authenticator`` is a django-otp device, the only module that knows
django-otp. ``django_otp.verify_token`` locks the row: without it, one code sent sixteen times
side by side was accepted sixteen times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import django_otp

from accounts.factors import totp
from accounts.models.audit import AuditReason, Factor, Remark, clock_off
from accounts.models.credentials import CONFIRMED, Authenticator
from accounts.models.passkeys import Passkey, Purpose
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.sign_in import webauthn
from accounts.topics import Topic
from accounts.wording import clock_time

USED = "You have used that code already. Wait up to 30 seconds for the next one"
WRONG = (
    "That code is not right. Enter the 6 digits that your authenticator app shows for "
    "PharmRefer now"
)
OTHER_PASSKEY = "That passkey does not belong to this account. Try another one, or enter a code"
WRONG_PASSKEY = "That passkey was not accepted. Try again, or enter a code"
LATE_PASSKEY = "That took too long, or the passkey was used twice. Try again, or enter a code"
COPIED_PASSKEY = (
    "That passkey can no longer be used, because someone may have a copy of it. Enter a code"
)


@dataclass(frozen=True)
class Code:
    """Six digits that an authenticator app has shown."""

    factor: ClassVar = Factor.AUTHENTICATOR
    field: ClassVar = "code"  # of the forms that ask for it
    digits: str


@dataclass(frozen=True)
class Assertion:
    """What a browser answers with a passkey, as JSON, to the challenge that it was asked."""

    factor: ClassVar = Factor.PASSKEY
    field: ClassVar = "answer"
    answer: str


Proof = Code | Assertion


class CodeRefusedError(Exception):
    """A code or passkey was not accepted; the message says why, and is fit for the user.

    Args:
        topic: the help that fits.
        is_guess: whether somebody without any of the user's authenticators may have sent it.
        early: the authenticator that makes the code later, and in which step.
    """

    def __init__(
        self,
        message: str,
        topic: Topic,
        *,
        reason: AuditReason | Remark,
        is_guess: bool,
        early: tuple[Authenticator, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.topic = topic
        self.reason = reason
        self.is_guess = is_guess
        self.early = early


class NewestCodeUsedError(CodeRefusedError):
    """The very code was given that was accepted last."""


class PasskeyRefusedError(CodeRefusedError):
    def __init__(self, message: str, *, reason: AuditReason) -> None:
        super().__init__(message, Topic.PASSKEYS, reason=reason, is_guess=True)


class PasskeyCopiedError(PasskeyRefusedError):
    """A passkey was used of which there must be a copy."""

    def __init__(self, passkey: Passkey) -> None:
        super().__init__(COPIED_PASSKEY, reason=AuditReason.COPIED)
        self.passkey = passkey


def authenticators_for(purpose: Purpose, held: PendingLogIn | Session) -> Sequence[Authenticator]:
    """Return those whose codes count: all that are confirmed, or the one that is being set up.

    Raises:
        Gone: it is not being set up any more.
    """
    if isinstance(held, PendingLogIn) and held.step == Step.SET_UP:
        return [held.authenticator] if held.authenticator else []
    if isinstance(held, Session) and purpose is Purpose.ADD:
        return [held.being_set_up()]
    return CONFIRMED.rows(user=held.user_id)


def accept_code(
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


def accept_passkey(user: User, answer: str, challenge: bytes | None, *, now: datetime) -> Passkey:
    """Return the passkey with which a browser has answered a challenge correctly.

    Call it in a transaction: the row is locked, so that of two answers at once the second waits.

    Raises:
        PasskeyRefusedError: it is not right, or there is no challenge that could be answered.
    """
    if challenge is None:
        raise PasskeyRefusedError(LATE_PASSKEY, reason=AuditReason.NO_CHALLENGE)
    try:
        passkey = _named_in(answer, user)
        used = webauthn.check_used(
            answer,
            challenge=challenge,
            public_key=bytes(passkey.public_key),
            sign_count=passkey.sign_count,
        )
    except webauthn.NotRightError as error:
        raise PasskeyRefusedError(WRONG_PASSKEY, reason=AuditReason.WRONG) from error
    except webauthn.CopiedError as error:
        raise PasskeyCopiedError(passkey) from error
    passkey.sign_count, passkey.is_backed_up = used.sign_count, used.is_backed_up
    passkey.last_used_at = now
    passkey.save(update_fields=["sign_count", "is_backed_up", "last_used_at"])
    return passkey


def _named_in(answer: str, user: User) -> Passkey:
    mine = user.passkeys.usable().filter(credential_id=webauthn.id_in(answer))
    passkey = mine.select_for_update(no_key=True).first()
    if passkey is None:
        raise PasskeyRefusedError(OTHER_PASSKEY, reason=AuditReason.UNKNOWN)
    return passkey


def _why(authenticators: Sequence[Authenticator], code: str, now: datetime) -> CodeRefusedError:
    for authenticator in authenticators:
        step = totp.matching_step(authenticator.secret, code, now, totp.WIDE_WINDOW)
        if step is None:
            continue
        off = step - totp.step_at(now)
        is_newest = step == authenticator.last_step
        if is_newest or abs(off) <= totp.WINDOW:
            kind = NewestCodeUsedError if is_newest else CodeRefusedError
            return kind(USED, Topic.CODE_USED, reason=AuditReason.USED, is_guess=False)
        message, reason = _wrong_clock(off, now), clock_off(off * totp.PERIOD)
        early = (authenticator, step) if off > 0 else None
        return CodeRefusedError(message, Topic.CLOCK, reason=reason, is_guess=False, early=early)
    return CodeRefusedError(WRONG, Topic.CODE_NOT_RIGHT, reason=AuditReason.WRONG, is_guess=True)


def _wrong_clock(steps: int, now: datetime) -> str:
    minutes = max(1, round(abs(steps) * totp.PERIOD / 60))
    off = f"{minutes} minute{'' if minutes == 1 else 's'} {'fast' if steps > 0 else 'slow'}"
    return (
        f"That code {'is not valid yet' if steps > 0 else 'has expired'}. Enter the code that "
        "shows now. If that one is refused too, the clock of the device that shows your codes is "
        f"about {off}: the right time is {clock_time(now, seconds=True)}"
    )
