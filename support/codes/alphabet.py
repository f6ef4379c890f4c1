"""What a support code is made of: characters that sound distinct on the telephone. Pure.

Of those that are heard as each other (B, C, D, E, G, P, T, V and 3; J and K; H and 8; F, S and X;
M and N; Q and U; 5 and 9) one is used, and a typed one that can only mean another counts as that.
No vowels, so no words; a letter and a digit in each group, so that nobody takes it for the six
digits of an authenticator app. That makes 1.8 thousand million codes: where 1,000 work at the same
time, one guess in 1.8 million finds any.
"""

import re
import secrets

from accounts.text import clean_text

DIGITS = "012346789"
LETTERS = "FKMQRW"
GROUP = 4  # characters
LENGTH = 2 * GROUP
_HEARD_OR_SEEN_AS = str.maketrans("OILZSXNUJHB5", "0112FFMQK889")


def new() -> str:
    # With a space, as in ``7K3M 42QR``: activation codes have hyphens.
    return f"{_group()} {_group()}"


def _group() -> str:
    while True:
        group = "".join(secrets.choice(DIGITS + LETTERS) for _ in range(GROUP))
        if set(group) & set(DIGITS) and set(group) & set(LETTERS):
            return group


def clean(typed: str) -> str:
    """Return the characters that are meant, without the space."""
    return clean_text.code(typed).upper().translate(_HEARD_OR_SEEN_AS)


def is_code(cleaned: str) -> bool:
    return re.fullmatch(f"[{DIGITS}{LETTERS}]{{{LENGTH}}}", cleaned) is not None
