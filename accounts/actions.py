"""Everything that happens to people and their logging in, one plain verb each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import activation_codes, mfa
from accounts.models import (
    Activation,
    Authenticator,
    Membership,
    PendingLogIn,
    Practice,
    Session,
    Step,
    Throttle,
    User,
    fold_user_name,
)
from accounts.prepared import Given, Prepared
from accounts.roles import Role
from accounts.wording import clock_time

WRONG_PASSWORD = "The user name or password is not right"  # noqa: S105  a message
WRONG_ACTIVATION = (
    "The user name or activation code is not right, or the code has expired or been used"
)


class DeniedError(Exception):
    """Not now, or not this person; the message is fit for them."""


class GoneError(Exception):
    """The log-in under way is not there any more: done in another window, or taken back."""


@dataclass(frozen=True)
class NewPerson:
    """What is known about somebody who is invited."""

    email: str
    given_name: str
    family_name: str
    job_role: str
    role: Role
    practice: Practice | None = None


def invite(person: NewPerson) -> User:
    """Create a login and what it is in its practice; ``issue_activation`` lets them in.

    Raises:
        django.core.exceptions.ValidationError: a value is refused, or the login exists.
    """
    user = User(
        email=fold_user_name(person.email),
        given_name=person.given_name,
        family_name=person.family_name,
        job_role=person.job_role,
    )
    user.set_unusable_password()
    with transaction.atomic():
        user.full_clean()
        user.save()
        membership = Membership(user=user, practice=person.practice, role=person.role)
        membership.full_clean()
        membership.save()
    return user


def issue_activation(user: User, *, now: datetime) -> str:
    """Return a new one-time activation code; earlier ones that were not used are void."""
    code = activation_codes.new()
    with transaction.atomic():
        Activation.objects.filter(user=user, used_at=None).delete()
        Activation.objects.create(
            user=user,
            code_hash=Activation.hash_of(code),
            created_at=now,
            expires_at=now + Activation.LIFETIME,
        )
    return code


_PERSON = Prepared(
    lambda: User.objects.filter(
        email=Given("email"), is_active=True, memberships__isnull=False
    ).distinct()
)
_CONFIRMED = Prepared(lambda: Authenticator.objects.filter(user=Given("user"), confirmed=True))


def _claim(subject: str, *, now: datetime) -> None:
    """Count a try, or say when the next one may be made."""
    if allowed_at := Throttle.objects.claim(subject, now=now):
        rounded_up = allowed_at + timedelta(seconds=59)
        raise DeniedError(f"Too many tries. You can try again at {clock_time(rounded_up)}")


def _person(user_name: str) -> User | None:
    """Return who may log in with a user name."""
    return _PERSON.first(email=fold_user_name(user_name))


def _begin(
    user: User,
    step: Step,
    *,
    now: datetime,
    next_path: str = "",
    activation: Activation | None = None,
) -> str:
    return PendingLogIn.begin(
        user=user,
        now=now,
        step=step,
        expires_at=now + PendingLogIn.LIFETIME,
        next_path=next_path,
        activation=activation,
    )


def accept_password(user_name: str, password: str, *, next_path: str, now: datetime) -> str:
    """Take the first step with a password; return the key of the log-in under way.

    Unknown, turned off and wrong look the same and take the same time.

    Raises:
        DeniedError: they are not right, or were tried too often.
    """
    throttle = Throttle.of_name("password", user_name)
    _claim(throttle, now=now)
    user = _person(user_name)
    if user is None:
        make_password(password)  # takes as long as checking one
        raise DeniedError(WRONG_PASSWORD)
    if not user.check_password(password):
        raise DeniedError(WRONG_PASSWORD)
    step = Step.CODE if _CONFIRMED.first(user=user.pk) else Step.ACTIVATION
    with transaction.atomic():
        Throttle.objects.forget(throttle)
        return _begin(user, step, now=now, next_path=next_path)


def accept_invitation(user_name: str, code: str, *, now: datetime) -> str:
    """Take the first step with an activation code, to choose a password next; return the key.

    Raises:
        DeniedError: they are not right, or were tried too often.
    """
    throttle = Throttle.of_name("activation", user_name)
    _claim(throttle, now=now)
    user = _person(user_name)
    activation = Activation.objects.live(now).with_code(code).filter(user=user).first()
    if user is None or activation is None:
        raise DeniedError(WRONG_ACTIVATION)
    Throttle.objects.forget(throttle)
    return _begin(user, Step.PASSWORD, now=now, activation=activation)


def accept_activation(pending: PendingLogIn, code: str, *, now: datetime) -> None:
    """Let somebody who knows their password set up an authenticator.

    Raises:
        DeniedError: the code is not right, or codes were tried too often.
        GoneError: the log-in is not there any more.
    """
    throttle = Throttle.of_name("activation", pending.user.email)
    _claim(throttle, now=now)
    activation = Activation.objects.live(now).with_code(code).filter(user=pending.user).first()
    if activation is None:
        raise DeniedError("The activation code is not right, or it has expired or been used")
    Throttle.objects.forget(throttle)
    with transaction.atomic():
        _hold(pending, now=now)
        pending.activation = activation
        _begin_set_up(pending, now=now)


def choose_password(pending: PendingLogIn, password: str, *, now: datetime) -> None:
    """Set the password that the person has chosen, end their sessions, and go on to set-up.

    Raises:
        GoneError: the log-in or its activation is not there any more.
    """
    hashed = make_password(password)  # takes its time: no lock is held meanwhile
    with transaction.atomic():
        user = _hold(pending, now=now)
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
    return _sign_in(
        pending, [pending.authenticator] if pending.authenticator else [], code, now=now
    )


def accept_code(pending: PendingLogIn, code: str, *, now: datetime) -> str:
    """Take the second step with a code, and sign in; return the session's key.

    Raises:
        DeniedError: the code is not right, or codes were tried too often.
        GoneError: the log-in is not there any more.
    """
    return _sign_in(pending, _CONFIRMED.rows(user=pending.user_id), code, now=now)


def _sign_in(
    pending: PendingLogIn, authenticators: Sequence[Authenticator], code: str, *, now: datetime
) -> str:
    throttle = f"code:{pending.user_id}"
    _claim(throttle, now=now)  # before and outside the transaction: no try is taken back
    try:
        with transaction.atomic():
            user = _hold(pending, now=now)
            _spend(pending, now=now)
            authenticator = mfa.accept(user, authenticators, code, now=now)
            Throttle.objects.forget(throttle)
            return _begin_session(user, authenticator, now=now)
    except mfa.CodeRefusedError as error:
        raise DeniedError(str(error)) from error


def _hold(pending: PendingLogIn, *, now: datetime) -> User:
    """Lock the person's row and see that the log-in under way is still one; return the person.

    Whoever was turned off a moment ago stays out, and of two requests at once one comes second.
    Call it in a transaction.
    """
    users = User.objects.select_for_update(no_key=True).filter(pk=pending.user_id)
    user = users.filter(is_active=True, session_epoch=pending.session_epoch).first()
    if user is None or not PendingLogIn.objects.filter(pk=pending.pk).exists():
        raise GoneError
    if pending.activation_id:
        activation = Activation.objects.live(now).filter(pk=pending.activation_id)
        if not activation.exists():
            raise GoneError
    return user


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
