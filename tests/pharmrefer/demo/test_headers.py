"""One fault at a time in good headers."""

import pytest

from pharmrefer.demo.headers import Headers, faults_in
from tests.pharmrefer.demo.message import NHS, SNOMED, TARGET, coded, good_headers, packed


def faults(headers: dict[str, str]) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in faults_in(Headers(list(headers.items())))]


def test_good_headers_have_no_faults() -> None:
    assert faults(good_headers()) == []


@pytest.mark.parametrize("name", list(good_headers()))
def test_every_header_is_missed(name: str) -> None:
    for empty in ("", " "):
        assert faults(good_headers() | {name: empty}) == [(name, "required")]
    assert faults({key: value for key, value in good_headers().items() if key != name}) == [
        (name, "required")
    ]


DOS = f"{NHS}/Id/dos-service-id"
ODS = [{"system": f"{NHS}/Id/ods-organization-code", "value": "Z99998"}]
ROLE = [coded(SNOMED, "224608005", "Administrative healthcare staff")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NHSD-Target-Identifier", "{}"),
        ("NHSD-Target-Identifier", packed([])),
        ("NHSD-Target-Identifier", packed({"value": TARGET})),
        ("NHSD-Target-Identifier", packed({"system": DOS})),
        ("NHSD-Target-Identifier", packed({"value": 1, "system": DOS})),
        ("NHSD-Target-Identifier", packed({"value": TARGET, "system": DOS.replace("Id", "id")})),
        ("NHSD-Target-Identifier", packed({"value": TARGET, "system": DOS}).replace("=", "")),
        ("X-Request-Id", "1"),
        ("X-Request-Id", "{a0000000-0000-4000-8000-000000000000}"),
        ("X-Correlation-Id", "a000000000004000800000000000000"),
        ("NHSD-End-User-Organisation", packed({"resourceType": "Device"})),
        ("NHSD-End-User-Organisation", packed({"resourceType": "Organization", "name": "x"})),
        ("NHSD-End-User-Organisation", packed({"resourceType": "Organization", "identifier": ODS})),
        ("NHSD-Requesting-Software", packed({"resourceType": "Organization"})),
        ("NHSD-Requesting-Software", packed({"resourceType": "Device", "deviceName": "x"})),
        ("NHSD-Requesting-Practitioner", packed({"resourceType": "Practitioner", "code": ROLE})),
        ("NHSD-Requesting-Practitioner", packed({"resourceType": "PractitionerRole"})),
        (
            "NHSD-Requesting-Practitioner",
            packed({"resourceType": "PractitionerRole", "code": ROLE, "identifier": ODS}),
        ),
        ("use-context", "a5t2|referral|servicerequest-request|new"),
        ("use-context", "a5t1|referral|servicerequest-request|update"),
        ("Accept", "application/fhir+json"),
        ("Accept", "application/json; version=1.1.0"),
        ("Accept", "application/fhir+json; version=1.0.0"),
        ("Accept", "application/fhir+json; version=2.1.0"),
        ("Content-Type", "application/json"),
        ("Content-Type", "application/fhir+jsonx"),
    ],
)
def test_a_wrong_header_is_found(name: str, value: str) -> None:
    assert faults(good_headers() | {name: value}) == [(name, "invalid")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Request-Id", "A0000000-0000-4000-8000-00000000000F"),
        ("Accept", "application/fhir+json;version=1.0.0, application/fhir+json;version=1.2.1"),
        ("Content-Type", "application/fhir+json; charset=utf-8"),
        (
            "NHSD-Requesting-Practitioner",
            packed({"resourceType": "PractitionerRole", "code": ROLE}),
        ),
    ],
)
def test_what_is_left_open_is_accepted(name: str, value: str) -> None:
    assert faults(good_headers() | {name: value}) == []


def test_a_header_that_comes_twice_is_not_an_id() -> None:
    headers = good_headers()
    twice = [*headers.items(), ("X-Request-Id", headers["X-Request-Id"])]
    assert [fault.path for fault in faults_in(Headers(twice))] == ["X-Request-Id"]


def test_ids_that_could_break_an_answer_are_not_mirrored() -> None:
    headers = Headers([("X-Request-Id", "x\r\nSet-Cookie: y"), ("x-correlation-id", "any")])
    assert headers.mirrored() == {"X-Correlation-Id": "any"}


def test_the_service_is_unknown_where_it_cannot_be_read() -> None:
    for value in ("", "x", packed("x"), packed({"value": 1})):
        assert Headers([("NHSD-Target-Identifier", value)]).dos_service_id == ""
    assert Headers(list(good_headers().items())).dos_service_id == TARGET
