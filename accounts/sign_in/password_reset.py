"""A forgotten password: a link by e-mail, with which its owner chooses another one.

It never signs in, touches no authenticator and unlocks no account: an e-mail is no factor.
"""

import secrets
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Gone
from accounts.models.audit import AuditReason, Event, Factor
from accounts.models.credentials import PasswordLink
from accounts.models.people import User, fold_user_name
from accounts.models.throttle import Throttle, subject_of_name
from accounts.sign_in import credentials
from accounts.sign_in.attempts import Tries, person_named


def forget_password(user_name: str, actor: Actor) -> None:
    """E-mail somebody a link with which they choose another password.

    The caller does not learn whether the user name exists: for an unknown one the same is done, and
    rolled back.

    Raises:
        Denied: it was asked for too often.
    """
    Tries("forgotten", user_name, Factor.NONE, actor).begin()
    person = person_named(user_name, now=actor.now)
    reason = AuditReason.NONE if person else AuditReason.UNKNOWN_OR_OFF
    with transaction.atomic():
        audit.note(Event.PASSWORD_FORGOTTEN, actor, reason=reason, person=person)
        begun = transaction.savepoint()
        _mail_link(person or _nobody(user_name, now=actor.now), now=actor.now)
        if person:
            transaction.savepoint_commit(begun)
        else:
            transaction.savepoint_rollback(begun)


def _nobody(user_name: str, *, now: datetime) -> User:
    """Return a user who does not exist: rows about them are rolled back at once."""
    return User(
        pk=-secrets.randbits(62),
        email=fold_user_name(user_name),
        given_name="Nobody",
        last_login=now,
    )


def _mail_link(user: User, *, now: datetime) -> None:
    until = now + PasswordLink.LIFETIME
    key = PasswordLink.issue(user, expires_at=until)
    # For a user who has no password yet a link is made too, but its key is not sent.
    if user.is_new:
        notices.not_activated(user, until=until, now=now)
    else:
        notices.password_reset(user, key, until=until, now=now)


def reset_password(link: PasswordLink, password: str, actor: Actor) -> None:
    """Set the password that the person has chosen, spend the link, and end all their sessions.

    Raises:
        Gone: the link is not there any more.
    """
    hashed = make_password(password)  # takes its time: no lock is held meanwhile
    with transaction.atomic():
        users = User.objects.select_for_update(no_key=True).filter(pk=link.user_id)
        user = users.filter(is_active=True, session_epoch=link.session_epoch).first()
        spent, _ = PasswordLink.objects.filter(pk=link.pk, key_hash=link.key_hash).delete()
        if user is None or not spent:
            raise Gone
        credentials.set_password(user, hashed, factor=Factor.PASSWORD_LINK, actor=actor)
        # After choosing it, the user must not wait because they tried other passwords before.
        Throttle.objects.forget(subject_of_name("password", user.email, actor.origin))
