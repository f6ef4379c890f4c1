"""What is sent to a pharmacy's system and how it can fail; ``over_http`` does it."""

import atexit
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from referrals.transports.over_http import Client


class TransportError(Exception):
    """There was no answer. ``may_have_arrived`` says whether the request may have."""

    def __init__(self, message: str, *, may_have_arrived: bool) -> None:
        """Take what happened, in words for a log."""
        super().__init__(message)
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True)
class Request:
    """What is posted, byte for byte."""

    url: str
    headers: Mapping[str, str]
    body: bytes


_one_at_a_time = threading.Lock()


@cache
def _started() -> "Client":
    # Loaded only now: it takes 0.2 s, and most processes never send.
    from referrals.transports.over_http import Client  # noqa: PLC0415

    made = Client()
    atexit.register(made.close)
    return made


def client() -> "Client":
    """Return the process's client, started when it is first needed."""
    with _one_at_a_time:  # many threads need it at the same moment
        return _started()
