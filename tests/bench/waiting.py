"""How long what is healthy waits for what is ill: hanging pharmacies, a backlog, one bad message.

Each is a worker and a sweep as make run starts them, with messages enqueued as they are in life.
"""

import contextlib
import copy
import itertools
import os
import statistics
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from accounts.models.people import Membership
from pharmrefer.local.programs import workers
from referrals import tasks
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from tests import factories
from tests.bench import people
from tests.bench.effort import whole_or
from tests.bench.load import cpu_seconds
from tests.pharmrefer.local.harness import wait_until
from tests.running import running

SECONDS = whole_or(40, 2)
HANGING = whole_or(300, 40)  # pharmacies
HANGING_A_SECOND = whole_or(3, 20)
HEALTHY = whole_or(10, 2)
DUE = whole_or(5000, 40)  # messages
PATIENCE = 60.0  # seconds for the last that was sent; what has not arrived then counts so much
_numbers = itertools.count()


def measure(folder: Path, pharmacies: list[Pharmacy]) -> dict[str, float]:
    """Return the waits, in seconds, and what a delivery costs the worker in milliseconds."""
    _give_up_what_is_left()
    endpoint = pharmacies[0].endpoint
    with _working(folder) as process:
        figures = _beside_hanging_ones(endpoint)
        _give_up_what_is_left()
        figures |= _beside_a_bad_message(endpoint)
        _give_up_what_is_left()
        figures |= _beside_a_backlog(process, pharmacies)
        _give_up_what_is_left()
    return figures


@contextlib.contextmanager
def _working(folder: Path) -> Iterator[int]:
    """Run the workers; yield the sender's process."""
    sender, control, *_others = workers(dict(os.environ), folder)
    with running([sender, control], folder) as processes:
        yield processes[sender.name].pid


def _give_up_what_is_left() -> None:
    Message.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=None)


def _sent(person: Membership, to: Pharmacy) -> uuid.UUID:
    made = factories.sent(by=person, to=to, **people.patient(next(_numbers)))
    return made.messages.get().pk


def _every_second(act: Callable[[int], None]) -> None:
    """Do something at the beginning of each second, for as long as is measured."""
    started = time.monotonic()
    for second in range(SECONDS):
        time.sleep(max(0.0, started + second - time.monotonic()))
        act(second)


def _waits(sent: list[uuid.UUID]) -> list[float]:
    """Wait for the last ones; return how long each took."""
    left = Message.objects.filter(pk__in=sent, delivered_at=None)
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not left.exists(), seconds=PATIENCE, what="all delivered")
    now = timezone.now()
    rows = Message.objects.filter(pk__in=sent).values_list("created_at", "delivered_at")
    return [((delivered or now) - created).total_seconds() for created, delivered in rows]


def _p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20, method="inclusive")[-1]


def _beside_hanging_ones(endpoint: str) -> dict[str, float]:
    """Send to pharmacies of which most take a message and never answer."""
    person = factories.member()
    hanging = [factories.pharmacy(endpoint=f"{endpoint}/hangs") for _ in range(HANGING)]
    healthy = [factories.pharmacy(endpoint=endpoint) for _ in range(HEALTHY)]
    sent: list[uuid.UUID] = []

    def send(second: int) -> None:
        for number in range(HANGING_A_SECOND):
            _sent(person, hanging[(second * HANGING_A_SECOND + number) % HANGING])
        sent.append(_sent(person, healthy[second % HEALTHY]))

    _every_second(send)
    waits = _waits(sent)
    let_go = urllib.request.Request(f"{endpoint}/let-go", method="POST")
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(let_go, timeout=5)
    return {"healthy_p95_s": _p95(waits)}


def _backlog(person: Membership, pharmacies: list[Pharmacy]) -> None:
    """Store messages that have been due for a while, as after an evening without workers."""
    like = factories.sent(by=person, to=pharmacies[0])
    message = like.messages.get()
    headers, body = message.headers, message.body
    referrals, messages = [], []
    due = timezone.now() - timedelta(minutes=2)
    for number in range(DUE):
        referral = copy.copy(like)
        referral.pk = uuid.uuid4()
        referral.reference = f"{number:010}"
        referral.pharmacy = pharmacies[number % len(pharmacies)]
        made = copy.copy(message)
        made.pk, made.referral, made.pharmacy = uuid.uuid4(), referral, referral.pharmacy
        made.created_at = made.next_attempt_at = due
        made.write(headers | {"X-Request-Id": str(made.pk)}, body)
        referrals.append(referral)
        messages.append(made)
    Referral.objects.bulk_create(referrals, batch_size=500)
    Message.objects.bulk_create(messages, batch_size=500)


def _beside_a_backlog(process: int, pharmacies: list[Pharmacy]) -> dict[str, float]:
    """Send while thousands are due to the same pharmacies."""
    person = factories.member()
    sent: list[uuid.UUID] = []
    _backlog(person, pharmacies)
    used, begun = cpu_seconds(process), timezone.now()
    _every_second(lambda second: sent.append(_sent(person, pharmacies[second % len(pharmacies)])))
    done = Message.objects.filter(delivered_at__gte=begun).count()
    used = cpu_seconds(process) - used
    waits = _waits(sent)
    return {
        "newcomer_p95_s": _p95(waits),
        "delivery_cpu_ms": 1000 * used / max(done, 1),
        "backlog_per_s": done / SECONDS,
    }


def _fail_three_times(message_id: uuid.UUID) -> None:
    """Have a message tried until it has failed so often, without its waits."""
    bad = Message.objects.filter(pk=message_id)
    for times in (1, 2, 3):
        failed = bad.filter(attempts_made=times).exclude(last_reason="")
        wait_until(lambda failed=failed: failed.exists(), seconds=30, what="it failed")  # type: ignore[misc]
        if times < 3:
            bad.update(next_attempt_at=timezone.now(), last_reason="")
            tasks.broker.enqueue(message_id)


def _beside_a_bad_message(endpoint: str) -> dict[str, float]:
    """Send to a pharmacy whose system fails for one message, over and over."""
    person, to = factories.member(), factories.pharmacy(endpoint=f"{endpoint}/chokes")
    sent: list[uuid.UUID] = []
    _fail_three_times(_sent(person, to))
    _every_second(lambda _: sent.append(_sent(person, to)))
    return {"poison_wait_s": max(_waits(sent))}
