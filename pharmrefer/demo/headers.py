"""Judges a request's headers, and reads who is asked for; knows nothing of the message."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pharmrefer.demo import skeleton
from pharmrefer.demo.fhir import RequestFault, first_text, identifier, parts, texts

Pairs = Sequence[tuple[str, str]]

_UUID = re.compile(f"(?i:{skeleton.UUID})")
_MIRRORED = re.compile(r"[!-~]{1,100}")
_VERSIONED = re.compile(
    r"application/fhir\+json\s*;\s*version=(\d+)\.(\d+)(\.\d+)?(;.*)?", re.ASCII
)
_FHIR_JSON = re.compile(r"application/fhir\+json\s*(;.*)?", re.ASCII)


@dataclass(frozen=True)
class Headers:
    pairs: Pairs

    def get(self, name: str) -> str:
        return ", ".join(value for key, value in self.pairs if key.lower() == name.lower())

    @property
    def request_id(self) -> str:
        # Compared without regard to case.
        return self.get("X-Request-Id").lower()

    @property
    def correlation_id(self) -> str:
        return self.get("X-Correlation-Id").lower()

    @property
    def dos_service_id(self) -> str:
        return first_text(decoded(self.get("NHSD-Target-Identifier")), "x.value")

    def mirrored(self) -> dict[str, str]:
        # What could break the answer's headers is not repeated.
        names = ("X-Request-Id", "X-Correlation-Id")
        return {name: self.get(name) for name in names if _MIRRORED.fullmatch(self.get(name))}


def decoded(value: str) -> object:
    try:
        return json.loads(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None


def faults_in(headers: Headers) -> list[RequestFault]:
    faults = []
    for name, holds in _CHECKS.items():
        if not headers.get(name).strip():
            faults.append(RequestFault(name, "required", "is missing"))
        elif not holds(headers.get(name)):
            faults.append(RequestFault(name, "invalid", "is not as the guide describes it"))
    return faults


def _is_target(value: str) -> bool:
    target = decoded(value)
    ends = texts(target, "x.value"), texts(target, "x.system")
    return bool(ends[0] and ends[0][0].strip()) and ends[1] == [skeleton.DOS]


def _is_uuid(value: str) -> bool:
    return bool(_UUID.fullmatch(value))


def _is_organisation(value: str) -> bool:
    content = decoded(value)
    return (
        _is_of_type(content, "Organization")
        and bool(identifier(content, skeleton.ODS))
        and bool(first_text(content, "x.name").strip())
    )


def _is_software(value: str) -> bool:
    # All three must be there; their shape is left open, as the official sample is odd.
    content = decoded(value)
    elements = ("identifier", "deviceName", "version")
    return (
        _is_of_type(content, "Device")
        and isinstance(content, dict)
        and all(content.get(element) for element in elements)
    )


def _is_practitioner(value: str) -> bool:
    # A user without a smartcard has no SDS role profile id.
    content = decoded(value)
    return (
        _is_of_type(content, "PractitionerRole")
        and skeleton.SNOMED in texts(content, "x.code.coding.system")
        and all(
            one.get("system") == skeleton.SDS_ROLE and first_text(one, "x.value")
            for _, one in parts(content, "x.identifier")
        )
    )


def _is_of_type(content: object, kind: str) -> bool:
    return isinstance(content, dict) and content.get("resourceType") == kind


def _is_acceptable(value: str) -> bool:
    # A version of BaRS Core that knows Application 5 is 1.1 or later.
    matches = [_VERSIONED.fullmatch(part.strip()) for part in value.split(",")]
    return any(match and match[1] == "1" and int(match[2]) >= 1 for match in matches)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "NHSD-Target-Identifier": _is_target,
    "X-Request-Id": _is_uuid,
    "X-Correlation-Id": _is_uuid,
    "NHSD-End-User-Organisation": _is_organisation,
    "NHSD-Requesting-Software": _is_software,
    "NHSD-Requesting-Practitioner": _is_practitioner,
    "use-context": lambda value: value == skeleton.USE_CONTEXT,
    "Accept": _is_acceptable,
    "Content-Type": lambda value: bool(_FHIR_JSON.fullmatch(value)),
}
