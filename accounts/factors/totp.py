"""One-time codes as authenticator apps make them: secrets, set-up addresses, matching.

Pure: it knows pyotp, and neither people nor rows. Every choice is the one that all
apps agree on, for Microsoft Authenticator ignores any other: SHA-1, 6 digits, 30 seconds
(RFC 6238, with the secret of RFC 4226 section 4: 160 bits).
"""

import base64
import re
import secrets
from datetime import datetime
from urllib.parse import quote

import pyotp

from accounts.text import clean_text

ISSUER = "PharmRefer"  # letters only: 2FAST splits and decodes what else might be in it
DIGITS = 6
PERIOD = 30  # seconds
WINDOW = 1  # steps either side that are accepted: a slow typist, a clock that is a little off
WIDE_WINDOW = 10  # steps either side in which a wrong clock is recognised, and still refused


class NotACodeError(ValueError):
    """What was typed is not six digits."""


def new_secret() -> str:
    # 160 bits are exactly 32 characters of base32: there is no padding.
    return base64.b32encode(secrets.token_bytes(20)).decode()


def provisioning_uri(secret: str, user_name: str) -> str:
    # The colon stays a colon and everything else is escaped, since 2FAST decodes the whole address
    # before it takes it apart. Source: Key Uri Format; draft-andesco-otpauth-uri-01.
    return (
        f"otpauth://totp/{ISSUER}:{quote(user_name, safe='')}"
        f"?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits={DIGITS}&period={PERIOD}"
    )


def clean_code(typed: str) -> str:
    """Return the six digits of a typed or pasted code, or raise NotACodeError."""
    code = clean_text.code(typed)
    if not re.fullmatch(r"[0-9]{6}", code, re.ASCII):
        raise NotACodeError
    return code


def matching_step(secret: str, code: str, at: datetime, window: int = WINDOW) -> int | None:
    """Return the 30-second step since 1970 in which ``secret`` gives ``code``, nearest first.

    Args:
        secret: base32.
        window: steps either side of ``at`` that are looked at.
    """
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=PERIOD)
    now = generator.timecode(at)
    for distance in range(window + 1):
        for step in sorted({now - distance, now + distance}):
            if secrets.compare_digest(generator.generate_otp(step), code):
                return step
    return None


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // PERIOD
