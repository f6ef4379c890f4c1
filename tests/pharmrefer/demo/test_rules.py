"""One fault at a time in a good message: each is found, at its place, and nowhere else."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pharmrefer.demo import rules
from pharmrefer.demo.parties import is_nhs_number
from tests.pharmrefer.demo.message import (
    CONDITION,
    ENCOUNTER,
    HL7,
    INSTANT,
    NHS,
    PATIENT,
    PHARMACY,
    PLAN,
    PRACTICE,
    SNOMED,
    TARGET,
    UK,
    coded,
    contact,
    entry,
    good_message,
    to,
)

REMOVED = object()
Faults = set[tuple[str, str]]


def resource(message: dict[str, Any], kind: str, number: int = 0) -> dict[str, Any]:
    found = [one["resource"] for one in message["entry"]]
    content: dict[str, Any] = [one for one in found if one["resourceType"] == kind][number]
    return content


def put(message: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path such as "Patient.contact.0.telecom", or take away what is there."""
    root, *steps, last = path.split(".")
    node: Any = message if root == "Bundle" else resource(message, *_numbered(root))
    for step in steps:
        node = node[int(step) if isinstance(node, list) else step]
    key = int(last) if isinstance(node, list) else last
    if value is REMOVED:
        del node[key]
    else:
        node[key] = value


def _numbered(root: str) -> tuple[str, int]:
    kind, _, number = root.partition("#")
    return kind, int(number or 0)


def faults(message: dict[str, Any]) -> Faults:
    found = rules.unsupported_in(message) or rules.faults_in(message, TARGET)
    return {(fault.path, fault.code) for fault in found}


def test_a_good_message_has_no_faults() -> None:
    assert faults(good_message()) == set()


