"""Answers: what each means, however it is spelt, and that none can stop us."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from referrals.fhir import answers
from referrals.fhir.answers import Receipt, Response
from referrals.verdicts import Reason, Verdict, VerdictKind
from tests.referrals.fhir.samples import NOW, built

MADE = built()
IDS = {"X-Request-Id": str(MADE.request_id), "X-Correlation-Id": str(MADE.correlation_id)}


def read(
    status: int, body: Any = b"", headers: dict[str, str] | None = None, **more: str
) -> Verdict:
    """Read an answer that bears our ids, unless other ``headers`` are given."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = IDS if headers is None else headers
    answer = Response(status, names | {k.replace("_", "-"): v for k, v in more.items()}, body)
    return answers.read(
        answer,
        bundle_id=MADE.bundle_id,
        request_id=MADE.request_id,
        correlation_id=MADE.correlation_id,
        now=NOW,
    )


def outcome(code: Any = None, issue: Any = "processing", system: str = "http://any") -> Any:
    details = {} if code is None else {"details": {"coding": [{"system": system, "code": code}]}}
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": issue, **details}],
    }


def accepted(**resource: Any) -> dict[str, Any]:
    entries = [{"resource": resource}] if resource else []
    return {"resourceType": "Bundle", "id": str(MADE.bundle_id), "entry": entries}


def test_a_bundle_with_our_id_is_acceptance() -> None:
    assert read(200, accepted()) == Verdict(
        VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True
    )


def test_letter_case_of_ids_and_names_of_headers_does_not_matter() -> None:
    shouted = {name.upper(): f" {value.upper()} " for name, value in IDS.items()}
    body = accepted() | {"id": str(MADE.bundle_id).upper()}
    assert read(200, body, shouted).kind is VerdictKind.ACCEPTED


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"OK", b"<html>", b"[]", b"null", b"\xff\xfe", b"<Bundle/>"),
        accepted() | {"id": "0b6f1c1e-6c1b-4f4d-9f0e-5f1f2ad7c001"},
        accepted() | {"id": None},
        accepted() | {"resourceType": "OperationOutcome"},
        outcome("OK", "informational"),
    ],
)
def test_200_with_anything_else_may_have_arrived(body: Any) -> None:
    assert read(200, body) == Verdict(VerdictKind.RETRY, Reason.UNREADABLE, may_have_arrived=True)


NOT_BOTH = pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Request-Id": IDS["X-Request-Id"]},
        {"X-Correlation-Id": IDS["X-Correlation-Id"]},
        IDS | {"X-Request-Id": IDS["X-Correlation-Id"]},
        IDS | {"X-Request-Id": "c3a5d8e0-1f0b-4c53-9a6e-5d1f00000001"},
        IDS | {"X-Correlation-Id": ""},
    ],
)


@pytest.mark.parametrize("status", [302, 400, 401, 404, 409, 429, 500, 503, 504])
@NOT_BOTH
def test_without_both_our_ids_something_in_between_answered(
    status: int, headers: dict[str, str]
) -> None:
    verdict = read(status, outcome("REC_CONFLICT", "duplicate"), headers)
    code = "REC_CONFLICT"  # the log may say so
    assert verdict == Verdict(VerdictKind.RETRY, Reason.NO_ANSWER, may_have_arrived=True, code=code)


@pytest.mark.parametrize("body", [b"", b"<html>", outcome(), {"resourceType": "Bundle"}])
@NOT_BOTH
def test_nor_does_a_200_without_them_count_that_does_not_answer_the_message(
    body: Any, headers: dict[str, str]
) -> None:
    expected = Verdict(VerdictKind.RETRY, Reason.NO_ANSWER, may_have_arrived=True)
    assert read(200, body, headers) == expected


@pytest.mark.parametrize("resource", [{}, {"resourceType": "Encounter", "id": "17"}])
@NOT_BOTH
def test_a_bundle_with_our_id_is_acceptance_whatever_a_proxy_did_to_the_headers(
    resource: dict[str, Any], headers: dict[str, str]
) -> None:
    expected = Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True)
    assert read(200, accepted(**resource), headers) == expected


