"""Reads the answer to a message: accepted, try again, or refused; and whether it may have arrived.

Deliberately lenient: pharmacies' systems and what stands between spell the same answer in many
ways. The code in the outcome's details counts first, then the HTTP status, then the issue's code.
Nothing of an answer leaves here but what is known to be no patient's.
Source: BaRS Core, Error Handling and Transactional Integrity.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from referrals.fhir import xml_bodies
from referrals.fhir.faults import values
from referrals.fhir.primitives import line
from referrals.verdicts import Reason, Verdict, VerdictKind

LONGEST_WAIT = 300  # seconds: however long a Retry-After asks us to wait
LONGEST_REFERENCE = 100  # characters: it is read out on the telephone


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the pharmacy's system calls the referral; "" is what it did not say."""

    reference: str  # for people: shown to the sender, to be passed on to the patient
    service_request_id: str  # for machines: a cancellation names it


class _Rule(NamedTuple):
    kind: VerdictKind
    reason: Reason
    may_have_arrived: bool = False


_RULES = {
    "TIMEOUT": _Rule(VerdictKind.RETRY, Reason.TIMEOUT, may_have_arrived=True),
    "TOO_EARLY": _Rule(VerdictKind.RETRY, Reason.IN_PROGRESS, may_have_arrived=True),
    "TOO_MANY_REQUESTS": _Rule(VerdictKind.RETRY, Reason.BUSY),
    "SERVICE_UNAVAILABLE": _Rule(VerdictKind.RETRY, Reason.UNAVAILABLE),
    "UNAVAILABLE": _Rule(VerdictKind.RETRY, Reason.UNAVAILABLE),
    "UNAUTHORIZED": _Rule(VerdictKind.RETRY, Reason.OUR_ACCESS),
    "FORBIDDEN": _Rule(VerdictKind.RETRY, Reason.OUR_ACCESS),
    "REC_UNAUTHORIZED": _Rule(VerdictKind.REFUSED, Reason.REFUSED),
    "REC_FORBIDDEN": _Rule(VerdictKind.REFUSED, Reason.REFUSED),
    "BAD_REQUEST": _Rule(VerdictKind.REFUSED, Reason.NOT_UNDERSTOOD),
    "NOT_FOUND": _Rule(VerdictKind.REFUSED, Reason.NOT_FOUND),
    "METHOD_NOT_ALLOWED": _Rule(VerdictKind.REFUSED, Reason.NOT_UNDERSTOOD),
    "NOT_ACCEPTABLE": _Rule(VerdictKind.REFUSED, Reason.NOT_UNDERSTOOD),
    "UNPROCESSABLE_ENTITY": _Rule(VerdictKind.REFUSED, Reason.NOT_UNDERSTOOD),
    "NOT_IMPLEMENTED": _Rule(VerdictKind.REFUSED, Reason.NOT_UNDERSTOOD),
    "CONFLICT": _Rule(VerdictKind.REFUSED, Reason.CONFLICT),
    "SERVER_ERROR": _Rule(VerdictKind.REFUSED, Reason.FAILED, may_have_arrived=True),
}
_STATUSES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    407: "UNAUTHORIZED",  # of a proxy on our way
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "TIMEOUT",
    409: "CONFLICT",
    422: "UNPROCESSABLE_ENTITY",
    425: "TOO_EARLY",
    429: "TOO_MANY_REQUESTS",
    500: "SERVER_ERROR",
    501: "NOT_IMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "TIMEOUT",
}
_ISSUES = {
    "400": "BAD_REQUEST",  # as the live proxy writes it
    "429": "TOO_MANY_REQUESTS",
    "throttled": "TOO_MANY_REQUESTS",
    "timeout": "TIMEOUT",
    "transient": "UNAVAILABLE",
    "not-found": "NOT_FOUND",
    "login": "UNAUTHORIZED",
    "expired": "UNAUTHORIZED",
}
# For a status that stands in no guide, with no code that is known: by its class.
_ANOTHER_REFUSAL = _Rule(VerdictKind.REFUSED, Reason.REFUSED)
_NO_WORD = _Rule(VerdictKind.RETRY, Reason.NO_ANSWER, may_have_arrived=True)
# With these statuses the pharmacy's system may have taken the referral, whatever the code says.
_UNSURE = {408, 425, 500, 502, 504}


