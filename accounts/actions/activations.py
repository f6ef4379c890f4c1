"""Activating an account: a one-time code, a password of one's own, and an authenticator."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.actions.log_ins import sign_in
from accounts.actions.steps import DeniedError, begin, claim, hold, person_named
from accounts.models import Activation, Authenticator, PendingLogIn, Step, Throttle

WRONG_ACTIVATION = (
    "The user name or activation code is not right, or the code has expired or been used"
)


def accept_invitation(user_name: str, code: str, *, now: datetime) -> str:
    """Take the first step with an activation code, to choose a password next; return the key.

    Raises:
        DeniedError: they are not right, or were tried too often.
    """
    throttle = Throttle.of_name("activation", user_name)
    claim(throttle, now=now)
    user = person_named(user_name)
    activation = Activation.objects.live(now).with_code(code).filter(user=user).first()
    if user is None or activation is None:
        raise DeniedError(WRONG_ACTIVATION)
    Throttle.objects.forget(throttle)
    return begin(user, Step.PASSWORD, now=now, activation=activation)


def accept_activation(pending: PendingLogIn, code: str, *, now: datetime) -> None:
    """Let somebody who knows their password set up an authenticator.

    Raises:
        DeniedError: the code is not right, or codes were tried too often.
        GoneError: the log-in is not there any more.
    """
    throttle = Throttle.of_name("activation", pending.user.email)
    claim(throttle, now=now)
    activation = Activation.objects.live(now).with_code(code).filter(user=pending.user).first()
    if activation is None:
        raise DeniedError("The activation code is not right, or it has expired or been used")
    Throttle.objects.forget(throttle)
    with transaction.atomic():
        hold(pending, now=now)
        pending.activation = activation
        _begin_set_up(pending, now=now)


def choose_password(pending: PendingLogIn, password: str, *, now: datetime) -> None:
    """Set the password that the person has chosen, end their sessions, and go on to set-up.

    Raises:
        GoneError: the log-in or its activation is not there any more.
    """
    hashed = make_password(password)  # takes its time: no lock is held meanwhile
    with transaction.atomic():
        user = hold(pending, now=now)
        user.password = hashed
        user.session_epoch += 1
        user.save(update_fields=["password", "session_epoch"])
        pending.session_epoch = user.session_epoch
        _begin_set_up(pending, now=now)


def _begin_set_up(pending: PendingLogIn, *, now: datetime) -> None:
    """Give the log-in under way an authenticator that is not confirmed; others like it go.

    The secret is bound to this log-in: whoever began one elsewhere does not share it.
    """
    Authenticator.objects.filter(user=pending.user, confirmed=False).delete()
    pending.authenticator = Authenticator.make(pending.user, name="Authenticator app")
    pending.step = Step.SET_UP
    pending.expires_at = now + PendingLogIn.SET_UP_LIFETIME
    pending.save(
        update_fields=["activation", "authenticator", "expires_at", "session_epoch", "step"]
    )


def confirm_authenticator(pending: PendingLogIn, code: str, *, now: datetime) -> str:
    """Confirm the authenticator with its first code, spend the activation, and sign in.

    Raises:
        DeniedError: the code is not right, or codes were tried too often.
        GoneError: the log-in, its activation or its authenticator is not there any more.
    """
    return sign_in(pending, [pending.authenticator] if pending.authenticator else [], code, now=now)
