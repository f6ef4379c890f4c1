"""What changing how somebody logs in brings along, wherever they do it: noted, told, others out.

Each of these stands in the caller's transaction, with the person's row locked.
"""

from datetime import datetime

from django.utils import timezone

from accounts import audit, notices
from accounts.actor import Actor
from accounts.models.audit import Event, Factor
from accounts.models.credentials import Activation, Authenticator, PasswordLink
from accounts.models.people import User
from accounts.models.sessions import Session


def set_password(user: User, hashed: str, *, factor: Factor = Factor.NONE, actor: Actor) -> None:
    """Give somebody another password, end their sessions, and tell them unless it is the first."""
    is_another = not user.is_new
    user.password = hashed
    user.session_epoch += 1
    user.save(update_fields=["password", "session_epoch"])
    audit.note(Event.PASSWORD_CHANGED, actor, factor=factor, person=user)
    if is_another:
        notices.password_changed(user, now=actor.now)


def void_password(user: User, actor: Actor) -> None:
    """Take somebody's password away, end their sessions, and let them choose another by e-mail.

    An activation that they were given to use after the password would open the account alone: it
    goes too.
    """
    user.set_unusable_password()
    user.session_epoch += 1
    user.save(update_fields=["password", "session_epoch"])
    Activation.objects.filter(user=user, used_at=None).delete()
    audit.note(Event.PASSWORD_VOIDED, actor, person=user, by=actor.user)
    until = actor.now + PasswordLink.UNLOCKED_LIFETIME
    key = PasswordLink.issue(user, expires_at=until)
    notices.account_unlocked(user, key, until=until, now=actor.now)


def add_authenticator(user: User, authenticator: Authenticator, actor: Actor) -> None:
    """Let an authenticator count from now on that has just given its first code."""
    authenticator.confirmed = True
    authenticator.save(update_fields=["confirmed"])
    audit.note(Event.AUTHENTICATOR_ADDED, actor, person=user)
    notices.authenticator_added(user, authenticator.name, now=actor.now)


def end_others(session: Session, user: User) -> None:
    """End all of the person's sessions but one, and whatever log-in is under way."""
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    let_go_on(session, user)


def let_go_on(session: Session, user: User) -> None:
    """Let one session go on though the person's sessions have been ended."""
    Session.objects.filter(pk=session.pk).update(session_epoch=user.session_epoch)
    session.session_epoch = session.user.session_epoch = user.session_epoch


def let_switch(user: User, *, now: datetime) -> None:
    """Let the person change where they work in every browser where they are logged in.

    Or not any more: it stands in the sessions, so that no page has to ask for it.
    """
    can_switch = len(user.live_memberships(today=timezone.localdate(now))) > 1
    Session.objects.filter(user=user).update(can_switch=can_switch)
