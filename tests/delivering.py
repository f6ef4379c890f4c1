"""Attempts made in the thread, and on the connection, of the test itself; also between queries."""

import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from referrals import delivery, lanes, sending
from referrals.transports import Answer, Envelope, Transport
from referrals.verdicts import VerdictKind


class Here:
    """Runs what is submitted one thing after another, before it returns."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], object]] = deque()
        self._is_running = False

    def submit(self, act: Callable[..., object], /, *arguments: Any) -> None:
        """Run it now, or when what is running is over."""
        self._waiting.append(lambda: act(*arguments))
        if self._is_running:
            return
        self._is_running = True
        try:
            while self._waiting:
                self._waiting.popleft()()
        finally:
            self._is_running = False


class Waiting:
    """The process's own transport, whose answers are there as soon as it has been asked."""

    def send(self, envelope: Envelope) -> "Future[Answer]":
        """Send and wait."""
        came = sending.transport().send(envelope)
        wait([came])
        return came

    def probe(self) -> "Future[None]":
        """Return what is over."""
        over: Future[None] = Future()
        over.set_result(None)
        return over

    def close(self) -> None:
        """Nothing is open: the process's own transport closes itself."""


def sender() -> lanes.Sender:
    """Return a sender without threads."""
    return lanes.Sender(threads=Here(), transport=Waiting)


def attempt(
    message_id: uuid.UUID,
    *,
    now: datetime | None = None,
    transport: Callable[[], Transport] = Waiting,
) -> VerdictKind | None:
    """Make one attempt at a message, if it is due; return what came of it."""
    claimed = delivery.claim(message_id, now=now)
    if claimed is None:
        return None
    verdict, _ = sending.conclude(claimed, sending.begin(claimed, transport))
    return verdict.kind


@contextmanager
def just_before(query: str, happens: Callable[[], object]) -> Iterator[None]:
    """Let something happen before the first query that has these words in it."""

    def wrapper(execute: Callable[..., object], sql: str, *rest: Any) -> object:
        if query in sql and not seen:
            seen.append(sql)
            happens()
        return execute(sql, *rest)

    seen: list[str] = []
    with connection.execute_wrapper(wrapper):
        yield
    assert seen, query
