"""Attempts made in the thread, and on the connection, of the test itself."""

import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from referrals import delivery, lanes, sending, transports
from referrals.fhir.answers import Answer, Kind
from referrals.transports import Request


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
    """A client whose answers are there as soon as it has been asked."""

    def begin(self, request: Request) -> "Future[Answer]":
        """Post a request and wait."""
        came: Future[Answer] = Future()
        try:
            came.set_result(transports.client().post(request))
        except transports.TransportError as error:
            came.set_exception(error)
        return came

    def turn(self) -> "Future[None]":
        """Return what is over."""
        over: Future[None] = Future()
        over.set_result(None)
        return over


def sender() -> lanes.Sender:
    """Return a sender without threads."""
    return lanes.Sender(threads=Here(), client=Waiting)


def attempt(message_id: uuid.UUID, *, now: datetime | None = None) -> Kind | None:
    """Make one attempt at a message, if it is due; return what came of it."""
    claimed = delivery.claim(message_id, now=now)
    if claimed is None:
        return None
    verdict, _ = sending.conclude(claimed, sending.ask(claimed, Waiting))
    return verdict.kind
