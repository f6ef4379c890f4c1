"""When things are done: the doorbell, the sweep, and what is cleared away. Never what is done.

Celery only rings: a task carries the id of a row, and the row says whether anything is to be
done. So a task that is lost, run twice or run late does no harm, and Celery is never asked to
wait, to try again or to remember.

What was sent just now has a queue of its own. The sweep rings by pharmacy, since rows are the
queue, and what has not been heard for a minute is dropped: it is rung for again.
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
from accounts.sign_in import log_in
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
    # What was not rung in time is dropped: the next one does the same.
    "sweep": {"task": "sweep", "schedule": 5.0, "options": {"expires": 10}},
    "mail": {"task": "mail", "schedule": 5.0, "options": {"expires": 10}},
    "seal": {"task": "seal", "schedule": 1.0, "options": {"expires": 2}},
    "tidy": {"task": "tidy", "schedule": 600.0, "options": {"expires": 300}},
}

SEND_ON_FOR = 5.0  # seconds; then others get their turn
SILENT_FOR = 15.0  # seconds in which nobody waits for a broker that did not answer
STALE_AFTER = delivery.HEARD_WITHIN.total_seconds()  # the sweep has rung again, or soon will


class Doorbell:
    """Rings for a message; a broker that is down costs one short wait now and then."""

    def __init__(self) -> None:
        """Begin hopeful."""
        self._silent_until = 0.0

    def ring(self, message_id: UUID) -> bool:
        """Ask a worker to send; say whether the broker took it. Else the sweep or rescuer will."""
        return self._ring(deliver, str(message_id))

    def ring_for(self, pharmacy_id: int) -> bool:
        """Ask a worker to send what is due for a pharmacy; say whether the broker took it."""
        return self._ring(drain, pharmacy_id)

    def _ring(self, task: Task[..., None], row: object) -> bool:
        if time.monotonic() < self._silent_until:
            return False
        try:
            # Not Celery's "expires": it would go by the clocks of two machines.
            task.apply_async((row, clock.seconds(clock.about_now())), retry=False)
        except Exception as error:  # noqa: BLE001  whatever is wrong with the bell, the row is safe
            self._silent_until = time.monotonic() + SILENT_FOR
            logger.warning("the broker does not answer: %s", type(error).__name__)
            return False
        return True


doorbell = Doorbell()


def _is_stale(rung_at: float | None) -> bool:
    """Say whether a bell rang so long ago that it has been rung again since."""
    return rung_at is not None and clock.seconds(clock.about_now()) - rung_at > STALE_AFTER


@app.task(name="deliver")
def deliver(message_id: str, rung_at: float | None = None) -> None:
    """Send a message that is new."""
    if not _is_stale(rung_at):
        sender().send(UUID(message_id))


@app.task(name="drain")
def drain(pharmacy_id: int, rung_at: float | None = None) -> None:
    """Send what is due for a pharmacy."""
    if not _is_stale(rung_at):
        sender().drain(pharmacy_id)


@app.task(name="sweep")
def sweep() -> None:
    """Ring for whatever is due, and end what is out of time."""
    due = delivery.to_ring()
    delivery.unring([pharmacy_id for pharmacy_id in due if not doorbell.ring_for(pharmacy_id)])
    delivery.give_up()


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
    log_in.forget_expired(now=timezone.now())
    drafts.forget_old(now=timezone.now())
    audit.seal(everything=True)
    logger.info("audit sealed up to %s", audit.head())


@app.task(name="alive")
def alive() -> None:
    """Show that a task reaches this worker, and that what it works with works."""
    if has_sender():
        sender().prove(watchdog.heard)
    else:
        clock.now()
        watchdog.heard()


watchdog = Watchdog()


@celeryd_after_setup.connect
def _have_a_queue_of_ones_own(sender: str, instance: Any, **_: object) -> None:
    """Let a worker ask itself, apart from whatever waits in the queues that it shares."""
    own = f"alive.{sender}"
    instance.app.amqp.queues.select_add(own)
    watchdog.ask = lambda: alive.apply_async(queue=own, retry=False)


@worker_ready.connect
def _begin(**_: object) -> None:
    """Take up what was left, say that we are there, and let it be seen when we are not."""
    watchdog.start()  # first: the database may be away
    Message.objects.exists()
    sweep.apply_async(retry=False)
    delivery.note_health()


@worker_shutdown.connect
def _finish(**_: object) -> None:
    """Wait for the attempts that have begun."""
    watchdog.stop()
    if has_sender():
        sender().stop()


@task_failure.connect
def _log_failure(task_id: str, exception: BaseException, **_: object) -> None:
    """Log as everywhere else: Celery itself would write the words of the exception."""
    logger.error("task %s failed", task_id, exc_info=exception)
