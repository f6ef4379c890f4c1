"""Messages: what is in them, and that nobody's typing can spoil one."""

import base64
import json
import re
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from referrals.fhir.check import check_message
from referrals.fhir.content import Contact, Content, Relationship
from referrals.fhir.faults import MessageError
from tests.referrals.fhir.samples import (
    CONTENT,
    NOW,
    SOFTWARE,
    Draft,
    built,
    bundle,
    ids,
    odd_content,
)


def decoded(header: str) -> Any:
    return json.loads(base64.b64decode(header, validate=True))


def test_the_headers_are_those_that_bars_asks_for() -> None:
    made = built()
    headers = dict(made.headers)
    assert decoded(headers.pop("NHSD-Target-Identifier")) == {
        "value": "2000000042",
        "system": "https://fhir.nhs.uk/Id/dos-service-id",
    }
    assert decoded(headers.pop("NHSD-End-User-Organisation")) == {
        "resourceType": "Organization",
        "identifier": [
            {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y99901"}
        ],
        "name": "Quarry Lane Surgery",
        "telecom": [{"system": "phone", "value": "0113 496 0001"}],
    }
    assert decoded(headers.pop("NHSD-Requesting-Practitioner")) == {
        "resourceType": "PractitionerRole",
        "code": [
            {
                "coding": [
                    {
                        "system": "http://snomed.info/sct",
                        "code": "224608005",
                        "display": "Administrative healthcare staff",
                    }
                ],
                "text": "Receptionist",
            }
        ],
    }
    assert decoded(headers.pop("NHSD-Requesting-Software")) == {
        "resourceType": "Device",
        "identifier": [{"system": "https://pharmrefer.example/Id/software", "value": "PharmRefer"}],
        "deviceName": {"name": "PharmRefer", "type": "PharmRefer"},
        "version": {"value": "0.1.0"},
    }
    assert headers == {
        "Accept": "application/fhir+json; version=1.1.0",
        "Content-Type": "application/fhir+json",
        "X-Request-Id": str(made.request_id),
        "X-Correlation-Id": "0b6f1c1e-6c1b-4f4d-9f0e-5f1f2ad7c001",
        "use-context": "a5t1|referral|servicerequest-request|new",
    }


def test_the_official_test_kit_s_rule_for_the_use_context_is_met() -> None:
    rule = (
        r"^a[0-9]t[0-9][|](referral|validation)[|]"
        r"servicerequest(-request|-response)[|](new|update)$"
    )
    assert re.match(rule, built().headers["use-context"])


def test_headers_hold_nothing_of_the_patient_and_nothing_that_breaks_a_line() -> None:
    odd = replace(CONTENT, practice=replace(CONTENT.practice, name="A\r\nX-Evil: 1 Łuć"))
    headers = built(odd).headers
    text = "".join(
        value if "NHSD" not in name else str(decoded(value)) for name, value in headers.items()
    )
    for value in ("9434765919", "Zoë", "Anna", "07700", "throat"):
        assert value not in text
    assert all(re.fullmatch(r"[\x20-\x7e]+", value) for value in headers.values())


def test_ids_are_those_given_each_of_them_once() -> None:
    made, expected = built(seed=7), ids(7)
    read = json.loads(made.body)
    assert (made.bundle_id, made.request_id) == (next(expected), next(expected))
    assert made.correlation_id == CONTENT.journey_id
    assert read["id"] == str(made.bundle_id)
    urns = [entry["fullUrl"] for entry in read["entry"]]
    assert sorted(urns) == sorted(next(expected).urn for _ in urns)


def test_the_same_again_gives_the_same_bytes() -> None:
    assert built(seed=3) == built(seed=3)
    assert built(seed=3).body != built(seed=4).body


def test_moments_are_the_one_given_in_utc_with_seven_decimals() -> None:
    stamp = "2026-11-23T09:30:15.1234560+00:00"
    draft = Draft()
    updated = {entry["resource"]["meta"]["lastUpdated"] for entry in draft.bundle["entry"]}
    assert updated == {draft.bundle["timestamp"], draft.bundle["meta"]["lastUpdated"]} == {stamp}
    due = {"start": stamp, "end": "2026-11-24T09:30:15.1234560+00:00"}
    assert (
        draft["ServiceRequest"]["occurrencePeriod"] == due == draft["Task"]["restriction"]["period"]
    )
    assert draft["ServiceRequest"]["authoredOn"] == draft["CarePlan"]["period"]["start"] == stamp
    assert draft["Consent"]["dateTime"] == "2026-11-23T09:29:15.1234560+00:00"
    assert draft["Encounter"]["period"] == {"start": "2026-11-23T09:26:15.1234560+00:00"}


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        built(replace(CONTENT, consent_at=NOW.replace(tzinfo=None)))


def test_the_patient_is_as_written() -> None:
    patient = Draft()["Patient"]
    assert patient["name"] == [{"use": "official", "family": "O'Neil-Łuć", "given": ["Zoë"]}]
    assert (patient["gender"], patient["birthDate"]) == ("female", "2019-02-28")
    assert patient["address"] == [
        {
            "use": "home",
            "line": ["Flat 2", "17 Quarry Lane"],
            "city": "Otley",
            "postalCode": "LS21 9ZZ",
        }
    ]
    (identifier,) = patient["identifier"]
    status = identifier["extension"][0]["valueCodeableConcept"]["coding"][0]["code"]
    assert (identifier["value"], status) == ("9434765919", "number-present-but-not-traced")


def test_without_an_nhs_number_there_is_no_identifier_and_the_pharmacist_reads_so() -> None:
    draft = Draft(replace(CONTENT, patient=replace(CONTENT.patient, nhs_number="")))
    assert "identifier" not in draft["Patient"]
    assert "NHS number: not given" in narrative(draft)


def test_without_an_address_there_is_none() -> None:
    nowhere = replace(CONTENT.patient, address_lines=("", " "), town="", postcode="\x00")
    assert "address" not in Draft(replace(CONTENT, patient=nowhere))["Patient"]


def test_a_pharmacy_without_a_phone_number_has_none() -> None:
    draft = Draft(replace(CONTENT, pharmacy=replace(CONTENT.pharmacy, phone="")))
    assert draft["HealthcareService"]["providedBy"]
    assert "telecom" not in draft["HealthcareService"]


def narrative(draft: Draft) -> str:
    text: str = draft["CarePlan"]["activity"][0]["outcomeCodeableConcept"][0]["text"]
    return text


def test_the_pharmacist_reads_what_was_said_and_what_was_not_asked() -> None:
    assert narrative(Draft()) == (
        "Referred for: Acute sore throat (Pharmacy First clinical pathway)\n"
        "Complaint: Sore throat for 2 days.\nNo fever.\n"
        "Spoken to: Parent, Anna Łuć\n"
        "Consent to share this for direct care: given\n"
        "NHS number: given, not traced\n"
        "Triage questions: none recorded\n"
        "Allergies: not asked\n"
        "Medicines: not asked"
    )


@pytest.mark.parametrize(
    ("relationship", "coding", "text"),
    [
        (Relationship.SELF, ("v3-RoleCode", "ONESELF", "self"), "The patient"),
        (Relationship.PARENT, ("v3-RoleCode", "PRN", "parent"), "Parent"),
        (Relationship.GUARDIAN, ("v3-RoleCode", "GUARD", "guardian"), "Guardian"),
        (Relationship.SPOUSE, ("v3-RoleCode", "SPS", "spouse"), "Spouse or partner"),
        (Relationship.CARER, ("v2-0131", "O", "Other"), "Carer"),
        (Relationship.OTHER, ("v2-0131", "O", "Other"), "Somebody else"),
    ],
)
def test_who_was_spoken_to_is_coded_and_told(
    relationship: Relationship, coding: tuple[str, str, str], text: str
) -> None:
    name = "" if relationship is Relationship.SELF else "Sam Bell"
    draft = Draft(replace(CONTENT, contact=Contact(relationship, name, "07700 900123")))
    (contact,) = draft["Patient"]["contact"]
    (code,) = contact["relationship"][0]["coding"]
    assert (code["system"].rpartition("/")[2], code["code"], code["display"]) == coding
    assert contact["relationship"][0]["text"] == text
    assert contact["telecom"] == [{"system": "phone", "value": "07700 900123", "rank": 1}]
    assert contact.get("name") == ({"text": name} if name else None)
    assert f"Spoken to: {text}{', Sam Bell' if name else ''}\n" in narrative(draft)


def test_settings_can_follow_what_a_receiver_asks_for() -> None:
    other = replace(SOFTWARE, use_case_display="Another name", application_version="1.1.0")
    read = json.loads(built(software=other).body)
    assert read["meta"]["versionId"] == "1.1.0"
    category = read["entry"][1]["resource"]["category"][0]["coding"]
    assert category[1]["display"] == "Another name"


@pytest.mark.parametrize(
    "content",
    [
        replace(CONTENT, contact=replace(CONTENT.contact, phone="")),
        replace(CONTENT, contact=replace(CONTENT.contact, name="\x00")),
        replace(CONTENT, patient=replace(CONTENT.patient, nhs_number="9434765918")),
        replace(CONTENT, patient=replace(CONTENT.patient, nhs_number="1503841235")),  # Scottish
        replace(CONTENT, patient=replace(CONTENT.patient, family_name=" ")),
        replace(CONTENT, pharmacy=replace(CONTENT.pharmacy, dos_service_id="")),
        replace(CONTENT, practice=replace(CONTENT.practice, ods_code="")),
        replace(CONTENT, complaint="\r\n"),
    ],
)
def test_a_message_that_would_be_refused_is_not_made(content: Content) -> None:
    with pytest.raises(MessageError) as caught:
        built(content)
    assert "9434765918" not in str(caught.value)


@pytest.mark.parametrize("seed", range(300))
def test_whatever_people_type_the_message_is_right_and_holds_nothing_forbidden(seed: int) -> None:
    content = odd_content(Random(seed))  # noqa: S311
    read = bundle(content)  # it is built, so check_message has accepted it
    assert check_message(read) == []
    for text in texts(read):
        assert text.strip()
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]", text)
    assert not any(value in ("", [], {}, None) for value in everything(read))