# What must be there: where it is taken away, and where it is missed.
MUSTS = [
    ("Bundle.id", "Bundle.id", "required"),
    ("Bundle.meta.versionId", "Bundle.meta.versionId", "invariant"),
    ("Bundle.meta.profile", "Bundle.meta.profile", "required"),
    ("Bundle.type", "Bundle.type", "required"),
    ("Bundle.timestamp", "Bundle.timestamp", "required"),
    ("MessageHeader.meta.profile", "MessageHeader.meta.profile", "required"),
    ("MessageHeader.meta.lastUpdated", "MessageHeader.meta.lastUpdated", "required"),
    ("MessageHeader.destination.0.endpoint", "MessageHeader.destination[0].endpoint", "required"),
    (
        "MessageHeader.destination.0.receiver",
        "MessageHeader.destination[0].receiver.reference",
        "required",
    ),
    ("MessageHeader.sender", "MessageHeader.sender.reference", "required"),
    ("MessageHeader.source.endpoint", "MessageHeader.source.endpoint", "required"),
    ("MessageHeader.source.name", "MessageHeader.source.name", "required"),
    ("MessageHeader.reason", "MessageHeader.reason.coding", "required"),
    ("MessageHeader.focus", "MessageHeader.focus.reference", "required"),
    ("MessageHeader.definition", "MessageHeader.definition", "required"),
    ("ServiceRequest.meta.profile", "ServiceRequest.meta.profile", "required"),
    ("ServiceRequest.basedOn", "ServiceRequest.basedOn.reference", "required"),
    ("ServiceRequest.status", "ServiceRequest.status", "required"),
    ("ServiceRequest.intent", "ServiceRequest.intent", "required"),
    ("ServiceRequest.subject", "ServiceRequest.subject.reference", "required"),
    ("ServiceRequest.encounter", "ServiceRequest.encounter.reference", "required"),
    ("ServiceRequest.authoredOn", "ServiceRequest.authoredOn", "required"),
    ("ServiceRequest.requester", "ServiceRequest.requester.reference", "required"),
    ("ServiceRequest.performer", "ServiceRequest.performer.reference", "required"),
    ("Encounter.status", "Encounter.status", "required"),
    ("Encounter.episodeOfCare", "Encounter.episodeOfCare.reference", "required"),
    ("Encounter.subject", "Encounter.subject.reference", "required"),
    ("Encounter.class.display", "Encounter.class.display", "required"),
    ("CarePlan.status", "CarePlan.status", "required"),
    ("CarePlan.intent", "CarePlan.intent", "required"),
    ("CarePlan.subject", "CarePlan.subject.reference", "required"),
    ("CarePlan.encounter", "CarePlan.encounter.reference", "required"),
    ("CarePlan.addresses", "CarePlan.addresses.reference", "required"),
    ("CarePlan.period", "CarePlan.period.start", "required"),
    ("CarePlan.activity", "CarePlan.activity.reference.reference", "required"),
    ("Condition.clinicalStatus", "Condition.clinicalStatus.coding", "required"),
    ("Condition.verificationStatus", "Condition.verificationStatus.coding", "required"),
    ("Condition.category", "Condition.category.coding", "required"),
    ("Condition.code", "Condition.code.text", "required"),
    ("Condition.subject", "Condition.subject.reference", "required"),
    ("Condition.encounter", "Condition.encounter.reference", "required"),
    ("Task.status", "Task.status", "required"),
    ("Task.intent", "Task.intent", "required"),
    ("Task.code", "Task.code.coding", "required"),
    ("Task.code.coding.0.display", "Task.code.coding[0].display", "required"),
    ("Task.authoredOn", "Task.authoredOn", "required"),
    ("Patient.name", "Patient.name", "required"),
    ("Patient.name.0.family", "Patient.name[0].family", "required"),
    ("Patient.name.0.given", "Patient.name[0].given", "required"),
    ("Patient.identifier.0.extension", "Patient.identifier[0].extension", "required"),
    ("Patient.identifier.0.value", "Patient.identifier[0].value", "required"),
    ("Patient.contact", "Patient.contact", "required"),
    ("Patient.contact.0.relationship", "Patient.contact[0].relationship", "required"),
    ("Patient.contact.0.telecom.0.value", "Patient.contact[0].telecom[0].value", "required"),
    ("Patient.contact.0.telecom.0.system", "Patient.contact[0].telecom[0].system", "required"),
    ("Patient.contact.0.telecom.0.rank", "Patient.contact[0].telecom[0].rank", "required"),
    ("Organization.identifier", "Organization.identifier", "required"),
    ("Organization.name", "Organization.name", "required"),
    ("Organization.type", "Organization.type", "required"),
    ("Organization#1.identifier", "Organization.identifier", "required"),
    ("Organization#1.name", "Organization.name", "required"),
    ("PractitionerRole.practitioner", "PractitionerRole.practitioner.reference", "required"),
    ("PractitionerRole.organization", "PractitionerRole.organization.reference", "required"),
    ("HealthcareService.identifier", "HealthcareService.identifier", "required"),
    ("HealthcareService.active", "HealthcareService.active", "required"),
    ("HealthcareService.name", "HealthcareService.name", "required"),
    ("HealthcareService.providedBy", "HealthcareService.providedBy.reference", "required"),
    ("Consent.status", "Consent.status", "required"),
    ("Consent.scope", "Consent.scope.coding", "required"),
    ("Consent.category", "Consent.category.coding", "required"),
    ("Consent.patient", "Consent.patient.reference", "required"),
    ("Consent.dateTime", "Consent.dateTime", "required"),
    ("Consent.policyRule", "Consent.policyRule.coding", "required"),
]


@pytest.mark.parametrize(("taken", "path", "code"), MUSTS, ids=[line[0] for line in MUSTS])
def test_what_must_be_there_is_missed(taken: str, path: str, code: str) -> None:
    message = good_message()
    put(message, taken, REMOVED)
    assert faults(message) == {(path, code)}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("ServiceRequest", "ServiceRequest"),
        ("Patient", "Patient"),
        ("Encounter", "Encounter"),
        ("CarePlan", "CarePlan"),
        ("Organization", "Organization"),
        ("Practitioner", "Practitioner"),
        ("PractitionerRole", "PractitionerRole"),
        ("Consent", "Consent"),
        ("HealthcareService", "HealthcareService"),
        ("Condition", "Condition"),
        ("Task", "Task"),
    ],
)
def test_every_resource_of_the_definition_is_missed(kind: str, path: str) -> None:
    message = good_message()
    number = [one["resource"]["resourceType"] for one in message["entry"]].index(kind)
    del message["entry"][number]
    assert (path, "required") in faults(message)


