"""One attempt to deliver a message: claim it, send it, write down what came of it.

A claim is a lease for 45 seconds. The attempt is written down before it is made, and no
transaction is open while the network is asked: a crash leaves an attempt that is unknown, which
is the truth, and a lease that ends. That a message was accepted is written whoever holds the
lease, for it stays true; that it was not, only by the holder.

Rows are locked in the order pharmacy, message, attempt, referral.
"""

import logging
import random
import re
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import Q
from django.utils import timezone

from accounts.prepared import Given, Prepared
from referrals import transports
from referrals.fhir import answers
from referrals.fhir.answers import Kind, Reason, Verdict
from referrals.models import ENDPOINT, Attempt, Message, Outcome, Pharmacy, Referral
from referrals.states import Event

logger = logging.getLogger(__name__)

AT_ONCE = 4  # attempts side by side for one pharmacy; one while it fails
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
FEW_TRIES = 4  # where trying again is unlikely to help
SUSPECT_AFTER = 3  # failures in a row
FIRST_PEACE = timedelta(seconds=30)
LONGEST_PEACE = timedelta(minutes=10)
HEARD_WITHIN = timedelta(seconds=60)
OVERDUE_AFTER = timedelta(minutes=2)
MOST_RUNG = 500

CLAIM = """
    WITH claimed AS (
        UPDATE referrals_message
        SET lease = %(lease)s, lease_until = %(until)s, attempts_made = attempts_made + 1
        WHERE id = %(message)s
          AND next_attempt_at <= %(now)s AND give_up_at > %(now)s
          AND (lease_until IS NULL OR lease_until <= %(now)s)
          AND (
            SELECT count(*) FROM referrals_message
            WHERE pharmacy_id = %(pharmacy)s
              AND next_attempt_at IS NOT NULL AND lease_until > %(now)s
          ) < %(at_once)s
        RETURNING id, practice_id, attempts_made
    )
    INSERT INTO referrals_attempt
        (id, message_id, practice_id, number, started_at, outcome, reason, code)
    SELECT %(lease)s, id, practice_id, attempts_made, %(now)s, 'unknown', '', '' FROM claimed
    """

_LOCKED_PHARMACY = Prepared(
    lambda: Pharmacy.objects.select_for_update(no_key=True).filter(pk=Given("id"))
)
_PHARMACY_OF = Prepared(
    lambda: Pharmacy.objects.select_for_update(no_key=True).filter(message=Given("message"))
)
_MESSAGE = Prepared(lambda: Message.objects.filter(pk=Given("id")))
_REFERRAL_OF = Prepared(lambda: Referral.objects.filter(messages=Given("message")))
_NEXT_DUE = Prepared(
    lambda: (
        Message.objects.due(Given("now"))
        .filter(pharmacy=Given("pharmacy"), give_up_at__gt=Given("now"))
        .order_by("next_attempt_at")
        .values_list("pk")[:1]
    )
)


@dataclass(frozen=True)
class Claim:
    """The right to make one attempt."""

    message: Message
    lease: uuid.UUID
    endpoint: str


def claim(message_id: uuid.UUID, *, now: datetime) -> Claim | None:
    """Take the lease of a message that is due, and write the attempt down.

    Returns None where it is not due, somebody else has it, or its pharmacy is busy with others
    or left in peace; then it waits until that is over.
    """
    lease = uuid.uuid4()
    with transaction.atomic():
        pharmacy = _PHARMACY_OF.first(message=message_id)
        if pharmacy is None:
            return None
        if pharmacy.not_before and pharmacy.not_before > now:
            due = Message.objects.due(now).filter(pk=message_id)
            due.update(next_attempt_at=pharmacy.not_before, rung_until=None)
            return None
        parameters: dict[str, Any] = {
            "lease": lease,
            "until": now + Attempt.LEASE,
            "message": message_id,
            "now": now,
            "pharmacy": pharmacy.pk,
            "at_once": 1 if pharmacy.failures else AT_ONCE,
        }
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, parameters)
            if not cursor.rowcount:
                return None
        (message,) = _MESSAGE.rows(id=message_id)
    return Claim(message, lease, pharmacy.endpoint)


def attempt(message_id: uuid.UUID, *, now: datetime) -> Kind | None:
    """Make one attempt, if the message is due; return what came of it, or None if none was made."""
    claimed = claim(message_id, now=now)
    if claimed is None:
        return None
    verdict, status, body = _send(claimed)
    _insist(lambda: finish(claimed, verdict, status=status, body=body, now=timezone.now()))
    return verdict.kind


