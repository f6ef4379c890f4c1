"""Activating an account: a one-time code or link, then a password and an authenticator."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import audit
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.audit import AuditReason, Event, Factor
from accounts.models.credentials import Activation, Authenticator
from accounts.models.sessions import PendingLogIn, Step
from accounts.models.throttle import Throttle, subject_of_address
from accounts.sign_in import credentials
from accounts.sign_in.attempts import Tries, hold, person_named
from accounts.sign_in.exemptions import NO_EXEMPTION, Exemption
from accounts.topics import Topic

WRONG_ACTIVATION = (
    "The username or activation code is not right, or the code has expired or been used"
)


def accept_invitation(
    user_name: str, code: str, *, exemption: Exemption = NO_EXEMPTION, actor: Actor
) -> str:
    """Take the first step with an activation code, to choose a password next; return the key.

    A user who has a password must log in with it: the code alone opens nothing of theirs.

    Args:
        exemption: lets the code be checked although it was tried too often.

    Raises:
        Denied: they are not right, or were tried too often.
    """
    tries = Tries("activation", user_name, Factor.ACTIVATION_CODE, actor)
    tries.begin(lambda: exemption.spend(user_name, now=actor.now))
    user = person_named(user_name, now=actor.now)
    activation = Activation.objects.live(actor.now).with_code(code).filter(user=user).first()
    if user is None or activation is None:
        tries.refuse(user, AuditReason.WRONG_USED_OR_EXPIRED)
        raise Denied(WRONG_ACTIVATION, topic=Topic.ACTIVATION)
    if user.has_usable_password() or activation.needs_password or user.locked_at:
        is_locked = user.locked_at is not None
        tries.refuse(user, AuditReason.LOCKED if is_locked else AuditReason.WITHOUT_PASSWORD)
        raise Denied(WRONG_ACTIVATION, topic=Topic.ACTIVATION)
    tries.accept(user)
    return PendingLogIn.begin(user=user, now=actor.now, step=Step.PASSWORD, activation=activation)


def accept_link(key: str, actor: Actor) -> str:
    """Take the first step with a link from an e-mail; return the key of the log-in under way.

    It works until an authenticator has been set up, so that a user who was interrupted can open it
    again. Links cannot be guessed, so nobody has to wait; but tries from one address are noted only
    once in a while, or a flood would fill the audit.

    Raises:
        Gone: the link is wrong, or has expired or been used.
    """
    activation = Activation.objects.with_link(key, now=actor.now)
    which = activation.pk if activation else "wrong"
    if Throttle.objects.is_first(
        f"link:{which}:{subject_of_address(actor.origin, now=actor.now)}", now=actor.now
    ):
        audit.note(
            Event.FACTOR_ACCEPTED if activation else Event.FACTOR_REFUSED,
            actor,
            factor=Factor.ACTIVATION_LINK,
            reason=AuditReason.NONE if activation else AuditReason.WRONG_USED_OR_EXPIRED,
            person=activation.user if activation else None,
        )
    if activation is None:
        raise Gone
    return PendingLogIn.begin(
        user=activation.user, now=actor.now, step=Step.PASSWORD, activation=activation
    )


def accept_activation(pending: PendingLogIn, code: str, actor: Actor) -> None:
    """Let a user who has given their password set up an authenticator.

    Raises:
        Denied: the code is not right, or codes were tried too often.
        Gone: the log-in is not there any more.
    """
    tries = Tries("activation", pending.user.email, Factor.ACTIVATION_CODE, actor)
    tries.begin()
    activation = (
        Activation.objects.live(actor.now).with_code(code).filter(user=pending.user).first()
    )
    if activation is None:
        tries.refuse(pending.user, AuditReason.WRONG_USED_OR_EXPIRED)
        sentence = "The activation code is not right, or it has expired or been used"
        raise Denied(sentence, topic=Topic.ACTIVATION)
    tries.accept(pending.user)
    with transaction.atomic():
        hold(pending, now=actor.now)
        if not Activation.objects.live(actor.now).filter(pk=activation.pk).exists():
            raise Gone  # a newer one has replaced it a moment ago
        pending.activation = activation
        _begin_set_up(pending, now=actor.now)


def choose_password(pending: PendingLogIn, password: str, actor: Actor) -> None:
    """Set the password that the person has chosen, end their sessions, and go on to set-up.

    Raises:
        Gone: the log-in or its activation is not there any more.
    """
    hashed = make_password(password)  # takes its time: no lock is held meanwhile
    with transaction.atomic():
        user = hold(pending, now=actor.now)
        credentials.set_password(user, hashed, actor=actor)
        pending.session_epoch = user.session_epoch
        _begin_set_up(pending, now=actor.now)


def _begin_set_up(pending: PendingLogIn, *, now: datetime) -> None:
    """Make a new authenticator for this log-in alone, and delete the user's other unconfirmed ones.

    Its secret is never shown in a log-in that was begun elsewhere.
    """
    Authenticator.objects.filter(user=pending.user, confirmed=False).delete()
    pending.authenticator = Authenticator.make(pending.user, name="Authenticator app")
    pending.step = Step.SET_UP
    pending.expires_at = now + PendingLogIn.SET_UP_LIFETIME
    pending.save(
        update_fields=["activation", "authenticator", "expires_at", "session_epoch", "step"]
    )
