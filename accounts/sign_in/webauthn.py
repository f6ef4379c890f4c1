"""Passkeys (WebAuthn): what browsers are asked for, and whether what they answer is right.

The only module that knows py_webauthn; it asks no database. The library compares origin, relying
party, challenge, signature, counter and user verification (PIN, finger or face).
Source: Web Authentication, an API for accessing Public Key Credentials, Level 2, section 7.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import webauthn
from django.conf import settings
from webauthn.helpers import options_to_json_dict, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.models.passkeys import CHALLENGE_LIFETIME, LONGEST_ID, Passkey
from accounts.web import access

LONGEST_ANSWER = 16_384  # characters; a usual one has under 1,500
_NAME = "PharmRefer"
_MILLISECONDS = int(CHALLENGE_LIFETIME.total_seconds() * 1000)


class NotRightError(Exception):
    """The answer does not fit the challenge, or is not an answer at all."""


class CopiedError(Exception):
    """The answer is right, but its counter is not ahead: the passkey has been copied."""


@dataclass(frozen=True)
class Made:
    """What a passkey's row holds of it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: str
    is_backed_up: bool


@dataclass(frozen=True)
class Used:
    sign_count: int
    is_backed_up: bool


def are_possible() -> bool:
    # Browsers make no passkeys for a bare IP address.
    try:
        ip_address(_host())
    except ValueError:
        return True
    return False


def _host() -> str:
    return str(settings.PUBLIC_URL.hostname)


def to_make(
    challenge: bytes, *, handle: bytes, user_name: str, full_name: str, known: Iterable[Passkey]
) -> dict[str, Any]:
    """Return what a browser is asked for a new passkey, ready for JSON.

    Args:
        handle: an opaque id of the user.
        known: the passkeys that they have: a device makes no second one.
    """
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=_NAME,
        user_id=handle,
        user_name=user_name,
        user_display_name=full_name,
        challenge=challenge,
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json_dict(options)


def to_use(challenge: bytes, *, known: Iterable[Passkey]) -> dict[str, Any]:
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=challenge,
        timeout=_MILLISECONDS,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def _described(known: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=bytes(each.credential_id),
            transports=[AuthenticatorTransport(way) for way in each.transports.split()],
        )
        for each in known
    ]


def check_made(answer: str, *, challenge: bytes) -> Made:
    """Return the new passkey, or raise NotRightError if it is not for this challenge and us."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=access.our_origin(),
            require_user_verification=True,
        )
        transports = _transports(answer)
    # Any error of the parsers means that these bytes are no passkey.
    except Exception as error:
        raise NotRightError from error
    if len(made.credential_id) > LONGEST_ID:
        raise NotRightError
    return Made(
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=transports,
        is_backed_up=made.credential_backed_up,
    )


def _transports(answer: str) -> str:
    said = json.loads(answer)["response"].get("transports") or []
    return " ".join(way.value for way in AuthenticatorTransport if way.value in said)


def id_in(answer: str) -> bytes:
    """Return the id of the passkey that the answer names; raise NotRightError if it names none."""
    try:
        return parse_authentication_credential_json(answer).raw_id
    except Exception as error:
        raise NotRightError from error


def check_used(answer: str, *, challenge: bytes, public_key: bytes, sign_count: int) -> Used:
    """Return the passkey's new counter and state after a correct use.

    Raises:
        NotRightError: the answer is not correct for this challenge, this passkey and us.
        CopiedError: only its counter is wrong.
    """
    try:
        return _checked(answer, challenge, public_key, sign_count)
    except NotRightError:
        if sign_count:
            # The library compares counters before signatures, and does not say which was wrong.
            # Check again without the counter: only the holder of the key may raise the alarm.
            _checked(answer, challenge, public_key, 0)
            raise CopiedError from None
        raise


def _checked(answer: str, challenge: bytes, public_key: bytes, sign_count: int) -> Used:
    try:
        used = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=access.our_origin(),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise NotRightError from error
    return Used(used.new_sign_count, used.credential_backed_up)