class _Outcome(NamedTuple):
    """An issue of an OperationOutcome."""

    code: str  # of its details, or "" if that is not a code
    issue: str


def read(
    response: Response, *, bundle_id: UUID, request_id: UUID, correlation_id: UUID, now: datetime
) -> Verdict:
    """Return what a response means for the message with these ids; it never raises.

    ``now`` is for a Retry-After that is a date.
    """
    headers = {name.lower(): value.strip() for name, value in response.headers.items()}
    wait = _retry_after(headers.get("retry-after", ""), now)
    body = _parsed(response.body)
    if 200 <= response.status < 300 and _answers(body, bundle_id):
        return Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True)
    outcomes = _outcomes(body)
    if not (
        _is(headers.get("x-request-id"), request_id)
        and _is(headers.get("x-correlation-id"), correlation_id)
    ):
        return _from_in_between(response.status, outcomes, wait)
    if 200 <= response.status < 300:
        return Verdict(VerdictKind.RETRY, Reason.UNREADABLE, may_have_arrived=True)
    if outcomes is None:
        return _without_outcome(response.status, wait)
    return _failure(response.status, outcomes, wait)


def receipt(body: bytes) -> Receipt:
    """Never raises: a duplicate's body, or an empty one, gives an empty receipt."""
    resources = values(_parsed(body), ("entry", "resource"))
    encounters = [each for each in resources if _text(each, "resourceType") == "Encounter"]
    planned = [each for each in encounters if _text(each, "status") == "planned"]
    requests = [each for each in resources if _text(each, "resourceType") == "ServiceRequest"]
    return Receipt(
        reference=line(_first(planned, "identifier", "value"))[:LONGEST_REFERENCE],
        service_request_id=line(_first(requests, "id"))[:LONGEST_REFERENCE],
    )


def _answers(body: Any, bundle_id: UUID) -> bool:
    """Return whether a body is what the pharmacy's system answers to the message.

    It names the message's id, which only a system that has read the message knows, whatever a proxy
    on the way has done to the headers. A machine that echoes our own message names it too, but
    there no resource has an id: those the receiver gives.
    """
    if not isinstance(body, dict) or body.get("resourceType") != "Bundle":
        return False
    resources = values(body, ("entry", "resource"))
    headers = [each for each in resources if _text(each, "resourceType") == "MessageHeader"]
    responses = [each["response"] for each in headers if "response" in each]
    if any(_text(each, "code") not in {"ok", ""} for each in responses):
        return False  # "transient-error" or "fatal-error", whatever the status says
    if any(_is(_text(each, "identifier"), bundle_id) for each in responses):
        return True
    is_repeated = bool(resources) and not any(_text(each, "id") for each in resources)
    return _is(body.get("id"), bundle_id) and not is_repeated


def _from_in_between(status: int, outcomes: "list[_Outcome] | None", wait: int | None) -> Verdict:
    """Judge an answer without our ids: it is from a proxy, which does not know what has arrived.

    That we were not let in is a fault of ours all the same, unless the code is the pharmacy's.
    """
    outcome = outcomes[0] if outcomes else _Outcome("", "")
    is_theirs = outcome.code.upper().startswith("REC_")
    is_ours = _STATUSES.get(status) in {"UNAUTHORIZED", "FORBIDDEN"} and not is_theirs
    reason = Reason.OUR_ACCESS if is_ours else Reason.NO_ANSWER
    return Verdict(
        VerdictKind.RETRY, reason, may_have_arrived=True, code=outcome.code, retry_after=wait
    )


def _without_outcome(status: int, wait: int | None) -> Verdict:
    rule = _RULES.get(_STATUSES.get(status, ""))
    reason = rule.reason if rule and rule.kind is VerdictKind.RETRY else Reason.NO_ANSWER
    return Verdict(VerdictKind.RETRY, reason, may_have_arrived=True, retry_after=wait)