def response(code: str, identifier: str = str(MADE.bundle_id)) -> dict[str, Any]:
    said = {"identifier": identifier, "code": code}
    return {"resourceType": "MessageHeader", "response": said}


def test_a_bundle_that_answers_our_message_by_its_id_is_acceptance() -> None:
    answer = accepted(**response("ok")) | {"id": "0b6f1c1e-6c1b-4f4d-9f0e-5f1f2ad7c001"}
    assert read(200, answer).kind is VerdictKind.ACCEPTED
    other = accepted(**response("ok", "0b6f1c1e-6c1b-4f4d-9f0e-5f1f2ad7c001"))
    assert read(200, other | {"id": "17"}).reason is Reason.UNREADABLE


@pytest.mark.parametrize("code", ["transient-error", "fatal-error"])
def test_a_bundle_that_says_it_failed_is_no_acceptance(code: str) -> None:
    assert read(200, accepted(**response(code))).kind is VerdictKind.RETRY


@pytest.mark.parametrize("headers", [IDS, {}])
def test_our_own_message_repeated_to_us_is_no_acceptance(headers: dict[str, str]) -> None:
    assert read(200, MADE.body, headers).kind is VerdictKind.RETRY


@pytest.mark.parametrize("status", [401, 403, 407])
@pytest.mark.parametrize("body", [b"", b"<html>", outcome("UNAUTHORIZED", "login"), outcome()])
@pytest.mark.parametrize("headers", [IDS, {}])
def test_that_we_were_not_let_in_is_ours(status: int, body: Any, headers: dict[str, str]) -> None:
    verdict = read(status, body, headers)
    assert (verdict.kind, verdict.reason) == (VerdictKind.RETRY, Reason.OUR_ACCESS)
    assert verdict.reason.is_ours
    assert "pharmacy" not in verdict.reason.sentence


@pytest.mark.parametrize("headers", [IDS, {}])
def test_that_the_pharmacy_let_us_not_in_is_theirs(headers: dict[str, str]) -> None:
    assert not read(401, outcome("REC_UNAUTHORIZED"), headers).reason.is_ours


def test_what_is_ours_blames_nobody_else() -> None:
    for reason in filter(lambda each: each.is_ours, Reason):
        assert "The pharmacy" not in reason.sentence


