"""Messages: what is in them, and that nobody's typing can spoil one."""

import base64
import json
import re
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from pharmrefer.demo.rules import faults_in
from referrals.fhir.check import check_message
from referrals.fhir.content import (
    Contact,
    Content,
    PhoneOwner,
    RegisteredPractice,
    Relationship,
    Told,
    ToldKind,
)
from referrals.fhir.faults import MessageError
from tests.referrals.fhir.samples import (
    CONTENT,
    FULL,
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
    made, expected = built(FULL, seed=7), ids(7)
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


def test_the_pharmacist_reads_what_was_not_asked_as_not_asked() -> None:
    assert narrative(Draft()) == (
        "Referred for: Acute sore throat (Pharmacy First clinical pathway)\n"
        "Complaint: Sore throat for 2 days.\nNo fever.\n"
        "How long: not given\n"
        "Tried so far: not given\n"
        "Allergies: not asked\n"
        "Medicines: not asked\n"
        "Individual requirements: none recorded\n"
        "Interpreter: none recorded\n"
        "Spoken to: Parent, Anna Łuć\n"
        "Phone: 07700 900123 (not asked whose it is)\n"
        "Best time to call: not given\n"
        "Registered at: no other practice told\n"
        "NHS number: given, not traced\n"
        "Consent to share this for direct care: given\n"
        "Triage questions: not asked"
    )


def test_the_pharmacist_reads_all_that_was_asked_negatives_too() -> None:
    assert narrative(Draft(FULL)) == (
        "Referred for: Acute sore throat (Pharmacy First clinical pathway)\n"
        "Why so: A weak immune system rules out the sore throat pathway.\n"
        "Complaint: Sore throat for 2 days.\nNo fever.\n"
        "How long: 2 days\n"
        "Tried so far: Paracetamol, lozenges\n"
        "Allergies newly told: Penicillin: a rash as a baby\n"
        "Medicines newly told: Cetirizine from the supermarket\n"
        "Individual requirements: Hard of hearing\n"
        "Interpreter: needed, Polish\n"
        "Spoken to: Parent, Anna Łuć\n"
        "Phone: 07700 900 123 (of Jan Łuć, confirmed today)\n"
        "Best time to call: after school, 4pm\n"
        "Registered at: Mill Lane Medical Centre, Y99902\n"
        "NHS number: given, not traced\n"
        "Consent to share this for direct care: given\n"
        "Triage questions (content pack 2026.1, not clinically signed off):\n"
        "- cannot swallow, or is drooling: no\n"
        "- stiff neck: not sure\n"
        "- weak immune system: yes\n"
        "- pregnant: not asked"
    )


def test_a_pack_that_is_signed_off_says_by_whom() -> None:
    assert FULL.triage
    triage = replace(FULL.triage, signed_off_by="Dr Ada Lark")
    assert "(content pack 2026.1, clinically signed off by Dr Ada Lark):" in narrative(
        Draft(replace(FULL, triage=triage))
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("1503841235", "Other number: 1503841235 (a Scottish number (CHI number))"),
        (
            "3200000014",
            "Other number: 3200000014 (a Northern Irish number (Health and Care number))",
        ),
        ("ABC 123", "Other number: ABC 123 (not an NHS number of today)"),
        ("٣٢٠٠٠٠٠٠١٤", "Other number: ٣٢٠٠٠٠٠٠١٤ (not an NHS number of today)"),
    ],
)
def test_a_number_of_elsewhere_is_told_and_never_sent_as_an_nhs_number(
    number: str, words: str
) -> None:
    patient = replace(CONTENT.patient, nhs_number="", other_number=number)
    draft = Draft(replace(CONTENT, patient=patient))
    assert f"NHS number: not given\n{words}\n" in narrative(draft)
    assert "identifier" not in draft["Patient"]


