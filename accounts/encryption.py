"""Encrypts columns: AES-256-GCM, with the key's number in front and what it belongs to bound in.

A sealed value is ``key number (1 byte) + nonce (12) + ciphertext + tag (16)``. The first key of
``FIELD_KEYS`` seals; all of them open, so that keys can be changed while rows still bear the old
one. Source: NIST SP 800-38D; nonces are random, so a key must seal fewer than 2^32 values.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12  # bytes
TAG = 16  # bytes


class CannotOpenError(Exception):
    """A sealed value is damaged, belongs to something else, or its key is not in FIELD_KEYS."""

    @property
    def for_the_log(self) -> str:
        # The words quote nothing of a value: they say which key it is about.
        return str(self)


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def sealing_key() -> int:
    return next(iter(settings.FIELD_KEYS))


def older_keys() -> set[int]:
    return settings.FIELD_KEYS.keys() - {sealing_key()}


def seal(value: bytes, *, belongs_to: str) -> bytes:
    """Encrypt ``value`` so that it opens only for the same ``belongs_to``."""
    number, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE)
    return bytes([number]) + nonce + _cipher(key).encrypt(nonce, value, belongs_to.encode())


def key_number(sealed: bytes) -> int:
    """Return the number of the key that a value names; 0, which no key has, where it is empty."""
    return sealed[0] if sealed else 0


def reseal(sealed: bytes, *, belongs_to: str) -> bytes:
    return seal(unseal(sealed, belongs_to=belongs_to), belongs_to=belongs_to)


def unseal(sealed: bytes, *, belongs_to: str) -> bytes:
    """Decrypt what ``seal`` returned.

    Raises:
        CannotOpenError: it is not whole, not ``belongs_to``'s, or its key is missing.
    """
    if len(sealed) < 1 + NONCE + TAG:
        raise CannotOpenError("A sealed value has been cut off: restore the row from a backup.")
    number, nonce, ciphertext = sealed[0], sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
    key = settings.FIELD_KEYS.get(number)
    if key is None:
        raise CannotOpenError(f"FIELD_KEYS has no key {number}: put it back, behind the new ones.")
    try:
        return _cipher(key).decrypt(nonce, ciphertext, belongs_to.encode())
    except InvalidTag as error:
        raise CannotOpenError(
            f"A value sealed with key {number} does not open: the key in FIELD_KEYS is another "
            "one, or the row has been tampered with."
        ) from error
