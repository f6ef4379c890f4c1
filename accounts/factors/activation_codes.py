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
    # In groups, as in ``7KQM-2XRW-9TPD``.
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def clean(typed: str) -> str:
    return clean_text.code(typed).upper().translate(_LOOK_ALIKE)


def is_code(typed: str) -> bool:
    return re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", clean(typed)) is not None
