"""Reads from a message what a pharmacist has to see; of what is not there nothing is made up."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pharmrefer.demo import skeleton
from pharmrefer.demo.fhir import ReceivedMessage, first_of, first_text, identifier, parts, texts

_LONDON = ZoneInfo("Europe/London")
_LAST = 1_000_000  # more than any rank


@dataclass(frozen=True)
class ReceivedReferral:
    pharmacy: str
    practice: str
    patient: str
    born_on: str
    sex: str
    nhs_number: str
    address: str
    registered_at: str
    complaint: str
    notes: str
    summary: str
    due_by: datetime | None
    contacts: tuple[str, ...]  # by rank
    call_back: str
    requirements: tuple[str, ...]
    interpreter: str
    allergies: tuple[str, ...]
    medicines: tuple[str, ...]
    decided_with: str


def read_referral(bundle: dict[str, object] | None) -> ReceivedReferral:
    message = ReceivedMessage(bundle or {}, "")
    header, patient, task, plan, condition, request = (
        first_of(message.resources, kind)
        for kind in (
            *("MessageHeader", "Patient", "Task", "CarePlan", "Condition", "ServiceRequest"),
        )
    )
    names = texts(patient, "x.name.given")[:1] + texts(patient, "x.name.family")[:1]
    home = [f"x.address.{part}" for part in ("line", "city", "postalCode")]
    return ReceivedReferral(
        pharmacy=first_text(message.referred(header, "x.destination.receiver"), "x.name"),
        practice=_organization(message.referred(header, "x.sender")),
        patient=" ".join(names),
        born_on=first_text(patient, "x.birthDate"),
        sex=first_text(patient, "x.gender"),
        nhs_number=identifier(patient, skeleton.NHS_NUMBER),
        address=", ".join(text for path in home for text in texts(patient, path)),
        registered_at=_organization(message.referred(patient, "x.generalPractitioner")),
        complaint=first_text(condition, "x.code.text"),
        notes="\n\n".join(texts(plan, "x.activity.outcomeCodeableConcept.text")),
        summary=first_text(task, "x.description"),
        due_by=_moment(first_text(request, "x.occurrencePeriod.end")),
        contacts=tuple(_contacts(patient)),
        call_back=first_text(header, "x.source.contact.value"),
        requirements=_words_of(message, "Flag", "x.code"),
        interpreter=_interpreter(patient),
        allergies=_words_of(message, "AllergyIntolerance", "x.code"),
        medicines=_words_of(message, "MedicationStatement", "x.medicationCodeableConcept"),
        decided_with=", ".join(texts(header, "x.extension.extension.valueString")),
    )


def _organization(content: dict[str, object]) -> str:
    known_as = (first_text(content, "x.name"), identifier(content, skeleton.ODS))
    return ", ".join(part for part in known_as if part)


def _moment(text: str) -> datetime | None:
    if skeleton.INSTANT.holds(text):
        with contextlib.suppress(OverflowError):  # the year 1 may be before any year in London
            return datetime.fromisoformat(text).astimezone(_LONDON)
    return None


def _words(concept: object) -> str:
    """Return a concept's text, or what its code is called."""
    return first_text(concept, "x.text") or ", ".join(texts(concept, "x.coding.display"))


def _words_of(message: ReceivedMessage, kind: str, path: str) -> tuple[str, ...]:
    found = [
        _words(concept)
        for resource in message.resources
        if resource.type == kind
        for _, concept in parts(resource.content, path)
    ]
    return tuple(filter(None, found))


def _contacts(patient: dict[str, object]) -> list[str]:
    """Return each contact's numbers, and whose they are, the one to be called first on top."""
    ranked = []
    for _, contact in parts(patient, "x.contact"):
        numbers = ", ".join(texts(contact, "x.telecom.value"))
        whose = [_words(each) for _, each in parts(contact, "x.relationship")]
        called = texts(contact, "x.name.text") or [
            " ".join(texts(contact, "x.name.given") + texts(contact, "x.name.family"))
        ]
        who = ", ".join(filter(None, whose + called))
        ranked.append((_rank(contact), f"{numbers} ({who})" if who else numbers))
    return [words for _, words in sorted(ranked)]


def _rank(contact: dict[str, object]) -> int:
    ranks = [
        rank
        for _, extension in parts(contact, "x.extension")
        if extension.get("url") == skeleton.CONTACT_RANK
        and isinstance(rank := extension.get("valuePositiveInt"), int)
    ]
    return min(ranks, default=_LAST)


def _interpreter(patient: dict[str, object]) -> str:
    is_needed = any(
        extension.get("url") == skeleton.INTERPRETER and extension.get("valueBoolean") is True
        for _, extension in parts(patient, "x.extension")
    )
    spoken = [_words(each) for _, each in parts(patient, "x.communication.language")]
    languages = ", ".join(filter(None, spoken))
    if is_needed:
        return f"Needed: {languages or 'language not stated'}"
    return f"Speaks {languages}" if languages else ""
