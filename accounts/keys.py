"""Random keys that open something for their holder, in a cookie or a link. Pure."""

import hashlib
import secrets


def new() -> str:
    return secrets.token_urlsafe(32)


def hash_of_key(key: str) -> bytes:
    # The key itself is stored nowhere. It is random, so that plain SHA-256 is enough.
    return hashlib.sha256(key.encode()).digest()
