"""A referral without faults, and its headers, written from the guide; nobody in it exists."""

import base64
import json
import uuid
from typing import Any

PRACTICE, PHARMACY, ROLE, PERSON, SERVICE = (
    f"urn:uuid:{number}0000000-0000-4000-8000-000000000000" for number in range(1, 6)
)
HEADER, REQUEST, ENCOUNTER, PLAN, TASK, CONDITION, PATIENT, CONSENT = (
    f"urn:uuid:{number}0000000-0000-4000-9000-000000000000" for number in range(1, 9)
)
TARGET = "2000099999"
SNOMED = "http://snomed.info/sct"
HL7 = "http://terminology.hl7.org/CodeSystem"
NHS = "https://fhir.nhs.uk"
UK = "https://fhir.hl7.org.uk"
INSTANT = "2026-11-23T14:05:09.1234567+00:00"
SECOND = "2026-11-23T14:05:09+00:00"


def to(address: str) -> dict[str, str]:
    return {"reference": address}


def coded(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def entry(address: str, kind: str, profile: str, **elements: Any) -> dict[str, Any]:
    """Return one entry; a trailing underscore lets ``class_`` stand for ``class``."""
    content = {name.rstrip("_"): value for name, value in elements.items()}
    meta = {
        "lastUpdated": INSTANT,
        "profile": [profile or f"{UK}/StructureDefinition/UKCore-{kind}"],
    }
    return {"fullUrl": address, "resource": {"resourceType": kind, "meta": meta} | content}


def _header() -> dict[str, Any]:
    return entry(
        HEADER,
        "MessageHeader",
        f"{NHS}/StructureDefinition/BARSMessageHeader-servicerequest-request",
        eventCoding={
            "system": f"{NHS}/CodeSystem/message-events-bars",
            "code": "servicerequest-request",
        },
        destination=[{"endpoint": f"{NHS}/Id/dos-service-id|{TARGET}", "receiver": to(PHARMACY)}],
        sender=to(PRACTICE),
        source={"name": "Invented supplier", "endpoint": f"{NHS}/Id/dos-service-id|2000011111"},
        reason={"coding": [{"system": f"{NHS}/CodeSystem/message-reason-bars", "code": "new"}]},
        focus=[to(REQUEST)],
        definition=f"{NHS}/MessageDefinition/bars-message-servicerequest-request-referral",
    )


def _request() -> dict[str, Any]:
    category = coded(
        f"{NHS}/CodeSystem/message-category-servicerequest", "referral", "Transfer of Care"
    )
    use_case = coded(
        f"{NHS}/CodeSystem/usecases-categories-bars", "a5t1", "Primary Care to Community Pharmacy"
    )
    return entry(
        REQUEST,
        "ServiceRequest",
        f"{NHS}/StructureDefinition/BARSServiceRequest-request-referral",
        basedOn=[to(PLAN)],
        status="active",
        intent="plan",
        category=[{"coding": category["coding"] + use_case["coding"]}],
        subject=to(PATIENT),
        encounter=to(ENCOUNTER),
        occurrencePeriod={"start": SECOND, "end": "2026-11-24T14:05:09+00:00"},
        authoredOn=SECOND,
        requester=to(PERSON),
        performer=[to(SERVICE)],
    )


def _care() -> list[dict[str, Any]]:
    return [
        entry(
            ENCOUNTER,
            "Encounter",
            "",
            status="finished",
            class_=coded(f"{HL7}/v3-ActCode", "EMER", "emergency")["coding"][0],
            subject=to(PATIENT),
            episodeOfCare=[to("EpisodeOfCare/90000000-0000-4000-8000-000000000000")],
            period={"start": SECOND},
        ),
        entry(
            PLAN,
            "CarePlan",
            "",
            status="completed",
            intent="plan",
            subject=to(PATIENT),
            encounter=to(ENCOUNTER),
            period={"start": SECOND},
            addresses=[to(CONDITION)],
            activity=[
                {"outcomeCodeableConcept": [{"text": "Sore for 3 days"}], "reference": to(TASK)}
            ],
        ),
        entry(
            TASK,
            "Task",
            "",
            status="requested",
            intent="order",
            code=coded(SNOMED, "2140231000000104", "Referral to Pharmacy First (procedure)"),
            encounter=to(ENCOUNTER),
            authoredOn=SECOND,
        ),
        entry(
            CONDITION,
            "Condition",
            "",
            clinicalStatus=coded(f"{HL7}/condition-clinical", "active", "Active"),
            verificationStatus=coded(f"{HL7}/condition-ver-status", "unconfirmed", "Unconfirmed"),
            category=[coded(SNOMED, "33962009", "Presenting complaint")],
            code={"text": "Sore throat"},
            subject=to(PATIENT),
            encounter=to(ENCOUNTER),
        ),
    ]


def contact(rank: int, **more: Any) -> dict[str, Any]:
    url = f"{UK}/StructureDefinition/Extension-UKCore-ContactRank"
    return {
        "extension": [{"url": url, "valuePositiveInt": rank}],
        "relationship": [coded(f"{HL7}/v3-RoleCode", "ONESELF", "self")],
        "telecom": [
            {"system": "email", "value": "ada@example.org", "rank": 2},
            {"system": "phone", "value": "01632 960999", "rank": 1},
        ],
    } | more


def _patient() -> dict[str, Any]:
    url = f"{UK}/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
    system = f"{UK}/CodeSystem/UKCore-NHSNumberVerificationStatus"
    status = coded(system, "number-present-and-verified", "Number present and verified")
    return entry(
        PATIENT,
        "Patient",
        "",
        identifier=[
            {
                "extension": [{"url": url, "valueCodeableConcept": status}],
                "system": f"{NHS}/Id/nhs-number",
                "value": "9990004714",
            }
        ],
        name=[{"use": "official", "family": "Inventa", "given": ["Ada"]}],
        gender="female",
        birthDate="1987-04-30",
        contact=[contact(1)],
        generalPractitioner=[to(PRACTICE)],
    )


def _parties() -> list[dict[str, Any]]:
    ods = f"{NHS}/Id/ods-organization-code"
    return [
        entry(
            PRACTICE,
            "Organization",
            "",
            identifier=[{"system": ods, "value": "Z99998"}],
            type=[coded(SNOMED, "788007007", "General practice service")],
            name="Inkwell Surgery",
        ),
        entry(
            PHARMACY,
            "Organization",
            "",
            identifier=[{"system": ods, "value": "FZZ98"}],
            name="Mortar Pharmacy",
        ),
        entry(PERSON, "Practitioner", "", name=[{"family": "Inkwell", "given": ["Sam"]}]),
        entry(
            ROLE,
            "PractitionerRole",
            "",
            practitioner=to(PERSON),
            organization=to(PRACTICE),
            code=[coded(SNOMED, "224608005", "Administrative healthcare staff")],
        ),
        entry(
            SERVICE,
            "HealthcareService",
            "",
            identifier=[{"system": f"{NHS}/Id/dos-service-id", "value": TARGET}],
            active=True,
            providedBy=to(PHARMACY),
            name="Pharmacy First",
        ),
        entry(
            CONSENT,
            "Consent",
            "",
            status="active",
            scope=coded(f"{HL7}/consentscope", "patient-privacy", "Privacy Consent"),
            category=[coded(f"{NHS}/CodeSystem/consent-categories-bars", "DRC", "Direct Care")],
            patient=to(PATIENT),
            dateTime=SECOND,
            policyRule=coded(f"{HL7}/v3-ActCode", "IMPLIED", "implied consent"),
        ),
    ]


def good_message() -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid4()),
        "meta": {
            "versionId": "1.2.0",
            "lastUpdated": INSTANT,
            "profile": [f"{NHS}/StructureDefinition/BARSBundleMessage"],
        },
        "type": "message",
        "timestamp": SECOND,
        "entry": [_header(), _request(), *_care(), _patient(), *_parties()],
    }


