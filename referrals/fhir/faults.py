"""What is wrong with a message, and how to look into one: shared by what checks it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MessageFault:
    """Where a message breaks a rule, and which; never what stands there."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path} {self.sentence}"


class MessageError(Exception):
    """A receiver would refuse the message."""

    def __init__(self, faults: list[MessageFault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


def values(node: Any, path: Iterable[str]) -> list[Any]:
    """Return every value at ``path`` under ``node``; of a list on the way, those in each member."""
    found = [node]
    for name in path:
        below: list[Any] = []
        for each in found:
            if isinstance(each, dict) and name in each:
                value = each[name]
                if isinstance(value, list):
                    below += value
                else:
                    below.append(value)
        found = below
    return found


def dotted(resource: str, path: Iterable[str]) -> str:
    return ".".join((resource, *path))