# What is wrong: where, the value that is put there, and the fault.
WRONG: list[tuple[str, Any, str, str]] = [
    ("Bundle.id", "1", "Bundle.id", "invalid"),
    ("Bundle.resourceType", "Parcel", "Bundle.resourceType", "structure"),
    ("Bundle.type", "batch", "Bundle.type", "value"),
    ("Bundle.timestamp", "2026-11-23", "Bundle.timestamp", "invalid"),
    ("Bundle.timestamp", "2026-13-23T14:05:09Z", "Bundle.timestamp", "invalid"),
    ("Bundle.meta.versionId", "1.1.4", "Bundle.meta.versionId", "not-supported"),
    ("Bundle.meta.profile", ["https://fhir.nhs.uk/x"], "Bundle.meta.profile", "value"),
    ("Patient.id", "1", "Patient.id", "structure"),
    (
        "Patient.meta.profile",
        [f"{UK}/StructureDefinition/UKCore-Organization"],
        "Patient.meta.profile",
        "value",
    ),
    (
        "Patient.meta.lastUpdated",
        INSTANT.replace("4567", "4568"),
        "Patient.meta.lastUpdated",
        "invariant",
    ),
    (
        "MessageHeader.eventCoding.code",
        "booking-request",
        "MessageHeader.eventCoding.code",
        "value",
    ),
    ("MessageHeader.eventCoding.system", "x", "MessageHeader.eventCoding.system", "value"),
    ("MessageHeader.reason.coding.0.code", "update", "MessageHeader.reason.coding", "value"),
    ("MessageHeader.definition", f"{NHS}/MessageDefinition/x", "MessageHeader.definition", "value"),
    (
        "MessageHeader.destination.0.endpoint",
        f"{NHS}/Id/dos-service-id|1",
        "MessageHeader.destination[0].endpoint",
        "invariant",
    ),
    (
        "MessageHeader.destination.0.endpoint",
        f"{NHS}/id/dos-service-id|{TARGET}",
        "MessageHeader.destination[0].endpoint",
        "invalid",
    ),
    ("MessageHeader.source.endpoint", "1", "MessageHeader.source.endpoint", "invalid"),
    ("MessageHeader.focus.0", to(PLAN), "MessageHeader.focus[0].reference", "value"),
    ("ServiceRequest.status", "draft", "ServiceRequest.status", "value"),
    ("ServiceRequest.intent", "order", "ServiceRequest.intent", "value"),
    (
        "ServiceRequest.category.0.coding.1.code",
        "a5t2",
        "ServiceRequest.category[0].coding[1]",
        "not-supported",
    ),
    (
        "ServiceRequest.category.0.coding.0.code",
        "validation",
        "ServiceRequest.category.coding",
        "value",
    ),
    (
        "ServiceRequest.category.0.coding.0.display",
        "Transfer",
        "ServiceRequest.category.coding.display",
        "value",
    ),
    ("ServiceRequest.basedOn.0", to(CONDITION), "ServiceRequest.basedOn[0].reference", "value"),
    (
        "ServiceRequest.occurrenceDateTime",
        "2026-11-23",
        "ServiceRequest.occurrenceDateTime",
        "structure",
    ),
    (
        "ServiceRequest.occurrencePeriod.start",
        "today",
        "ServiceRequest.occurrencePeriod.start",
        "invalid",
    ),
    (
        "ServiceRequest.occurrencePeriod.end",
        "2026-11-23T15:05:08+01:00",
        "ServiceRequest.occurrencePeriod",
        "invariant",
    ),
    ("Encounter.status", "planned", "Encounter.status", "value"),
    ("Encounter.class.code", "AMB", "Encounter.class.code", "value"),
    (
        "Encounter.episodeOfCare.0.reference",
        "EpisodeOfCare/1",
        "Encounter.episodeOfCare[0].reference",
        "invalid",
    ),
    ("CarePlan.status", "active", "CarePlan.status", "value"),
    ("CarePlan.intent", "order", "CarePlan.intent", "value"),
    ("CarePlan.addresses.0", to(ENCOUNTER), "CarePlan.addresses[0].reference", "value"),
    (
        "Condition.clinicalStatus.coding.0.code",
        "resolved",
        "Condition.clinicalStatus.coding",
        "value",
    ),
    (
        "Condition.verificationStatus.coding.0.code",
        "refuted",
        "Condition.verificationStatus.coding",
        "value",
    ),
    ("Condition.category.0.coding.0.code", "1", "Condition.category.coding", "value"),
    ("Condition.code.text", " ", "Condition.code.text", "invalid"),
    ("Task.status", "completed", "Task.status", "value"),
    ("Task.intent", "plan", "Task.intent", "value"),
    ("Task.code.coding.0.code", "1577041000000109", "Task.code.coding", "value"),
    ("Task.encounter", to(PLAN), "Task.encounter.reference", "value"),
    ("Patient.gender", "F", "Patient.gender", "value"),
    ("Patient.birthDate", "30/04/1987", "Patient.birthDate", "invalid"),
    ("Patient.birthDate", "1987-02-30", "Patient.birthDate", "invalid"),
    ("Patient.telecom", [{"system": "phone", "value": "1"}], "Patient.telecom", "structure"),
    (
        "Patient.extension",
        [{"url": f"{UK}/StructureDefinition/Extension-UKCore-BirthSex", "valueCode": "x"}],
        "Patient.extension[0]",
        "structure",
    ),
    ("Patient.identifier.0.value", "9990004715", "Patient.identifier[0].value", "value"),
    ("Patient.identifier.0.value", "999 000 4714", "Patient.identifier[0].value", "value"),
    (
        "Patient.identifier.0.system",
        f"{NHS}/id/nhs-number",
        "Patient.identifier[0].system",
        "value",
    ),
    (
        "Patient.identifier.0.extension.0.valueCodeableConcept.coding.0.code",
        "number-not-present-trace-required",
        "Patient.identifier[0].extension",
        "value",
    ),
    ("Patient.name.0.use", "usual", "Patient.name", "required"),
    (
        "Patient.generalPractitioner.0",
        to(PLAN),
        "Patient.generalPractitioner[0].reference",
        "value",
    ),
    ("Patient.contact.0.extension.0.valuePositiveInt", 2, "Patient.contact", "invariant"),
    ("Patient.contact", [contact(1), contact(1)], "Patient.contact", "invariant"),
    (
        "Patient.contact.0.telecom.1.system",
        "sms",
        "Patient.contact[0].telecom",
        "invariant",
    ),
    ("Patient.contact.0.telecom.0.rank", 1, "Patient.contact[0].telecom", "invariant"),
    ("Organization.type.0.coding.0.system", "x", "Organization.type.coding", "value"),
    ("HealthcareService.active", False, "HealthcareService.active", "value"),
    ("HealthcareService.active", 1, "HealthcareService.active", "value"),
    (
        "HealthcareService.identifier.0.value",
        "1",
        "HealthcareService.identifier.value",
        "invariant",
    ),
    (
        "HealthcareService.providedBy",
        to(PRACTICE),
        "HealthcareService.providedBy.reference",
        "invariant",
    ),
    ("Consent.status", "draft", "Consent.status", "value"),
    ("Consent.scope.coding.0.code", "research", "Consent.scope.coding", "value"),
    ("Consent.category.0.coding.0.code", "x", "Consent.category.coding", "value"),
    ("Consent.policyRule.coding.0.code", "OPTIN", "Consent.policyRule.coding", "value"),
    ("Consent.dateTime", "2026-11", "Consent.dateTime", "invalid"),
    (
        "Consent.patient.reference",
        "urn:uuid:00000000-0000-4000-8000-000000000000",
        "Consent.patient.reference",
        "invariant",
    ),
    ("Consent.patient.reference", "Patient/1", "Consent.patient.reference", "invariant"),
    ("Task.description", "", "Task.description", "structure"),
    ("Task.note", [], "Task.note", "structure"),
    ("Task.focus", None, "Task.focus", "structure"),
]