def test_what_is_newly_told_has_a_resource_of_its_own() -> None:
    draft = Draft(FULL)
    patient, encounter = draft["Consent"]["patient"], draft["CarePlan"]["encounter"]
    allergy, medicine = draft["AllergyIntolerance"], draft["MedicationStatement"]
    assert allergy["code"] == {"text": "Penicillin: a rash as a baby"}
    assert allergy["clinicalStatus"]["coding"][0]["code"] == "active"
    assert allergy["verificationStatus"]["coding"][0]["code"] == "unconfirmed"  # as told
    assert (allergy["patient"], allergy["encounter"]) == (patient, encounter)
    assert medicine["medicationCodeableConcept"] == {"text": "Cetirizine from the supermarket"}
    assert (medicine["subject"], medicine["context"]) == (patient, encounter)
    stamp = "2026-11-23T09:30:15.1234560+00:00"
    assert allergy["recordedDate"] == medicine["dateAsserted"] == stamp


@pytest.mark.parametrize("kind", [ToldKind.NOT_ASKED, ToldKind.NONE])
def test_none_told_is_no_resource_and_so_is_not_asked(kind: ToldKind) -> None:
    draft = Draft(replace(FULL, allergies=Told(kind), medicines=Told(kind)))
    kinds = {entry["resource"]["resourceType"] for entry in draft.bundle["entry"]}
    assert not kinds & {"AllergyIntolerance", "MedicationStatement"}
    for things in ("Allergies", "Medicines"):
        said = "not asked" if kind is ToldKind.NOT_ASKED else f"no new {things.lower()} told"
        assert f"{things}: {said}\n" in narrative(draft)


def flags(draft: Draft) -> list[tuple[str, str, str]]:
    """Return the category, the code and the words of each."""
    found = [each["resource"] for each in draft.bundle["entry"]]
    return [
        (
            flag["category"][0]["coding"][0]["code"],
            flag["code"]["coding"][0]["code"],
            flag["code"]["text"],
        )
        for flag in found
        if flag["resourceType"] == "Flag"
    ]


def test_individual_requirements_are_flags_since_the_guide_says_must() -> None:
    anything = "reasonableadjustmentsforhealthandcareaccess"
    assert flags(Draft(FULL)) == [
        ("RA", anything, "Hard of hearing"),
        ("API", "103313004", "Interpreter needed: Polish"),
    ]
    assert flags(Draft()) == []


@pytest.mark.parametrize(
    ("typed", "code", "flag"),
    [
        ("Polish", ("pl", "Polish"), ("API", "103313004")),
        (" polish ", ("pl", "Polish"), ("API", "103313004")),
        ("Punjabi", ("pa", "Panjabi; Punjabi"), ("API", "103313004")),
        ("Cantonese", None, ("API", "103313004")),
        ("Polish or Russian", None, ("API", "103313004")),
        ("BSL", ("q4", "British Sign Language"), ("RA", "britishsignlanguageinterpreterneeded")),
        ("Makaton", ("q5", "Makaton"), ("RA", "makatonsignlanguageinterpreterneeded")),
    ],
)
def test_an_interpreter_is_coded_only_for_a_language_that_is_certain(
    typed: str, code: tuple[str, str] | None, flag: tuple[str, str]
) -> None:
    draft = Draft(replace(CONTENT, patient=replace(CONTENT.patient, interpreter=typed)))
    patient, words = draft["Patient"], typed.strip()
    assert patient["extension"] == [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired",
            "valueBoolean": True,
        }
    ]
    (communication,) = patient["communication"]
    assert communication["preferred"] is True
    assert communication["language"]["text"] == words
    codings = communication["language"].get("coding", [])
    assert [(each["code"], each["display"]) for each in codings] == ([code] if code else [])
    assert flags(draft) == [(*flag, f"Interpreter needed: {words}")]


def test_without_an_interpreter_nothing_is_said_of_languages() -> None:
    patient = Draft()["Patient"]
    assert "extension" not in patient
    assert "communication" not in patient


def test_the_questions_and_their_version_are_what_decided() -> None:
    (extension,) = Draft(FULL)["MessageHeader"]["extension"]
    assert extension == {
        "url": "https://fhir.nhs.uk/StructureDefinition/CDSSExtension",
        "extension": [
            {"url": "RequesterCDSSsoftware", "valueString": "PharmRefer content pack"},
            {"url": "RequesterCDSSversion", "valueString": "2026.1"},
        ],
    }
    assert "extension" not in Draft()["MessageHeader"]


