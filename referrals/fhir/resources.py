"""Each resource of a referral, a function each: what it says, but for the ``meta`` all have.

Values that were not given stay empty here; ``message`` leaves them out.
Source: BaRS implementation guide, Application 5, Referral Payload.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from referrals.fhir import codes
from referrals.fhir.codes import Coding
from referrals.fhir.content import Content, ReceivingPharmacy, Referrer, ReferringPractice, Software
from referrals.fhir.primitives import instant, line, paragraphs

Json = dict[str, Any]

DUE_WITHIN = timedelta(hours=24)  # a guide for the pharmacy, not a directive


@dataclass(frozen=True, slots=True)
class Urns:
    """The name of each resource inside the message, by which the others refer to it."""

    message_header: str
    service_request: str
    encounter: str
    care_plan: str
    task: str
    condition: str
    patient: str
    practitioner_role: str
    practitioner: str
    practice: str
    pharmacy: str
    healthcare_service: str
    consent: str


def coding(value: Coding) -> Json:
    return value._asdict()


def concept(value: Coding, text: str = "") -> Json:
    return {"coding": [coding(value)], "text": text}


def _reference(urn: str) -> Json:
    return {"reference": urn}


def _identifier(system: str, value: str) -> list[Json]:
    value = line(value)
    return [{"system": system, "value": value}] if value else []


def _phone(number: str, **more: str | int) -> Json:
    number = line(number)
    return {"system": "phone", "value": number, **more} if number else {}


def _address(dos_service_id: str) -> str:
    return f"{codes.DOS_SERVICE_ID}|{dos_service_id}"


def _due(now: datetime) -> Json:
    return {"start": instant(now), "end": instant(now + DUE_WITHIN)}


def message_header(content: Content, software: Software, urns: Urns) -> Json:
    return {
        "resourceType": "MessageHeader",
        "eventCoding": coding(codes.EVENT),
        "destination": [
            {
                "endpoint": _address(content.pharmacy.dos_service_id),
                "receiver": _reference(urns.pharmacy),
            }
        ],
        "sender": _reference(urns.practice),
        "source": {
            "name": software.supplier,
            "software": software.name,
            "version": software.version,
            "contact": _phone(content.practice.phone),
            "endpoint": _address(software.source_dos_service_id),
        },
        "reason": concept(codes.REASON_NEW),
        "focus": [_reference(urns.service_request)],
        "definition": codes.MESSAGE_DEFINITION,
    }


def service_request(software: Software, urns: Urns, now: datetime) -> Json:
    use_case = Coding(codes.USE_CASES, codes.USE_CASE, software.use_case_display)
    return {
        "resourceType": "ServiceRequest",
        "basedOn": [_reference(urns.care_plan)],
        "status": "active",
        "intent": "plan",
        "category": [{"coding": [coding(codes.REFERRAL), coding(use_case)]}],
        "subject": _reference(urns.patient),
        "encounter": _reference(urns.encounter),
        "occurrencePeriod": _due(now),
        "authoredOn": instant(now),
        "requester": _reference(urns.practitioner),
        "performer": [_reference(urns.healthcare_service)],
    }


def encounter(content: Content, software: Software, urns: Urns) -> Json:
    return {
        "resourceType": "Encounter",
        "identifier": _identifier(f"{software.identifier_root}/Id/case-number", content.reference),
        "status": "finished",
        "class": coding(codes.ENCOUNTER_CLASS),
        "subject": _reference(urns.patient),
        # Not in the message: the journey is known by its number alone.
        "episodeOfCare": [_reference(f"EpisodeOfCare/{content.journey_id}")],
        "period": {"start": instant(content.started_at)},
    }


def care_plan(content: Content, urns: Urns, now: datetime) -> Json:
    """Return the decision to refer, with all that the pharmacist should read."""
    return {
        "resourceType": "CarePlan",
        "status": "completed",
        "intent": "plan",
        "subject": _reference(urns.patient),
        "encounter": _reference(urns.encounter),
        "period": {"start": instant(now)},
        "addresses": [_reference(urns.condition)],
        "activity": [
            {
                "outcomeCodeableConcept": [{"text": narrative(content)}],
                "reference": _reference(urns.task),
            }
        ],
    }


def narrative(content: Content) -> str:
    """Return what the pharmacist reads first; it says plainly what was not asked."""
    contact = content.contact
    spoken_to = codes.RELATIONSHIP_WORDS[contact.relationship]
    name = line(contact.name)
    return "\n".join(
        [
            f"Referred for: {line(content.reason)}",
            f"Complaint: {paragraphs(content.complaint)}",
            f"Spoken to: {spoken_to}{', ' if name else ''}{name}",
            "Consent to share this for direct care: given",
            f"NHS number: {'given, not traced' if content.patient.nhs_number else 'not given'}",
            "Triage questions: none recorded",
            "Allergies: not asked",
            "Medicines: not asked",
        ]
    )


def task(content: Content, urns: Urns, now: datetime) -> Json:
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": concept(codes.PHARMACY_FIRST),
        "description": line(content.reason),
        "encounter": _reference(urns.encounter),
        "authoredOn": instant(now),
        "restriction": {"period": _due(now)},
    }


def condition(content: Content, urns: Urns) -> Json:
    return {
        "resourceType": "Condition",
        "clinicalStatus": concept(codes.ACTIVE),
        "verificationStatus": concept(codes.UNCONFIRMED),
        "category": [concept(codes.PRESENTING_COMPLAINT)],
        "code": {"text": paragraphs(content.complaint)},
        "subject": _reference(urns.patient),
        "encounter": _reference(urns.encounter),
    }


def patient(content: Content) -> Json:
    # BaRS wants ways to reach the patient under ``contact``. There is no ``generalPractitioner``:
    # nobody has asked where the patient is registered.
    person = content.patient
    status = {
        "url": codes.NHS_NUMBER_STATUS,
        "valueCodeableConcept": concept(codes.NOT_TRACED),
    }
    number = _identifier(codes.NHS_NUMBER, person.nhs_number)
    return {
        "resourceType": "Patient",
        "identifier": [{"extension": [status], **each} for each in number],
        "name": [
            {
                "use": "official",
                "family": line(person.family_name),
                "given": [line(person.given_name)],
            }
        ],
        "gender": str(person.sex),
        "birthDate": person.birth_date.isoformat(),
        "address": _home(content),
        "contact": [_contact(content)],
    }


def _home(content: Content) -> list[Json]:
    lines = [line(each) for each in content.patient.address_lines]
    town, postcode = line(content.patient.town), line(content.patient.postcode)
    if not any((*lines, town, postcode)):
        return []
    return [{"use": "home", "line": lines, "city": town, "postalCode": postcode}]


def _contact(content: Content) -> Json:
    contact = content.contact
    code = codes.RELATIONSHIPS[contact.relationship]
    return {
        "extension": [{"url": codes.CONTACT_RANK, "valuePositiveInt": 1}],
        "relationship": [concept(code, codes.RELATIONSHIP_WORDS[contact.relationship])],
        "name": {"text": line(contact.name)},
        "telecom": [_phone(contact.phone, rank=1)],
    }


def practitioner_role(sender: Referrer, urns: Urns) -> Json:
    return {
        "resourceType": "PractitionerRole",
        "practitioner": _reference(urns.practitioner),
        "organization": _reference(urns.practice),
        "code": [concept(codes.ADMINISTRATIVE_STAFF, line(sender.job_role))],
    }


def practitioner(content: Content) -> Json:
    # Without an identifier: we know none of the NHS's for the sender.
    sender = content.sender
    name = {"family": line(sender.family_name), "given": [line(sender.given_name)]}
    return {
        "resourceType": "Practitioner",
        "name": [name],
        "telecom": [_phone(content.practice.phone, use="work")],
    }


def organization(of: ReferringPractice | ReceivingPharmacy, kind: Coding | None = None) -> Json:
    return {
        "resourceType": "Organization",
        "identifier": _identifier(codes.ODS_CODE, of.ods_code),
        "type": [concept(kind)] if kind else [],
        "name": line(of.name),
        "telecom": [_phone(of.phone)],
    }


def healthcare_service(pharmacy: ReceivingPharmacy, urns: Urns) -> Json:
    return {
        "resourceType": "HealthcareService",
        "identifier": _identifier(codes.DOS_SERVICE_ID, pharmacy.dos_service_id),
        "active": True,
        "providedBy": _reference(urns.pharmacy),
        "name": line(pharmacy.name),
        "telecom": [_phone(pharmacy.phone)],
    }


def consent(content: Content, urns: Urns) -> Json:
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": concept(codes.PRIVACY_CONSENT),
        "category": [concept(codes.DIRECT_CARE)],
        "patient": _reference(urns.patient),
        "dateTime": instant(content.consent_at),
        "policyRule": concept(codes.IMPLIED_CONSENT),
    }