@pytest.mark.parametrize(
    ("location", "value", "path", "code"),
    WRONG,
    ids=[f"{line[0]}={line[1]}"[:60] for line in WRONG],
)
def test_what_is_wrong_is_found(location: str, value: Any, path: str, code: str) -> None:
    message = good_message()
    put(message, location, value)
    assert faults(message) == {(path, code)}


@pytest.mark.parametrize(
    ("location", "value", "path", "code"),
    [
        ("Bundle.entry.3.fullUrl", REMOVED, "Bundle.entry[3].fullUrl", "required"),
        ("Bundle.entry.4.fullUrl", "urn:uuid:1", "Bundle.entry[4].fullUrl", "invalid"),
        ("MessageHeader.sender", to(PHARMACY), "MessageHeader.sender.reference", "invariant"),
        ("MessageHeader.sender", to(PATIENT), "MessageHeader.sender.reference", "value"),
        ("MessageHeader.eventCoding", REMOVED, "MessageHeader.eventCoding.code", "required"),
        ("MessageHeader.destination", REMOVED, "MessageHeader.destination.endpoint", "required"),
        ("ServiceRequest.category", REMOVED, "ServiceRequest.category.coding", "required"),
        ("Encounter.class", REMOVED, "Encounter.class.code", "required"),
        ("Patient.contact.0.extension", REMOVED, "Patient.contact[0].extension", "required"),
        ("Patient.contact.0.telecom", REMOVED, "Patient.contact[0].telecom", "required"),
        ("ServiceRequest.occurrencePeriod", 1, "ServiceRequest.occurrencePeriod.start", "required"),
    ],
)
def test_a_fault_that_brings_others_is_found(
    location: str, value: Any, path: str, code: str
) -> None:
    message = good_message()
    put(message, location, value)
    assert (path, code) in faults(message)


