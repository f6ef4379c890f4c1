"""Random keys that open something for whoever holds them, in a cookie or a link. Pure."""

import hashlib
import secrets


def new() -> str:
    """Return a key of 256 random bits, fit for a cookie or an address."""
    return secrets.token_urlsafe(32)


def hash_of_key(key: str) -> bytes:
    """Return what is stored of a key, which exists nowhere else; it is random: plain SHA-256."""
    return hashlib.sha256(key.encode()).digest()
