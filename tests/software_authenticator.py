"""A passkey made of software: signs as a phone does, and shares no code with ours.

Written from Web Authentication Level 2, sections 5.8.1, 6.1 and 6.5, and RFC 9053.
"""

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

HOST = "pharmrefer.example"
PRESENT, VERIFIED, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08 | 0x10, 0x40


def text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


@dataclass
class SoftwareAuthenticator:
    """One key pair; what it says of itself can be changed."""

    host: str = HOST
    origin: str = f"https://{HOST}"
    flags: int = PRESENT | VERIFIED
    sign_count: int = 0
    counts: bool = True
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer what a browser is asked for a new passkey."""
        said = self._client_data("webauthn.create", asked["challenge"])
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._data(self.flags | ATTESTED) + attested + self._public_key()
        # A map in CBOR: the format is none, the statement is empty, and then the data.
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData"
        attestation += b"\x59" + struct.pack(">H", len(data)) + data
        response = {"clientDataJSON": text(said), "attestationObject": text(attestation)}
        return self._answer(response | {"transports": ["internal", "hybrid"]})

    def use(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer what a browser is asked for the use of a passkey."""
        self.sign_count += self.counts
        said = self._client_data("webauthn.get", asked["challenge"])
        data = self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(said),
                "authenticatorData": text(data),
                "signature": text(signature),
            }
        )

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = text(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(
            ">BI", flags, self.sign_count
        )

    def _public_key(self) -> bytes:
        """Return ``{1: 2, 3: -7, -1: 1, -2: x, -3: y}`` in CBOR: ES256 on P-256."""
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        return b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y


def octets(written: str) -> bytes:
    """Return what ``text`` has written."""
    return urlsafe_b64decode(written + "===")