def packed(content: Any) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


def good_headers() -> dict[str, str]:
    dos, ods = f"{NHS}/Id/dos-service-id", f"{NHS}/Id/ods-organization-code"
    organisation = {
        "resourceType": "Organization",
        "identifier": [{"system": ods, "value": "Z99998"}],
        "name": "Inkwell Surgery",
    }
    software = {
        "resourceType": "Device",
        "identifier": [{"system": "https://sender.example/Id/product", "value": "sender"}],
        "deviceName": {"name": "Sender", "type": "Invented supplier"},
        "version": {"value": "1.0"},
    }
    practitioner = {
        "resourceType": "PractitionerRole",
        "identifier": [{"system": f"{NHS}/Id/sds-role-profile-id", "value": "100000000001"}],
        "code": [coded(SNOMED, "224608005", "Administrative healthcare staff")],
    }
    return {
        "NHSD-Target-Identifier": packed({"value": TARGET, "system": dos}),
        "X-Request-Id": str(uuid.uuid4()),
        "X-Correlation-Id": str(uuid.uuid4()),
        "NHSD-End-User-Organisation": packed(organisation),
        "NHSD-Requesting-Software": packed(software),
        "NHSD-Requesting-Practitioner": packed(practitioner),
        "use-context": "a5t1|referral|servicerequest-request|new",
        "Accept": "application/fhir+json; version=1.1.0",
        "Content-Type": "application/fhir+json",
    }
