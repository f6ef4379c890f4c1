"""Reads FHIR's XML as if it were JSON: leniently, for answers to us, and never what is dangerous.

Nothing outside the body is read, and a document type, in which entities are made that grow or
fetch, is refused. Source: FHIR R4, XML Representation of Resources.
"""

from typing import Any
from xml.parsers import expat

DEEPEST = 40  # elements within elements; a body's length is bounded where it comes in


class _RefusedError(Exception):
    """It is nothing that FHIR writes."""


class _Reader:
    """Builds a dict of the elements; elements that share a name become a list."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[tuple[str, dict[str, Any], str | None]] = [("", self.root, None)]

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > DEEPEST:
            raise _RefusedError
        local = name.rpartition("|")[2]
        self._open.append((local, {}, attributes.get("value")))

    def end(self, _name: str) -> None:
        name, held, value = self._open.pop()
        parent, into, _ = self._open[-1]
        said: Any = value if value is not None else held
        if isinstance(said, dict) and _is_resource(name):
            said = {"resourceType": name, **said}
            if parent in {"resource", "contained"}:
                into.update(said)
                return
        if name not in into:
            into[name] = said
        elif isinstance(into[name], list):
            into[name].append(said)
        else:
            into[name] = [into[name], said]


def _is_resource(name: str) -> bool:
    return name[:1].isupper()


def _refuse(*_: Any) -> int:
    raise _RefusedError


def read(body: bytes) -> Any:
    """Return the resource in ``body`` as JSON would give it, or None where it is none."""
    if b"<" not in body.lstrip()[:4]:  # behind the mark of UTF-16
        return None
    reader, parser = _Reader(), expat.ParserCreate(namespace_separator="|")
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003  expat takes it by its place
    except (expat.ExpatError, _RefusedError, ValueError, LookupError):
        return None
    (root,) = reader.root.values()
    return root
