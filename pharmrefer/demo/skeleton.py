"""A new Pharmacy First referral as tables: what the guide of BaRS Application 5 (1.2.0) demands.

Written from the guide alone and shared with no sender, so that it can find a sender's mistakes.
Paths begin with the resource's type. Every value listed here must be there, in every resource of
the type and in every item of a list on the way; paths in OPTIONAL may be missing.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

VERSIONS = {"1.2.0"}  # of the Application, in Bundle.meta.versionId
USE_CONTEXT = "a5t1|referral|servicerequest-request|new"
USE_CASES = "https://fhir.nhs.uk/CodeSystem/usecases-categories-bars"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
DOS = "https://fhir.nhs.uk/Id/dos-service-id"
SDS_ROLE = "https://fhir.nhs.uk/Id/sds-role-profile-id"
SNOMED = "http://snomed.info/sct"
SYSTEMS = (NHS_NUMBER, ODS, DOS, SDS_ROLE, SNOMED)  # to be spelled exactly so
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
V3_ACT_CODE = f"{TERMINOLOGY}/v3-ActCode"
HL7_UK = "https://fhir.hl7.org.uk"
CONTACT_RANK = f"{HL7_UK}/StructureDefinition/Extension-UKCore-ContactRank"
VERIFICATION = f"{HL7_UK}/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
VERIFICATION_CODES = f"{HL7_UK}/CodeSystem/UKCore-NHSNumberVerificationStatus"
INTERPRETER = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
FLAGS = "https://fhir.nhs.uk/CodeSystem/flag-categories-bars"
ADJUSTMENTS = "https://fhir.nhs.uk/CodeSystem/reasonable-adjustment-codes-bars"
VERIFIED = {"number-present-and-verified", "number-present-but-not-traced"}

# Of each type at least and at most so many. Types not listed are not part of this message:
# the guide takes QuestionnaireResponse and Location out of it.
_ONE, _SOME, _ANY = (1, 1), (1, None), (0, None)
COUNTS: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(("MessageHeader", "ServiceRequest", "Patient", "Encounter", "CarePlan"), _ONE),
    "Organization": (2, None),
    **dict.fromkeys(("Practitioner", "PractitionerRole", "HealthcareService", "Consent"), _SOME),
    **dict.fromkeys(("Condition", "Task"), _SOME),
    **dict.fromkeys(("Flag", "MedicationStatement", "AllergyIntolerance", "Observation"), _ANY),
}
PROFILES = {  # of all other types: UK Core's own
    "Bundle": "https://fhir.nhs.uk/StructureDefinition/BARSBundleMessage",
    "MessageHeader": (
        "https://fhir.nhs.uk/StructureDefinition/BARSMessageHeader-servicerequest-request"
    ),
    "ServiceRequest": (
        "https://fhir.nhs.uk/StructureDefinition/BARSServiceRequest-request-referral"
    ),
}


class Check(NamedTuple):
    holds: Callable[[object], bool]
    code: str
    words: str


def fixed(*allowed: object) -> Check:
    # Of the same kind too: true is not 1.
    def holds(value: object) -> bool:
        return any(type(value) is type(one) and value == one for one in allowed)

    return Check(holds, "value", "must be " + " or ".join(str(one) for one in allowed))


def like(pattern: str, words: str) -> Check:
    compiled = re.compile(pattern, re.ASCII)
    return Check(
        lambda value: isinstance(value, str) and bool(compiled.fullmatch(value)), "invalid", words
    )


def moment(pattern: str, words: str) -> Check:
    # Beyond having the form, the day and the time must exist.
    form = like(pattern, words)

    def holds(value: object) -> bool:
        if not (isinstance(value, str) and form.holds(value)):
            return False
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
        return True

    return Check(holds, "invalid", words)


_DAY = r"\d{4}-\d{2}-\d{2}"
_TIME = r"T\d{2}:\d{2}:\d{2}"
_ZONE = r"(Z|[+-]\d{2}:\d{2})"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TEXT = Check(
    lambda value: isinstance(value, str) and bool(value.strip()), "invalid", "must be a text"
)
CONCEPT = Check(
    lambda value: isinstance(value, dict) and (TEXT.holds(value.get("text")) or "coding" in value),
    "invalid",
    "must hold a code or a text",
)
DATE = moment(_DAY, "must be a date")
INSTANT = moment(rf"{_DAY}{_TIME}(\.\d+)?{_ZONE}", "must be a time to the second with its zone")
DATE_OR_INSTANT = moment(
    rf"{_DAY}({_TIME}(\.\d+)?{_ZONE})?", "must be a date, or a time with its zone"
)
LAST_UPDATED = moment(
    rf"{_DAY}{_TIME}\.\d{{7}}(Z|\+00:00)", "must be a time in UTC with 7 fractional digits"
)
FULL_URL = like(f"urn:uuid:{UUID}", "must be urn:uuid: and a UUID")
ENDPOINT = like(re.escape(DOS) + r"\|[^\s|]+", "must be the DoS system, a bar and an id")

VALUES: dict[str, Check] = {
    "Bundle.type": fixed("message"),
    "Bundle.id": like(f"(?i:{UUID})", "must be a UUID"),
    "Bundle.timestamp": INSTANT,
    "Bundle.meta.lastUpdated": LAST_UPDATED,
    "MessageHeader.eventCoding.system": fixed("https://fhir.nhs.uk/CodeSystem/message-events-bars"),
    "MessageHeader.eventCoding.code": fixed("servicerequest-request"),
    "MessageHeader.destination.endpoint": ENDPOINT,
    "MessageHeader.source.endpoint": ENDPOINT,
    "MessageHeader.source.name": TEXT,
    "MessageHeader.definition": fixed(
        "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-request-referral"
    ),
    "ServiceRequest.status": fixed("active"),
    "ServiceRequest.intent": fixed("plan"),
    "ServiceRequest.authoredOn": INSTANT,
    "ServiceRequest.occurrencePeriod.start": INSTANT,
    "ServiceRequest.occurrencePeriod.end": INSTANT,
    "Encounter.status": fixed("finished", "triaged"),
    "Encounter.class.system": fixed(V3_ACT_CODE),
    "Encounter.class.code": fixed("EMER"),
    "Encounter.episodeOfCare.reference": like(
        f"EpisodeOfCare/{UUID}", "must be EpisodeOfCare/ and a UUID"
    ),
    "Encounter.period.start": INSTANT,
    "CarePlan.status": fixed("completed"),
    "CarePlan.intent": fixed("plan"),
    "CarePlan.period.start": INSTANT,
    "Condition.code.text": TEXT,
    "Task.status": fixed("requested"),
    "Task.intent": fixed("order"),
    "Task.authoredOn": INSTANT,
    "Patient.gender": fixed("male", "female", "other", "unknown"),
    "Patient.birthDate": DATE,
    "Organization.name": TEXT,
    "HealthcareService.active": fixed(True),  # noqa: FBT003  FHIR's own value
    "HealthcareService.name": TEXT,
    "Consent.status": fixed("active"),
    "Consent.dateTime": DATE_OR_INSTANT,
    "Flag.status": fixed("active"),
    "Flag.code.coding.code": TEXT,
    "MedicationStatement.status": fixed(
        *("active", "completed", "intended", "stopped", "on-hold", "unknown", "not-taken")
    ),
    "MedicationStatement.medicationCodeableConcept": CONCEPT,
    "AllergyIntolerance.code": CONCEPT,
}
# Each must refer to a resource of this type in the message.
REFERENCES: dict[str, str] = {
    "MessageHeader.destination.receiver": "Organization",
    "MessageHeader.sender": "Organization",
    "MessageHeader.focus": "ServiceRequest",
    "ServiceRequest.basedOn": "CarePlan",
    "ServiceRequest.subject": "Patient",
    "ServiceRequest.encounter": "Encounter",
    "ServiceRequest.requester": "Practitioner",
    "ServiceRequest.performer": "HealthcareService",
    "Encounter.subject": "Patient",
    "CarePlan.subject": "Patient",
    "CarePlan.encounter": "Encounter",
    "CarePlan.addresses": "Condition",
    "CarePlan.activity.reference": "Task",
    "Condition.subject": "Patient",
    "Condition.encounter": "Encounter",
    "Task.encounter": "Encounter",
    "Patient.generalPractitioner": "Organization",
    "PractitionerRole.practitioner": "Practitioner",
    "PractitionerRole.organization": "Organization",
    "HealthcareService.providedBy": "Organization",
    "Consent.patient": "Patient",
    "Flag.subject": "Patient",
    "MedicationStatement.subject": "Patient",
    "AllergyIntolerance.patient": "Patient",
    "Observation.subject": "Patient",
}
OPTIONAL = {
    "ServiceRequest.occurrencePeriod.start",
    "ServiceRequest.occurrencePeriod.end",
    "Encounter.period.start",
    "Task.encounter",
    "Patient.gender",
    "Patient.birthDate",
    "Patient.generalPractitioner",
}
# Each must hold a coding of this system with one of these codes; of any code where none is listed.
CODED: dict[str, tuple[str, set[str]]] = {
    "MessageHeader.reason": ("https://fhir.nhs.uk/CodeSystem/message-reason-bars", {"new"}),
    "ServiceRequest.category": (
        "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest",
        {"referral"},
    ),
    "Condition.clinicalStatus": (f"{TERMINOLOGY}/condition-clinical", {"active"}),
    "Condition.verificationStatus": (
        f"{TERMINOLOGY}/condition-ver-status",
        {"unconfirmed", "provisional", "differential", "confirmed"},
    ),
    "Condition.category": (SNOMED, {"33962009"}),
    "Task.code": (SNOMED, {"2140231000000104"}),
    "Consent.scope": (f"{TERMINOLOGY}/consentscope", {"patient-privacy"}),
    "Consent.category": ("https://fhir.nhs.uk/CodeSystem/consent-categories-bars", {"DRC"}),
    "Consent.policyRule": (V3_ACT_CODE, {"IMPLIED"}),
    # Safeguarding must not be sent as a flag, and the others are for ambulances and calls.
    "Flag.category": (FLAGS, {"RA", "API"}),
}
# So many items exactly.
LENGTHS: dict[str, int] = {
    "MessageHeader.destination": 1,
    "MessageHeader.focus": 1,
    "MessageHeader.reason.coding": 1,
    "ServiceRequest.basedOn": 1,
    "ServiceRequest.category": 1,
    "ServiceRequest.performer": 1,
    "ServiceRequest.category.coding": 2,
}
# Must not be sent, and why.
FORBIDDEN: dict[str, str] = {
    "Patient.telecom": "belongs into Patient.contact",
    "ServiceRequest.occurrenceDateTime": "only a period is allowed",
    "ServiceRequest.occurrenceTiming": "only a period is allowed",
}
