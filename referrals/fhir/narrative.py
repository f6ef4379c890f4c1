"""What the pharmacist reads first: all of a referral in words, most important on top.

What was not asked, or not given, is said as plainly as what was. Source: BaRS implementation guide,
Principles for rendering BaRS Payload; Application 5, CarePlan ("the Q&A output").
"""

from collections.abc import Iterator

from referrals import nhs_numbers
from referrals.fhir import codes
from referrals.fhir.content import (
    Content,
    PhoneOwner,
    Told,
    ToldKind,
    Triage,
    TriageReply,
)
from referrals.fhir.primitives import line, paragraphs

_REPLIES = {
    TriageReply.YES: "yes",
    TriageReply.NO: "no",
    TriageReply.UNSURE: "not sure",
    TriageReply.NOT_ASKED: "not asked",
}


def narrative(content: Content) -> str:
    return "\n".join([*_complaint(content), *_needs(content), *_people(content), *_triage(content)])


def _complaint(content: Content) -> Iterator[str]:
    yield f"Referred for: {line(content.reason)}"
    if content.triage:
        yield from (f"Why so: {line(sentence)}" for sentence in content.triage.sent_as)
    yield f"Complaint: {paragraphs(content.complaint)}"
    yield f"How long: {line(content.duration) or 'not given'}"
    yield f"Tried so far: {line(content.tried) or 'not given'}"
    yield _told("Allergies", "allergies", content.allergies)
    yield _told("Medicines", "medicines", content.medicines)


def _told(heading: str, things: str, told: Told) -> str:
    if told.kind is ToldKind.TOLD:
        return f"{heading} newly told: {paragraphs(told.words)}"
    return f"{heading}: {f'no new {things} told' if told.kind is ToldKind.NONE else 'not asked'}"


def _needs(content: Content) -> Iterator[str]:
    interpreter = line(content.patient.interpreter)
    yield f"Individual requirements: {line(content.patient.requirements) or 'none recorded'}"
    yield f"Interpreter: {f'needed, {interpreter}' if interpreter else 'none recorded'}"


def _people(content: Content) -> Iterator[str]:
    contact, patient = content.contact, content.patient
    spoken_to = (codes.RELATIONSHIP_WORDS[contact.relationship], line(contact.name))
    yield f"Spoken to: {', '.join(part for part in spoken_to if part)}"
    yield f"Phone: {line(contact.phone)} ({_whose(content)})"
    yield f"Best time to call: {line(contact.best_time) or 'not given'}"
    if registered_at := patient.registered_at:
        where = (line(registered_at.name), line(registered_at.ods_code))
        yield f"Registered at: {', '.join(part for part in where if part)}"
    else:
        yield "Registered at: no other practice told"
    yield f"NHS number: {'given, not traced' if patient.nhs_number else 'not given'}"
    if other := line(patient.other_number):
        yield f"Other number: {other} ({_number_of(other)})"
    yield "Consent to share this for direct care: given"


def _whose(content: Content) -> str:
    contact = content.contact
    called = {
        PhoneOwner.PATIENT: "the patient's own",
        PhoneOwner.CONTACT: "of the person spoken to",
        PhoneOwner.OTHER: f"of {line(contact.phone_owner_name)}",
    }.get(contact.phone_owner)
    if called:
        return f"{called}, confirmed today"
    if contact.phone_owner is PhoneOwner.UNCONFIRMED:
        return "not confirmed today"
    return "not asked whose it is"


def _number_of(other: str) -> str:
    is_number = other.isascii() and other.isdigit() and len(other) == 10
    called = nhs_numbers.elsewhere(other) if is_number else ""
    return called or "not an NHS number of today"


def _triage(content: Content) -> Iterator[str]:
    triage = content.triage
    if triage is None:
        yield "Triage questions: not asked"
        return
    yield f"Triage questions (content pack {line(triage.pack_version)}, {_signed_off(triage)}):"
    for question in triage.questions:
        yield f"- {line(question.words)}: {_REPLIES[question.reply]}"


def _signed_off(triage: Triage) -> str:
    who = line(triage.signed_off_by)
    return f"clinically signed off by {who}" if who else "not clinically signed off"
