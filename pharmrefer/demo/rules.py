"""Judges a message against the skeleton: which faults it has, and where."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import TypeVar

from pharmrefer.demo import skeleton
from pharmrefer.demo.fhir import (
    MISSING,
    ReceivedMessage,
    RequestFault,
    first_of,
    first_text,
    look,
    parts,
    resources_in,
    texts,
    walk,
)
from pharmrefer.demo.parties import PARTICULAR_RULES

T = TypeVar("T")
DEEPEST = 40  # levels of JSON: the message needs 14


def unsupported_in(bundle: dict[str, object]) -> list[RequestFault]:
    """Return why this receiver cannot judge the message at all: its version or its use case."""
    faults = []
    version = first_text(bundle, "Bundle.meta.versionId")
    if version and version not in skeleton.VERSIONS:
        faults.append(RequestFault("Bundle.meta.versionId", "not-supported", "is not supported"))
    request = first_of(resources_in(bundle), "ServiceRequest")
    for path, coding in parts(request, "ServiceRequest.category.coding"):
        if coding.get("system") == skeleton.USE_CASES and coding.get("code") != "a5t1":
            faults.append(
                RequestFault(path, "not-supported", "is a use case that is not supported")
            )
    return faults


def faults_in(bundle: dict[str, object], target: str) -> list[RequestFault]:
    """Return everything wrong with a message to the service ``target``, one fault a path."""
    if any(path.count(".") + path.count("[") > DEEPEST for path, _, _ in walk(bundle, "Bundle")):
        return [RequestFault("Bundle", "structure", "is nested too deeply")]
    message = ReceivedMessage(bundle, target)
    found: dict[str, RequestFault] = {}
    for rule in RULES:
        for fault in rule(message):
            found.setdefault(fault.path, fault)
    return list(found.values())


def _envelope(message: ReceivedMessage) -> Iterator[RequestFault]:
    bundle = message.bundle
    if not first_text(bundle, "Bundle.meta.versionId"):
        yield RequestFault("Bundle.meta.versionId", "invariant", "is missing")
    if bundle.get("resourceType") != "Bundle":
        yield RequestFault("Bundle.resourceType", "structure", "must be Bundle")
    entries = look(bundle, "Bundle.entry")
    if len(message.resources) != len(entries):
        yield RequestFault("Bundle.entry", "structure", "must each hold a resource")
    if not message.resources or message.resources[0].type != "MessageHeader":
        yield RequestFault("Bundle.entry[0]", "structure", "must be the MessageHeader")
    yield from _full_urls(bundle)


def _full_urls(bundle: dict[str, object]) -> Iterator[RequestFault]:
    seen = set()
    for path, address in look(bundle, "Bundle.entry.fullUrl"):
        if address is MISSING:
            yield RequestFault(path, "required", "is missing")
        elif not skeleton.FULL_URL.holds(address):
            yield RequestFault(path, "invalid", skeleton.FULL_URL.words)
        elif address in seen:
            yield RequestFault(path, "invariant", "is used twice")
        else:
            seen.add(address)


def _counts(message: ReceivedMessage) -> Iterator[RequestFault]:
    counted = Counter(resource.type for resource in message.resources)
    for kind, (least, most) in skeleton.COUNTS.items():
        if counted[kind] < least:
            yield RequestFault(kind, "required", f"must be there at least {least} times")
        elif most is not None and counted[kind] > most:
            yield RequestFault(kind, "structure", f"must be there at most {most} times")
    for number, resource in enumerate(message.resources):
        if resource.type not in skeleton.COUNTS:
            yield RequestFault(
                f"Bundle.entry[{number}].resource", "structure", "is not of this message"
            )


def _common(message: ReceivedMessage) -> Iterator[RequestFault]:
    instant = first_text(message.bundle, "Bundle.meta.lastUpdated")
    for kind, _, content in message.whole:
        if not any(_is_profile_of(kind, profile) for profile in texts(content, "x.meta.profile")):
            code = "value" if texts(content, "x.meta.profile") else "required"
            yield RequestFault(f"{kind}.meta.profile", code, "must name the type's profile")
        if kind != "Bundle" and "id" in content:
            yield RequestFault(f"{kind}.id", "structure", "is the receiver's to make")
        if not first_text(content, "x.meta.lastUpdated"):
            yield RequestFault(f"{kind}.meta.lastUpdated", "required", "is missing")
        elif first_text(content, "x.meta.lastUpdated") != instant:
            yield RequestFault(
                f"{kind}.meta.lastUpdated", "invariant", "must be the same everywhere"
            )


def _is_profile_of(kind: str, profile: str) -> bool:
    # Flag and Observation have several profiles.
    if kind in skeleton.PROFILES:
        return profile == skeleton.PROFILES[kind]
    last = profile.rpartition("/StructureDefinition/")[2]
    return last == f"UKCore-{kind}" or bool(
        skeleton.COUNTS.get(kind) == (0, None) and re.match(rf"(UKCore-|BARS)?{kind}(-|$)", last)
    )


def _lines(
    message: ReceivedMessage, table: dict[str, T]
) -> Iterator[tuple[dict[str, object], str, T]]:
    for kind, _, content in message.whole:
        for path, line in table.items():
            if path.startswith(f"{kind}."):
                yield content, path, line


def _values(message: ReceivedMessage) -> Iterator[RequestFault]:
    for content, path, check in _lines(message, skeleton.VALUES):
        for where, value in look(content, path):
            if value is MISSING:
                # What may be missing is whole where it is begun.
                if path not in skeleton.OPTIONAL or path.split(".")[1] in content:
                    yield RequestFault(where, "required", "is missing")
            elif not check.holds(value):
                yield RequestFault(where, check.code, check.words)


def _references(message: ReceivedMessage) -> Iterator[RequestFault]:
    for content, path, wanted in _lines(message, skeleton.REFERENCES):
        for where, value in look(content, path):
            if value is MISSING and path in skeleton.OPTIONAL:
                continue
            address = first_text(value, "x.reference")
            if not address:
                yield RequestFault(f"{where}.reference", "required", "is missing")
            elif address in message.by_address and message.by_address[address].type != wanted:
                yield RequestFault(f"{where}.reference", "value", f"must refer to the {wanted}")


def _codes(message: ReceivedMessage) -> Iterator[RequestFault]:
    for content, path, (system, codes) in _lines(message, skeleton.CODED):
        codings = parts(content, f"{path}.coding")
        known = [coding for _, coding in codings if coding.get("system") == system]
        if not codings:
            yield RequestFault(f"{path}.coding", "required", "is missing")
        elif not codes & {first_text(coding, "x.code") for coding in known}:
            yield RequestFault(f"{path}.coding", "value", "must hold the code that the guide names")


def _shape(message: ReceivedMessage) -> Iterator[RequestFault]:
    for content, path, length in _lines(message, skeleton.LENGTHS):
        if len(look(content, path)) != length:
            yield RequestFault(path, "structure", f"must be there {length} times exactly")
    for content, path, words in _lines(message, skeleton.FORBIDDEN):
        if look(content, path)[0][1] is not MISSING:
            yield RequestFault(path, "structure", f"must not be sent: {words}")


def _references_resolve(message: ReceivedMessage) -> Iterator[RequestFault]:
    for path, name, value in message.values():
        # The episode is the journey's number alone: no such resource is sent.
        if name != "reference" or not isinstance(value, str) or ".episodeOfCare" in path:
            continue
        if value not in message.by_address:
            yield RequestFault(path, "invariant", "refers to nothing in the message")


def _codings_are_whole(message: ReceivedMessage) -> Iterator[RequestFault]:
    for path, name, value in message.values():
        if not isinstance(value, dict) or name not in {"coding", "class", "valueCoding"}:
            continue
        # The profile's own example has no display for the reason.
        bare = path.startswith("MessageHeader.reason")
        for element in ("system", "code") if bare else ("system", "code", "display"):
            if not first_text(value, f"x.{element}").strip():
                yield RequestFault(f"{path}.{element}", "required", "is missing")


def _periods(message: ReceivedMessage) -> Iterator[RequestFault]:
    for path, _, value in message.values():
        start, end = (first_text(value, f"x.{name}") for name in ("start", "end"))
        if not (skeleton.INSTANT.holds(start) and skeleton.INSTANT.holds(end)):
            continue
        if datetime.fromisoformat(end) < datetime.fromisoformat(start):
            yield RequestFault(path, "invariant", "must not end before it starts")


def _nothing_is_empty(message: ReceivedMessage) -> Iterator[RequestFault]:
    envelope = {name: value for name, value in message.bundle.items() if name != "entry"}
    for path, _, value in chain(walk(envelope, "Bundle"), message.values()):
        if value in (None, "", [], {}):
            yield RequestFault(path, "structure", "must not be empty")


def _plain(system: str) -> str:
    return re.sub(r"^https?://", "", system.lower()).rstrip("/")


_SYSTEMS = {_plain(system): system for system in skeleton.SYSTEMS}


def _systems_are_spelled_right(message: ReceivedMessage) -> Iterator[RequestFault]:
    for path, name, value in message.values():
        if name != "system" or not isinstance(value, str):
            continue
        if _SYSTEMS.get(_plain(value), value) != value:
            yield RequestFault(path, "value", "is another spelling of the system")


RULES = (
    _envelope,
    _counts,
    _values,
    _references,
    _codes,
    _shape,
    _common,
    _references_resolve,
    _codings_are_whole,
    _systems_are_spelled_right,
    _periods,
    _nothing_is_empty,
    *PARTICULAR_RULES,
)
