"""What the steps of logging in have in common: tries, and the row of a log-in under way."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from accounts import audit
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.audit import AuditReason, Event, Factor
from accounts.models.credentials import Activation
from accounts.models.people import User, fold_user_name
from accounts.models.sessions import PendingLogIn, Session
from accounts.models.throttle import (
    PER_ADDRESS,
    PER_PERSON,
    Limit,
    Throttle,
    TooManyTriesError,
    subject_of_address,
    subject_of_name,
)
from accounts.prepared import Given, Prepared
from accounts.topics import Topic
from accounts.wording import clock_time

_HELD = Prepared(
    lambda: User.objects.select_for_update(no_key=True).filter(
        pk=Given("id"), is_active=True, session_epoch=Given("session_epoch")
    )
)

_UNDER_WAY = Prepared(lambda: PendingLogIn.objects.filter(pk=Given("id")).values_list("pk"))
_PERSON = Prepared(lambda: User.objects.working(Given("today")).filter(email=Given("email")))


def claim(subject: str, limit: Limit = PER_PERSON, *, now: datetime) -> int:
    """Count a try and return how many there have been; Denied says when the next is allowed."""
    try:
        return Throttle.objects.claim(subject, limit, now=now)
    except TooManyTriesError as error:
        rounded_up = error.allowed_at + timedelta(seconds=59)
        message = f"Too many tries. You can try again at {clock_time(rounded_up)}"
        raise Denied(message, topic=Topic.TOO_MANY_TRIES) from error


class Tries:
    """Tries at a user's password or activation, counted by user name and by where they come from.

    Each is counted before it is made, so that none can be taken back; a right one is not counted in
    the end. Each result goes into the audit.
    """

    def __init__(self, what: str, user_name: str, factor: Factor, actor: Actor) -> None:
        self._subject = subject_of_name(what, user_name, actor.origin)
        self._factor, self._actor = factor, actor

    def begin(self, is_exempt: Callable[[], bool] = lambda: False) -> None:
        """Count one.

        Args:
            is_exempt: asked only if there have been too many: need this one not wait?

        Raises:
            Denied: there have been too many.
        """
        self._address = subject_of_address(self._actor.origin, now=self._actor.now)
        self._claimed = 0
        try:
            self._claimed = claim(self._address, PER_ADDRESS, now=self._actor.now)
        except Denied:
            if not is_exempt():
                self._refuse_once(AuditReason.TOO_MANY_FROM_THERE, self._address)
                raise
            return
        try:
            claim(self._subject, now=self._actor.now)
        except Denied:
            self._give_back()
            if not is_exempt():
                self._refuse_once(AuditReason.TOO_MANY, self._subject)
                raise

    def _refuse_once(self, reason: AuditReason, subject: str) -> None:
        """Note what is refused unchecked: once in a while, or a flood would fill the audit."""
        if Throttle.objects.is_first(subject, now=self._actor.now):
            self.refuse(None, reason)

    def _give_back(self) -> None:
        if self._claimed:
            Throttle.objects.give_back(self._address, self._claimed)
            self._claimed = 0

    def refuse(self, person: User | None, reason: AuditReason) -> None:
        audit.note(
            Event.FACTOR_REFUSED, self._actor, factor=self._factor, reason=reason, person=person
        )

    def accept(self, person: User, reason: AuditReason = AuditReason.NONE) -> None:
        Throttle.objects.forget(self._subject)
        self._give_back()
        audit.note(
            Event.FACTOR_ACCEPTED, self._actor, factor=self._factor, reason=reason, person=person
        )


def person_named(user_name: str, *, now: datetime) -> User | None:
    return _PERSON.first(email=fold_user_name(user_name), today=timezone.localdate(now))


def hold(held: PendingLogIn | Session, *, now: datetime) -> User:
    """Lock the person's row, and return the person if the log-in or session is still open.

    Call it in a transaction. It keeps out a user who was deactivated a moment ago, and of two
    requests at once the second waits for the first.

    Raises:
        Gone: it is not open any more.
    """
    user = _HELD.first(id=held.user_id, session_epoch=held.session_epoch)
    if user is None or not _is_open(held, now=now):
        raise Gone
    return user


def _is_open(held: PendingLogIn | Session, *, now: datetime) -> bool:
    if isinstance(held, Session):
        here = Session.objects.filter(pk=held.pk)
        return here.exclude(authenticator=None, passkey=None).exists()
    if not _UNDER_WAY.rows(id=held.pk):
        return False
    activation = held.activation_id
    return not activation or Activation.objects.live(now).filter(pk=activation).exists()
