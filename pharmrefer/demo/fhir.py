"""Finds values inside JSON as FHIR writes it, each with its path; knows no rule of any message."""

import re
from collections.abc import Iterator
from typing import NamedTuple

MISSING = object()  # stands for a value that is not there
_ELEMENT = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")


class RequestFault(NamedTuple):
    """What is wrong, in words that hold no value of the message."""

    path: str  # as in FHIR, from the resource's type on; or the name of a header
    code: str  # of FHIR's IssueType
    words: str


class Resource(NamedTuple):
    type: str
    address: str  # its fullUrl
    content: dict[str, object]


def _children(node: object, name: str, path: str) -> list[tuple[str, object]]:
    child = node.get(name, MISSING) if isinstance(node, dict) else MISSING
    if isinstance(child, list) and child:
        return [(f"{path}.{name}[{number}]", item) for number, item in enumerate(child)]
    return [(f"{path}.{name}", child)]


def look(content: object, path: str) -> list[tuple[str, object]]:
    """Return what stands at ``path`` ("Patient.contact.telecom"), through all lists on the way.

    Where a parent has no such child, MISSING stands in its place.
    """
    root, *steps = path.split(".")
    found = [(root, content)]
    for step in steps:
        found = [child for where, node in found for child in _children(node, step, where)]
    return found


def texts(content: object, path: str) -> list[str]:
    return [value for _, value in look(content, path) if isinstance(value, str)]


def first_text(content: object, path: str) -> str:
    return next(iter(texts(content, path)), "")


def parts(content: object, path: str) -> list[tuple[str, dict[str, object]]]:
    return [(where, value) for where, value in look(content, path) if isinstance(value, dict)]


def walk(content: object, root: str) -> Iterator[tuple[str, str, object]]:
    """Yield every value inside: path, name, value. Items of a list have the list's name."""
    waiting: list[tuple[str, str, object]] = [(root, root, content)]
    while waiting:
        path, name, value = waiting.pop()
        yield path, name, value
        if isinstance(value, dict):
            # A name that cannot be FHIR's may be anybody's: it is not repeated.
            waiting += [
                (f"{path}.{key if _ELEMENT.fullmatch(key) else '?'}", key, child)
                for key, child in value.items()
            ]
        elif isinstance(value, list):
            waiting += [(f"{path}[{number}]", name, item) for number, item in enumerate(value)]


def resources_in(bundle: object) -> list[Resource]:
    return [
        Resource(first_text(content, "x.resourceType"), first_text(entry, "x.fullUrl"), content)
        for _, entry in parts(bundle, "Bundle.entry")
        for _, content in parts(entry, "entry.resource")
    ]


def first_of(resources: list[Resource], kind: str) -> dict[str, object]:
    return next((resource.content for resource in resources if resource.type == kind), {})


def identifier(content: object, system: str) -> str:
    for _, entry in parts(content, "x.identifier"):
        if entry.get("system") == system:
            return first_text(entry, "x.value")
    return ""


class ReceivedMessage:
    def __init__(self, bundle: dict[str, object], target: str) -> None:
        """``target`` is the DoS service id in the request's header."""
        self.bundle = bundle
        self.target = target
        self.resources = resources_in(bundle)
        self.by_address = {resource.address: resource for resource in self.resources}

    @property
    def whole(self) -> list[Resource]:
        return [Resource("Bundle", "", self.bundle), *self.resources]

    def values(self) -> Iterator[tuple[str, str, object]]:
        for resource in self.resources:
            yield from walk(resource.content, resource.type)

    def referred(self, content: object, path: str) -> dict[str, object]:
        resource = self.by_address.get(first_text(content, f"{path}.reference"))
        return resource.content if resource else {}
