"""One-time activation codes: easy to read out on the telephone, hard to guess. Pure.

60 random bits in Crockford's base 32, which has no I, L, O or U; typed without care they still
match (https://www.crockford.com/base32.html).
"""

import re
import secrets

from accounts.text import clean_text

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12  # characters
_LOOK_ALIKE = str.maketrans("OIL", "011")


def new() -> str:
    """Return a code in groups, as in ``7KQM-2XRW-9TPD``."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def clean(typed: str) -> str:
    """Return the bare code: upper case, no spaces or hyphens, look-alikes told apart."""
    return clean_text.code(typed).upper().translate(_LOOK_ALIKE)


def is_code(typed: str) -> bool:
    """Say whether what was typed can be a code at all."""
    return re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", clean(typed)) is not None
