"""Logging in and out: a password, then a code."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import mfa
from accounts.actions.steps import DeniedError, GoneError, begin, claim, hold, person_named
from accounts.models import Activation, Authenticator, PendingLogIn, Session, Step, Throttle, User
from accounts.prepared import Given, Prepared

WRONG_PASSWORD = "The user name or password is not right"  # noqa: S105  a message

_CONFIRMED = Prepared(lambda: Authenticator.objects.filter(user=Given("user"), confirmed=True))


def accept_password(user_name: str, password: str, *, next_path: str, now: datetime) -> str:
    """Take the first step with a password; return the key of the log-in under way.

    Unknown, turned off and wrong look the same and take the same time.

    Raises:
        DeniedError: they are not right, or were tried too often.
    """
    throttle = Throttle.of_name("password", user_name)
    claim(throttle, now=now)
    user = person_named(user_name)
    if user is None:
        make_password(password)  # takes as long as checking one
        raise DeniedError(WRONG_PASSWORD)
    if not user.check_password(password):
        raise DeniedError(WRONG_PASSWORD)
    step = Step.CODE if _CONFIRMED.first(user=user.pk) else Step.ACTIVATION
    with transaction.atomic():
        Throttle.objects.forget(throttle)
        return begin(user, step, now=now, next_path=next_path)


def accept_code(pending: PendingLogIn, code: str, *, now: datetime) -> str:
    """Take the second step with a code, and sign in; return the session's key.

    Raises:
        DeniedError: the code is not right, or codes were tried too often.
        GoneError: the log-in is not there any more.
    """
    return sign_in(pending, _CONFIRMED.rows(user=pending.user_id), code, now=now)


def sign_in(
    pending: PendingLogIn, authenticators: Sequence[Authenticator], code: str, *, now: datetime
) -> str:
    """Sign in with a code that one of the authenticators has made; return the session's key."""
    throttle = f"code:{pending.user_id}"
    claim(throttle, now=now)  # before and outside the transaction: no try is taken back
    try:
        with transaction.atomic():
            user = hold(pending, now=now)
            _spend(pending, now=now)
            authenticator = mfa.accept(user, authenticators, code, now=now)
            Throttle.objects.forget(throttle)
            return _begin_session(user, authenticator, now=now)
    except mfa.CodeRefusedError as error:
        raise DeniedError(str(error)) from error


def _spend(pending: PendingLogIn, *, now: datetime) -> None:
    """End the log-in under way and its activation; pressing the button twice does it once."""
    PendingLogIn.objects.filter(pk=pending.pk).delete()
    if pending.activation_id:
        Activation.objects.filter(pk=pending.activation_id).update(used_at=now)


def _begin_session(user: User, authenticator: Authenticator, *, now: datetime) -> str:
    membership = user.default_membership()
    if membership is None:
        raise GoneError
    if not authenticator.confirmed:
        authenticator.confirmed = True
        authenticator.save(update_fields=["confirmed"])
    user.last_login = now
    user.save(update_fields=["last_login"])
    return Session.begin(
        user=user, now=now, authenticator=authenticator, membership=membership, last_seen_at=now
    )


def unlock(session: Session, password: str, *, now: datetime) -> str:
    """Go on with a session whose screen is locked; return its new key.

    Raises:
        DeniedError: the password is not right, or was tried too often.
        GoneError: the session has ended meanwhile.
    """
    throttle = Throttle.of_name("password", session.user.email)
    claim(throttle, now=now)
    if not session.user.check_password(password):
        raise DeniedError("The password is not right")
    Throttle.objects.forget(throttle)
    if key := session.renew(now=now):
        return key
    raise GoneError


def log_out(session: Session) -> None:
    """End a session."""
    session.delete()


def forget_expired(*, now: datetime) -> None:
    """Clear away what opens nothing any more, a day later: until then it says why it does not."""
    while_told = now - timedelta(days=1)
    PendingLogIn.objects.filter(expires_at__lte=while_told).delete()
    Session.objects.filter(last_seen_at__lte=while_told - settings.SESSION_IDLE).delete()
    Session.objects.filter(created_at__lte=while_told - settings.SESSION_LONGEST).delete()
    Throttle.objects.forget_old(now=now)
