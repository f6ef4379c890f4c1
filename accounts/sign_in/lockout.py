"""Tries at a code or passkey; too many wrong ones lock the account until somebody unlocks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import assert_never

from django.db import transaction
from django.db.models import F

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Denied
from accounts.models.audit import AuditReason, Event, Remark
from accounts.models.credentials import Activation, Authenticator
from accounts.models.passkeys import Challenge, Passkey, Purpose
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session
from accounts.models.throttle import PER_PERSON, Throttle, subject_of_address, subject_of_codes
from accounts.sign_in import credentials, second_factor, shared_logins
from accounts.sign_in.attempts import claim, hold
from accounts.sign_in.second_factor import (
    Assertion,
    Code,
    CodeRefusedError,
    NewestCodeUsedError,
    PasskeyCopiedError,
    Proof,
)

MOST_WRONG = 20  # codes in a row; NIST SP 800-63B-4 section 3.2.2 allows 100


class SecondFactorTry:
    """A try at a second factor: the one way of a code or passkey to log in, confirm or set up.

    It is counted before it is looked at and outside of the transaction: no try is taken back.
    """

    def __init__(
        self, proof: Proof, purpose: Purpose, held: PendingLogIn | Session, actor: Actor
    ) -> None:
        self._proof, self._purpose, self._held, self._actor = proof, purpose, held, actor
        self._user, self._subject = held.user, subject_of_codes(held.user_id)
        # A challenge is good for one answer, right or wrong, and whatever the password is.
        is_passkey = isinstance(proof, Assertion)
        spend = Challenge.objects.spend
        self._challenge = spend(purpose, held, now=actor.now) if is_passkey else None

    @contextmanager
    def accepted(self) -> Iterator[tuple[User, Authenticator | Passkey]]:
        """Accept it in one transaction with the body of the ``with``; the person's row is locked.

        Raises:
            Denied: it was refused, or there have been too many.
            Gone: the log-in, the session or what is set up is not there any more.
        """
        tries = self._count()
        try:
            with transaction.atomic():
                user = hold(self._held, now=self._actor.now)
                yield user, self._compare(user)
                Throttle.objects.forget(self._subject)
        except CodeRefusedError as error:
            self._refuse(error, tries)
            raise Denied(str(error), self._proof.field, error.topic) from error

    def _count(self) -> int:
        try:
            return claim(self._subject, now=self._actor.now)
        except Denied as error:
            if Throttle.objects.is_first(self._subject, now=self._actor.now):
                self._note(AuditReason.TOO_MANY)
            raise Denied(str(error), self._proof.field, error.topic) from error

    def _compare(self, user: User) -> Authenticator | Passkey:
        now = self._actor.now
        match self._proof:
            case Code(digits):
                counting = second_factor.authenticators_for(self._purpose, self._held)
                return second_factor.accept_code(user, counting, digits, now=now)
            case Assertion(answer):
                return second_factor.accept_passkey(user, answer, self._challenge, now=now)
            case never:
                assert_never(never)

    def _note(self, reason: AuditReason | Remark) -> None:
        factor, person = self._proof.factor, self._user
        audit.note(Event.FACTOR_REFUSED, self._actor, factor=factor, reason=reason, person=person)

    def _refuse(self, error: CodeRefusedError, tries: int) -> None:
        """Note a refused code or passkey, tell the person, and in the end lock the account.

        A code that the person's own authenticator made for another moment is no guess and does not
        count. One that came too early is not accepted when its moment comes: otherwise each guess
        would have that many more chances.
        """
        user, actor = self._user, self._actor
        there = subject_of_address(actor.origin, now=actor.now)
        once = f"{self._subject}:{error.reason}:{there}"
        # Codes that do not count could be sent without end: those are noted once in a while.
        if error.is_guess or Throttle.objects.is_first(once, now=actor.now):
            self._note(error.reason)
        if isinstance(error, PasskeyCopiedError):
            _disable_passkey(error.passkey, actor)
        if isinstance(error, NewestCodeUsedError):
            shared_logins.note_code_tried_again(user, actor)
        if error.early:
            _refuse_when_due(*error.early)
        if not error.is_guess:
            Throttle.objects.give_back(self._subject, tries)
        elif tries == PER_PERSON.free:
            notices.wrong_codes(user, tries, _tried(user), now=actor.now)
        elif tries >= MOST_WRONG:
            _lock_account(user, actor)


def _refuse_when_due(authenticator: Authenticator, step: int) -> None:
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().filter(pk=authenticator.pk)
        for each in held:  # none if it has been removed meanwhile
            each.refuse(step)
            each.save(update_fields=["refused_step", "refused_before"])


def _disable_passkey(passkey: Passkey, actor: Actor) -> None:
    """Let neither a passkey nor its copy in any more, end what either has opened, and tell.

    Which of the two was used just now, or before, nobody can say.
    """
    with transaction.atomic():
        if not Passkey.objects.usable().filter(pk=passkey.pk).update(disabled_at=actor.now):
            return
        # A session without a factor has ended.
        Session.objects.filter(passkey=passkey).update(passkey=None)
        user = passkey.user
        audit.note(Event.PASSKEY_DISABLED, actor, person=user)
        notices.passkey_disabled(user, passkey.name, now=actor.now)


def _lock_account(user: User, actor: Actor) -> None:
    with transaction.atomic():
        if not lock_account(user, actor=actor):
            return
        what = _tried(user)
        notices.account_locked(user, MOST_WRONG, what, now=actor.now)
        notices.colleague_locked(user, MOST_WRONG, what, now=actor.now)


def _tried(user: User) -> str:
    # Wrong passkeys are counted together with wrong codes.
    return "codes or passkeys" if user.passkeys.exists() else "codes"


def lock_account(
    user: User, *, reason: AuditReason | Remark = AuditReason.NONE, actor: Actor
) -> bool:
    """Lock an account, in the caller's transaction; False if it is locked already."""
    locked = User.objects.filter(pk=user.pk, locked_at=None).update(
        locked_at=actor.now, session_epoch=F("session_epoch") + 1
    )
    # One that was issued before somebody has looked into it must let nobody in.
    Activation.objects.filter(user=user, used_at=None).delete()
    if locked:
        audit.note(Event.PERSON_LOCKED, actor, reason=reason, person=user)
    return bool(locked)


def unlock_person(user: User, actor: Actor) -> None:
    """Let a locked user in again, with a new password: the old one is known to somebody.

    They choose it with a link by e-mail, and are asked for a code as always.

    Args:
        actor: who saw to it; no user for an operator at a console.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        user.locked_at = None
        user.save(update_fields=["locked_at"])
        Throttle.objects.forget(subject_of_codes(user.pk))
        credentials.void_password(user, actor)
        audit.note(Event.PERSON_UNLOCKED, actor, person=user, by=actor.user)
