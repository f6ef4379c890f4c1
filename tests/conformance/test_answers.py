"""Answers as the NHS's own examples have them, by the name of the file each is in."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from referrals.fhir import answers
from referrals.fhir.answers import Receipt, Response
from referrals.verdicts import Reason, Verdict, VerdictKind

pytestmark = pytest.mark.needs("shared")

REQUEST = UUID("5f0d9f7c-7f3e-4d0a-9c57-0b3a3c6c0001")
CORRELATION = UUID("5f0d9f7c-7f3e-4d0a-9c57-0b3a3c6c0002")
BUNDLE = UUID("99173438-ebba-453a-998d-8f1ef006d76e")  # the official success answer's
NOW = datetime(2026, 11, 23, tzinfo=UTC)
REFUSED = VerdictKind.REFUSED
RETRY = VerdictKind.RETRY

# What is to be done, why, whether it may have arrived: BaRS Core's table of errors.
EXPECTED = {
    "200-Delete": (RETRY, Reason.UNREADABLE, True),  # no answer to a message at all
    "PROXY-NONE/400-BAD_REQUEST-invalid": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "PROXY-NONE/400-BAD_REQUEST-required": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "PROXY-NONE/400-BAD_REQUEST-structure": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "PROXY-NONE/404-NOT_FOUND-multiple-matches": (REFUSED, Reason.NOT_FOUND, False),
    "PROXY-NONE/404-NOT_FOUND-not-found": (REFUSED, Reason.NOT_FOUND, False),
    "PROXY-NONE/409-BAD_REQUEST-duplicate": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "PROXY-NONE/500-SERVER_ERROR-exception": (REFUSED, Reason.FAILED, True),
    "PROXY-NONE/500-SERVER_ERROR-transient": (RETRY, Reason.FAILED, True),
    "PROXY-NONE/503-SERVICE_UNAVAILABLE-transient": (RETRY, Reason.UNAVAILABLE, False),
    "REC/400-REC_BAD_REQUEST-invalid": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "REC/400-REC_BAD_REQUEST-invariant": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "REC/400-REC_BAD_REQUEST-not-supported": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "REC/400-REC_BAD_REQUEST-required": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "REC/400-REC_BAD_REQUEST-value": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "REC/401-REC_UNAUTHORIZED-forbidden": (REFUSED, Reason.REFUSED, False),
    "REC/403-REC_FORBIDDEN-forbidden": (REFUSED, Reason.REFUSED, False),
    "REC/403-REC_FORBIDDEN-security": (REFUSED, Reason.REFUSED, False),
    "REC/404-REC_NOT_FOUND-not-found": (REFUSED, Reason.NOT_FOUND, False),
    "REC/406-REC_NOT_ACCEPTABLE-processing": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "REC/408-REC_TIMEOUT-timeout": (RETRY, Reason.TIMEOUT, True),
    "REC/409-REC_CONFLICT-conflict": (REFUSED, Reason.CONFLICT, False),
    "REC/409-REC_CONFLICT-duplicate": (VerdictKind.ACCEPTED, Reason.DUPLICATE, True),
    "REC/422-REC_UNPROCESSABLE_ENTITY-not-supported": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "REC/422-REC_UNPROCESSABLE_ENTITY-too-costly": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "REC/500-REC_SERVER_ERROR-exception": (REFUSED, Reason.FAILED, True),
    "REC/500-REC_SERVER_ERROR-no-store": (REFUSED, Reason.FAILED, True),
    "REC/500-REC_SERVER_ERROR-too costly": (REFUSED, Reason.FAILED, True),
    "REC/500-REC_SERVER_ERROR-transient": (RETRY, Reason.FAILED, True),
    "REC/501-REC_NOT_IMPLEMENTED-not-supported": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "REC/503-REC_SERVICE_UNAVAILABLE-transient": (RETRY, Reason.UNAVAILABLE, False),
    "SEND/400-SEND_BAD_REQUEST-invalid": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "SEND/400-SEND_BAD_REQUEST-required": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "SEND/400-SEND_BAD_REQUEST-value": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "SEND/401-SEND_UNAUTHORIZED-expired": (RETRY, Reason.OUR_ACCESS, False),
    "SEND/401-SEND_UNAUTHORIZED-login": (RETRY, Reason.OUR_ACCESS, False),
    "SEND/401-SEND_UNAUTHORIZED-security": (RETRY, Reason.OUR_ACCESS, False),
    "SEND/401-SEND_UNAUTHORIZED-unknown": (RETRY, Reason.OUR_ACCESS, False),
    "SEND/403-SEND_FORBIDDEN-forbidden": (RETRY, Reason.OUR_ACCESS, False),
    "SEND/405-SEND_METHOD_NOT_ALLOWED-not-supported": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "SEND/406-SEND_NOT_ACCEPTABLE-processing": (REFUSED, Reason.NOT_UNDERSTOOD, False),
    "SEND/429-SEND_TOO_MANY_REQUESTS-throttled": (RETRY, Reason.BUSY, False),
}


def verdict(status: int, body: bytes) -> Verdict:
    """Read an answer that bears our ids."""
    headers = {"x-request-id": str(REQUEST), "x-correlation-id": str(CORRELATION)}
    return answers.read(
        Response(status, headers, body),
        bundle_id=BUNDLE,
        request_id=REQUEST,
        correlation_id=CORRELATION,
        now=NOW,
    )


def test_every_official_outcome_means_what_the_nhs_says(shared: Path) -> None:
    folder = shared / "bars" / "examples" / "operation-outcomes"
    found = {}
    for file in folder.rglob("*.json"):
        name = str(file.relative_to(folder).with_suffix(""))
        status, code = int(file.stem[:3]), file.stem[4:].partition("-")[0]
        read = verdict(status, file.read_bytes())
        found[name] = (read.kind, read.reason, read.may_have_arrived)
        assert read.few_tries == (status == 500 and name.endswith("transient"))
        assert read.code == ("" if status == 200 else code)
    assert found == EXPECTED


def test_the_official_success_answer_is_accepted(shared: Path) -> None:
    body = (shared / "bars" / "examples" / "process-message-success.json").read_bytes()
    assert verdict(200, body) == Verdict(
        VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True
    )
    # It answers a booking, so it has neither a planned encounter nor a request.
    assert answers.receipt(body) == Receipt("", "")


def test_another_message_s_success_is_not_ours(shared: Path) -> None:
    body = json.loads(
        (shared / "bars" / "examples" / "process-message-success.json").read_text()
    ) | {"id": str(REQUEST)}
    assert verdict(200, json.dumps(body).encode()).reason is Reason.UNREADABLE


def test_a_resource_that_is_no_bundle_is_not_acceptance(shared: Path) -> None:
    examples = shared / "bars" / "examples"
    for name in ("referral-accepted-response.xml", "service-request-revoked.json"):
        assert verdict(200, (examples / name).read_bytes()).reason is Reason.UNREADABLE