def _insist(write: Callable[[], None]) -> None:
    """Write down what cannot be asked again, also when the database is away for a moment."""
    for wait in (0.5, 2.0, 5.0, None):
        try:
            return write()
        except (DatabaseError, InterfaceError) as error:
            if wait is None:
                raise  # the attempt stays unknown, and the lease ends
            logger.warning("writing down an attempt failed: %s", type(error).__name__)
            time.sleep(wait)
            close_old_connections()
    return None


def _send(claimed: Claim) -> tuple[Verdict, int | None, bytes]:
    """Ask the pharmacy's system; whatever goes wrong here is a verdict too."""
    message = claimed.message
    if not re.match(ENDPOINT, claimed.endpoint):  # none, or one that is not fit for patient data
        return Verdict(Kind.REFUSED, Reason.NO_ROUTE, may_have_arrived=False), None, b""
    has_left = False
    try:
        request = transports.Request(
            f"{claimed.endpoint.rstrip('/')}/$process-message", message.headers, message.body
        )
        has_left = True
        answer = transports.client().post(request)
        verdict = answers.read(
            answer,
            request_id=message.id,
            correlation_id=message.correlation_id,
            bundle_id=message.bundle_id,
            now=timezone.now(),
        )
    except transports.TransportError as error:
        # By its kind, as in ClientConnectorCertificateError: nobody there, or not who they say.
        logger.warning("message %s got no answer: %s", message.pk, error)
        reason = Reason.NO_ANSWER if error.may_have_arrived else Reason.UNREACHABLE
        return Verdict(Kind.RETRY, reason, may_have_arrived=error.may_have_arrived), None, b""
    except Exception:  # a fault of ours, such as a key that is missing: others must not wait for it
        logger.exception("message %s cannot be sent", message.pk)
        return Verdict(Kind.RETRY, Reason.OUR_FAULT, may_have_arrived=has_left), None, b""
    return verdict, answer.status, answer.body


def finish(
    claimed: Claim, verdict: Verdict, *, status: int | None, body: bytes, now: datetime
) -> None:
    """Write down what came of an attempt, and what happens next."""
    message = claimed.message
    logger.info(
        "message %s, attempt %d: %s, %s, HTTP %s, %s",
        *(message.pk, message.attempts_made, verdict.kind, verdict.reason),
        *(status or "-", verdict.code or "-"),
    )
    outcome = Outcome.UNKNOWN if verdict.may_have_arrived else Outcome.FAILED
    if verdict.kind is Kind.ACCEPTED:
        outcome = Outcome.ACCEPTED
    with transaction.atomic():
        _note_health(message.pharmacy_id, verdict, now=now)
        if verdict.kind is Kind.ACCEPTED:
            is_ours = _accept(message, body, now=now)
        else:
            is_ours = _wait(claimed, verdict, now=now)
        Attempt.objects.filter(pk=claimed.lease, finished_at=None).update(
            outcome=outcome,
            finished_at=now,
            reason=verdict.reason,
            status=status,
            code=verdict.code,
        )
        if verdict.kind is Kind.ACCEPTED and is_ours:
            _referral_of(message.pk).apply(Event.DELIVERED, by=None, at=now)
        elif is_ours and _is_final(message, verdict):
            end(message.pk, now=now)


def _note_health(pharmacy_id: int, verdict: Verdict, *, now: datetime) -> None:
    """Leave a pharmacy's system that keeps failing in peace, longer each time.

    That it refuses a message is not its failure, and nor is a fault of ours.
    """
    (locked,) = _LOCKED_PHARMACY.rows(id=pharmacy_id)
    if verdict.kind is not Kind.RETRY:
        if locked.failures:
            Pharmacy.objects.filter(pk=pharmacy_id).update(failures=0, not_before=None)
        return
    if verdict.reason is Reason.OUR_FAULT:
        return
    failures, not_before = locked.failures + 1, None
    if failures >= SUSPECT_AFTER:
        longest = min(LONGEST_PEACE, FIRST_PEACE * 2 ** min(failures - SUSPECT_AFTER, 20))
        not_before = now + longest * random.uniform(0.5, 1)  # noqa: S311  no secret
    if verdict.retry_after:
        not_before = max(not_before or now, now + timedelta(seconds=verdict.retry_after))
    Pharmacy.objects.filter(pk=pharmacy_id).update(failures=failures, not_before=not_before)


