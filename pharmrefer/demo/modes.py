"""The ways in which the pharmacy system can be told to misbehave, and who was told what."""

import threading
from typing import NamedTuple

NHS_CODES = "https://fhir.nhs.uk/Codesystem/http-error-codes"
# What the live proxy writes instead, with the status as the issue's code.
PROXY_CODES = "http://hl7.org/fhir/ValueSet/operation-outcome"


class Error(NamedTuple):
    """An answer that is an OperationOutcome: nothing is processed."""

    status: int
    code: str
    issue: str
    system: str = NHS_CODES
    retry_after: bool = False


# A plain name is what the guide lists first for the status; the others name who answers.
ERRORS: dict[str, Error] = {
    "bad-request-400": Error(400, "REC_BAD_REQUEST", "invalid"),
    "bad-request-400-required": Error(400, "REC_BAD_REQUEST", "required"),
    "bad-request-400-value": Error(400, "REC_BAD_REQUEST", "value"),
    "bad-request-400-structure": Error(400, "REC_BAD_REQUEST", "structure"),
    "bad-request-400-invariant": Error(400, "REC_BAD_REQUEST", "invariant"),
    "bad-request-400-not-supported": Error(400, "REC_BAD_REQUEST", "not-supported"),
    "send-bad-request-400": Error(400, "SEND_BAD_REQUEST", "invalid"),
    "proxy-bad-request-400": Error(400, "PROXY_BAD_REQUEST", "invalid"),
    "bars-bad-request-400": Error(400, "BAD_REQUEST", "invalid"),
    "unauthorized-401": Error(401, "SEND_UNAUTHORIZED", "login"),
    "unauthorized-401-expired": Error(401, "SEND_UNAUTHORIZED", "expired"),
    "unauthorized-401-security": Error(401, "SEND_UNAUTHORIZED", "security"),
    "unauthorized-401-unknown": Error(401, "SEND_UNAUTHORIZED", "unknown"),
    "rec-unauthorized-401": Error(401, "REC_UNAUTHORIZED", "forbidden"),
    "forbidden-403": Error(403, "SEND_FORBIDDEN", "forbidden"),
    "rec-forbidden-403": Error(403, "REC_FORBIDDEN", "forbidden"),
    "rec-forbidden-403-security": Error(403, "REC_FORBIDDEN", "security"),
    "not-found-404": Error(404, "PROXY_NOT_FOUND", "not-found"),
    "not-found-404-multiple-matches": Error(404, "PROXY_NOT_FOUND", "multiple-matches"),
    "bars-not-found-404": Error(404, "NOT_FOUND", "not-found"),
    "rec-not-found-404": Error(404, "REC_NOT_FOUND", "not-found"),
    "method-405": Error(405, "SEND_METHOD_NOT_ALLOWED", "not-supported"),
    "rec-method-405": Error(405, "REC_METHOD_NOT_ALLOWED", "not-supported"),
    "not-acceptable-406": Error(406, "SEND_NOT_ACCEPTABLE", "processing"),
    "rec-not-acceptable-406": Error(406, "REC_NOT_ACCEPTABLE", "processing"),
    "rec-timeout-408": Error(408, "REC_TIMEOUT", "timeout"),
    "conflict-409": Error(409, "REC_CONFLICT", "conflict"),
    "conflict-409-invalid": Error(409, "REC_CONFLICT", "invalid"),
    "conflict-409-duplicate": Error(409, "REC_CONFLICT", "duplicate"),
    "unprocessable-422": Error(422, "REC_UNPROCESSABLE_ENTITY", "not-supported"),
    "unprocessable-422-too-costly": Error(422, "REC_UNPROCESSABLE_ENTITY", "too-costly"),
    "too-early-425": Error(425, "REC_TOO_EARLY", "duplicate"),
    "too-many-requests-429": Error(429, "SEND_TOO_MANY_REQUESTS", "throttled", retry_after=True),
    "rec-too-many-requests-429": Error(429, "REC_TOO_MANY_REQUESTS", "throttled", retry_after=True),
    "proxy-too-many-requests-429": Error(
        429, "PROXY_TOO_MANY_REQUESTS", "429", PROXY_CODES, retry_after=True
    ),
    "server-error-500": Error(500, "REC_SERVER_ERROR", "transient"),
    "server-error-500-exception": Error(500, "REC_SERVER_ERROR", "exception"),
    "server-error-500-no-store": Error(500, "REC_SERVER_ERROR", "no-store"),
    "server-error-500-too-costly": Error(500, "REC_SERVER_ERROR", "too-costly"),
    "proxy-server-error-500": Error(500, "PROXY_SERVER_ERROR", "transient"),
    "bars-server-error-500": Error(500, "SERVER_ERROR", "transient"),
    "proxy-too-many-requests-500": Error(500, "PROXY_TOO_MANY_REQUESTS", "throttled"),
    "bars-too-many-requests-500": Error(500, "TOO_MANY_REQUESTS", "throttled"),
    "not-implemented-501": Error(501, "REC_NOT_IMPLEMENTED", "not-supported"),
    "proxy-not-implemented-501": Error(501, "PROXY_NOT_IMPLEMENTED", "not-supported"),
    "unavailable-503": Error(503, "REC_SERVICE_UNAVAILABLE", "transient"),
    "rec-unavailable-503": Error(503, "REC_UNAVAILABLE", "transient"),
    "proxy-unavailable-503": Error(503, "PROXY_UNAVAILABLE", "transient"),
    "bars-service-unavailable-503": Error(503, "SERVICE_UNAVAILABLE", "transient"),
    "bars-unavailable-503": Error(503, "UNAVAILABLE", "transient"),
    "proxy-timeout-504": Error(504, "PROXY_TIMEOUT", "timeout"),
    "bars-timeout-504": Error(504, "TIMEOUT", "timeout"),
}
# What happens before anything is processed, so that nothing is.
BEFORE = {
    "hang": "reads the request, and answers nothing for some seconds (60)",
    "drop": "reads the request, and closes the connection",
    "close": "the same as drop",
    "html-502": "answers with the page of some box in between",
    "redirect": "sends the sender to another address",
}
# What happens to the answer, once the request has been processed as usual.
AFTER = {
    "hang-after-processing": "processes the request, and answers nothing for some seconds (60)",
    "process-and-drop": "processes the request, and closes the connection",
    "drip": "sends headers, then a byte a second for ever",
    "no-ids": "answers without the two X- ids",
    "huge": "answers with 5 MB",
    "no-reference": "answers without a reference for the patient",
    "wrong-bundle-id": "answers with another Bundle.id",
    "garbage": "answers 200 with something that is not JSON",
    "slow": "answers properly after some seconds (2)",
}
CUT = {"hang-after-processing", "process-and-drop"}  # processed, and never answered
NORMAL = "normal"
MODES = [NORMAL, *BEFORE, *AFTER, *ERRORS]
EVERYBODY = "*"
_DEFAULT_SECONDS = {"hang": 60.0, "hang-after-processing": 60.0, "slow": 2.0}
_LONGEST = 3600.0


