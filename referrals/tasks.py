"""When things are done: what is enqueued, the sweep, and what is cleared away. Never what is done.

A task carries only the id of a row, and the row says whether anything is to be done. So a task
that is lost, run twice or run late does no harm, and Celery is never asked to wait, to try again
or to remember.

What was sent just now has a queue of its own. The sweep enqueues pharmacies, not messages, since
the rows are the queue; a task that has waited for a minute is dropped, for the sweep has enqueued
another since.
"""

import logging
import time
from typing import Any
from uuid import UUID

from celery import Celery, Task
from celery.signals import celeryd_after_setup, task_failure, worker_ready, worker_shutdown
from django.utils import timezone

from accounts import audit
from accounts import mail as accounts_mail
from accounts.sign_in import expiry
from referrals import clock, delivery, drafts
from referrals.lanes import has_sender, sender
from referrals.models.messages import Message
from referrals.watchdog import Watchdog

logger = logging.getLogger(__name__)

app = Celery("pharmrefer")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_routes = {
    "deliver": "send",
    "drain": "backlog",
    "mail": "mail",  # a lane of its own: it neither waits for referrals nor holds them up
    "alive": "alive",  # and the name of the worker that asks itself
    **dict.fromkeys(("sweep", "seal", "tidy"), "control"),
}
app.conf.beat_schedule = {
    # What was not taken up in time is dropped: the next one does the same.
    "sweep": {"task": "sweep", "schedule": 5.0, "options": {"expires": 10}},
    "mail": {"task": "mail", "schedule": 5.0, "options": {"expires": 10}},
    "seal": {"task": "seal", "schedule": 1.0, "options": {"expires": 2}},
    "tidy": {"task": "tidy", "schedule": 600.0, "options": {"expires": 300}},
}

SEND_ON_FOR = 5.0  # seconds; then others get their turn
SILENT_FOR = 15.0  # seconds in which a broker that did not answer is not asked
STALE_AFTER = delivery.TAKEN_UP_WITHIN.total_seconds()  # the sweep enqueues again by then


class Broker:
    """Takes tasks for workers; one that is down costs a short wait now and then."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def enqueue(self, message_id: UUID) -> bool:
        """Have a worker send a message; say whether the broker took the task.

        If it did not, the sweep enqueues it again, or the rescuer sends it.
        """
        return self._enqueue(deliver, str(message_id))

    def enqueue_pharmacy(self, pharmacy_id: int) -> bool:
        return self._enqueue(drain, pharmacy_id)

    def _enqueue(self, task: Task[..., None], row: object) -> bool:
        if time.monotonic() < self._silent_until:
            return False
        try:
            # Not Celery's "expires": it would go by the clocks of two machines.
            task.apply_async((row, clock.seconds(clock.about_now())), retry=False)
        except Exception as error:  # noqa: BLE001  whatever is wrong with it, the row is safe
            self._silent_until = time.monotonic() + SILENT_FOR
            logger.warning("the broker does not answer: %s", type(error).__name__)
            return False
        return True


broker = Broker()


def _is_stale(enqueued_at: float | None) -> bool:
    if enqueued_at is None:
        return False
    return clock.seconds(clock.about_now()) - enqueued_at > STALE_AFTER


@app.task(name="deliver")
def deliver(message_id: str, enqueued_at: float | None = None) -> None:
    if not _is_stale(enqueued_at):
        sender().send(UUID(message_id))


@app.task(name="drain")
def drain(pharmacy_id: int, enqueued_at: float | None = None) -> None:
    if not _is_stale(enqueued_at):
        sender().drain(pharmacy_id)


@app.task(name="sweep")
def sweep() -> None:
    due = delivery.to_enqueue()
    lost = [pharmacy_id for pharmacy_id in due if not broker.enqueue_pharmacy(pharmacy_id)]
    delivery.note_not_enqueued(lost)
    delivery.give_up()


@app.task(name="mail")
def mail() -> None:
    # For a while only, as a whole practice may have been invited. That it is done shows that the
    # worker is well: it has no other task.
    delivery.note_health()
    accounts_mail.send_due(within=SEND_ON_FOR, alive=delivery.note_health)


@app.task(name="seal")
def seal() -> None:
    audit.seal()


@app.task(name="tidy")
def tidy() -> None:
    # The log is a witness to how far the audit's chain goes.
    expiry.forget_expired(now=timezone.now())
    drafts.forget_old(now=timezone.now())
    audit.seal(everything=True)
    logger.info("audit sealed up to %s", audit.head())


@app.task(name="alive")
def alive() -> None:
    # That this runs shows that a task reaches the worker; what it works with is asked too.
    if has_sender():
        sender().prove(watchdog.heard)
    else:
        clock.now()
        watchdog.heard()


watchdog = Watchdog()


@celeryd_after_setup.connect
def _have_a_queue_of_ones_own(sender: str, instance: Any, **_: object) -> None:
    # A worker asks itself over a queue of its own, past whatever waits in the shared ones.
    own = f"alive.{sender}"
    instance.app.amqp.queues.select_add(own)
    watchdog.ask = lambda: alive.apply_async(queue=own, retry=False)


@worker_ready.connect
def _begin(**_: object) -> None:
    watchdog.start()  # first: the database may be away
    Message.objects.exists()
    sweep.apply_async(retry=False)
    delivery.note_health()


@worker_shutdown.connect
def _finish(**_: object) -> None:
    watchdog.stop()
    if has_sender():
        sender().stop()


@task_failure.connect
def _log_failure(task_id: str, exception: BaseException, **_: object) -> None:
    # Logged as everywhere else: Celery itself would write the words of the exception.
    logger.error("task %s failed", task_id, exc_info=exception)