def everything(value: Any) -> list[Any]:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(each for child in below for each in everything(child))]


def texts(value: Any) -> list[str]:
    return [each for each in everything(value) if isinstance(each, str)]


def test_the_sender_is_at_the_practice_and_the_service_at_the_pharmacy() -> None:
    draft = Draft()
    by_urn = {entry["fullUrl"]: entry["resource"] for entry in draft.bundle["entry"]}

    def named(reference: dict[str, str]) -> dict[str, Any]:
        resource: dict[str, Any] = by_urn[reference["reference"]]
        return resource

    header = draft["MessageHeader"]
    practice, pharmacy = named(header["sender"]), named(header["destination"][0]["receiver"])
    assert (practice["name"], pharmacy["name"]) == ("Quarry Lane Surgery", "Bridge Pharmacy")
    assert named(draft["PractitionerRole"]["organization"]) is practice
    assert named(draft["HealthcareService"]["providedBy"]) is pharmacy
    assert "generalPractitioner" not in draft["Patient"]  # nobody has asked
    assert header["source"]["contact"] == {"system": "phone", "value": "0113 496 0001"}
    assert draft["Practitioner"]["name"] == [{"family": "Marsh", "given": ["Jo"]}]
    assert draft["Encounter"]["episodeOfCare"] == [
        {"reference": f"EpisodeOfCare/{CONTENT.journey_id}"}
    ]
