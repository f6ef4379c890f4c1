"""What users do on their own account page once they have confirmed who they are."""

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.audit import AuditReason, Event
from accounts.models.credentials import Authenticator
from accounts.models.passkeys import Purpose
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.sign_in import credentials
from accounts.sign_in.attempts import hold
from accounts.sign_in.lockout import SecondFactorTry
from accounts.sign_in.second_factor import Code
from accounts.topics import Topic

MOST_AUTHENTICATORS = 5
FULL = f"You have {MOST_AUTHENTICATORS} authenticator apps, and cannot have more. Remove one first"
LAST_ONE = (
    "This is the only authenticator app that you have, and you cannot log in without one. Add "
    "another one first. If you have lost it, ask the service desk"
)


def _confirmed(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, confirmed=True).order_by("pk"))


def _check_can_add(user: User) -> None:
    if len(_confirmed(user)) >= MOST_AUTHENTICATORS:
        raise Denied(FULL)


def begin_authenticator(session: Session, name: str, actor: Actor) -> None:
    """Make an authenticator that this session alone sets up; others not confirmed yet go.

    Raises:
        Denied: there are as many as there may be.
        Gone: the session has ended meanwhile.
    """
    with transaction.atomic():
        user = hold(session, now=actor.now)
        _check_can_add(user)
        Authenticator.objects.filter(user=user, confirmed=False).delete()
        made = Authenticator.make(user, name=name)
        Session.objects.filter(pk=session.pk).update(new_authenticator=made)


def add_authenticator(session: Session, code: str, actor: Actor) -> None:
    """Confirm the authenticator that this session sets up with its first code.

    Raises:
        Denied: the code is not right, or codes were tried too often.
        Gone: the session or its authenticator is not there any more, or is confirmed.
    """
    with SecondFactorTry(Code(code), Purpose.ADD, session, actor).accepted() as (user, made):
        assert isinstance(made, Authenticator)  # noqa: S101  no passkey has a code
        _check_can_add(user)
        credentials.add_authenticator(user, made, actor)
        credentials.end_others(session, user)


def remove_authenticator(session: Session, number: int, actor: Actor) -> None:
    """Remove one of the person's authenticators; this session goes on, on another of them.

    Raises:
        Denied: it is the last one.
        Gone: it is not there any more, or the session is not.
    """
    with transaction.atomic():
        user = hold(session, now=actor.now)
        mine = {each.pk: each for each in _confirmed(user)}
        removed = mine.pop(number, None)
        if removed is None:
            raise Gone
        if not mine:
            raise Denied(LAST_ONE, topic=Topic.LOST_AUTHENTICATOR)
        # Other sessions' rows are not deleted with it, so that the user is told why they ended.
        Session.objects.filter(authenticator=removed).update(authenticator=min(mine))
        removed.delete()
        audit.note(Event.AUTHENTICATOR_REMOVED, actor, person=user)
        notices.authenticator_removed(user, removed.name, now=actor.now)
        credentials.end_others(session, user)


def rename_authenticator(authenticator: Authenticator, name: str, actor: Actor) -> None:
    """Raise Gone if it has been removed meanwhile."""
    with transaction.atomic():
        if not Authenticator.objects.filter(pk=authenticator.pk).update(name=name):
            raise Gone
        person = authenticator.user
        audit.note(Event.AUTHENTICATOR_RENAMED, actor, person=person)


def change_password(session: Session, password: str, actor: Actor) -> None:
    """Change the person's password; this session goes on, and no other does.

    Raises:
        Gone: the session has ended meanwhile.
    """
    hashed = make_password(password)  # takes its time: no lock is held meanwhile
    with transaction.atomic():
        user = hold(session, now=actor.now)
        credentials.set_password(user, hashed, actor=actor)
        credentials.let_go_on(session, user)


def end_other(other: Session, actor: Actor) -> None:
    with transaction.atomic():
        # Its row stays, without a factor, so that the user is told why it has ended.
        Session.objects.filter(pk=other.pk).update(authenticator=None, passkey=None)
        reason = AuditReason.LOGGED_OUT_ELSEWHERE
        audit.note(Event.SESSION_ENDED, actor, reason=reason, person=other.user)


def end_others(session: Session, actor: Actor) -> None:
    """End all of the person's sessions but this one.

    Raises:
        Gone: the session has ended meanwhile.
    """
    with transaction.atomic():
        user = hold(session, now=actor.now)
        credentials.end_others(session, user)
        reason = AuditReason.LOGGED_OUT_ALL_OTHERS
        audit.note(Event.SESSION_ENDED, actor, reason=reason, person=user)