def test_times_of_six_digits_or_of_another_zone_are_found() -> None:
    for instant in (INSTANT.replace("4567", "456"), INSTANT.replace("+00:00", "+01:00")):
        message = json.loads(json.dumps(good_message()).replace(INSTANT, instant))
        assert faults(message) == {("Bundle.meta.lastUpdated", "invalid")}


def _no_receiver_twice(message: dict[str, Any]) -> None:
    destinations = resource(message, "MessageHeader")["destination"]
    destinations.append(destinations[0])


def _second_patient(message: dict[str, Any]) -> None:
    address = "urn:uuid:a0000000-0000-4000-8000-000000000000"
    patient = resource(message, "Patient")
    message["entry"].append({"fullUrl": address, "resource": patient})


def _same_address(message: dict[str, Any]) -> None:
    message["entry"].append(message["entry"][-1])


def _header_later(message: dict[str, Any]) -> None:
    message["entry"].append(message["entry"].pop(0))


def _questionnaire(message: dict[str, Any]) -> None:
    address = "urn:uuid:a0000000-0000-4000-8000-000000000000"
    message["entry"].append(entry(address, "QuestionnaireResponse", "", status="completed"))


def _entry_without_resource(message: dict[str, Any]) -> None:
    message["entry"].append({"fullUrl": "urn:uuid:a0000000-0000-4000-8000-000000000000"})


def _two_categories(message: dict[str, Any]) -> None:
    category = resource(message, "ServiceRequest")["category"]
    category[0]["coding"], second = category[0]["coding"][:1], category[0]["coding"][1:]
    category.append({"coding": second})


def _one_category(message: dict[str, Any]) -> None:
    del resource(message, "ServiceRequest")["category"][0]["coding"][1]


def _two_numbers(message: dict[str, Any]) -> None:
    resource(message, "Patient")["identifier"] *= 2


def _two_official_names(message: dict[str, Any]) -> None:
    resource(message, "Patient")["name"] *= 2


def _no_rank(message: dict[str, Any]) -> None:
    second = contact(2)
    del second["extension"]
    resource(message, "Patient")["contact"].append(second)


def _no_telecom(message: dict[str, Any]) -> None:
    second = contact(2)
    del second["telecom"]
    resource(message, "Patient")["contact"].append(second)


