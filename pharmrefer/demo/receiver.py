"""Takes requests as a pharmacy's system does: judges, remembers, answers; knows no sockets."""

import base64
import contextlib
import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pharmrefer.demo import answers, headers, rules
from pharmrefer.demo.answers import PharmacyAnswer
from pharmrefer.demo.fhir import RequestFault, first_text
from pharmrefer.demo.headers import Headers
from pharmrefer.demo.journal import Journal, Pair
from pharmrefer.demo.modes import BEFORE, CUT, ERRORS, Control, Order

HUGE = 5_000_000  # bytes


@dataclass(frozen=True)
class ReceivedRequest:
    headers: Headers
    body: bytes
    bundle: dict[str, object] | None

    @property
    def pair(self) -> Pair:
        # No other request has both.
        return self.headers.request_id, self.headers.correlation_id

    @property
    def bundle_id(self) -> str:
        return first_text(self.bundle, "Bundle.id")


@dataclass(frozen=True)
class RequestOutcome:
    """What became of a request, and the answer to it; None where the connection is cut."""

    outcome: str
    answer: PharmacyAnswer | None
    reference: str = ""
    faults: tuple[RequestFault, ...] = ()


def bundle_in(body: bytes) -> dict[str, object] | None:
    try:
        content = json.loads(body.decode(), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("A name is there twice.")
    return dict(pairs)


class Receiver:
    """All the invented pharmacies: they share one system, as real ones share a supplier."""

    def __init__(self, journal: Journal, control: Control) -> None:
        self.journal = journal
        self.control = control
        self._at_work: set[Pair] = set()
        self._lock = threading.Lock()

    def receive(self, given: Headers, body: bytes) -> PharmacyAnswer | None:
        """Return the answer to a request, None to close the connection without one.

        It takes as long as the system was told to take.
        """
        request = ReceivedRequest(given, body, bundle_in(body))
        order = self.control.take(given.dos_service_id)
        with self._claim(request.pair) as is_first:
            if order.mode in BEFORE or order.mode in ERRORS:
                verdict = self._obey(request, order)
            else:
                verdict = self._process(request, order, is_first=is_first)
        if order.mode == "hang-after-processing":
            time.sleep(order.wait)
        return verdict.answer

    @contextlib.contextmanager
    def _claim(self, pair: Pair) -> Iterator[bool]:
        """Hold a pair of ids while its request is at work; yield False if another holds it."""
        with self._lock:
            is_first = pair not in self._at_work
            self._at_work.add(pair)
        try:
            yield is_first
        finally:
            if is_first:
                with self._lock:
                    self._at_work.discard(pair)

    def _obey(self, request: ReceivedRequest, order: Order) -> RequestOutcome:
        answer = None
        if order.mode in ERRORS:
            answer = answers.told(ERRORS[order.mode], order.wait)
        elif order.mode == "html-502":
            answer = answers.intermediary()
        elif order.mode == "redirect":
            answer = answers.elsewhere()
        verdict = RequestOutcome(f"told to {order.mode}", answer)
        self._record(request, order, verdict)
        if order.mode == "hang":
            time.sleep(order.wait)
        return verdict

    def _process(self, request: ReceivedRequest, order: Order, *, is_first: bool) -> RequestOutcome:
        if order.mode == "slow" and is_first:
            time.sleep(order.wait)
        faults = headers.faults_in(request.headers) or _faults_of_message(request)
        with self.journal.lock:
            verdict = self._verdict(request, order, faults, is_first=is_first)
            if verdict.answer:
                verdict = replace(verdict, answer=_spoilt(verdict.answer, order))
            self._record(request, order, verdict)
        return verdict

    def _verdict(
        self, request: ReceivedRequest, order: Order, faults: list[RequestFault], *, is_first: bool
    ) -> RequestOutcome:
        if request.pair in self.journal.processed:
            return RequestOutcome("duplicate", answers.duplicate())
        if not is_first:
            return RequestOutcome("too early", answers.too_early())
        if not faults and self.journal.bundles.get(request.bundle_id, request.pair) != request.pair:
            faults = [RequestFault("Bundle.id", "invariant", "came before under other ids")]
        if faults or request.bundle is None:
            return RequestOutcome("refused", answers.refusal(faults), faults=tuple(faults))
        reference = answers.new_reference()
        while reference in self.journal.references:
            reference = answers.new_reference()
        if order.mode == "no-reference":
            reference = ""
        return RequestOutcome("processed", answers.success(request.bundle, reference), reference)

    def _record(self, request: ReceivedRequest, order: Order, verdict: RequestOutcome) -> None:
        self.journal.append(
            {
                "received_at": datetime.now(UTC).isoformat(),
                "request_id": request.headers.request_id,
                "correlation_id": request.headers.correlation_id,
                "dos_service_id": request.headers.dos_service_id,
                "bundle_id": request.bundle_id,
                "status": verdict.answer.status if verdict.answer else None,
                "outcome": verdict.outcome,
                "mode": order.mode,
                "reference": verdict.reference or None,
                "faults": [fault.path for fault in verdict.faults],
                "headers": {name: request.headers.get(name) for name, _ in request.headers.pairs},
                "body": base64.b64encode(request.body).decode(),
            }
        )


def _faults_of_message(request: ReceivedRequest) -> list[RequestFault]:
    if request.bundle is None:
        return [RequestFault("Bundle", "structure", "is not a JSON object")]
    target = request.headers.dos_service_id
    return rules.unsupported_in(request.bundle) or rules.faults_in(request.bundle, target)


def _spoilt(answer: PharmacyAnswer, order: Order) -> PharmacyAnswer | None:
    """Return what becomes of an answer on its way out, None if nothing is sent."""
    if order.mode in CUT:
        return None
    if order.mode == "drip":
        answer = replace(answer, drips=True, has_length=False)
    elif order.mode == "no-ids":
        answer = replace(answer, has_ids=False)
    elif order.mode == "huge":
        answer = replace(answer, body=answer.body + b" " * HUGE, has_length=False)
    elif order.mode == "garbage":
        answer = replace(answer, status=200, body=b'{"resourceType": "Bund')
    elif order.mode == "wrong-bundle-id" and answer.status == 200:
        content = json.loads(answer.body) | {"id": str(uuid.uuid4())}
        answer = replace(answer, body=answers.as_json(content))
    return answer