RETRIES = [
    # status, details code, issue code, reason, may have arrived
    (408, "REC_TIMEOUT", "timeout", Reason.TIMEOUT, True),
    (504, "PROXY_TIMEOUT", "timeout", Reason.TIMEOUT, True),
    (500, "TIMEOUT", "timeout", Reason.TIMEOUT, True),
    (425, "REC_TOO_EARLY", "duplicate", Reason.IN_PROGRESS, True),
    (409, "REC_TOO_EARLY", "duplicate", Reason.IN_PROGRESS, True),
    (429, "SEND_TOO_MANY_REQUESTS", "throttled", Reason.BUSY, False),
    (429, "REC_TOO_MANY_REQUESTS", "throttled", Reason.BUSY, False),
    (429, "PROXY_TOO_MANY_REQUESTS", "429", Reason.BUSY, False),
    (429, None, "429", Reason.BUSY, False),
    (500, "TOO_MANY_REQUESTS", "throttled", Reason.BUSY, True),
    (503, "REC_SERVICE_UNAVAILABLE", "transient", Reason.UNAVAILABLE, False),
    (503, "REC_UNAVAILABLE", "transient", Reason.UNAVAILABLE, False),
    (503, "PROXY_UNAVAILABLE", "transient", Reason.UNAVAILABLE, False),
    (503, "SERVICE_UNAVAILABLE", "transient", Reason.UNAVAILABLE, False),
    (503, "UNAVAILABLE", "transient", Reason.UNAVAILABLE, False),
    (503, "rec_service_unavailable", "Transient", Reason.UNAVAILABLE, False),
    (503, None, "transient", Reason.UNAVAILABLE, True),
    (502, None, "transient", Reason.UNAVAILABLE, True),
    (504, None, "timeout", Reason.TIMEOUT, True),
    (401, "SEND_UNAUTHORIZED", "expired", Reason.OUR_ACCESS, False),
    (401, "UNAUTHORIZED", "login", Reason.OUR_ACCESS, False),
    (401, None, "login", Reason.OUR_ACCESS, False),
    (403, "SEND_FORBIDDEN", "forbidden", Reason.OUR_ACCESS, False),
    (599, None, "exception", Reason.NO_ANSWER, True),
    (302, None, "processing", Reason.NO_ANSWER, True),
]
REFUSALS = [
    (400, "SEND_BAD_REQUEST", "required", Reason.NOT_UNDERSTOOD, False),
    (400, "REC_BAD_REQUEST", "invariant", Reason.NOT_UNDERSTOOD, False),
    (400, "PROXY_BAD_REQUEST", "400", Reason.NOT_UNDERSTOOD, False),
    (400, None, "400", Reason.NOT_UNDERSTOOD, False),
    (404, "PROXY_NOT_FOUND", "not-found", Reason.NOT_FOUND, False),
    (404, "NOT_FOUND", "multiple-matches", Reason.NOT_FOUND, False),
    (404, "REC_NOT_FOUND", "not-found", Reason.NOT_FOUND, False),
    (401, "REC_UNAUTHORIZED", "forbidden", Reason.REFUSED, False),
    (403, "REC_FORBIDDEN", "security", Reason.REFUSED, False),
    (405, "SEND_METHOD_NOT_ALLOWED", "not-supported", Reason.NOT_UNDERSTOOD, False),
    (406, "REC_NOT_ACCEPTABLE", "processing", Reason.NOT_UNDERSTOOD, False),
    (422, "REC_UNPROCESSABLE_ENTITY", "not-supported", Reason.NOT_UNDERSTOOD, False),
    (501, "REC_NOT_IMPLEMENTED", "not-supported", Reason.NOT_UNDERSTOOD, False),
    (500, "REC_SERVER_ERROR", "exception", Reason.FAILED, True),
    (500, "PROXY_SERVER_ERROR", "no-store", Reason.FAILED, True),
    (500, None, "too-costly", Reason.FAILED, True),
    (409, "REC_CONFLICT", "conflict", Reason.CONFLICT, False),
    (409, "REC_CONFLICT", "invalid", Reason.CONFLICT, False),
    (409, None, "conflict", Reason.CONFLICT, False),
    (409, "CONFLICT", "duplicate", Reason.CONFLICT, False),
    (409, "PROXY_CONFLICT", "duplicate", Reason.CONFLICT, False),
    (409, "BAD_REQUEST", "duplicate", Reason.NOT_UNDERSTOOD, False),  # the catalogue's duplicate
    (400, "REC_CONFLICT", "duplicate", Reason.CONFLICT, False),
    (418, None, "processing", Reason.REFUSED, False),
]


@pytest.mark.parametrize(("status", "code", "issue", "reason", "arrived"), RETRIES)
def test_what_may_pass_is_tried_again(
    status: int, code: str | None, issue: str, reason: Reason, arrived: bool
) -> None:
    expected = Verdict(VerdictKind.RETRY, reason, may_have_arrived=arrived, code=code or "")
    assert read(status, outcome(code, issue)) == expected


@pytest.mark.parametrize(("status", "code", "issue", "reason", "arrived"), REFUSALS)
def test_what_will_not_pass_is_refused(
    status: int, code: str | None, issue: str, reason: Reason, arrived: bool
) -> None:
    expected = Verdict(VerdictKind.REFUSED, reason, may_have_arrived=arrived, code=code or "")
    assert read(status, outcome(code, issue)) == expected


@pytest.mark.parametrize("code", ["REC_CONFLICT", "rec_conflict", "REC_DUPLICATE", None])
def test_a_duplicate_of_the_referral_is_success(code: str | None) -> None:
    expected = Verdict(
        VerdictKind.ACCEPTED, Reason.DUPLICATE, may_have_arrived=True, code=code or ""
    )
    assert read(409, outcome(code, "duplicate")) == expected


