"""Many attempts under way at once in one process, so that none that works waits for one that hangs.

What waits for an answer is a socket and not a thread; a few threads claim messages and write
down what came of them. Attempts are counted by lane, and each lane has a bound of its own:

- new: the first attempt of a message that was sent just now;
- due: whatever else waits for a pharmacy whose system works;
- suspect: whatever goes to a pharmacy whose system failed last, or takes long to answer now.

An attempt that takes long changes to the suspects' lane, and leaves its place to others. What
finds its lane full waits in a line of pharmacies, of which each is asked for one message in turn.
Nothing is kept here that is not in rows: what a lost line held is enqueued again.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import cache
from time import monotonic
from typing import Any, Protocol

from django.db import close_old_connections

from accounts.prepared import Given, Prepared
from referrals import clock, delivery, sending
from referrals.delivery import Claim
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.transports import Answer, Transport
from referrals.verdicts import VerdictKind

logger = logging.getLogger(__name__)

THREADS = 16  # each has a connection to the database
SLOW_AFTER = 3.0  # seconds without an answer: most come within one
STOP_WITHIN = 30.0  # seconds: an attempt takes at most 20, and writing it down a few


class Lane(Enum):
    NEW = "new"
    DUE = "due"
    SUSPECT = "suspect"


MOST = {Lane.NEW: 256, Lane.DUE: 128, Lane.SUSPECT: 64}
AT_ONCE = delivery.WELL.first  # for one pharmacy

_WHOSE = Prepared(
    lambda: Message.objects.filter(pk=Given("message")).values_list(
        "pharmacy_id", "pharmacy__failures", "created_at", "attempts_made"
    )
)
_FAILURES = Prepared(lambda: Pharmacy.objects.filter(pk=Given("id")).values_list("failures"))


class Threads(Protocol):
    def submit(self, act: Callable[..., object], /, *arguments: Any) -> object: ...


class _ThreadsWithConnections:
    """Threads that each keep a connection to the database, and replace it where it is broken."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sender")

    def submit(self, act: Callable[..., object], /, *arguments: Any) -> None:
        self._pool.submit(self._run, act, *arguments)

    def _run(self, act: Callable[..., object], *arguments: Any) -> None:
        close_old_connections()
        act(*arguments)


@dataclass(eq=False)
class _Flight:
    """An attempt under way, from before it is claimed until it is written down."""

    pharmacy_id: int
    lane: Lane
    begun: float

    def lane_at(self, moment: float) -> Lane:
        return Lane.SUSPECT if moment - self.begun > SLOW_AFTER else self.lane