def _accept(message: Message, body: bytes, *, now: datetime) -> bool:
    """Store that the pharmacy's system has it, whatever was thought before; say if that is new."""
    return bool(
        Message.objects.filter(pk=message.pk, delivered_at=None).update(
            delivered_at=now,
            sealed_receipt=message.seal_receipt(body),
            next_attempt_at=None,
            lease=None,
            lease_until=None,
        )
    )


def _wait(claimed: Claim, verdict: Verdict, *, now: datetime) -> bool:
    """Let go of the lease until the next attempt; say whether it was still ours."""
    message = claimed.message
    return bool(
        Message.objects.filter(pk=message.pk, lease=claimed.lease).update(
            lease=None,
            lease_until=None,
            rung_until=None,
            last_reason=verdict.reason,
            next_attempt_at=_next_attempt(message, verdict, now=now),
        )
    )


def _next_attempt(message: Message, verdict: Verdict, *, now: datetime) -> datetime:
    """Return when to try again: full jitter, so that nobody is asked by all at the same moment.

    Not later than a moment before we give up, if that is still to come.
    """
    doublings = min(message.attempts_made - 1, 20)
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2**doublings)
    wait = timedelta(seconds=random.uniform(0, longest.total_seconds()))  # noqa: S311  no secret
    wait = max(wait, timedelta(seconds=verdict.retry_after or 0))
    last_chance = message.give_up_at - Attempt.LEASE
    return min(now + wait, last_chance) if last_chance > now else now + wait


def _is_final(message: Message, verdict: Verdict) -> bool:
    """Say whether trying again would not help."""
    if not verdict.few_tries:
        return verdict.kind is Kind.REFUSED
    alike = Attempt.objects.filter(message=message, reason=verdict.reason)
    return alike.count() >= FEW_TRIES


def end(message_id: uuid.UUID, *, now: datetime) -> None:
    """Send a message no more; the practice is told what is known of it. Call in a transaction."""
    message = Message.objects.filter(pk=message_id, next_attempt_at__isnull=False)
    if not message.unclaimed(now).update(next_attempt_at=None):
        return
    unknown = Attempt.objects.filter(message=message_id, outcome=Outcome.UNKNOWN)
    event = Event.LOST_TRACK if unknown.exists() else Event.GAVE_UP
    _referral_of(message_id).apply(event, by=None, at=now)


def _referral_of(message_id: uuid.UUID) -> Referral:
    (referral,) = _REFERRAL_OF.rows(message=message_id)
    return referral


def next_due(pharmacy_id: int, *, now: datetime) -> uuid.UUID | None:
    """Return a message that waits for the same pharmacy, to be sent by whoever has just sent."""
    found = _NEXT_DUE.first(now=now, pharmacy=pharmacy_id)
    return found[0] if found else None


def to_ring(*, now: datetime) -> list[uuid.UUID]:
    """Return messages that are due and whose bell nobody has heard, and note that it is rung."""
    with transaction.atomic():
        due = Message.objects.due(now).filter(Q(rung_until=None) | Q(rung_until__lte=now))
        locked = due.order_by("next_attempt_at").select_for_update(skip_locked=True)
        found = list(locked.values_list("pk", flat=True)[:MOST_RUNG])
        Message.objects.filter(pk__in=found).update(rung_until=now + HEARD_WITHIN)
    return found


def unring(message_ids: Sequence[uuid.UUID]) -> None:
    """Note that nobody could be rung for them after all."""
    Message.objects.filter(pk__in=message_ids).update(rung_until=None)


def overdue(*, now: datetime, at_most: int) -> list[uuid.UUID]:
    """Return messages that were due a while ago: the broker or the workers must be ill."""
    late = Message.objects.due(now - OVERDUE_AFTER)
    return list(late.order_by("next_attempt_at").values_list("pk", flat=True)[:at_most])


def note_health() -> None:
    """Touch the file whose age says that this process does its work."""
    if settings.HEALTH_FILE:
        settings.HEALTH_FILE.touch()


def give_up(*, now: datetime) -> None:
    """End the messages whose time is up; one that cannot be ended holds up no other."""
    expired = Message.objects.expired(now).order_by("give_up_at").values_list("pk", flat=True)
    for message_id in expired[:MOST_RUNG]:
        try:
            with transaction.atomic():
                end(message_id, now=now)
        except Exception:
            logger.exception("message %s cannot be given up", message_id)