@pytest.mark.parametrize("code", ["REC_SERVER_ERROR", "PROXY_SERVER_ERROR", "SERVER_ERROR", None])
def test_a_transient_fault_is_worth_a_few_tries(code: str | None) -> None:
    verdict = read(500, outcome(code, "transient"))
    assert (verdict.kind, verdict.reason) == (VerdictKind.RETRY, Reason.FAILED)
    assert verdict.few_tries
    assert verdict.may_have_arrived


@pytest.mark.parametrize("status", [301, 400, 404, 409, 422, 500, 501, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>nginx</html>", b"{}", b'{"fault": {"code": "x"}}'])
def test_without_an_outcome_it_is_no_word_of_the_pharmacy_s(status: int, body: bytes) -> None:
    verdict = read(status, body)
    assert verdict.kind is VerdictKind.RETRY
    assert verdict.may_have_arrived
    assert not verdict.few_tries


def test_the_code_counts_before_the_status_and_the_status_before_the_issue() -> None:
    assert read(500, outcome("REC_NOT_FOUND", "timeout")).reason is Reason.NOT_FOUND
    assert read(404, outcome("REC_ODD", "timeout")).reason is Reason.NOT_FOUND
    assert read(499, outcome("REC_ODD", "timeout")).reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (("REC_CONFLICT", "conflict"), ("REC_CONFLICT", "duplicate")),
        (("REC_CONFLICT", "conflict"), (None, "duplicate")),
        ((None, "conflict"), (None, "duplicate")),
        (("REC_CONFLICT", "invalid"), ("REC_DUPLICATE", "Duplicate")),
    ],
)
def test_a_duplicate_is_one_also_behind_a_conflict(first: Any, then: Any) -> None:
    for one, other in ((first, then), (then, first)):
        body = outcome(*one)
        body["issue"] += outcome(*other)["issue"]
        assert (read(409, body).kind, read(409, body).reason) == (
            VerdictKind.ACCEPTED,
            Reason.DUPLICATE,
        )
        assert read(422, body).kind is not VerdictKind.ACCEPTED


@pytest.mark.parametrize("code", ["PROXY_CONFLICT", "BAD_REQUEST", "REC_TOO_EARLY"])
def test_a_duplicate_beside_another_s_word_is_none(code: str) -> None:
    body = outcome(code, "conflict")
    body["issue"] += outcome(None, "duplicate")["issue"]
    assert read(409, body).kind is not VerdictKind.ACCEPTED


def test_that_it_is_still_at_work_counts_before_that_it_conflicts() -> None:
    body = outcome("REC_CONFLICT", "conflict")
    body["issue"] += outcome("REC_TOO_EARLY", "duplicate")["issue"]
    assert read(409, body).reason is Reason.IN_PROGRESS


def test_the_first_issue_whose_code_we_know_counts() -> None:
    body = outcome("SOMETHING", "informational")
    body["issue"] += outcome("REC_TIMEOUT", "timeout")["issue"]
    assert read(400, body).reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    "code", ["9434765919", "Zoë", "A B", "X" * 65, "", "REC_TIMEOUT\n", 5, None, {"a": "b"}]
)
def test_only_what_can_be_a_code_gets_out(code: Any) -> None:
    assert read(400, outcome(code)).code == ""


