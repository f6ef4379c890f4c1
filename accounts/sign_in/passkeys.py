"""Passkeys: what browsers are asked to use or make, and the user's adding and removing."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.audit import Event
from accounts.models.passkeys import Challenge, Passkey, Purpose, handle_of
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session
from accounts.sign_in import credentials, webauthn
from accounts.sign_in.attempts import hold
from accounts.topics import Topic

ANOTHER = "That passkey was not accepted. Try again"
ALREADY = "That device already has a passkey for PharmRefer"
TOO_MANY = f"You have {Passkey.MOST} passkeys already. Remove one that you no longer use first"
NO_APP = "Set up an authenticator app first"


def ask_for_passkey(held: PendingLogIn | Session, *, now: datetime) -> dict[str, Any]:
    """Return what a browser is asked for, to log in or confirm with a passkey; ready for JSON."""
    purpose = Purpose.LOG_IN if isinstance(held, PendingLogIn) else Purpose.CONFIRM
    challenge = Challenge.objects.begin(purpose, held, now=now)
    return webauthn.to_use(challenge, known=held.user.passkeys.usable().order_by("pk"))


def check_can_add_passkey(user: User) -> None:
    if not user.authenticators.filter(confirmed=True).exists():
        raise Denied(NO_APP, topic=Topic.PASSKEYS)
    if user.passkeys.count() >= Passkey.MOST:
        raise Denied(TOO_MANY, topic=Topic.PASSKEYS)


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
        known=user.passkeys.order_by("pk"),
    )


def add_passkey(session: Session, name: str, answer: str, actor: Actor) -> None:
    """Add the passkey that the user's browser has made, and end their other sessions.

    Raises:
        Denied: it does not answer this session's challenge, or they cannot have one.
        Gone: the session has ended meanwhile.
    """
    made = _made(session, answer, now=actor.now)
    with transaction.atomic():
        user = hold(session, now=actor.now)
        check_can_add_passkey(user)
        _, is_new = Passkey.objects.get_or_create(
            credential_id=made.credential_id,
            defaults=asdict(made) | {"user": user, "name": name, "created_at": actor.now},
        )
        if not is_new:  # even if another user has it: an id can be forged
            raise Denied(ALREADY, topic=Topic.PASSKEYS)
        audit.note(Event.PASSKEY_ADDED, actor, person=user)
        notices.passkey_added(user, name, now=actor.now)
        credentials.end_others(session, user)


def _made(session: Session, answer: str, *, now: datetime) -> webauthn.Made:
    challenge = Challenge.objects.spend(Purpose.ADD, session, now=now)
    if challenge is None:
        raise Denied("That took too long. Try again", topic=Topic.PASSKEYS)
    try:
        return webauthn.check_made(answer, challenge=challenge)
    except webauthn.NotRightError as error:
        raise Denied(ANOTHER, topic=Topic.PASSKEYS) from error


def remove_passkey(passkey: Passkey, session: Session, actor: Actor) -> None:
    """Remove a passkey and end the user's other sessions.

    Raises:
        Gone: it has been removed meanwhile, or the session has ended.
    """
    with transaction.atomic():
        user = hold(session, now=actor.now)
        # Other sessions' rows are not deleted with it, so that the user is told why they ended.
        app = user.authenticators.filter(confirmed=True).order_by("pk").first()
        Session.objects.filter(passkey=passkey).update(passkey=None, authenticator=app)
        if not user.passkeys.filter(pk=passkey.pk).delete()[0]:
            raise Gone
        audit.note(Event.PASSKEY_REMOVED, actor, person=user)
        notices.passkey_removed(user, passkey.name, now=actor.now)
        credentials.end_others(session, user)
