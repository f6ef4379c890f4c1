"""What the steps of logging in have in common: tries, and the row of a log-in under way."""

from datetime import datetime, timedelta

from accounts.models import Activation, PendingLogIn, Step, Throttle, User, fold_user_name
from accounts.prepared import Given, Prepared
from accounts.wording import clock_time


class DeniedError(Exception):
    """Not now, or not this person; the message is fit for them."""


class GoneError(Exception):
    """The log-in under way is not there any more: done in another window, or taken back."""


_PERSON = Prepared(
    lambda: User.objects.filter(
        email=Given("email"), is_active=True, memberships__isnull=False
    ).distinct()
)


def claim(subject: str, *, now: datetime) -> None:
    """Count a try, or say when the next one may be made."""
    if allowed_at := Throttle.objects.claim(subject, now=now):
        rounded_up = allowed_at + timedelta(seconds=59)
        raise DeniedError(f"Too many tries. You can try again at {clock_time(rounded_up)}")


def person_named(user_name: str) -> User | None:
    """Return who may log in with a user name."""
    return _PERSON.first(email=fold_user_name(user_name))


def begin(
    user: User,
    step: Step,
    *,
    now: datetime,
    next_path: str = "",
    activation: Activation | None = None,
) -> str:
    """Store a log-in under way, and return the key of its row."""
    return PendingLogIn.begin(
        user=user,
        now=now,
        step=step,
        expires_at=now + PendingLogIn.LIFETIME,
        next_path=next_path,
        activation=activation,
    )


def hold(pending: PendingLogIn, *, now: datetime) -> User:
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
