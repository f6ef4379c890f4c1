"""When things are done: the doorbell, the sweep, and what is cleared away. Never what is done.

Celery only rings: a task carries the id of a row, and the row says whether anything is to be
done. So a task that is lost, run twice or run late does no harm, and Celery is never asked to
wait, to try again or to remember.
"""

import logging
import time
from uuid import UUID

from celery import Celery
from celery.signals import task_failure, worker_ready
from django.utils import timezone

from accounts import actions as accounts_actions
from accounts import audit
from accounts import mail as accounts_mail
from accounts.prepared import Given, Prepared
from referrals import delivery, drafts
from referrals.fhir.answers import Kind
from referrals.models import Message

logger = logging.getLogger(__name__)

app = Celery("pharmrefer")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_routes = {
    **dict.fromkeys(("deliver", "alive"), "send"),
    "mail": "mail",  # a lane of its own: it neither waits for referrals nor holds them up
    **dict.fromkeys(("sweep", "seal", "tidy"), "control"),
}
app.conf.beat_schedule = {
    # What was not rung in time is dropped: the next one does the same.
    "sweep": {"task": "sweep", "schedule": 5.0, "options": {"expires": 10}},
    "mail": {"task": "mail", "schedule": 5.0, "options": {"expires": 10}},
    "seal": {"task": "seal", "schedule": 1.0, "options": {"expires": 2}},
    "alive": {"task": "alive", "schedule": 5.0, "options": {"expires": 10}},
    "tidy": {"task": "tidy", "schedule": 600.0, "options": {"expires": 300}},
}

_PHARMACY_ID = Prepared(
    lambda: Message.objects.filter(pk=Given("message")).values_list("pharmacy_id")
)
SEND_ON_FOR = 5.0  # seconds; then other pharmacies get their turn
SILENT_FOR = 15.0  # seconds in which nobody waits for a broker that did not answer


class Doorbell:
    """Rings for a message; a broker that is down costs one short wait now and then."""

    def __init__(self) -> None:
        """Begin hopeful."""
        self._silent_until = 0.0

    def ring(self, message_id: UUID) -> bool:
        """Ask a worker to send; say whether the broker took it. Else the sweep or rescuer will."""
        if time.monotonic() < self._silent_until:
            return False
        try:
            deliver.apply_async((str(message_id),), retry=False)
        except Exception as error:  # noqa: BLE001  whatever is wrong with the bell, the row is safe
            self._silent_until = time.monotonic() + SILENT_FOR
            logger.warning("the broker does not answer: %s", type(error).__name__)
            return False
        return True


doorbell = Doorbell()


@app.task(name="deliver")
def deliver(message_id: str) -> None:
    """Send a message, and while that goes well, others that wait for the same pharmacy."""
    until = time.monotonic() + SEND_ON_FOR
    due: UUID | None = UUID(message_id)
    found = _PHARMACY_ID.first(message=due)
    while due and found:
        if delivery.attempt(due, now=timezone.now()) is not Kind.ACCEPTED:
            return
        due = delivery.next_due(found[0], now=timezone.now())
        if due and time.monotonic() > until:
            doorbell.ring(due)
            return


@app.task(name="sweep")
def sweep() -> None:
    """Ring for whatever is due, and end what is out of time."""
    due = delivery.to_ring(now=timezone.now())
    delivery.unring([message_id for message_id in due if not doorbell.ring(message_id)])
    delivery.give_up(now=timezone.now())
    delivery.note_health()


@app.task(name="mail")
def mail() -> None:
    """Send the e-mails that are due: for a while, as a whole practice may have been invited.

    That it is done shows that the worker is well: it has no other task.
    """
    delivery.note_health()
    accounts_mail.send_due(within=SEND_ON_FOR, alive=delivery.note_health)


@app.task(name="seal")
def seal() -> None:
    """Put what the audit has noted lately into its chain."""
    audit.seal()


@app.task(name="tidy")
def tidy() -> None:
    """Clear away what has expired, and let the log witness how far the audit's chain goes."""
    accounts_actions.forget_expired(now=timezone.now())
    drafts.forget_old(now=timezone.now())
    audit.seal(everything=True)
    logger.info("audit sealed up to %s", audit.head())


@app.task(name="alive")
def alive() -> None:
    """Show that tasks reach the sending worker."""
    delivery.note_health()


@worker_ready.connect
def _begin(**_: object) -> None:
    """Take up what was left, and say that we are there."""
    Message.objects.exists()
    sweep.apply_async(retry=False)
    delivery.note_health()


@task_failure.connect
def _log_failure(task_id: str, exception: BaseException, **_: object) -> None:
    """Log as everywhere else: Celery itself would write the words of the exception."""
    logger.error("task %s failed", task_id, exc_info=exception)