def _safeguarding_flag(message: dict[str, Any]) -> None:
    address = "urn:uuid:a0000000-0000-4000-8000-000000000000"
    category = coded(f"{NHS}/CodeSystem/flag-categories-bars", "SG", "Safeguarding Concern")
    flag = entry(address, "Flag", "", status="active", category=[category], subject=to(PATIENT))
    flag["resource"]["code"] = coded(SNOMED, "1", "Of a child")
    message["entry"].append(flag)


def _further(message: dict[str, Any], kind: str, path: str, value: Any) -> None:
    """Add what is newly told, one of it spoilt."""
    _further_resources(message)
    put(message, f"{kind}.{path}", value)


def _adjustment_of_another_system(message: dict[str, Any]) -> None:
    _further(message, "Flag", "code", coded(SNOMED, "103313004", "Patient given information"))


def _flag_without_code(message: dict[str, Any]) -> None:
    _further(message, "Flag", "code", {"text": "Hard of hearing"})


def _allergy_to_nothing(message: dict[str, Any]) -> None:
    _further(message, "AllergyIntolerance", "code", {"text": " "})


def _medicine_without_status(message: dict[str, Any]) -> None:
    _further(message, "MedicationStatement", "status", REMOVED)


def _deep(message: dict[str, Any]) -> None:
    node = resource(message, "Task")
    for _ in range(100):
        node["note"] = {}
        node = node["note"]
    node["text"] = "x"


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (_no_receiver_twice, ("MessageHeader.destination", "structure")),
        (_second_patient, ("Patient", "structure")),
        (_same_address, ("Bundle.entry[13].fullUrl", "invariant")),
        (_header_later, ("Bundle.entry[0]", "structure")),
        (_questionnaire, ("Bundle.entry[13].resource", "structure")),
        (_entry_without_resource, ("Bundle.entry", "structure")),
        (_two_categories, ("ServiceRequest.category", "structure")),
        (_one_category, ("ServiceRequest.category.coding", "structure")),
        (_two_numbers, ("Patient.identifier", "structure")),
        (_two_official_names, ("Patient.name", "structure")),
        (_no_rank, ("Patient.contact[1].extension", "required")),
        (_no_telecom, ("Patient.contact[1].telecom", "required")),
        (_safeguarding_flag, ("Flag.category.coding", "value")),
        (_adjustment_of_another_system, ("Flag.code.coding", "value")),
        (_allergy_to_nothing, ("AllergyIntolerance.code", "invalid")),
        (_medicine_without_status, ("MedicationStatement.status", "required")),
        (_deep, ("Bundle", "structure")),
    ],
)
def test_a_wrong_shape_is_found(
    spoil: Callable[[dict[str, Any]], None], fault: tuple[str, str]
) -> None:
    message = good_message()
    spoil(message)
    assert faults(message) == {fault}


def test_a_flag_in_words_alone_has_no_code() -> None:
    message = good_message()
    _flag_without_code(message)
    assert faults(message) == {("Flag.code.coding", "value"), ("Flag.code.coding.code", "required")}


@pytest.mark.parametrize(
    "system",
    [f"{NHS}/id/ods-organization-code", "http://fhir.nhs.uk/Id/ods-organization-code"],
)
def test_another_spelling_of_a_system_is_found_and_does_not_count(system: str) -> None:
    message = good_message()
    put(message, "Organization.identifier.0.system", system)
    assert faults(message) == {
        ("Organization.identifier", "required"),
        ("Organization.identifier[0].system", "value"),
    }


def _without_number(message: dict[str, Any]) -> None:
    del resource(message, "Patient")["identifier"]


def _untraced_number(message: dict[str, Any]) -> None:
    status = resource(message, "Patient")["identifier"][0]["extension"][0]
    status["valueCodeableConcept"]["coding"][0]["code"] = "number-present-but-not-traced"


def _older_display(message: dict[str, Any]) -> None:
    coding = resource(message, "ServiceRequest")["category"][0]["coding"][1]
    coding["display"] = "Primary Care to Pharmacy CPCS Minor Illness"


def _second_contact(message: dict[str, Any]) -> None:
    resource(message, "Patient")["contact"].append(contact(2))