OWNERS = [
    (PhoneOwner.NOT_ASKED, "PRN", "Anna Łuć", "not asked whose it is"),
    (PhoneOwner.UNCONFIRMED, "PRN", "Anna Łuć", "not confirmed today"),
    (PhoneOwner.CONTACT, "PRN", "Anna Łuć", "of the person spoken to, confirmed today"),
    (PhoneOwner.PATIENT, "ONESELF", None, "the patient's own, confirmed today"),
    (PhoneOwner.OTHER, "O", "Jan Łuć", "of Jan Łuć, confirmed today"),
]


@pytest.mark.parametrize(("owner", "relationship", "name", "words"), OWNERS)
def test_the_first_contact_is_whose_the_number_is(
    owner: PhoneOwner, relationship: str, name: str | None, words: str
) -> None:
    draft = Draft(replace(FULL, contact=replace(FULL.contact, phone_owner=owner)))
    (contact,) = draft["Patient"]["contact"]
    assert contact["relationship"][0]["coding"][0]["code"] == relationship
    assert contact.get("name", {}).get("text") == name
    assert f"Phone: 07700 900 123 ({words})\n" in narrative(draft)
    assert "Spoken to: Parent, Anna Łuć\n" in narrative(draft)


def practice_of(draft: Draft) -> list[tuple[str, str]]:
    """Return the patient's own practice, as the message names it."""
    by_urn = {entry["fullUrl"]: entry["resource"] for entry in draft.bundle["entry"]}
    found = [by_urn[each["reference"]] for each in draft["Patient"].get("generalPractitioner", [])]
    return [(each["identifier"][0]["value"], each["name"]) for each in found]


def test_the_patient_s_practice_is_named_where_we_know_which_it_is() -> None:
    assert practice_of(Draft()) == [("Y99901", "Quarry Lane Surgery")]
    assert practice_of(Draft(FULL)) == [("Y99902", "Mill Lane Medical Centre")]
    told = replace(CONTENT.patient, registered_at=RegisteredPractice("", "somewhere in Leeds"))
    draft = Draft(replace(CONTENT, patient=told))
    assert practice_of(draft) == []
    assert "Registered at: somewhere in Leeds\n" in narrative(draft)


@pytest.mark.parametrize(
    ("relationship", "coding", "text"),
    [
        (Relationship.SELF, ("v3-RoleCode", "ONESELF", "self"), "The patient"),
        (Relationship.PARENT, ("v3-RoleCode", "PRN", "parent"), "Parent"),
        (Relationship.GUARDIAN, ("v3-RoleCode", "GUARD", "guardian"), "Guardian"),
        (Relationship.SPOUSE, ("v3-RoleCode", "SPS", "spouse"), "Spouse or partner"),
        (Relationship.CARER, ("v2-0131", "O", "Other"), "Carer"),
        (Relationship.OTHER, ("v2-0131", "O", "Other"), "Someone else"),
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
        replace(CONTENT, allergies=Told(ToldKind.TOLD, " ")),
        replace(CONTENT, medicines=Told(ToldKind.TOLD, "\x00")),
        replace(FULL, contact=replace(FULL.contact, phone_owner_name="")),
    ],
)
def test_a_message_that_would_be_refused_is_not_made(content: Content) -> None:
    with pytest.raises(MessageError) as caught:
        built(content)
    assert "9434765918" not in str(caught.value)


def test_with_all_that_is_asked_the_demonstration_pharmacy_takes_it() -> None:
    assert faults_in(bundle(FULL), FULL.pharmacy.dos_service_id) == []


@pytest.mark.parametrize("seed", range(300))
def test_whatever_people_type_the_message_is_right_and_holds_nothing_forbidden(seed: int) -> None:
    content = odd_content(Random(seed))  # noqa: S311
    read = bundle(content)  # it is built, so check_message has accepted it
    assert check_message(read) == []
    # The demonstration pharmacy has rules of its own, written from the guide alone.
    assert faults_in(read, content.pharmacy.dos_service_id) == []
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
    (registered_at,) = draft["Patient"]["generalPractitioner"]
    assert named(registered_at) is practice
    assert header["source"]["contact"] == {"system": "phone", "value": "0113 496 0001"}
    assert draft["Practitioner"]["name"] == [{"family": "Marsh", "given": ["Jo"]}]
    assert draft["Encounter"]["episodeOfCare"] == [
        {"reference": f"EpisodeOfCare/{CONTENT.journey_id}"}
    ]