def _failure(status: int, outcomes: "list[_Outcome]", wait: int | None) -> Verdict:
    code, issue = outcomes[0]
    rule = (
        _rule_for(code)
        or _RULES.get(_STATUSES.get(status, ""))
        or _RULES.get(_ISSUES.get(issue, ""))
        or (_ANOTHER_REFUSAL if 400 <= status < 500 else _NO_WORD)
    )
    few_tries = False
    if _is_known_already(status, outcomes):
        rule = _Rule(VerdictKind.ACCEPTED, Reason.DUPLICATE, may_have_arrived=True)
    elif rule.reason is Reason.FAILED and issue == "transient":
        rule, few_tries = rule._replace(kind=VerdictKind.RETRY), True
    unsure = status in _UNSURE or (status == 503 and not code)
    return Verdict(
        kind=rule.kind,
        reason=rule.reason,
        may_have_arrived=rule.may_have_arrived or unsure,
        few_tries=few_tries,
        code=code,
        retry_after=wait if rule.kind is VerdictKind.RETRY else None,
    )


def _rule_for(code: str) -> _Rule | None:
    # A code that names its sender (SEND_, REC_, PROXY_) may have a rule of its own.
    code = code.upper()
    return _RULES.get(code) or _RULES.get(re.sub("^(SEND|REC|PROXY)_", "", code))


def _is_known_already(status: int, outcomes: "list[_Outcome]") -> bool:
    """Return whether the pharmacy has processed the message before; any of the issues may say so.

    A code, if there is one, must be the pharmacy's (REC_): the catalogue of endpoints reports
    duplicates too. REC_TOO_EARLY says "duplicate" while the first is still being processed.
    """
    codes = {code.upper() for code, _ in outcomes if code}
    is_theirs = all(code.startswith("REC_") for code in codes) and "REC_TOO_EARLY" not in codes
    return status == 409 and is_theirs and any(issue == "duplicate" for _, issue in outcomes)


def _parsed(body: bytes) -> Any:
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return xml_bodies.read(body)


def _outcomes(body: Any) -> "list[_Outcome] | None":
    if not isinstance(body, dict) or body.get("resourceType") != "OperationOutcome":
        return None
    outcomes = [
        _Outcome(_code(issue), _text(issue, "code").lower()) for issue in values(body, ("issue",))
    ]
    # Known codes first, and of them "still being processed"; sorted() keeps the order otherwise.
    found = sorted(
        outcomes,
        key=lambda each: (_rule_for(each.code) is None, "TOO_EARLY" not in each.code.upper()),
    )
    return found or [_Outcome("", "")]


def _code(issue: Any) -> str:
    # The first code that we know counts, else the first that looks like one.
    codes = [
        code
        for code in values(issue, ("details", "coding", "code"))
        if isinstance(code, str) and re.fullmatch("[A-Za-z_]{1,64}", code)
    ]
    return [*filter(_rule_for, codes), *codes, ""][0]


def _text(node: Any, *path: str) -> str:
    return next((each for each in values(node, path) if isinstance(each, str)), "")


def _first(resources: list[Any], *path: str) -> str:
    return next(filter(None, (_text(each, *path) for each in resources)), "")


def _is(given: Any, ours: UUID) -> bool:
    return isinstance(given, str) and given.lower() == str(ours)


def _retry_after(value: str, now: datetime) -> int | None:
    """Return the seconds that a Retry-After asks us to wait, at most ``LONGEST_WAIT``.

    Source: RFC 9110, 10.2.3.
    """
    if found := re.fullmatch(r"([0-9]+)(\.[0-9]*)?", value):
        whole, fraction = found[1].lstrip("0") or "0", (found[2] or "").strip(".0")
        seconds = LONGEST_WAIT if len(whole) > 9 else int(whole) + bool(fraction)
        return min(seconds, LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value[:64])
        until = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(math.ceil((until - now).total_seconds()), 0), LONGEST_WAIT)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
