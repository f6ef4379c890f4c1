"""Wrong codes, and where they end: the account is locked until a person has looked at it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import CodeDenied, Denied
from accounts.models.audit import AuditReason, Event, Factor, Remark
from accounts.models.credentials import Activation, Authenticator
from accounts.models.passkeys import Passkey
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.models.throttle import PER_PERSON, Throttle, subject_of_address, subject_of_codes
from accounts.sign_in import credentials, shared_logins
from accounts.sign_in.attempts import claim
from accounts.sign_in.second_factor import CodeRefusedError, NewestCodeUsedError, PasskeyCopiedError

MOST_WRONG = 20  # codes in a row; NIST SP 800-63B-4 section 3.2.2 allows 100


@contextmanager
def code_tried(
    user: User, factor: Factor = Factor.AUTHENTICATOR, *, actor: Actor
) -> Iterator[None]:
    """Count a try, and do in one transaction what accepts it and what comes of it.

    It is counted before and outside of the transaction: no try is taken back.

    Raises:
        CodeDenied: it was refused, or there have been too many.
    """
    subject = subject_of_codes(user.pk)
    tries = _claim_code(user, subject, factor, actor)
    try:
        with transaction.atomic():
            yield
            Throttle.objects.forget(subject)
    except CodeRefusedError as error:
        _refuse_code(user, error, tries, actor)
        raise CodeDenied(str(error), error.topic) from error


def _claim_code(user: User, subject: str, factor: Factor, actor: Actor) -> int:
    try:
        return claim(subject, now=actor.now)
    except Denied as error:
        if Throttle.objects.is_first(subject, now=actor.now):
            _note_refusal(user, factor, AuditReason.TOO_MANY, actor)
        raise CodeDenied(str(error), error.topic) from error


def _note_refusal(user: User, factor: Factor, reason: AuditReason | Remark, actor: Actor) -> None:
    audit.note(Event.FACTOR_REFUSED, actor, factor=factor, reason=reason, person=user)


def _note_code(user: User, error: CodeRefusedError, actor: Actor) -> None:
    """Note a refused code; what does not count may come without end: that once in a while."""
    there = subject_of_address(actor.origin, now=actor.now)
    subject = f"{subject_of_codes(user.pk)}:{error.reason}:{there}"
    if error.is_guess or Throttle.objects.is_first(subject, now=actor.now):
        _note_refusal(user, error.factor, error.reason, actor)


def _refuse_code(user: User, error: CodeRefusedError, tries: int, actor: Actor) -> None:
    """Note a refused code or passkey; tell the person, and at last lock the account.

    A code that the person's own authenticator made for another moment is no guess: it does not
    count. One that was too early is not accepted when its moment comes either: else a guess would
    have that many more chances.
    """
    _note_code(user, error, actor)
    if isinstance(error, PasskeyCopiedError):
        _disable_passkey(error.passkey, actor)
    if isinstance(error, NewestCodeUsedError):
        shared_logins.note_code_tried_again(user, actor)
    if error.early:
        authenticator, step = error.early
        with transaction.atomic():
            held = Authenticator.objects.select_for_update().filter(pk=authenticator.pk)
            for each in held:  # none, where it has been removed meanwhile
                each.refuse(step)
                each.save(update_fields=["refused_step", "refused_before"])
    if not error.is_guess:
        Throttle.objects.give_back(subject_of_codes(user.pk), tries)
    elif tries == PER_PERSON.free:
        notices.wrong_codes(user, tries, _tried(user), now=actor.now)
    elif tries >= MOST_WRONG:
        _lock_account(user, actor)


def _disable_passkey(passkey: Passkey, actor: Actor) -> None:
    """Let neither a passkey nor its copy in any more, end what either has opened, and tell.

    Which of the two was used just now, or before, nobody can say.
    """
    with transaction.atomic():
        if not Passkey.objects.usable().filter(pk=passkey.pk).update(disabled_at=actor.now):
            return
        Session.objects.filter(passkey=passkey).update(passkey=None)  # stands on nothing: it ends
        user = passkey.user
        audit.note(Event.PASSKEY_DISABLED, actor, person=user)
        notices.passkey_disabled(user, passkey.name, now=actor.now)


def _lock_account(user: User, actor: Actor) -> None:
    """Let nobody in any more, end what is open, and tell those who can see to it."""
    with transaction.atomic():
        if not lock_account(user, actor=actor):
            return
        what = _tried(user)
        notices.account_locked(user, MOST_WRONG, what, now=actor.now)
        notices.colleague_locked(user, MOST_WRONG, what, now=actor.now)


def _tried(user: User) -> str:
    """Return what may have been wrong: passkeys count with codes, where somebody has one."""
    return "codes or passkeys" if user.passkeys.exists() else "codes"


def lock_account(
    user: User, *, reason: AuditReason | Remark = AuditReason.NONE, actor: Actor
) -> bool:
    """Let nobody into an account any more until somebody unlocks it; False where it is so already.

    Call it in a transaction.
    """
    locked = User.objects.filter(pk=user.pk, locked_at=None).update(
        locked_at=actor.now, session_epoch=F("session_epoch") + 1
    )
    # One that was given before anybody has looked at it lets nobody in.
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