def _further_resources(message: dict[str, Any]) -> None:
    addresses = [f"urn:uuid:{number}0000000-0000-4000-a000-000000000000" for number in range(1, 6)]
    category = coded(f"{NHS}/CodeSystem/flag-categories-bars", "RA", "Reasonable Adjustment")
    adjustment = coded(
        f"{NHS}/CodeSystem/reasonable-adjustment-codes-bars",
        "wheelchairaccess",
        "Wheelchair access",
    )
    flag = {"status": "active", "category": [category], "code": adjustment}
    active = coded(f"{HL7}/allergyintolerance-clinical", "active", "Active")
    named = {"clinicalStatus": active, "code": {"text": "Penicillin"}}
    drug = {"status": "active", "medicationCodeableConcept": {"text": "Ibuprofen"}}
    bmi = {"code": coded(SNOMED, "60621009", "Body mass index")}
    profile = f"{UK}/StructureDefinition/UKCore-Observation-Lab"
    message["entry"] += [
        entry(addresses[0], "Flag", "", subject=to(PATIENT), **flag),
        entry(addresses[1], "AllergyIntolerance", "", patient=to(PATIENT), **named),
        entry(addresses[2], "MedicationStatement", "", subject=to(PATIENT), **drug),
        entry(addresses[3], "Observation", profile, subject=to(PATIENT), **bmi),
        entry(addresses[4], "Organization", "", name="Registered Surgery"),
    ]


def _without_what_may_be_missing(message: dict[str, Any]) -> None:
    for path in (
        *("Encounter.period", "Task.encounter", "ServiceRequest.occurrencePeriod"),
        *("Patient.gender", "Patient.birthDate", "Patient.generalPractitioner"),
    ):
        put(message, path, REMOVED)


@pytest.mark.parametrize(
    "change",
    [
        *(_without_number, _untraced_number, _older_display, _second_contact),
        *(_further_resources, _without_what_may_be_missing),
    ],
)
def test_what_the_guide_leaves_open_is_accepted(
    change: Callable[[dict[str, Any]], None],
) -> None:
    message = good_message()
    change(message)
    assert faults(message) == set()


POOR: tuple[Any, ...] = (
    None,
    0,
    True,
    "",
    "x",
    [],
    {},
    [[]],
    [None],
    {"coding": "x"},
    [{"coding": [1]}],
)


def test_no_value_of_any_kind_breaks_the_rules() -> None:
    """Each element of the message is replaced by each poor value: no rule stumbles over it."""
    whole = good_message()
    for one in whole["entry"]:
        for name, right in one["resource"].items():
            for poor in POOR:
                one["resource"][name] = poor
                rules.unsupported_in(whole)
                rules.faults_in(whole, TARGET)
            one["resource"][name] = right
    assert faults(whole) == set()
    for poor in POOR:
        assert rules.faults_in(whole | {"entry": poor}, TARGET)


def test_a_fault_never_repeats_what_the_message_says() -> None:
    message = good_message()
    secret = "Inventa 9990004714"
    put(message, "Patient.gender", secret)
    put(message, f"Patient.{secret}", [])
    put(message, "Patient.identifier.0.value", secret)
    put(message, "Patient.birthDate", secret)
    told = rules.faults_in(message, TARGET)
    assert {fault.path for fault in told} >= {"Patient.gender", "Patient.?"}
    assert "Inventa" not in repr(told)


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        *(("9990004714", True), ("9987001122", True), ("9990004713", False), ("", False)),
        *(("999000471", False), ("99900047140", False), ("٩٩٩٠٠٠٤٧١٤", False)),
    ],
)
def test_the_check_digit_of_an_nhs_number(value: str, is_right: bool) -> None:
    assert is_nhs_number(value) is is_right


def test_no_number_with_a_remainder_of_ten_is_right() -> None:
    """999000480 has no check digit at all: no tenth digit makes it right."""
    without = [
        number
        for number in range(999000400, 999000500)
        if not any(is_nhs_number(f"{number}{digit}") for digit in range(10))
    ]
    assert len(without) in {9, 10}
