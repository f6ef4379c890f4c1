"""How passwords are hashed, and which are refused.

OWASP Password Storage Cheat Sheet for the hash; NIST SP 800-63B-4 section 3.1.1 and OWASP ASVS
5.0 section 6.2 for the rest: length, a list of what is guessed first and an estimate of how many
guesses it takes, no rules of composition.
"""

import unicodedata

from django.contrib.auth.hashers import Argon2PasswordHasher, make_password

LONGEST = 256


class Argon2id(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters: a tenth of the CPU of Django's own."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return super().encode(normalised(password), salt)


def normalised(password: str) -> str:
    # One form for all computers: a Mac sends é as two characters. Source: NIST SP 800-63B-4,
    # section 3.1.1.2 (NFKC).
    return unicodedata.normalize("NFKC", password)


def readings(typed: str) -> list[str]:
    """Return as what a typed password may have been hashed, the likeliest first.

    After the normalised one: without the spaces that were pasted with it, which NIST allows for,
    and as it was typed, for hashes from before passwords were normalised.
    """
    normal = normalised(typed)
    return list(dict.fromkeys((normal, normal.strip(), typed)))


def take_as_long(typed: str) -> None:
    """Take as long as checking a wrong password, where there is no such user."""
    for reading in readings(typed):
        make_password(reading)
