"""Makes support codes, and opens them for the service desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.actor import Actor
from accounts.errors import Denied
from accounts.keys import keyed_hash
from accounts.models.audit import Event
from accounts.models.people import User
from accounts.models.throttle import PER_ADDRESS, Throttle, TooManyTriesError, subject_of_address
from accounts.sign_in.attempts import claim
from accounts.wording import clock_time
from support.codes import alphabet
from support.models.support_codes import SupportCode, WhoAsks

MOST_TRIES = 3  # at a code that nobody has
NO_CODE = (
    "That is not a support code. It has 8 letters and digits, like 7K3M 42QR. Ask them to read it "
    "out again"
)
UNKNOWN = (
    "No support code like that works now. Check each letter and digit. A code works for 1 hour: "
    "after that, ask them to get a new one"
)


@dataclass(frozen=True)
class Asker:
    """Who asks for a support code, as far as it is known."""

    person: User | None
    how: WhoAsks


def make(asker: Asker, known: dict[str, Any], actor: Actor) -> tuple[SupportCode, str]:
    """Return the row, and the code, which is stored nowhere.

    Args:
        known: the other columns: page, what it said, and what was measured.

    Raises:
        Denied: too many were made from there.
    """
    _check_can_make(actor)
    made = SupportCode(
        made_at=actor.now,
        expires_at=actor.now + SupportCode.LIFETIME,
        who_asks=asker.how,
        person=asker.person,
        address=actor.origin.address,
        browser=actor.origin.browser,
        **known,
    )
    return made, _stored(made)


def _check_can_make(actor: Actor) -> None:
    subject = f"support-code:{subject_of_address(actor.origin, now=actor.now)}"
    try:
        Throttle.objects.claim(subject, PER_ADDRESS, now=actor.now)
    except TooManyTriesError as error:
        when = clock_time(error.allowed_at + timedelta(seconds=59))
        message = f"Too many support codes were made from here. You can get the next one at {when}"
        raise Denied(message) from error


def _stored(made: SupportCode) -> str:
    for tries in range(1, MOST_TRIES + 1):
        code = alphabet.new()
        made.code_hash = _hash(code)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:  # someone has the same code
            if tries == MOST_TRIES:
                raise
        else:
            break
    return code


def _hash(code: str) -> bytes:
    return keyed_hash("support.SupportCode", alphabet.clean(code))


def open_code(typed: str, actor: Actor) -> tuple[SupportCode, User | None]:
    """Return what a code that was read out stands for, and whose account it is about, if known.

    Only where the row names them too is it certain: else someone has typed a username. It is noted
    who has opened it.

    Raises:
        Denied: there is none, it has expired, or the member has tried too often.
    """
    if not alphabet.is_code(alphabet.clean(typed)):
        raise Denied(NO_CODE, "code")
    subject = f"support-code-typed:{actor.member.user_id}"
    claim(subject, now=actor.now)
    found = SupportCode.objects.filter(code_hash=_hash(typed)).select_related("person").first()
    if found is None:
        raise Denied(UNKNOWN, "code")
    Throttle.objects.forget(subject)
    if found.expires_at <= actor.now:
        when = clock_time(found.expires_at)
        raise Denied(f"That support code worked until {when}. Ask them to get a new one", "code")
    person = found.person or (User.with_name(found.user_name) if found.user_name else None)
    audit.note(Event.SUPPORT_CODE_OPENED, actor, person=person, by=actor.user)
    return found, person


def forget_expired(*, now: datetime) -> None:
    SupportCode.objects.filter(expires_at__lte=now).delete()
