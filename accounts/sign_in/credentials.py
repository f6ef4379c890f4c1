"""What a change of how a user logs in brings along: audit, an e-mail, the end of sessions.

Call these in a transaction, with the user's row locked.
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
    """Set the password, end the user's sessions, and e-mail them unless it is the first one."""
    is_another = not user.is_new
    user.password = hashed
    user.session_epoch += 1
    user.save(update_fields=["password", "session_epoch"])
    audit.note(Event.PASSWORD_CHANGED, actor, factor=factor, person=user)
    if is_another:
        notices.password_changed(user, now=actor.now)


def void_password(user: User, actor: Actor) -> None:
    """Make the password unusable, end the user's sessions, and e-mail a link to a new one.

    An unused activation goes too: without the password it would open the account alone.
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
    """Exempt one session from the end of all the user's sessions."""
    Session.objects.filter(pk=session.pk).update(session_epoch=user.session_epoch)
    session.session_epoch = session.user.session_epoch = user.session_epoch


def let_switch(user: User, *, now: datetime) -> None:
    """Note in all the user's sessions whether they can switch: no page has to ask for it then."""
    can_switch = len(user.live_memberships(today=timezone.localdate(now))) > 1
    Session.objects.filter(user=user).update(can_switch=can_switch)
