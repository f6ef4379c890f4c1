"""Builds a referral's message: its bytes, its headers and its ids, made once and never again.

Every attempt to send it repeats these bytes and these headers: a receiver knows by them that it
has had the message before. Pure: the clock and the source of ids are passed in.
"""

import base64
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from referrals.fhir import codes, resources
from referrals.fhir.check import check_message
from referrals.fhir.content import Content, Software
from referrals.fhir.faults import MessageError
from referrals.fhir.primitives import instant, line
from referrals.fhir.resources import Json, Urns

CORE_VERSION = "1.1.0"  # of BaRS Core, which Application 5 asks for at least


@dataclass(frozen=True, slots=True)
class BuiltMessage:
    bundle_id: UUID
    request_id: UUID
    correlation_id: UUID
    headers: dict[str, str]  # all but Authorization, Host and Content-Length
    body: bytes


def build(
    content: Content, software: Software, *, now: datetime, new_id: Callable[[], UUID]
) -> BuiltMessage:
    """Build the message of a new referral; ``now`` is aware.

    Raises:
        MessageError: a receiver would refuse the message, so it must not be stored.
    """
    bundle_id, request_id = new_id(), new_id()
    urns = _urns(content, new_id)
    entries = _resources(content, software, urns, now)
    entries += [(new_id().urn, each) for each in resources.told(content, urns, now)]
    bundle = _bundle(bundle_id, entries, software, instant(now))
    if faults := check_message(bundle):
        raise MessageError(faults)
    return BuiltMessage(
        bundle_id=bundle_id,
        request_id=request_id,
        correlation_id=content.journey_id,
        headers=_headers(content, software, request_id),
        body=orjson.dumps(bundle),
    )


def _urns(content: Content, new_id: Callable[[], UUID]) -> Urns:
    names = {each.name: new_id().urn for each in fields(Urns) if each.default is MISSING}
    elsewhere = content.patient.registered_at
    is_known = elsewhere is not None and bool(elsewhere.ods_code)
    return Urns(**names, registered_practice=new_id().urn if is_known else "")


def _resources(
    content: Content, software: Software, urns: Urns, now: datetime
) -> list[tuple[str, Json]]:
    # FHIR asks for the header first.
    of, practice, pharmacy = resources, content.practice, content.pharmacy
    entries = [
        (urns.message_header, of.message_header(content, software, urns)),
        (urns.service_request, of.service_request(software, urns, now)),
        (urns.encounter, of.encounter(content, software, urns)),
        (urns.care_plan, of.care_plan(content, urns, now)),
        (urns.task, of.task(content, urns, now)),
        (urns.condition, of.condition(content, urns)),
        (urns.patient, of.patient(content, urns)),
        (urns.practitioner_role, of.practitioner_role(content.sender, urns)),
        (urns.practitioner, of.practitioner(content)),
        (urns.practice, of.organization(practice, codes.GENERAL_PRACTICE)),
        (urns.pharmacy, of.organization(pharmacy)),
        (urns.healthcare_service, of.healthcare_service(pharmacy, urns)),
        (urns.consent, of.consent(content, urns)),
    ]
    registered_at = content.patient.registered_at
    if registered_at and urns.registered_practice:
        entries.append((urns.registered_practice, of.registered_practice(registered_at)))
    return entries


def _bundle(
    bundle_id: UUID, entries: list[tuple[str, Json]], software: Software, updated: str
) -> Json:
    meta = {
        "versionId": software.application_version,
        "lastUpdated": updated,
        "profile": [codes.BUNDLE_PROFILE],
    }
    return {
        "resourceType": "Bundle",
        "id": str(bundle_id),
        "meta": meta,
        "type": "message",
        "timestamp": updated,
        "entry": [
            {"fullUrl": urn, "resource": _with_meta(resource, updated)} for urn, resource in entries
        ],
    }


def _with_meta(resource: Json, updated: str) -> Json:
    kind = resource["resourceType"]
    meta = {"lastUpdated": updated, "profile": [codes.PROFILES[kind]]}
    given: Json = _without_empty(resource)
    return {"resourceType": kind, "meta": meta} | given


def _without_empty(value: Any) -> Any:
    # FHIR has no empty strings, lists or objects.
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        pairs = [(name, _without_empty(each)) for name, each in value.items()]
        return {name: each for name, each in pairs if each not in _EMPTY}
    if isinstance(value, list):
        return [kept for each in value if (kept := _without_empty(each)) not in _EMPTY]
    return value


_EMPTY: tuple[Any, ...] = ("", [], {})


def _headers(content: Content, software: Software, request_id: UUID) -> dict[str, str]:
    target = {"value": content.pharmacy.dos_service_id, "system": codes.DOS_SERVICE_ID}
    return {
        "Accept": f"application/fhir+json; version={CORE_VERSION}",
        "Content-Type": "application/fhir+json",
        "NHSD-Target-Identifier": _encoded(target),
        "NHSD-End-User-Organisation": _encoded(resources.organization(content.practice)),
        "NHSD-Requesting-Practitioner": _encoded(_requesting_practitioner(content)),
        "NHSD-Requesting-Software": _encoded(_requesting_software(software)),
        "X-Request-Id": str(request_id),
        "X-Correlation-Id": str(content.journey_id),
        "use-context": f"{codes.USE_CASE}|referral|servicerequest-request|new",
    }


def _encoded(value: Json) -> str:
    return base64.b64encode(orjson.dumps(_without_empty(value))).decode()


def _requesting_practitioner(content: Content) -> Json:
    """Return the sender's role without an identifier.

    The guide asks for an SDS role profile id, which is on a smartcard that our people do not log
    in with; one of our own would only name a member of staff to systems that cannot look it up.
    """
    code = resources.concept(codes.ADMINISTRATIVE_STAFF, line(content.sender.job_role))
    return {"resourceType": "PractitionerRole", "code": [code]}


def _requesting_software(software: Software) -> Json:
    # The shape of the official sample, which is not quite FHIR's Device.
    system = f"{software.identifier_root}/Id/software"
    return {
        "resourceType": "Device",
        "identifier": [{"system": system, "value": software.name}],
        "deviceName": {"name": software.name, "type": software.supplier},
        "version": {"value": software.version},
    }
