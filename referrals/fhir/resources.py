"""Each resource of a referral, a function each: what it says, but for the ``meta`` all have.

Values that were not given stay empty here; ``message`` leaves them out.
Source: BaRS implementation guide, Application 5, Referral Payload.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referrals.fhir import codes
from referrals.fhir.codes import Coding
from referrals.fhir.content import (
    DUE_WITHIN,
    Content,
    PhoneOwner,
    ReceivingPharmacy,
    Referrer,
    ReferringPractice,
    RegisteredPractice,
    Relationship,
    Software,
    ToldKind,
    Triage,
)
from referrals.fhir.languages import language
from referrals.fhir.narrative import narrative
from referrals.fhir.primitives import instant, line, paragraphs

Json = dict[str, Any]


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
    registered_practice: str = ""  # where we know its code, and it is another one


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
        "extension": _decision_support(content.triage, software),
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


def _decision_support(triage: Triage | None, software: Software) -> list[Json]:
    """Return which questions, of which version, led to the referral (CDSS)."""
    if triage is None:
        return []
    values = {
        codes.CDSS_SOFTWARE: f"{software.name} content pack",
        codes.CDSS_VERSION: line(triage.pack_version),
    }
    parts = [{"url": url, "valueString": value} for url, value in values.items()]
    return [{"url": codes.CDSS, "extension": parts}]


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


def patient(content: Content, urns: Urns) -> Json:
    # BaRS wants ways to reach the patient under ``contact``.
    person = content.patient
    status = {
        "url": codes.NHS_NUMBER_STATUS,
        "valueCodeableConcept": concept(codes.NOT_TRACED),
    }
    number = _identifier(codes.NHS_NUMBER, person.nhs_number)
    registered_at = urns.registered_practice if person.registered_at else urns.practice
    return {
        "resourceType": "Patient",
        "extension": _interpreter_required(person.interpreter),
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
        "communication": _communication(person.interpreter),
        "generalPractitioner": [_reference(registered_at)] if registered_at else [],
    }


def _interpreter_required(interpreter: str) -> list[Json]:
    if not line(interpreter):
        return []
    return [{"url": codes.INTERPRETER_REQUIRED, "valueBoolean": True}]


def _communication(interpreter: str) -> list[Json]:
    if not (name := line(interpreter)):
        return []
    code = language(name)
    return [{"language": concept(code, name) if code else {"text": name}, "preferred": True}]


def _home(content: Content) -> list[Json]:
    lines = [line(each) for each in content.patient.address_lines]
    town, postcode = line(content.patient.town), line(content.patient.postcode)
    if not any((*lines, town, postcode)):
        return []
    return [{"use": "home", "line": lines, "city": town, "postalCode": postcode}]


def _contact(content: Content) -> Json:
    """Return whose number it is: BaRS's first contact is the one to be called back."""
    relationship, name = _called(content)
    code = codes.RELATIONSHIPS[relationship]
    return {
        "extension": [{"url": codes.CONTACT_RANK, "valuePositiveInt": 1}],
        "relationship": [concept(code, codes.RELATIONSHIP_WORDS[relationship])],
        "name": {"text": line(name)},
        "telecom": [_phone(content.contact.phone, rank=1)],
    }


def _called(content: Content) -> tuple[Relationship, str]:
    contact = content.contact
    if contact.phone_owner is PhoneOwner.PATIENT:
        return Relationship.SELF, ""
    if contact.phone_owner is PhoneOwner.OTHER:
        return Relationship.OTHER, contact.phone_owner_name
    return contact.relationship, contact.name


def told(content: Content, urns: Urns, now: datetime) -> list[Json]:
    """Return what is newly told, and what the patient needs: each where there is something."""
    found = []
    if content.allergies.kind is ToldKind.TOLD:
        found.append(_allergy(content, urns, now))
    if content.medicines.kind is ToldKind.TOLD:
        found.append(_medicine(content, urns, now))
    if requirements := line(content.patient.requirements):
        adjustment = concept(codes.ANY_ADJUSTMENT, requirements)
        found.append(_flag(codes.REASONABLE_ADJUSTMENT, adjustment, urns, now))
    if interpreter := line(content.patient.interpreter):
        found.append(_interpreter_flag(interpreter, urns, now))
    return found


def _allergy(content: Content, urns: Urns, now: datetime) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": concept(codes.ALLERGY_ACTIVE),
        "verificationStatus": concept(codes.ALLERGY_UNCONFIRMED),
        "code": {"text": paragraphs(content.allergies.words)},
        "patient": _reference(urns.patient),
        "encounter": _reference(urns.encounter),
        "recordedDate": instant(now),
        "recorder": _reference(urns.practitioner),
    }


def _medicine(content: Content, urns: Urns, now: datetime) -> Json:
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": paragraphs(content.medicines.words)},
        "subject": _reference(urns.patient),
        "context": _reference(urns.encounter),
        "dateAsserted": instant(now),
    }


def _interpreter_flag(interpreter: str, urns: Urns, now: datetime) -> Json:
    words = f"Interpreter needed: {interpreter}"
    spoken = language(interpreter)
    if spoken and (sign := codes.SIGN_INTERPRETERS.get(spoken.code)):
        return _flag(codes.REASONABLE_ADJUSTMENT, concept(sign, words), urns, now)
    # No code of the adjustments is for other languages.
    given = concept(codes.PATIENT_GIVEN_INFORMATION, words)
    return _flag(codes.ADDITIONAL_INFORMATION, given, urns, now)


def _flag(category: Coding, code: Json, urns: Urns, now: datetime) -> Json:
    return {
        "resourceType": "Flag",
        "status": "active",
        "category": [concept(category)],
        "code": code,
        "subject": _reference(urns.patient),
        "period": {"start": instant(now)},
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


def registered_practice(of: RegisteredPractice) -> Json:
    return {
        "resourceType": "Organization",
        "identifier": _identifier(codes.ODS_CODE, of.ods_code),
        "type": [concept(codes.GENERAL_PRACTICE)],
        "name": line(of.name),
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
