"""Passkeys: beside the code to log in and to confirm, added and removed by who has confirmed."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.audit import Event, Factor
from accounts.models.passkeys import Challenge, Passkey, Purpose, handle_of
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session
from accounts.sign_in import credentials, second_factor, webauthn
from accounts.sign_in.attempts import hold_session
from accounts.sign_in.log_in import confirm_with, sign_in_with

ANOTHER = "That passkey was not accepted. Try again"
ALREADY = "That device already has a passkey for PharmRefer"
TOO_MANY = f"You have {Passkey.MOST} passkeys already. Remove one that you no longer use first"
NO_APP = "Set up an authenticator app first"


def ask_for_passkey(pending: PendingLogIn, *, now: datetime) -> dict[str, Any]:
    """Return what a browser is asked for, to log in with one of the person's passkeys."""
    challenge = Challenge.objects.begin(Purpose.LOG_IN, pending, now=now)
    return webauthn.to_use(challenge, known=pending.user.passkeys.usable().known())


def accept_passkey(pending: PendingLogIn, answer: str, actor: Actor) -> str:
    """Take the second step with a passkey, and sign in; return the session's key.

    Raises:
        Denied: it was not accepted, or codes and passkeys were tried too often.
        Gone: the log-in is not there any more.
    """
    challenge = Challenge.objects.spend(Purpose.LOG_IN, pending, now=actor.now)

    def prove(user: User) -> Passkey:
        return second_factor.accept_passkey(user, answer, challenge, now=actor.now)

    return sign_in_with(Factor.PASSKEY, prove, pending, actor)


def ask_to_confirm(session: Session, *, now: datetime) -> dict[str, Any]:
    """Return what a browser is asked for, to confirm with one of the person's passkeys."""
    challenge = Challenge.objects.begin(Purpose.CONFIRM, session, now=now)
    return webauthn.to_use(challenge, known=session.user.passkeys.usable().known())


def confirm_with_passkey(session: Session, password: str, answer: str, actor: Actor) -> str:
    """Take password and passkey of somebody who is signed in; return their session's new key.

    Raises:
        Denied: passkey or password were not accepted, or tried too often.
        Gone: the session has ended meanwhile.
    """
    challenge = Challenge.objects.spend(Purpose.CONFIRM, session, now=actor.now)

    def prove(user: User) -> Passkey:
        return second_factor.accept_passkey(user, answer, challenge, now=actor.now)

    return confirm_with(Factor.PASSKEY, prove, session, password, actor)


def check_can_add_passkey(user: User) -> None:
    """Raise Denied where there is no app yet, or there are enough passkeys."""
    if not user.authenticators.filter(confirmed=True).exists():
        raise Denied(NO_APP)
    if user.passkeys.count() >= Passkey.MOST:
        raise Denied(TOO_MANY)


def ask_for_new_passkey(session: Session, *, now: datetime) -> dict[str, Any]:
    """Return what a browser is asked for, to make a passkey for the person.

    Raises:
        Denied: they cannot have one.
    """
    user = session.user
    check_can_add_passkey(user)
    challenge = Challenge.objects.begin(Purpose.ADD, session, now=now)
    return webauthn.to_make(
        challenge,
        handle=handle_of(user),
        user_name=user.email,
        full_name=user.full_name,
        known=user.passkeys.all().known(),
    )


def add_passkey(session: Session, name: str, answer: str, actor: Actor) -> None:
    """Let the person log in with a passkey that their browser has made; other sessions end.

    Raises:
        Denied: it is none that was asked for here and now, or they cannot have one.
        Gone: the session has ended meanwhile.
    """
    made = _made(session, answer, now=actor.now)
    with transaction.atomic():
        user = hold_session(session)
        check_can_add_passkey(user)
        _, is_new = Passkey.objects.get_or_create(
            credential_id=made.id,
            defaults={
                "user": user,
                "name": name,
                "public_key": made.public_key,
                "sign_count": made.sign_count,
                "transports": made.transports,
                "is_backed_up": made.is_backed_up,
                "created_at": actor.now,
            },
        )
        if not is_new:  # also if it is somebody else's: an id that is made up on purpose
            raise Denied(ALREADY)
        audit.note(Event.PASSKEY_ADDED, actor, person=user)
        notices.passkey_added(user, name, now=actor.now)
        credentials.end_others(session, user)


def _made(session: Session, answer: str, *, now: datetime) -> webauthn.Made:
    challenge = Challenge.objects.spend(Purpose.ADD, session, now=now)
    if challenge is None:
        raise Denied("That took too long. Try again")
    try:
        return webauthn.check_made(answer, challenge=challenge)
    except webauthn.NotRightError as error:
        raise Denied(ANOTHER) from error


def remove_passkey(passkey: Passkey, session: Session, actor: Actor) -> None:
    """Let nobody log in with a passkey any more; the person's other sessions end.

    Raises:
        Gone: it has been removed meanwhile, or the session has ended.
    """
    with transaction.atomic():
        user = hold_session(session)
        # Those elsewhere are not deleted along with it: they say why they have ended.
        app = user.authenticators.filter(confirmed=True).order_by("pk").first()
        Session.objects.filter(passkey=passkey).update(passkey=None, authenticator=app)
        if not user.passkeys.filter(pk=passkey.pk).delete()[0]:
            raise Gone
        audit.note(Event.PASSKEY_REMOVED, actor, person=user)
        notices.passkey_removed(user, passkey.name, now=actor.now)
        credentials.end_others(session, user)
