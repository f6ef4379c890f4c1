"""Judges what is said of the patient, of both organisations and of the service asked for."""

from collections.abc import Iterator
from typing import TypeGuard

from pharmrefer.demo import skeleton
from pharmrefer.demo.fhir import (
    ReceivedMessage,
    RequestFault,
    first_of,
    first_text,
    identifier,
    parts,
    texts,
)


def _category(message: ReceivedMessage) -> Iterator[RequestFault]:
    request = first_of(message.resources, "ServiceRequest")
    displays = {
        str(coding.get("code")): coding.get("display")
        for _, coding in parts(request, "ServiceRequest.category.coding")
    }
    wanted = {
        "referral": {"Transfer of Care"},
        # The second is the name that the code system had until its version 1.5.0.
        "a5t1": {
            "Primary Care to Community Pharmacy",
            "Primary Care to Pharmacy CPCS Minor Illness",
        },
    }
    path = "ServiceRequest.category.coding"
    for code, allowed in wanted.items():
        if code not in displays:
            yield RequestFault(path, "value", "must hold both codings of the guide")
        elif displays[code] is not None and displays[code] not in allowed:
            yield RequestFault(f"{path}.display", "value", "must be as in the code system")


def _parties(message: ReceivedMessage) -> Iterator[RequestFault]:
    header = first_of(message.resources, "MessageHeader")
    sender = message.referred(header, "MessageHeader.sender")
    receiver = message.referred(header, "MessageHeader.destination.receiver")
    for organisation in (sender, receiver):
        if organisation and not identifier(organisation, skeleton.ODS):
            yield RequestFault("Organization.identifier", "required", "must hold the ODS code")
    if sender and sender is receiver:
        yield RequestFault(
            "MessageHeader.sender.reference", "invariant", "must not be the receiver"
        )
    if sender:
        if "type" not in sender:
            yield RequestFault("Organization.type", "required", "is missing in the sender")
        elif skeleton.SNOMED not in texts(sender, "Organization.type.coding.system"):
            yield RequestFault("Organization.type.coding", "value", "must be of SNOMED CT")
    endpoint = first_text(header, "MessageHeader.destination.endpoint")
    if endpoint and endpoint != f"{skeleton.DOS}|{message.target}":
        path = "MessageHeader.destination[0].endpoint"
        yield RequestFault(path, "invariant", "must be the service in NHSD-Target-Identifier")


def _service(message: ReceivedMessage) -> Iterator[RequestFault]:
    header = first_of(message.resources, "MessageHeader")
    receiver = message.referred(header, "MessageHeader.destination.receiver")
    for kind, _, service in message.resources:
        if kind != "HealthcareService":
            continue
        known_as = identifier(service, skeleton.DOS)
        if not known_as:
            yield RequestFault(
                "HealthcareService.identifier", "required", "must hold the DoS service id"
            )
        elif known_as != message.target:
            path = "HealthcareService.identifier.value"
            yield RequestFault(path, "invariant", "must be the service in NHSD-Target-Identifier")
        if receiver and message.referred(service, "HealthcareService.providedBy") is not receiver:
            path = "HealthcareService.providedBy.reference"
            yield RequestFault(path, "invariant", "must be the receiving Organization")


def _patient(message: ReceivedMessage) -> Iterator[RequestFault]:
    patient = first_of(message.resources, "Patient")
    if not patient:
        return
    for path, extension in parts(patient, "Patient.extension"):
        if "BirthSex" in first_text(extension, "x.url"):
            yield RequestFault(path, "structure", "must not be sent: birth sex is an Observation")
    numbers = [
        (path, one)
        for path, one in parts(patient, "Patient.identifier")
        if one.get("system") == skeleton.NHS_NUMBER
    ]
    if len(numbers) > 1:
        yield RequestFault("Patient.identifier", "structure", "must hold one NHS number at most")
    for path, number in numbers:
        yield from _nhs_number(path, number)
    yield from _official_name(patient)


def is_nhs_number(value: str) -> bool:
    # Modulus 11 of the NHS Data Dictionary.
    if not (len(value) == 10 and value.isascii() and value.isdecimal()):
        return False
    total = sum(int(digit) * (10 - index) for index, digit in enumerate(value[:9]))
    return (11 - total % 11) % 11 == int(value[9])  # a remainder of 10 is no digit


