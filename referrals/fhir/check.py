"""Checks a referral's message against the rules for which a receiver would refuse it.

General validators of FHIR see neither BaRS's rules nor those between resources. Faults name the
location and the rule, never what stands there: it may be a patient's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias

from referrals.fhir import codes, rules
from referrals.fhir.faults import MessageFault, dotted, values
from referrals.fhir.patient_rules import patient_faults
from referrals.fhir.primitives import is_clean
from referrals.fhir.shapes import SHAPES, Shape

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_BUNDLE_ID = re.compile(_UUID)
_URN = re.compile(f"urn:uuid:{_UUID}")
_EPISODE = re.compile(f"EpisodeOfCare/{_UUID}")
_ENDPOINT = re.compile(re.escape(codes.DOS_SERVICE_ID) + r"\|[^\s|]+")
_ODS = re.compile(r"[A-Z0-9]{3,12}")
_LAST_UPDATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7,}(Z|\+00:00)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?", re.ASCII)
_Path: TypeAlias = "tuple[_Path | None, str]"
_RESOURCE = "Resource"
_CODINGS = {"coding", "eventCoding", "class"}  # under these names stand codings


@cache
def _names_in(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


@dataclass(frozen=True, slots=True)
class _Message:
    updated: Any  # when all of it was last updated
    by_urn: dict[str, dict[str, Any]]
    by_kind: dict[str, list[dict[str, Any]]]

    def kind_of(self, urn: Any) -> Any:
        return self.by_urn.get(urn, {}).get("resourceType") if isinstance(urn, str) else None


def check_message(bundle: dict[str, Any]) -> list[MessageFault]:
    faults = [*_envelope_faults(bundle), *_entry_faults(bundle)]
    message = _taken_apart(bundle)
    for check in (
        *(_count_faults, _value_faults, _code_faults, _reference_faults, _presence_faults),
        *(_date_faults, _address_faults, _organization_faults, _request_faults),
    ):
        faults += check(message)
    faults += _faults_within("Bundle", bundle, message)
    for kind, resources in message.by_kind.items():
        for resource in resources:
            faults += _faults_within(kind, resource, message)
    for patient in message.by_kind.get("Patient", []):
        faults += patient_faults(patient)
    return faults


def _taken_apart(bundle: dict[str, Any]) -> _Message:
    message = _Message(_only(bundle, "meta.lastUpdated"), {}, {})
    for entry in values(bundle, ("entry",)):
        resource = _only(entry, "resource")
        if isinstance(resource, dict):
            message.by_urn[str(entry.get("fullUrl"))] = resource
            message.by_kind.setdefault(str(resource.get("resourceType")), []).append(resource)
    return message


def _only(node: Any, path: str) -> Any:
    found = values(node, _names_in(path))
    return found[0] if len(found) == 1 else None


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _moment(value: Any) -> datetime | None:
    if not _matches(_DATE, value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _envelope_faults(bundle: dict[str, Any]) -> Iterator[MessageFault]:
    first = values(bundle, ("entry", "resource"))[:1]
    for path, is_right, sentence in (
        ("resourceType", bundle.get("resourceType") == "Bundle", "must be Bundle."),
        ("id", _matches(_BUNDLE_ID, bundle.get("id")), "must be a new UUID."),
        ("type", bundle.get("type") == "message", "must be message."),
        ("timestamp", _moment(bundle.get("timestamp")), "must be a moment."),
        ("meta.versionId", _only(bundle, "meta.versionId"), "must be the version of BaRS."),
        ("meta.profile", _only(bundle, "meta.profile") == codes.BUNDLE_PROFILE, "must be BaRS's."),
        (
            "meta.lastUpdated",
            _matches(_LAST_UPDATED, _only(bundle, "meta.lastUpdated"))
            and _moment(_only(bundle, "meta.lastUpdated")),
            "must be a moment in UTC with seven decimals.",
        ),
        (
            "entry",
            first and _only(first[0], "resourceType") == "MessageHeader",
            "must begin with the MessageHeader.",
        ),
    ):
        if not is_right:
            yield MessageFault(f"Bundle.{path}", sentence)


def _entry_faults(bundle: dict[str, Any]) -> Iterator[MessageFault]:
    seen: set[str] = set()
    for entry in values(bundle, ("entry",)):
        urn = _only(entry, "fullUrl")
        if not _matches(_URN, urn):
            yield MessageFault("Bundle.entry.fullUrl", "must be urn:uuid: and a UUID.")
        elif urn in seen:
            yield MessageFault("Bundle.entry.fullUrl", "must be given once.")
        else:
            seen.add(urn)
        yield from _common_faults(_only(entry, "resource"), _only(bundle, "meta.lastUpdated"))


def _common_faults(resource: Any, updated: Any) -> Iterator[MessageFault]:
    kind = _only(resource, "resourceType")
    if not isinstance(kind, str) or kind not in rules.COUNTS:
        yield MessageFault("Bundle.entry.resource", "must be of a kind that the message may hold.")
        return
    if "id" in resource:
        yield MessageFault(f"{kind}.id", "must be left to the receiver.")
    if _only(resource, "meta.lastUpdated") != updated:
        yield MessageFault(f"{kind}.meta.lastUpdated", "must be the same in the whole message.")
    profile = codes.PROFILES.get(kind)
    if profile and profile not in values(resource, ("meta", "profile")):
        yield MessageFault(f"{kind}.meta.profile", "must be BaRS's or UK Core's for it.")


def _count_faults(message: _Message) -> Iterator[MessageFault]:
    for kind, (least, most) in rules.COUNTS.items():
        count = len(message.by_kind.get(kind, []))
        if not least <= count <= most:
            many = f"{least}" if least == most else f"{least} or more"
            yield MessageFault("Bundle.entry", f"must hold {many} {kind}, and holds {count}.")


def _value_faults(message: _Message) -> Iterator[MessageFault]:
    for kind, path, allowed in rules.VALUES:
        for resource in message.by_kind.get(kind, []):
            found = values(resource, path)
            if len(found) != 1 or found[0] not in allowed:
                words = " or ".join(map(str, allowed))
                yield MessageFault(dotted(kind, path), f"must be {words}.")


def _code_faults(message: _Message) -> Iterator[MessageFault]:
    for kind, path, options in rules.CODED:
        for resource in message.by_kind.get(kind, []):
            codings = values(resource, path)
            found = [(_only(each, "system"), _only(each, "code")) for each in codings]
            if not any(
                len(found) == len(option) and all(each in found for each in option)
                for option in options
            ):
                words = " and ".join(sorted(code for _, code in options[0]))
                yield MessageFault(dotted(kind, path), f"must be {words}, of the right system.")


def _reference_faults(message: _Message) -> Iterator[MessageFault]:
    for kind, path, to in rules.REFERENCES:
        for resource in message.by_kind.get(kind, []):
            found = values(resource, path)
            if len(found) != 1 or message.kind_of(found[0]) != to:
                yield MessageFault(dotted(kind, path), f"must name one {to} in the message.")


def _presence_faults(message: _Message) -> Iterator[MessageFault]:
    for kind, path in rules.PRESENT:
        for resource in message.by_kind.get(kind, []):
            if not values(resource, path):
                yield MessageFault(dotted(kind, path), "must be given.")
    for kind, names in rules.FORBIDDEN.items():
        for resource in message.by_kind.get(kind, []):
            for name in names:
                if name in resource:
                    yield MessageFault(f"{kind}.{name}", "must not be given.")


def _date_faults(message: _Message) -> Iterator[MessageFault]:
    for kind, path in rules.DATES:
        for resource in message.by_kind.get(kind, []):
            if _moment(_only(resource, ".".join(path))) is None:
                yield MessageFault(
                    dotted(kind, path), "must be a date, or a moment with its time zone."
                )
    for resource in message.by_kind.get("ServiceRequest", []):
        start = _moment(_only(resource, "occurrencePeriod.start"))
        end = _moment(_only(resource, "occurrencePeriod.end"))
        if start and end and end < start:
            yield MessageFault("ServiceRequest.occurrencePeriod", "must not end before it starts.")


def _address_faults(message: _Message) -> Iterator[MessageFault]:
    for header in message.by_kind.get("MessageHeader", []):
        destination = _only(header, "destination.endpoint")
        for name, endpoint in (
            ("destination", destination),
            ("source", _only(header, "source.endpoint")),
        ):
            if not _matches(_ENDPOINT, endpoint):
                sentence = "must be the dos-service-id system, a bar and an id."
                yield MessageFault(f"MessageHeader.{name}.endpoint", sentence)
        for service in message.by_kind.get("HealthcareService", []):
            identifiers = [
                f"{_only(each, 'system')}|{_only(each, 'value')}"
                for each in values(service, ("identifier",))
            ]
            if destination not in identifiers:
                yield MessageFault("HealthcareService.identifier", "must be the destination's.")
            if _only(service, "providedBy") != _only(header, "destination.receiver"):
                yield MessageFault(
                    "HealthcareService.providedBy", "must be the message's receiver."
                )


def _organization_faults(message: _Message) -> Iterator[MessageFault]:
    for header in message.by_kind.get("MessageHeader", []):
        for path in ("sender.reference", "destination.receiver.reference"):
            organization = message.by_urn.get(str(_only(header, path)), {})
            if not any(
                _only(each, "system") == codes.ODS_CODE and _matches(_ODS, _only(each, "value"))
                for each in values(organization, ("identifier",))
            ):
                yield MessageFault("Organization.identifier", "must be an ODS code.")
            if path == "sender.reference" and not _only(organization, "type.coding.code"):
                yield MessageFault("Organization.type", "must say what kind the sender is.")


def _request_faults(message: _Message) -> Iterator[MessageFault]:
    for request in message.by_kind.get("ServiceRequest", []):
        if len(values(request, ("category",))) != 1:
            yield MessageFault("ServiceRequest.category", "must be one concept with two codings.")
    for encounter in message.by_kind.get("Encounter", []):
        if not _matches(_EPISODE, _only(encounter, "episodeOfCare.reference")):
            yield MessageFault("Encounter.episodeOfCare", "must be the journey's id.")


def _faults_within(
    kind: str, resource: dict[str, Any], message: _Message
) -> Iterator[MessageFault]:
    """Look at every value: none is unknown, empty or forbidden, and no reference leads nowhere."""
    # A path is its parent's and a name: most are never written out.
    waiting: list[tuple[_Path, str, Any]] = [((None, kind), kind, resource)]
    while waiting:
        path, of, value = waiting.pop()
        if sentence := _wrong_with_value(path, value, message):
            yield MessageFault(_written(path), sentence)
        for name, each in value.items() if isinstance(value, dict) else ():
            shape = SHAPES.get(of, {}).get(name)
            if sentence := _wrong_with_shape(shape, each):
                yield MessageFault(_written((path, name)), sentence)
            elif shape and shape.of != _RESOURCE:  # those are looked at one by one
                waiting += [((path, name), shape.of, one) for one in values(value, (name,))]


def _wrong_with_value(path: "_Path", value: Any, message: _Message) -> str:
    if value in (None, [], {}):
        return "must not be empty."
    if isinstance(value, str):
        return _wrong_with_text(path, value, message)
    is_coding = path[1] in _CODINGS and isinstance(value, dict)
    if is_coding and not {"system", "code", "display"} <= value.keys():
        return "must have a system, a code and a display."
    return ""


def _wrong_with_shape(shape: Shape | None, value: Any) -> str:
    if shape is None:
        return "is no element that the message may hold."
    if value in (None, [], {}):
        return "must not be empty."
    if isinstance(value, list) != shape.is_list:
        return "must be a list." if shape.is_list else "must not be a list."
    within = value if isinstance(value, list) else [value]
    if any(isinstance(each, dict | list) != bool(shape.of) for each in within):
        return "must be made of elements." if shape.of else "must be text, a number or a yes or no."
    return ""


def _written(path: "_Path") -> str:
    parent, name = path
    return f"{_written(parent)}.{name}" if parent else name


def _wrong_with_text(path: "_Path", text: str, message: _Message) -> str:
    if not is_clean(text):
        return "must be text without control characters."
    # An episode of care is a journey, which is not in the message.
    if path[1] == "reference" and text not in message.by_urn:
        is_elsewhere = _written(path) == "Encounter.episodeOfCare.reference"
        return "" if is_elsewhere else "must name a resource in the message."
    return ""
