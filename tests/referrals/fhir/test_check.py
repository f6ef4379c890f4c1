"""The check before sending: each single fault is named, and no patient's value is."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from referrals.fhir import rules
from referrals.fhir.check import check_message
from referrals.fhir.faults import dotted, values
from tests.referrals.fhir.samples import CONTENT, FULL, Draft, bundle

Spoil = Callable[[Draft], Any]
NHS = "https://fhir.nhs.uk"


def rank(draft: Draft, value: Any) -> None:
    draft["Patient"]["contact"][0]["extension"][0]["valuePositiveInt"] = value


def status(draft: Draft) -> dict[str, Any]:
    """Return the coding that says whether the NHS number was traced."""
    extension = draft["Patient"]["identifier"][0]["extension"][0]
    coding: dict[str, Any] = extension["valueCodeableConcept"]["coding"][0]
    return coding


def text_of(draft: Draft, value: Any) -> None:
    draft["CarePlan"]["activity"][0]["outcomeCodeableConcept"][0]["text"] = value


def second_contact(draft: Draft, number: int) -> None:
    contact = draft["Patient"]["contact"][0]
    extension = [contact["extension"][0] | {"valuePositiveInt": number}]
    draft["Patient"]["contact"].append(contact | {"extension": extension})


FAULTS: list[tuple[str, Spoil]] = [
    # The envelope
    ("Bundle.resourceType", lambda d: d.bundle.update(resourceType="Parcel")),
    ("Bundle.id", lambda d: d.bundle.pop("id")),
    ("Bundle.id", lambda d: d.bundle.update(id="1")),
    ("Bundle.type", lambda d: d.bundle.update(type="batch")),
    ("Bundle.timestamp", lambda d: d.bundle.pop("timestamp")),
    ("Bundle.timestamp", lambda d: d.bundle.update(timestamp="2026-02-30T00:00:00+00:00")),
    ("Bundle.meta.versionId", lambda d: d.bundle["meta"].pop("versionId")),
    ("Bundle.meta.profile", lambda d: d.bundle["meta"].pop("profile")),
    (
        "Bundle.meta.lastUpdated",
        lambda d: d.bundle["meta"].update(lastUpdated="2026-11-23T09:30:15.123456+00:00"),
    ),
    ("Bundle.entry", lambda d: d.bundle["entry"].reverse()),
    ("Bundle.entry", lambda d: d.bundle.pop("entry")),
    # What all entries have alike
    ("Bundle.entry.fullUrl", lambda d: d.bundle["entry"][3].pop("fullUrl")),
    ("Bundle.entry.fullUrl", lambda d: d.bundle["entry"][3].update(fullUrl="urn:uuid:x")),
    (
        "Bundle.entry.fullUrl",
        lambda d: d.bundle["entry"][3].update(fullUrl=d.bundle["entry"][4]["fullUrl"]),
    ),
    ("Bundle.entry.resource", lambda d: d.bundle["entry"][3].pop("resource")),
    ("Bundle.entry.resource", lambda d: d["Condition"].update(resourceType="Location")),
    ("Task.id", lambda d: d["Task"].update(id="1")),
    ("Task.meta.lastUpdated", lambda d: d["Task"]["meta"].pop("lastUpdated")),
    (
        "Patient.meta.lastUpdated",
        lambda d: d["Patient"]["meta"].update(lastUpdated="2026-11-23T09:30:15.1234561+00:00"),
    ),
    ("Consent.meta.profile", lambda d: d["Consent"]["meta"].pop("profile")),
    ("Task.meta.profile", lambda d: d["Task"]["meta"].update(profile=["https://else.example"])),
    # How many of each
    *(
        ("Bundle.entry", lambda d, kind=kind: d.drop(kind))
        for kind in (
            *("MessageHeader", "ServiceRequest", "Encounter", "CarePlan", "Task", "Condition"),
            *("Patient", "Practitioner", "PractitionerRole", "Organization"),
            *("HealthcareService", "Consent"),
        )
    ),
    *(
        ("Bundle.entry", lambda d, kind=kind: d.repeat(kind))
        for kind in ("MessageHeader", "ServiceRequest", "Encounter", "CarePlan", "Patient")
    ),
    # Fixed values
    ("MessageHeader.definition", lambda d: d["MessageHeader"].pop("definition")),
    ("ServiceRequest.status", lambda d: d["ServiceRequest"].update(status="revoked")),
    ("ServiceRequest.status", lambda d: d["ServiceRequest"].pop("status")),
    ("ServiceRequest.intent", lambda d: d["ServiceRequest"].update(intent="order")),
    ("Encounter.status", lambda d: d["Encounter"].update(status="planned")),
    ("CarePlan.status", lambda d: d["CarePlan"].update(status="active")),
    ("CarePlan.intent", lambda d: d["CarePlan"].update(intent="order")),
    ("Task.status", lambda d: d["Task"].update(status="draft")),
    ("Task.intent", lambda d: d["Task"].update(intent="plan")),
    ("Patient.gender", lambda d: d["Patient"].update(gender="F")),
    ("Patient.gender", lambda d: d["Patient"].update(gender=["female", "male"])),
    ("HealthcareService.active", lambda d: d["HealthcareService"].update(active=False)),
    ("Consent.status", lambda d: d["Consent"].update(status="inactive")),
    # Codes
    (
        "MessageHeader.eventCoding",
        lambda d: d["MessageHeader"]["eventCoding"].update(code="booking-request"),
    ),
    (
        "MessageHeader.reason.coding",
        lambda d: d["MessageHeader"]["reason"]["coding"][0].update(code="update"),
    ),
    (
        "ServiceRequest.category.coding",
        lambda d: d["ServiceRequest"]["category"][0]["coding"][1].update(code="A5T1"),
    ),
    (
        "ServiceRequest.category.coding",
        lambda d: d["ServiceRequest"]["category"][0]["coding"].pop(),
    ),
    (
        "ServiceRequest.category",
        lambda d: d["ServiceRequest"].update(
            category=[
                {"coding": [coding]} for coding in d["ServiceRequest"]["category"][0]["coding"]
            ]
        ),
    ),
    ("Encounter.class", lambda d: d["Encounter"]["class"].update(code="AMB")),
    ("Task.code.coding", lambda d: d["Task"]["code"]["coding"][0].update(code="1577041000000109")),
    (
        "Condition.category.coding",
        lambda d: d["Condition"]["category"][0]["coding"][0].update(system="http://else.example"),
    ),
    ("Condition.clinicalStatus.coding", lambda d: d["Condition"].pop("clinicalStatus")),
    (
        "Condition.verificationStatus.coding",
        lambda d: d["Condition"]["verificationStatus"]["coding"][0].update(code="refuted"),
    ),
    ("Consent.scope.coding", lambda d: d["Consent"].pop("scope")),
    (
        "Consent.category.coding",
        lambda d: d["Consent"]["category"][0]["coding"][0].update(code="X"),
    ),
    ("Consent.policyRule.coding", lambda d: d["Consent"].pop("policyRule")),
    ("Encounter.class", lambda d: d["Encounter"]["class"].pop("display")),
    (
        "Task.code.coding.display",
        lambda d: d["Task"]["code"]["coding"][0].update(display=""),
    ),
    # References
    (
        "Task.encounter.reference",
        lambda d: d["Task"]["encounter"].update(reference="urn:uuid:0"),
    ),
    (
        "ServiceRequest.subject.reference",
        lambda d: d["ServiceRequest"].update(subject=d["ServiceRequest"]["encounter"]),
    ),
    (
        "ServiceRequest.requester.reference",
        lambda d: d["ServiceRequest"].update(requester={"reference": ["urn:uuid:0"]}),
    ),
    (
        "Encounter.episodeOfCare",
        lambda d: d["Encounter"]["episodeOfCare"][0].update(reference="EpisodeOfCare/1"),
    ),
    # What must be said
    ("MessageHeader.source.name", lambda d: d["MessageHeader"]["source"].pop("name")),
    ("Encounter.identifier.value", lambda d: d["Encounter"].pop("identifier")),
    ("Condition.code.text", lambda d: d["Condition"].pop("code")),
    ("Practitioner.name.family", lambda d: d["Practitioner"].pop("name")),
    ("Organization.name", lambda d: d["Organization"].pop("name")),
    ("HealthcareService.name", lambda d: d["HealthcareService"].pop("name")),
    ("CarePlan.activity.outcomeCodeableConcept.text", lambda d: text_of(d, "")),
    ("CarePlan.activity.outcomeCodeableConcept.text", lambda d: text_of(d, "a\x00b")),
    ("CarePlan.activity.outcomeCodeableConcept.text", lambda d: text_of(d, "\ud800")),
    ("Task.note", lambda d: d["Task"].update(note=[])),
    ("Task.note", lambda d: d["Task"].update(note=None)),
    # Dates
    ("ServiceRequest.authoredOn", lambda d: d["ServiceRequest"].pop("authoredOn")),
    (
        "ServiceRequest.authoredOn",
        lambda d: d["ServiceRequest"].update(authoredOn="2026-11-23T09:30:15"),
    ),
    (
        "ServiceRequest.occurrencePeriod.start",
        lambda d: d["ServiceRequest"].pop("occurrencePeriod"),
    ),
    (
        "ServiceRequest.occurrencePeriod",
        lambda d: d["ServiceRequest"]["occurrencePeriod"].update(end="2026-11-22"),
    ),
    (
        "ServiceRequest.occurrenceDateTime",
        lambda d: d["ServiceRequest"].update(occurrenceDateTime="2026"),
    ),
    (
        "ServiceRequest.occurrenceTiming",
        lambda d: d["ServiceRequest"].update(occurrenceTiming={"a": 1}),
    ),
    ("Encounter.period.start", lambda d: d["Encounter"].pop("period")),
    ("CarePlan.period.start", lambda d: d["CarePlan"]["period"].update(start="23/11/2026")),
    ("Task.authoredOn", lambda d: d["Task"].update(authoredOn=20261123)),
    ("Consent.dateTime", lambda d: d["Consent"].update(dateTime="2026-13-01")),
    # Who sends, who receives
    (
        "MessageHeader.destination.endpoint",
        lambda d: d["MessageHeader"]["destination"][0].update(endpoint="2000000042"),
    ),
    (
        "MessageHeader.source.endpoint",
        lambda d: d["MessageHeader"]["source"].update(endpoint=f"{NHS}/id/dos-service-id|1"),
    ),
    (
        "HealthcareService.identifier",
        lambda d: d["HealthcareService"]["identifier"][0].update(value="2000000043"),
    ),
    (
        "HealthcareService.identifier",
        lambda d: d["HealthcareService"]["identifier"][0].update(
            system="http://fhir.nhs.uk/Id/dos-service-id"
        ),
    ),
    (
        "HealthcareService.providedBy",
        lambda d: d["HealthcareService"].update(providedBy=d["MessageHeader"]["sender"]),
    ),
    ("Organization.identifier", lambda d: d["Organization"].pop("identifier")),
    (
        "Organization.identifier",
        lambda d: d["Organization"]["identifier"][0].update(
            system=f"{NHS}/id/ods-organization-code"
        ),
    ),
    (
        "Organization.identifier",
        lambda d: d["Organization"]["identifier"][0].update(value="y99901"),
    ),
    ("Organization.type", lambda d: d["Organization"].pop("type")),
    # The patient
    ("Patient.telecom", lambda d: d["Patient"].update(telecom=[{"system": "phone", "value": "1"}])),
    ("Patient.name", lambda d: d["Patient"].pop("name")),
    ("Patient.name", lambda d: d["Patient"]["name"][0].update(use="usual")),
    ("Patient.name", lambda d: d["Patient"]["name"].append(d["Patient"]["name"][0])),
    ("Patient.name", lambda d: d["Patient"]["name"][0].pop("family")),
    ("Patient.name", lambda d: d["Patient"]["name"][0].pop("given")),
    ("Patient.birthDate", lambda d: d["Patient"].pop("birthDate")),
    ("Patient.birthDate", lambda d: d["Patient"].update(birthDate="2019-02-29")),
    ("Patient.birthDate", lambda d: d["Patient"].update(birthDate="2019-02-28T00:00:00+00:00")),
    ("Patient.birthDate", lambda d: d["Patient"].update(birthDate="2026-11-25")),
    (
        "Patient.extension",
        lambda d: d["Patient"].update(
            extension=[{"url": "https://x.example/Extension-UKCore-BirthSex"}]
        ),
    ),
    (
        "Patient.identifier.value",
        lambda d: d["Patient"]["identifier"][0].update(value="9434765918"),
    ),
    (
        "Patient.identifier.value",
        lambda d: d["Patient"]["identifier"][0].update(value="943 476 5919"),
    ),
    ("Patient.identifier.value", lambda d: d["Patient"]["identifier"][0].pop("value")),
    ("Patient.identifier.extension", lambda d: d["Patient"]["identifier"][0].pop("extension")),
    ("Patient.identifier.extension", lambda d: status(d).update(code="trace-required")),
    (
        "Patient.identifier",
        lambda d: d["Patient"]["identifier"].append(d["Patient"]["identifier"][0]),
    ),
    ("Patient.contact", lambda d: d["Patient"].pop("contact")),
    ("Patient.contact", lambda d: rank(d, 2)),
    ("Patient.contact", lambda d: rank(d, "1")),
    ("Patient.contact", lambda d: d["Patient"]["contact"][0].pop("extension")),
    ("Patient.contact", lambda d: second_contact(d, 1)),
    ("Patient.contact", lambda d: second_contact(d, 0)),
    ("Patient.contact.telecom", lambda d: d["Patient"]["contact"][0].pop("telecom")),
    ("Patient.contact.telecom", lambda d: d["Patient"]["contact"][0]["telecom"][0].pop("rank")),
    ("Patient.contact.telecom", lambda d: d["Patient"]["contact"][0]["telecom"][0].pop("value")),
    (
        "Patient.contact.telecom",
        lambda d: d["Patient"]["contact"][0]["telecom"][0].update(system="email"),
    ),
    ("Patient.contact.relationship", lambda d: d["Patient"]["contact"][0].pop("relationship")),
    ("Patient.contact.name", lambda d: d["Patient"]["contact"][0].pop("name")),
    # What is newly told, and what the patient needs
    ("Bundle.entry.resource", lambda d: d["Flag"].update(resourceType="QuestionnaireResponse")),
    ("Flag.meta.profile", lambda d: d["Flag"]["meta"].pop("profile")),
    ("Flag.status", lambda d: d["Flag"].update(status="inactive")),
    (
        "Flag.category.coding",  # a safeguarding concern
        lambda d: d["Flag"]["category"][0]["coding"][0].update(code="SG"),
    ),
    ("Flag.code.text", lambda d: d["Flag"]["code"].pop("text")),
    (
        "Flag.subject.reference",
        lambda d: d["Flag"].update(subject=d["Encounter"]["subject"] | {"reference": "urn:uuid:0"}),
    ),
    (
        "AllergyIntolerance.clinicalStatus.coding",
        lambda d: d["AllergyIntolerance"].pop("clinicalStatus"),
    ),
    ("AllergyIntolerance.code.text", lambda d: d["AllergyIntolerance"].update(code={"text": ""})),
    ("AllergyIntolerance.type", lambda d: d["AllergyIntolerance"].update(type="allergy")),
    (
        "MedicationStatement.medicationCodeableConcept.text",
        lambda d: d["MedicationStatement"].pop("medicationCodeableConcept"),
    ),
    (
        "MedicationStatement.subject.reference",
        lambda d: d["MedicationStatement"].update(subject=d["MedicationStatement"]["context"]),
    ),
    (
        "Patient.generalPractitioner.reference",
        lambda d: d["Patient"]["generalPractitioner"][0].update(reference="urn:uuid:0"),
    ),
    # What no message of ours says, anywhere
    ("Bundle.colour", lambda d: d.bundle.update(colour="red")),
    ("Bundle.entry.request", lambda d: d.bundle["entry"][2].update(request={"method": "PUT"})),
    ("Bundle.meta.colour", lambda d: d.bundle["meta"].update(colour="red")),
    ("Patient.colour", lambda d: d["Patient"].update(colour="red")),
    ("Patient.Gender", lambda d: d["Patient"].update(Gender="female")),
    ("Patient._birthDate", lambda d: d["Patient"].update(_birthDate={"id": "1"})),
    ("Patient.contained", lambda d: d["Patient"].update(contained=[{"resourceType": "Flag"}])),
    ("Patient.name.middle", lambda d: d["Patient"]["name"][0].update(middle="X")),
    ("Task.code.coding.text", lambda d: d["Task"]["code"]["coding"][0].update(text="X")),
    ("Task.restriction.until", lambda d: d["Task"]["restriction"].update(until="X")),
    ("Consent.meta.tag", lambda d: d["Consent"]["meta"].update(tag=[{"code": "X"}])),
    # A list that is none, and what is none as a list
    ("Patient.name", lambda d: d["Patient"].update(name=d["Patient"]["name"][0])),
    ("Patient.name.given", lambda d: d["Patient"]["name"][0].update(given="Zoë")),
    ("Practitioner.name", lambda d: d["Practitioner"].update(name=d["Practitioner"]["name"][0])),
    ("Organization.name", lambda d: d["Organization"].update(name=["Quarry Lane Surgery"])),
    ("ServiceRequest.status", lambda d: d["ServiceRequest"].update(status=["active"])),
    ("MessageHeader.sender", lambda d: d["MessageHeader"].update(sender=[{"reference": "x"}])),
    ("Bundle.meta.profile", lambda d: d.bundle["meta"].update(profile="x")),
    ("Bundle.entry", lambda d: d.bundle.update(entry=d.bundle["entry"][0])),
    # A value where elements stand, and elements where a value stands
    ("Patient.name", lambda d: d["Patient"].update(name=["Zoë O'Neil"])),
    ("Patient.birthDate", lambda d: d["Patient"].update(birthDate={"value": "2019-01-01"})),
    ("Encounter.period", lambda d: d["Encounter"].update(period="2026")),
]


@pytest.mark.parametrize(
    ("path", "spoil"), FAULTS, ids=[f"{number}-{path}" for number, (path, _) in enumerate(FAULTS)]
)
def test_a_single_fault_is_named(path: str, spoil: Spoil) -> None:
    draft = Draft(FULL)
    before = bundle(FULL)
    spoil(draft)
    assert draft.bundle != before
    assert path in [fault.path for fault in check_message(draft.bundle)]


@pytest.mark.parametrize("spoil", [spoil for _, spoil in FAULTS])
def test_no_fault_tells_a_value_of_the_patient_s(spoil: Spoil) -> None:
    draft = Draft(FULL)
    spoil(draft)
    said = " ".join(map(str, check_message(draft.bundle)))
    assert said
    for value in (
        *("9434765919", "9434765918", "943 476", "Zoë", "O'Neil", "2019", "Otley", "LS21"),
        *("Anna", "07700", "throat", CONTENT.reference, str(CONTENT.journey_id)),
        *("Jan", "Polish", "hearing", "Penicillin", "Cetirizine", "immune", "Mill Lane"),
    ):
        assert value not in said


ROWS = (
    [(row[0], row[1]) for table in (rules.VALUES, rules.CODED, rules.REFERENCES) for row in table]
    + rules.PRESENT
    + rules.DATES
)


@pytest.mark.parametrize(("kind", "path"), ROWS)
def test_every_row_of_the_tables_bites(kind: str, path: tuple[str, ...]) -> None:
    draft = Draft(FULL)
    for parent in values(draft[kind], path[:-1]):
        del parent[path[-1]]
    assert dotted(kind, path) in [fault.path for fault in check_message(draft.bundle)]


def test_a_second_contact_with_its_own_rank_is_no_fault() -> None:
    draft = Draft()
    second_contact(draft, 2)
    assert check_message(draft.bundle) == []


def test_a_child_born_today_is_no_fault_even_an_hour_ahead_of_utc() -> None:
    draft = Draft()
    draft["Patient"]["birthDate"] = "2026-11-24"
    assert check_message(draft.bundle) == []


@pytest.mark.parametrize(
    "odd", [{}, {"entry": 1}, {"entry": [[], None, {"resource": []}]}, {"entry": {"fullUrl": [1]}}]
)
def test_what_is_no_message_has_faults_and_stops_nobody(odd: dict[str, Any]) -> None:
    assert check_message(odd)


def test_any_value_of_any_kind_anywhere_stops_nobody() -> None:
    """Each value of a good message in turn becomes nothing, a number, a list, an object."""
    odds: list[Any] = [None, 0, True, "x", [], {}, [{}], [[1]], {"reference": 1}]
    for odd in odds:
        draft = Draft(FULL)
        for location, name in _locations(draft.bundle):
            kept, location[name] = location[name], odd
            check_message(draft.bundle)
            location[name] = kept
        assert check_message(draft.bundle) == []


def _locations(node: Any) -> list[tuple[Any, Any]]:
    names = (
        list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []
    )
    return [(node, name) for name in names] + [
        each for name in names for each in _locations(node[name])
    ]


def test_the_check_takes_a_thousandth_of_a_second_or_so() -> None:
    draft, times = bundle(FULL), []
    for _ in range(50):
        start = time.perf_counter()
        check_message(draft)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.003  # 0.0005 as a rule