def _nhs_number(path: str, number: dict[str, object]) -> Iterator[RequestFault]:
    value = first_text(number, "x.value")
    if not is_nhs_number(value):
        code = "value" if value else "required"
        yield RequestFault(f"{path}.value", code, "must be an NHS number with its check digit")
    codes = {
        first_text(coding, "x.code")
        for _, extension in parts(number, "x.extension")
        if extension.get("url") == skeleton.VERIFICATION
        for _, coding in parts(extension, "x.valueCodeableConcept.coding")
        if coding.get("system") == skeleton.VERIFICATION_CODES
    }
    if not codes:
        yield RequestFault(f"{path}.extension", "required", "must hold the verification status")
    elif not codes <= skeleton.VERIFIED:
        words = "must be verified or not traced, else no NHS number is sent"
        yield RequestFault(f"{path}.extension", "value", words)


def _official_name(patient: dict[str, object]) -> Iterator[RequestFault]:
    official = [
        (path, name)
        for path, name in parts(patient, "Patient.name")
        if name.get("use") == "official"
    ]
    if len(official) != 1:
        code = "structure" if official else "required"
        yield RequestFault("Patient.name", code, "must be there once with use official")
    for path, name in official:
        for element in ("family", "given"):
            if not "".join(texts(name, f"x.{element}")).strip():
                yield RequestFault(f"{path}.{element}", "required", "is missing")


def _contacts(message: ReceivedMessage) -> Iterator[RequestFault]:
    patient = first_of(message.resources, "Patient")
    contacts = parts(patient, "Patient.contact")
    if not contacts:
        yield RequestFault("Patient.contact", "required", "is missing")
        return
    ranks = [_rank(contact) for _, contact in contacts]
    if ranks.count(1) != 1:
        yield RequestFault("Patient.contact", "invariant", "must be of rank 1 once exactly")
    for (path, contact), rank in zip(contacts, ranks, strict=True):
        if rank is None:
            yield RequestFault(f"{path}.extension", "required", "must hold the contact's rank")
        if not parts(contact, "x.relationship.coding"):
            yield RequestFault(f"{path}.relationship", "required", "is missing")
        yield from _telecoms(path, contact)
        if rank == 1 and not _has_phone(contact):
            yield RequestFault(f"{path}.telecom", "invariant", "must hold a phone for rank 1")


def _rank(contact: dict[str, object]) -> int | None:
    values = [
        extension.get("valuePositiveInt")
        for _, extension in parts(contact, "x.extension")
        if extension.get("url") == skeleton.CONTACT_RANK
    ]
    return values[0] if len(values) == 1 and _is_positive(values[0]) else None


def _is_positive(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _has_phone(contact: dict[str, object]) -> bool:
    return any(
        telecom.get("system") == "phone" and first_text(telecom, "x.value").strip()
        for _, telecom in parts(contact, "x.telecom")
    )


def _telecoms(path: str, contact: dict[str, object]) -> Iterator[RequestFault]:
    telecoms = parts(contact, "x.telecom")
    if not telecoms:
        yield RequestFault(f"{path}.telecom", "required", "is missing")
        return
    for number, (_, telecom) in enumerate(telecoms):
        for element in ("system", "value"):
            if not first_text(telecom, f"x.{element}").strip():
                yield RequestFault(f"{path}.telecom[{number}].{element}", "required", "is missing")
        if not _is_positive(telecom.get("rank")):
            yield RequestFault(f"{path}.telecom[{number}].rank", "required", "must be 1 or more")
    if [telecom.get("rank") for _, telecom in telecoms].count(1) != 1:
        yield RequestFault(f"{path}.telecom", "invariant", "must be of rank 1 once exactly")


def _flags(message: ReceivedMessage) -> Iterator[RequestFault]:
    for kind, _, flag in message.resources:
        is_adjustment = kind == "Flag" and "RA" in texts(flag, "Flag.category.coding.code")
        if is_adjustment and skeleton.ADJUSTMENTS not in texts(flag, "Flag.code.coding.system"):
            yield RequestFault("Flag.code.coding", "value", "must be of the category's own system")


PARTICULAR_RULES = (_category, _parties, _service, _patient, _contacts, _flags)
