"""How many messages a sending worker delivers, against a loop that does no more than it must."""

import contextlib
import os
import queue
import statistics
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
from django.db.models import Max, Min

from accounts.models.people import Membership
from pharmrefer.local.programs import workers
from referrals.models.messages import Attempt, Message
from referrals.models.pharmacies import Pharmacy
from referrals.transports.over_http import Client
from tests import factories
from tests.bench import people
from tests.bench.effort import whole_or
from tests.pharmrefer.local.harness import wait_until
from tests.running import running

ROUNDS = whole_or(3, 1)
MESSAGES = whole_or(640, 40)  # in each round
THREADS = 16  # as a sending worker has


def measure(folder: Path, pharmacies: list[Pharmacy]) -> dict[str, float]:
    """Return messages per second, by the raw loop and by a worker, and the ratio."""
    person = factories.member()
    raw, delivered = [], []
    for number in range(ROUNDS):
        _give_up_what_is_left()
        sent = _send(person, pharmacies, first=number * MESSAGES)
        raw.append(_raw_loop(sent))
        delivered.append(_delivered_by_a_worker(folder, sent))
    ratios = [ours / floor for ours, floor in zip(delivered, raw, strict=True)]
    return {
        "delivery_raw_per_s": statistics.median(raw),
        "delivery_per_s": statistics.median(delivered),
        "delivery_ratio": statistics.median(ratios),
    }


def _give_up_what_is_left() -> None:
    """Let the workers find nothing but what is measured."""
    Message.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=None)


def _send(person: Membership, pharmacies: list[Pharmacy], *, first: int) -> list[Message]:
    sent = []
    for number in range(first, first + MESSAGES):
        to = pharmacies[number % len(pharmacies)]
        made = factories.sent(by=person, to=to, **people.patient(number))
        sent.append(made.messages.get())
    return sent


def _raw_loop(messages: list[Message]) -> float:
    """Write a row, send with the same client, change the row: two commits, and nothing else."""
    endpoint = f"{Pharmacy.objects.exclude(endpoint='').earliest('pk').endpoint}/$process-message"
    waiting: queue.SimpleQueue[tuple[str, dict[str, str], bytes]] = queue.SimpleQueue()
    for message in messages:
        waiting.put((endpoint, message.headers, message.body))
    url = os.environ["DATABASE_OWNER_URL"]
    with psycopg.connect(url) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS bench (id uuid PRIMARY KEY, status int)")

    def send_on(connection: psycopg.Connection) -> int:
        sent = 0
        while True:
            try:
                request = waiting.get_nowait()
            except queue.Empty:
                return sent
            key = uuid.uuid4()
            connection.execute("INSERT INTO bench VALUES (%s)", [key])
            answer = client.run(client.answered(*request)).result()
            assert answer.status == 200, answer
            connection.execute("UPDATE bench SET status = %s WHERE id = %s", [200, key])
            sent += 1

    client = Client()
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(THREADS) as pool:
        stack.callback(client.close)
        connections = [
            stack.enter_context(psycopg.connect(url, autocommit=True)) for _ in range(THREADS)
        ]
        started = time.perf_counter()
        assert sum(pool.map(send_on, connections)) == len(messages)
        return len(messages) / (time.perf_counter() - started)


def _delivered_by_a_worker(folder: Path, messages: list[Message]) -> float:
    """Start a sending worker on messages that have been enqueued, and wait for the last one."""
    sender, *_others = workers(dict(os.environ), folder)
    keys = [message.pk for message in messages]
    left = Message.objects.filter(pk__in=keys, delivered_at=None)
    with running([sender], folder):
        wait_until(lambda: not left.exists(), seconds=120, what=f"all delivered: see {folder}")
    attempts = Attempt.objects.filter(message__in=keys)
    assert attempts.count() == len(keys), "each is sent once"
    times = attempts.aggregate(first=Min("started_at"), last=Max("finished_at"))
    took: timedelta = times["last"] - times["first"]
    return len(keys) / took.total_seconds()