class Order(NamedTuple):
    mode: str = NORMAL
    times: int | None = None  # how many requests it is for; None: until told otherwise
    seconds: float | None = None

    @property
    def wait(self) -> float:
        """Seconds to wait, or to ask for in Retry-After."""
        return _DEFAULT_SECONDS.get(self.mode, 1.0) if self.seconds is None else self.seconds


class NoSuchOrderError(ValueError):
    """What was asked cannot be done: a sentence on why."""


class Control:
    """Who was told what: kept until told otherwise or until the process ends."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._lock = threading.Lock()

    def tell(self, asked: object) -> None:
        """Take an order: dos_service_id ("*": all, and forget the others), mode, times, seconds.

        Raises:
            NoSuchOrderError: something is wrong with it.
        """
        if not isinstance(asked, dict):
            raise NoSuchOrderError("Send a JSON object with dos_service_id and mode.")
        service = asked.get("dos_service_id", EVERYBODY)
        if not isinstance(service, str) or not service.strip():
            raise NoSuchOrderError('dos_service_id must be an id, or "*" for all.')
        order = _order(asked)
        with self._lock:
            if service == EVERYBODY:
                self._orders.clear()
            self._orders[service] = order

    def take(self, service: str) -> Order:
        """Return the order for one request to ``service``, which counts as one of its times."""
        with self._lock:
            key = service if service in self._orders else EVERYBODY
            order = self._orders.get(key, Order())
            if order.times is not None:
                self._orders[key] = order._replace(times=order.times - 1)
                if order.times == 1:
                    del self._orders[key]
            return order

    def shown(self) -> dict[str, dict[str, object]]:
        with self._lock:
            return {EVERYBODY: Order()._asdict()} | {
                service: order._asdict() for service, order in self._orders.items()
            }


def _order(asked: dict[str, object]) -> Order:
    mode, times, seconds = asked.get("mode"), asked.get("times"), asked.get("seconds")
    if not isinstance(mode, str) or mode not in MODES:
        raise NoSuchOrderError("There is no such mode.")
    if isinstance(times, bool) or not (times is None or (isinstance(times, int) and times > 0)):
        raise NoSuchOrderError("times must be a whole number from 1 on, or null.")
    if isinstance(seconds, bool) or not (seconds is None or isinstance(seconds, int | float)):
        raise NoSuchOrderError("seconds must be a number, or null.")
    if seconds is not None and not 0 <= seconds <= _LONGEST:
        raise NoSuchOrderError("seconds must be from 0 to 3600.")
    return Order(mode, times, None if seconds is None else float(seconds))