class Sender:
    def __init__(
        self,
        threads: Threads | None = None,
        transport: Callable[[], Transport] = sending.transport,
    ) -> None:
        # The transport is asked for when it is first needed.
        self._transport = transport
        self._threads = threads or _ThreadsWithConnections()
        self._lock = threading.Condition()
        self._flights: set[_Flight] = set()
        self._lines: dict[Lane, dict[int, None]] = {lane: {} for lane in Lane}
        self._jobs = 0
        self._made = 0
        self._is_stopping = False

    def send(self, message_id: uuid.UUID) -> None:
        """Send a message that is new; if it has grown old, whatever is due for its pharmacy."""
        self._submit(self._send, message_id)

    def drain(self, pharmacy_id: int) -> None:
        self._submit(self._drain, pharmacy_id)

    def prove(self, then: Callable[[], object]) -> None:
        """Call what is given once transport, threads and database have shown that they work."""

        def ask() -> None:
            clock.now()
            self._call_in()
            then()

        self._transport().probe().add_done_callback(lambda _: self._submit(ask))

    def rest(self) -> int:
        """Wait until nothing is under way; return how many attempts were made since the last."""
        with self._lock:
            self._lock.wait_for(lambda: not self._flights and not self._jobs)
            made, self._made = self._made, 0
        return made

    def stop(self) -> None:
        with self._lock:
            self._is_stopping = True
            self._lock.wait_for(lambda: not self._flights, timeout=STOP_WITHIN)

    def _submit(self, act: Callable[..., object], *arguments: Any) -> None:
        with self._lock:
            self._jobs += 1
        self._threads.submit(self._run, act, *arguments)

    def _run(self, act: Callable[..., object], *arguments: Any) -> None:
        # A failure holds up nothing else.
        try:
            act(*arguments)
        except Exception:
            logger.exception("sending failed")
        finally:
            with self._lock:
                self._jobs -= 1
                self._lock.notify_all()

    def _send(self, message_id: uuid.UUID) -> None:
        found = _WHOSE.first(message=message_id)
        if found is None:
            return
        pharmacy_id, failures, created_at, attempts_made = found
        if attempts_made or created_at < clock.about_now() - delivery.NEW_FOR:
            self._drain(pharmacy_id)
        else:
            lane = self._lane_of(pharmacy_id, failures, Lane.NEW)
            self._take(lane, pharmacy_id, lambda: delivery.claim(message_id))
            self._call_in()  # some may have given their places to others

    def _drain(self, pharmacy_id: int, at_once: int = 1) -> None:
        """Claim what is due for a pharmacy until ``at_once`` attempts for it are under way."""
        (failures,) = _FAILURES.first(id=pharmacy_id) or (0,)
        lane = self._lane_of(pharmacy_id, failures, Lane.DUE)
        is_taken = True
        while is_taken and self._under_way(pharmacy_id) < at_once:
            is_taken = self._take(lane, pharmacy_id, lambda: delivery.claim_next(pharmacy_id))
        self._call_in()

    def _under_way(self, pharmacy_id: int) -> int:
        with self._lock:
            return sum(flight.pharmacy_id == pharmacy_id for flight in self._flights)

    def _lane_of(self, pharmacy_id: int, failures: int, otherwise: Lane) -> Lane:
        now = monotonic()
        with self._lock:
            is_slow = any(
                flight.pharmacy_id == pharmacy_id and flight.lane_at(now) is Lane.SUSPECT
                for flight in self._flights
            )
        return Lane.SUSPECT if failures or is_slow else otherwise

    def _has_room(self, lane: Lane) -> bool:
        now = monotonic()
        return sum(flight.lane_at(now) is lane for flight in self._flights) < MOST[lane]

    def _take(self, lane: Lane, pharmacy_id: int, claim: Callable[[], Claim | None]) -> bool:
        with self._lock:
            if self._is_stopping:
                return False
            if not self._has_room(lane):
                self._lines[lane][pharmacy_id] = None
                return False
            flight = _Flight(pharmacy_id, lane, monotonic())
            self._flights.add(flight)
        try:
            claimed = claim()
        except BaseException:
            self._land(flight)
            raise
        if claimed is None:
            self._land(flight)
            return False
        self._begin(flight, claimed)
        return True

    def _begin(self, flight: _Flight, claimed: Claim) -> None:
        with self._lock:
            self._made += 1
        delivery.note_health()
        coming = sending.begin(claimed, self._transport)
        coming.add_done_callback(lambda came: self._submit(self._take_up, flight, claimed, came))

    def _take_up(self, flight: _Flight, claimed: Claim, came: "Future[Answer]") -> None:
        """Write down what came of it, and go on with the same pharmacy when it is its turn."""
        following = None
        try:
            go_on = self._may_go_on()
            verdict, finished = sending.conclude(claimed, came, go_on=go_on)
            following = finished.following
            delivery.note_health()
        finally:
            following_flight = self._land(flight, then=bool(following))
        if following and following_flight:
            self._begin(following_flight, following)
        if not finished.has_more:
            return
        if verdict.kind is VerdictKind.ACCEPTED and go_on:
            if self._under_way(flight.pharmacy_id) < AT_ONCE:
                self._drain(flight.pharmacy_id, AT_ONCE)
            return
        with self._lock:
            lane = Lane.SUSPECT if finished.is_suspect else Lane.DUE
            self._lines[lane][flight.pharmacy_id] = None
        self._call_in()

    def _may_go_on(self) -> bool:
        # Only where no other pharmacy waits may the next message for the same one be sent at once.
        with self._lock:
            is_awaited = self._is_stopping or self._lines[Lane.DUE]
            return not is_awaited and self._has_room(Lane.DUE)

    def _land(self, flight: _Flight, *, then: bool = False) -> _Flight | None:
        """End an attempt; ``then`` says that another one is claimed for the same pharmacy."""
        following = _Flight(flight.pharmacy_id, Lane.DUE, monotonic()) if then else None
        with self._lock:
            self._flights.discard(flight)
            if following:
                self._flights.add(following)
            self._lock.notify_all()
        self._call_in()
        return following

    def _call_in(self) -> None:
        """Let the first pharmacy in each line have its turn, where there is room."""
        with self._lock:
            called = [
                next(iter(line))
                for lane, line in self._lines.items()
                if line and not self._is_stopping and self._has_room(lane)
            ]
            for pharmacy_id in called:
                for line in self._lines.values():
                    line.pop(pharmacy_id, None)
        for pharmacy_id in called:
            self._submit(self._drain, pharmacy_id)


@cache
def sender() -> Sender:
    return Sender()


def has_sender() -> bool:
    return bool(sender.cache_info().currsize)
