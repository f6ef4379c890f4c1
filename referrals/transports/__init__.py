"""The seam between delivery and the ways to a pharmacy's system.

A transport takes an envelope, and what comes of it is an answer or a ``TransportError``. Each way
is a module of its own: there is one, ``bars``; ``settings.TRANSPORT`` names it.

Plain Python, so that a transport can be tried without a database or a broker.
"""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from referrals.verdicts import Reason, Verdict


@dataclass(frozen=True, slots=True)
class Envelope:
    """A stored message, the same bytes at every attempt, and where it goes."""

    message_id: UUID
    correlation_id: UUID
    bundle_id: UUID
    endpoint: str  # as the table of routes has it, "" where it has none
    headers: Mapping[str, str]
    body: bytes
    sent_at: datetime  # by the clock that all go by: what is answered may count from it


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attempt has come to, and what is stored of what the other side said."""

    verdict: Verdict
    status: int | None = None  # of HTTP
    body: bytes = b""


class TransportError(Exception):
    """There was no answer."""

    def __init__(
        self, message: str, *, reason: Reason, may_have_arrived: bool, permanent: bool = False
    ) -> None:
        """Take a message for a log, without patient data.

        Args:
            permanent: sending it again would change nothing.
        """
        super().__init__(message)
        self.reason = reason
        self.may_have_arrived = may_have_arrived
        self.permanent = permanent


class Transport(Protocol):
    """A way to pharmacies' systems, which many threads use at once."""

    def send(self, envelope: Envelope) -> "Future[Answer]":
        """Begin to send; no thread waits. The Answer, or a TransportError, comes within 20 seconds.

        What it raises itself means that nothing has left. Any other exception in the future is
        a fault of ours after that.
        """

    def probe(self) -> "Future[None]":
        """Return what is done as soon as the transport has shown that it works."""

    def close(self) -> None: ...
