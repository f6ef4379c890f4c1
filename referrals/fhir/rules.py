"""What a Pharmacy First referral's message must hold, as tables that ``check`` reads.

Sources: MessageDefinition bars-message-servicerequest-request-referral; BaRS implementation
guide, Application 5, Referral Payload; the profiles' fixed values.
"""

from typing import NamedTuple

from referrals.fhir import codes
from referrals.fhir.codes import Coding

MANY = 1000  # more than any message holds

# How many of each resource; none of any other.
COUNTS = {
    "MessageHeader": (1, 1),
    "ServiceRequest": (1, 1),
    "Encounter": (1, 1),
    "CarePlan": (1, 1),
    "Task": (1, MANY),
    "Condition": (1, MANY),
    "Patient": (1, 1),
    "Practitioner": (1, MANY),
    "PractitionerRole": (1, MANY),
    "Organization": (2, MANY),
    "HealthcareService": (1, MANY),
    "Consent": (1, MANY),
    "Flag": (0, MANY),
    "Observation": (0, MANY),
    "MedicationStatement": (0, MANY),
    "AllergyIntolerance": (0, MANY),
}


def _split(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


class Value(NamedTuple):
    """At ``path`` stands exactly one value, of ``allowed``."""

    resource: str
    path: tuple[str, ...]
    allowed: tuple[str | bool, ...]


VALUES = [
    Value(resource, _split(path), allowed)
    for resource, path, allowed in [
        ("MessageHeader", "definition", (codes.MESSAGE_DEFINITION,)),
        ("ServiceRequest", "status", ("active",)),
        ("ServiceRequest", "intent", ("plan",)),
        ("Encounter", "status", ("finished", "triaged")),
        ("CarePlan", "status", ("completed",)),
        ("CarePlan", "intent", ("plan",)),
        ("Task", "status", ("requested",)),
        ("Task", "intent", ("order",)),
        ("Patient", "gender", ("female", "male", "other", "unknown")),
        ("HealthcareService", "active", (True,)),
        ("Consent", "status", ("active",)),
        ("Flag", "status", ("active",)),
        ("MedicationStatement", "status", ("active",)),
    ]
]


class Coded(NamedTuple):
    """The codings at ``path`` (system and code) are those of one of the ``options``."""

    resource: str
    path: tuple[str, ...]
    options: tuple[frozenset[tuple[str, str]], ...]


def _set(*codings: Coding) -> frozenset[tuple[str, str]]:
    return frozenset((coding.system, coding.code) for coding in codings)


_USE_CASE = Coding(codes.USE_CASES, codes.USE_CASE, display="")
_HOW_SURE = [
    codes.UNCONFIRMED._replace(code=code)
    for code in ("unconfirmed", "provisional", "differential", "confirmed")
]
CODED = [
    Coded(resource, _split(path), options)
    for resource, path, options in [
        ("MessageHeader", "eventCoding", (_set(codes.EVENT),)),
        ("MessageHeader", "reason.coding", (_set(codes.REASON_NEW),)),
        ("ServiceRequest", "category.coding", (_set(codes.REFERRAL, _USE_CASE),)),
        ("Encounter", "class", (_set(codes.ENCOUNTER_CLASS),)),
        ("Task", "code.coding", (_set(codes.PHARMACY_FIRST),)),
        ("Condition", "category.coding", (_set(codes.PRESENTING_COMPLAINT),)),
        ("Condition", "clinicalStatus.coding", (_set(codes.ACTIVE),)),
        ("Condition", "verificationStatus.coding", tuple(map(_set, _HOW_SURE))),
        ("Consent", "scope.coding", (_set(codes.PRIVACY_CONSENT),)),
        ("Consent", "category.coding", (_set(codes.DIRECT_CARE),)),
        ("Consent", "policyRule.coding", (_set(codes.IMPLIED_CONSENT),)),
        # Safeguarding concerns must not be sent as a flag.
        (
            "Flag",
            "category.coding",
            (_set(codes.REASONABLE_ADJUSTMENT), _set(codes.ADDITIONAL_INFORMATION)),
        ),
        ("AllergyIntolerance", "clinicalStatus.coding", (_set(codes.ALLERGY_ACTIVE),)),
        ("AllergyIntolerance", "verificationStatus.coding", (_set(codes.ALLERGY_UNCONFIRMED),)),
    ]
]


class Reference(NamedTuple):
    """At ``path`` stands exactly one reference, to a resource of type ``to`` in the message."""

    resource: str
    path: tuple[str, ...]
    to: str


REFERENCES = [
    Reference(resource, _split(f"{path}.reference"), to)
    for resource, path, to in [
        ("MessageHeader", "destination.receiver", "Organization"),
        ("MessageHeader", "sender", "Organization"),
        ("MessageHeader", "focus", "ServiceRequest"),
        ("ServiceRequest", "basedOn", "CarePlan"),
        ("ServiceRequest", "subject", "Patient"),
        ("ServiceRequest", "encounter", "Encounter"),
        ("ServiceRequest", "requester", "Practitioner"),
        ("ServiceRequest", "performer", "HealthcareService"),
        ("Encounter", "subject", "Patient"),
        ("CarePlan", "subject", "Patient"),
        ("CarePlan", "encounter", "Encounter"),
        ("CarePlan", "addresses", "Condition"),
        ("CarePlan", "activity.reference", "Task"),
        ("Condition", "subject", "Patient"),
        ("Condition", "encounter", "Encounter"),
        ("PractitionerRole", "practitioner", "Practitioner"),
        ("PractitionerRole", "organization", "Organization"),
        ("HealthcareService", "providedBy", "Organization"),
        ("Consent", "patient", "Patient"),
        ("Flag", "subject", "Patient"),
        ("AllergyIntolerance", "patient", "Patient"),
        ("AllergyIntolerance", "encounter", "Encounter"),
        ("MedicationStatement", "subject", "Patient"),
    ]
]

# Text that the pharmacist, or the pharmacy's system, cannot do without.
PRESENT = [
    (resource, _split(path))
    for resource, path in [
        ("MessageHeader", "source.name"),
        ("Encounter", "identifier.value"),
        ("CarePlan", "activity.outcomeCodeableConcept.text"),
        ("Condition", "code.text"),
        ("Practitioner", "name.family"),
        ("Organization", "name"),
        ("HealthcareService", "name"),
        ("Flag", "code.coding"),
        ("Flag", "code.text"),
        ("AllergyIntolerance", "code.text"),
        ("MedicationStatement", "medicationCodeableConcept.text"),
    ]
]

DATES = [
    (resource, _split(path))
    for resource, path in [
        ("ServiceRequest", "authoredOn"),
        ("ServiceRequest", "occurrencePeriod.start"),
        ("ServiceRequest", "occurrencePeriod.end"),
        ("Encounter", "period.start"),
        ("CarePlan", "period.start"),
        ("Task", "authoredOn"),
        ("Consent", "dateTime"),
        ("Flag", "period.start"),
        ("AllergyIntolerance", "recordedDate"),
        ("MedicationStatement", "dateAsserted"),
    ]
]

FORBIDDEN = {
    "Patient": ("telecom",),  # a way to reach the patient goes under contact
    "ServiceRequest": ("occurrenceDateTime", "occurrenceTiming"),
}
