"""What browsers are asked with a passkey, as rows keep it."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

LIFETIME = timedelta(minutes=5)  # of what is asked; the browser gives up then
LONGEST_ID = 1023  # bytes: Web Authentication Level 2, section 4, Credential ID
LONGEST_TRANSPORTS = 60  # characters


@dataclass(frozen=True)
class Known:
    """A passkey that a person has: its id, and the ways in which a browser may reach it."""

    id: bytes
    transports: str = ""


def new_challenge() -> bytes:
    return secrets.token_bytes(32)
