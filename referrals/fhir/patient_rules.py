"""BaRS's rules for the patient: one official name, ways to reach them in order, the number.

Source: BaRS implementation guide, Application 5, Scope ("Contacts") and Referral Payload.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from referrals import nhs_numbers
from referrals.fhir import codes
from referrals.fhir.content import Relationship
from referrals.fhir.faults import MessageFault, values

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER_STATUSES = ["number-present-and-verified", codes.NOT_TRACED.code]
_SELF = codes.RELATIONSHIPS[Relationship.SELF]


def patient_faults(patient: dict[str, Any]) -> Iterator[MessageFault]:
    yield from _name_faults(patient)
    yield from _birth_faults(patient)
    yield from _number_faults(patient)
    yield from _contact_faults(patient)


def _name_faults(patient: dict[str, Any]) -> Iterator[MessageFault]:
    official = [
        name for name in values(patient, ("name",)) if values(name, ("use",)) == ["official"]
    ]
    if len(official) != 1:
        yield MessageFault("Patient.name", "must have exactly one official name.")
    elif not (values(official[0], ("family",)) and values(official[0], ("given",))):
        yield MessageFault("Patient.name", "must have a family name and a given name.")


def _birth_faults(patient: dict[str, Any]) -> Iterator[MessageFault]:
    born, updated = _day(patient, "birthDate"), _day(patient, "meta", "lastUpdated")
    if born is None or not _DAY.fullmatch(str(patient["birthDate"])):
        yield MessageFault("Patient.birthDate", "must be a day without a time.")
    elif updated and born > updated + timedelta(days=1):  # here it may be tomorrow already
        yield MessageFault("Patient.birthDate", "must not be in the future.")
    if any(str(url).endswith("BirthSex") for url in values(patient, ("extension", "url"))):
        yield MessageFault("Patient.extension", "must not hold the sex at birth.")


def _day(node: Any, *path: str) -> date | None:
    try:
        return date.fromisoformat(values(node, path)[0][:10])
    except (IndexError, TypeError, ValueError):
        return None


def _number_faults(patient: dict[str, Any]) -> Iterator[MessageFault]:
    numbers = [
        each
        for each in values(patient, ("identifier",))
        if values(each, ("system",)) == [codes.NHS_NUMBER]
    ]
    if len(numbers) > 1:
        yield MessageFault("Patient.identifier", "must hold one NHS number at most.")
    for number in numbers:
        if [_is_nhs_number(str(each)) for each in values(number, ("value",))] != [True]:
            yield MessageFault("Patient.identifier.value", "must be a valid NHS number.")
        statuses = [
            code
            for each in values(number, ("extension",))
            if values(each, ("url",)) == [codes.NHS_NUMBER_STATUS]
            for code in values(each, ("valueCodeableConcept", "coding", "code"))
        ]
        if len(statuses) != 1 or statuses[0] not in _NUMBER_STATUSES:
            yield MessageFault(
                "Patient.identifier.extension", "must say if the NHS number was traced."
            )


def _is_nhs_number(number: str) -> bool:
    return nhs_numbers.is_valid(number) and not nhs_numbers.elsewhere(number)


def _contact_faults(patient: dict[str, Any]) -> Iterator[MessageFault]:
    contacts = values(patient, ("contact",))
    ranks = [_rank(contact) for contact in contacts]
    if ranks.count(1) != 1 or not all(isinstance(rank, int) and rank > 0 for rank in ranks):
        yield MessageFault("Patient.contact", "must be ranked, exactly one of them first.")
    for contact, rank in zip(contacts, ranks, strict=True):
        telecoms = values(contact, ("telecom",))
        if [values(each, ("rank",)) for each in telecoms].count([1]) != 1:
            yield MessageFault(
                "Patient.contact.telecom", "must be ranked, exactly one of them first."
            )
        if not all(values(each, (name,)) for each in telecoms for name in ("system", "value")):
            yield MessageFault("Patient.contact.telecom", "must have a system and a value.")
        if rank == 1 and ["phone"] not in [values(each, ("system",)) for each in telecoms]:
            yield MessageFault(
                "Patient.contact.telecom", "must have a phone for the first contact."
            )
        yield from _relationship_faults(contact)


def _relationship_faults(contact: Any) -> Iterator[MessageFault]:
    found = values(contact, ("relationship", "coding", "code"))
    if not found:
        yield MessageFault("Patient.contact.relationship", "must say who the contact is.")
    elif _SELF.code not in found and not values(contact, ("name",)):
        yield MessageFault("Patient.contact.name", "must be given if it is not the patient.")


def _rank(contact: Any) -> Any:
    ranks = [
        value
        for each in values(contact, ("extension",))
        if values(each, ("url",)) == [codes.CONTACT_RANK]
        for value in values(each, ("valuePositiveInt",))
    ]
    return ranks[0] if len(ranks) == 1 else None
