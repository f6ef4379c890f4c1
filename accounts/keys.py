"""Random keys that open something for their holder, in a cookie or a link; and hashes."""

import hashlib
import hmac
import secrets

from django.conf import settings


def new() -> str:
    return secrets.token_urlsafe(32)


def hash_of_key(key: str) -> bytes:
    # The key itself is stored nowhere. It is random, so that plain SHA-256 is enough.
    return hashlib.sha256(key.encode()).digest()


def keyed_hash(purpose: str, text: str) -> bytes:
    """Return a SHA-256 that only a holder of SECRET_KEY can make; each purpose has its own."""
    key = hashlib.sha256(f"{purpose}{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, text.encode(), "sha256")