def test_nothing_else_of_an_answer_gets_out() -> None:
    body = outcome("REC_BAD_REQUEST", "value")
    body["issue"][0]["diagnostics"] = "Zoë O'Neil 9434765919"
    assert "Zoë" not in repr(read(400, body))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("120", 120), ("0", 0), ("300", 300), ("301", 300), ("999999999", 300)),
        *(("9999999999", 300), ("1" * 30, 300), ("9" * 5000, 300), ("0" * 5000 + "7", 7)),
        *((" 7 ", 7), ("007", 7), ("1.5", 2), ("2.0", 2), ("2.", 2), ("9999999999.9", 300)),
        ("Mon, 23 Nov 2026 09:31:15 GMT", 60),
        ("Mon, 23 Nov 2026 09:31:15 -0000", 60),
        ("Mon, 23 Nov 2020 09:31:15 GMT", 0),
        ("Mon, 23 Nov 2099 09:31:15 GMT", 300),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 300),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        *(("", None), ("-1", None), ("-9999999999", None), ("soon", None), ("1e9", None)),
        *(("Infinity", None), ("0x10", None), ("1,5", None)),
        ("Mon, 99 Nov 2026 09:31:15 GMT", None),
        ("٣", None),
    ],
)
def test_a_wait_that_is_asked_for_is_known_within_bounds(value: str, seconds: int | None) -> None:
    verdict = read(429, outcome("REC_TOO_MANY_REQUESTS"), Retry_After=value)
    assert verdict.retry_after == seconds
    assert read(400, outcome("REC_BAD_REQUEST"), Retry_After=value).retry_after is None


XML = """<?xml version="1.0" encoding="UTF-8"?>
<OperationOutcome xmlns="http://hl7.org/fhir">
 <issue><severity value="error"/><code value="{issue}"/>
  <details><coding><system value="http://any"/><code value="{code}"/></coding></details>
  <diagnostics value="Zoë"/></issue>
</OperationOutcome>"""


@pytest.mark.parametrize(
    ("said", "encoding"),
    [("UTF-8", "utf-8"), ("UTF-8", "utf-8-sig"), ("UTF-16", "utf-16"), ("ISO-8859-1", "latin-1")],
)
def test_an_outcome_in_xml_is_read_as_one_in_json(said: str, encoding: str) -> None:
    text = XML.format(issue="duplicate", code="REC_CONFLICT").replace("UTF-8", said)
    assert read(409, text.encode(encoding)) == read(409, outcome("REC_CONFLICT", "duplicate"))
    late = XML.format(issue="timeout", code="REC_TIMEOUT").encode()
    assert read(408, late) == read(408, outcome("REC_TIMEOUT", "timeout"))


def test_of_several_issues_in_xml_each_is_read() -> None:
    first = XML.format(issue="conflict", code="REC_CONFLICT")
    second = first[first.index("<issue>") : first.index("</OperationOutcome>")]
    second = second.replace('"conflict"', '"duplicate"')
    both = first.replace("</OperationOutcome>", f"{second}</OperationOutcome>")
    assert read(409, both.encode()).reason is Reason.DUPLICATE


def test_a_bundle_in_xml_is_acceptance_too() -> None:
    body = f"""<Bundle xmlns="http://hl7.org/fhir"><id value="{MADE.bundle_id}"/>
    <entry><resource><Encounter><id value="9"/><identifier><value value="PH-77"/></identifier>
    <status value="planned"/></Encounter></resource></entry></Bundle>""".encode()
    assert read(200, body).kind is VerdictKind.ACCEPTED
    assert answers.receipt(body).reference == "PH-77"


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE OperationOutcome [<!ENTITY a "REC_CONFLICT">]>',
        '<!DOCTYPE OperationOutcome SYSTEM "file:///etc/hostname">',
        '<!DOCTYPE OperationOutcome [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    ],
)
def test_xml_with_a_document_type_is_not_read(before: str) -> None:
    text = XML.format(issue="duplicate", code="REC_CONFLICT")
    body = text.replace("<OperationOutcome", f"{before}<OperationOutcome", 1).encode()
    assert read(409, body) == read(409, b"<html>")


@pytest.mark.parametrize(
    "body",
    [
        b"<" * 60_000,
        b"<a>" * 20_000,
        b"<OperationOutcome",
        b"<OperationOutcome/>trailing",
        b"<a b='1' b='2'/>",
        b'<?xml version="1.0" encoding="unknown"?><a/>',
        b"<a>&undefined;</a>",
        b"<OperationOutcome><issue/></OperationOutcome>",
        b"<OperationOutcome value='1'/>",
    ],
)
def test_xml_that_says_nothing_stops_nobody(body: bytes) -> None:
    assert read(409, body).kind is not VerdictKind.ACCEPTED
    assert answers.receipt(body) == Receipt("", "")


def test_who_is_in_between_may_ask_for_a_wait_too() -> None:
    assert read(503, b"", {}, Retry_After="30").retry_after == 30


def test_every_reason_has_a_sentence_without_jargon() -> None:
    for sentence in [reason.sentence for reason in Reason]:
        assert sentence[0].isupper()
        assert not sentence.endswith(".")
        for word in ("HTTP", "FHIR", "BaRS", "API", "server", "timeout"):
            assert word not in sentence


def encounter(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "status": "planned",
        "identifier": [{"system": "https://pharmacy.example", "value": "PH-77"}],
    } | more


def receipt(*resources: Any) -> Receipt:
    entries = [{"resource": each} for each in resources]
    return answers.receipt(json.dumps(accepted() | {"entry": entries}).encode())


def test_the_receipt_is_the_planned_encounter_s_number_and_the_request_s_id() -> None:
    ours = encounter(status="finished", identifier=[{"value": "ours"}])
    request = {"resourceType": "ServiceRequest", "id": "a-1"}
    assert receipt(ours, request, encounter()) == Receipt("PH-77", "a-1")
    assert receipt(request) == Receipt("", "a-1")
    assert receipt(ours) == Receipt("", "")


def test_a_reference_is_short_and_clean() -> None:
    assert receipt(encounter(identifier=[{"value": " A\x00\n B" + "C" * 500}])).reference == (
        "A B" + "C" * 97
    )


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[[[", b"[" * 100_000, b"1e999", b'{"entry": 1}', b'"\\ud800"']
)
def test_a_body_that_says_nothing_gives_an_empty_receipt(body: bytes) -> None:
    assert answers.receipt(body) == Receipt("", "")
    assert read(200, body).reason is Reason.UNREADABLE


NAMES = [
    *("resourceType", "id", "entry", "resource", "issue", "code", "details", "coding", "system"),
    *("identifier", "value", "status", "diagnostics", "severity"),
]
TEXTS = [
    *("Bundle", "OperationOutcome", "Encounter", "planned", "ServiceRequest", "REC_CONFLICT"),
    *("duplicate", "REC_TIMEOUT", "", "\x00", "\ud800", str(MADE.bundle_id), "transient"),
]


def anything(rng: Random, depth: int = 0) -> Any:
    shape = rng.randrange(7 if depth < 6 else 4)
    if shape == 0:
        return rng.choice([None, True, 0, -1.5, 10**30])
    if shape < 4:
        return rng.choice(TEXTS)
    if shape == 4:
        return [anything(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(NAMES): anything(rng, depth + 1) for _ in range(rng.randrange(6))}


@pytest.mark.parametrize("seed", range(20))
def test_no_answer_stops_us(seed: int) -> None:
    rng = Random(seed)  # noqa: S311
    for _ in range(300):
        body = json.dumps(anything(rng)).encode()
        if rng.random() < 0.3:
            body = bytes(rng.randrange(256) if rng.random() < 0.05 else byte for byte in body)
        wait = "".join(chr(rng.randrange(32, 127)) for _ in range(rng.randrange(40)))
        verdict = read(rng.randrange(100, 700), body, Retry_After=wait)
        if verdict.kind is VerdictKind.ACCEPTED:
            assert b"Bundle" in body or b"duplicate" in body
        assert verdict.code == "" or verdict.code in TEXTS
        answers.receipt(body)


def test_a_wait_is_reckoned_from_now_in_any_zone() -> None:
    answer = Response(429, IDS | {"Retry-After": "Mon, 23 Nov 2026 10:31:15 +0100"}, b"")
    verdict = answers.read(
        answer,
        bundle_id=MADE.bundle_id,
        request_id=MADE.request_id,
        correlation_id=MADE.correlation_id,
        now=datetime(2026, 11, 23, 9, 30, 15, tzinfo=UTC) + timedelta(seconds=0.5),
    )
    assert verdict == replace(verdict, kind=VerdictKind.RETRY, reason=Reason.BUSY, retry_after=60)
