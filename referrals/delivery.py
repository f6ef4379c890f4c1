"""One attempt to deliver a message: claim it, and write down what came of it.

A claim is a lease for 45 seconds. The attempt is written down before it is made, and no
transaction is open while the network is asked: a crash leaves an attempt that is unknown, which
is the truth, and a lease that ends. That a message was accepted is written also where the lease
has gone to another worker, for it stays true; that it was not, only by the holder.

Rows are locked in the order pharmacy, message, attempt, referral. Of several messages, those that
are locked are skipped: the worker that holds one comes round to it again. Every moment is the
database's: ``now`` is given by tests alone.
"""

import logging
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, assert_never

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min

from accounts.prepared import Given, Prepared
from referrals import clock
from referrals.models.messages import Attempt, Message, Outcome
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from referrals.states import ReferralEvent
from referrals.transports import Answer
from referrals.verdicts import Verdict, VerdictKind

logger = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
FEW_TRIES = 4  # where trying again is unlikely to help
SUSPECT_AFTER = 3  # different messages that failed in a row
OPEN_AT_FIRST = timedelta(seconds=30)  # the circuit breaker
OPEN_AT_MOST = timedelta(minutes=10)
MOST_ASKED_FOR = timedelta(minutes=5)  # whatever a Retry-After says
NEW_FOR = timedelta(seconds=60)  # the sender may still look at the page
TAKEN_UP_WITHIN = timedelta(seconds=60)
OVERDUE_AFTER = timedelta(minutes=2)
MOST_ENQUEUED = 500


class Bounds(NamedTuple):
    """How many attempts for one pharmacy may be under way when another one begins."""

    first: int  # a message's first: so many firsts
    beside: int  # a message's first: so many of any kind
    again: int  # a message's second or later: so many of any kind


# A message that is tried again and again never keeps one out that was not tried yet.
WELL = Bounds(first=4, beside=4, again=3)
FAILING = Bounds(first=1, beside=2, again=1)
PROBED = Bounds(first=1, beside=1, again=1)

_LOCK = f"""
    SELECT id, endpoint, failures, failed_messages, not_before, {clock.SQL_NOW},
        EXISTS (
            SELECT FROM referrals_message AS other
            WHERE other.pharmacy_id = pharmacy.id
              AND other.next_attempt_at <= {clock.SQL_NOW} AND other.give_up_at > {clock.SQL_NOW}
              AND (other.lease_until IS NULL OR other.lease_until <= {clock.SQL_NOW})
        )
    FROM referrals_pharmacy AS pharmacy
    WHERE id = %(pharmacy)s
    FOR NO KEY UPDATE
    """  # noqa: S608
_COLUMNS = [field.attname for field in Message._meta.concrete_fields]
_CLAIM = f"""
    WITH under_way AS (
        SELECT count(*) AS all_of_them, count(*) FILTER (WHERE attempts_made = 1) AS firsts
        FROM referrals_message
        WHERE pharmacy_id = %(pharmacy)s
          AND next_attempt_at IS NOT NULL AND lease_until > %(now)s
    ), chosen AS (
        SELECT id FROM referrals_message, under_way
        WHERE pharmacy_id = %(pharmacy)s
          AND (%(message)s::uuid IS NULL OR id = %(message)s)
          AND next_attempt_at <= %(now)s AND give_up_at > %(now)s
          AND (lease_until IS NULL OR lease_until <= %(now)s)
          AND CASE
            WHEN attempts_made = 0 THEN firsts < %(first)s AND all_of_them < %(beside)s
            ELSE all_of_them < %(again)s
          END
        ORDER BY attempts_made = 0 AND created_at > %(new_since)s DESC,
            attempts_made, next_attempt_at
        LIMIT 1
        FOR NO KEY UPDATE OF referrals_message SKIP LOCKED
    ), claimed AS (
        UPDATE referrals_message AS message
        SET lease = %(lease)s, lease_until = %(until)s, attempts_made = attempts_made + 1
        FROM chosen WHERE message.id = chosen.id
        RETURNING message.*
    ), noted AS (
        INSERT INTO referrals_attempt
            (id, message_id, practice_id, number, started_at, outcome, reason, code)
        SELECT %(lease)s, id, practice_id, attempts_made, %(now)s, 'unknown', '', '' FROM claimed
    )
    SELECT {", ".join(_COLUMNS)} FROM claimed
    """  # noqa: S608  the model's names
_POSTPONE = """
    UPDATE referrals_message SET next_attempt_at = %(until)s, enqueued_until = NULL
    WHERE id IN (
        SELECT id FROM referrals_message
        WHERE pharmacy_id = %(pharmacy)s AND next_attempt_at <= %(now)s
          AND (lease_until IS NULL OR lease_until <= %(now)s)
        FOR NO KEY UPDATE SKIP LOCKED
    )
    """
_TO_ENQUEUE = """
    WITH due AS (
        SELECT id, pharmacy_id, next_attempt_at FROM referrals_message
        WHERE next_attempt_at <= %(now)s AND give_up_at > %(now)s
          AND (lease_until IS NULL OR lease_until <= %(now)s)
          AND (enqueued_until IS NULL OR enqueued_until <= %(now)s)
        FOR NO KEY UPDATE SKIP LOCKED
    ), few AS (
        SELECT pharmacy_id, pharmacy.failures > 0 AS is_suspect, min(next_attempt_at) AS since
        FROM due JOIN referrals_pharmacy AS pharmacy ON pharmacy.id = pharmacy_id
        GROUP BY pharmacy_id, pharmacy.failures ORDER BY is_suspect, since LIMIT %(most)s
    ), enqueued AS (
        UPDATE referrals_message SET enqueued_until = %(until)s
        WHERE id IN (SELECT id FROM due JOIN few USING (pharmacy_id))
    )
    SELECT pharmacy_id FROM few ORDER BY is_suspect, since
    """
_FINISH = """
    WITH finished AS (
        UPDATE referrals_attempt
        SET outcome = %(outcome)s, finished_at = %(now)s, reason = %(reason)s,
            status = %(status)s::integer, code = %(code)s
        WHERE id = %(lease)s AND finished_at IS NULL
    )
    """
_ACCEPT = f"""{_FINISH}
    UPDATE referrals_message
    SET delivered_at = %(now)s, sealed_receipt = %(receipt)s, next_attempt_at = NULL,
        lease = NULL, lease_until = NULL
    WHERE id = %(message)s AND delivered_at IS NULL
    """  # noqa: S608
_LET_GO = f"""{_FINISH}
    UPDATE referrals_message
    SET next_attempt_at = %(next)s, last_reason = %(reason)s, enqueued_until = NULL,
        lease = NULL, lease_until = NULL
    WHERE id = %(message)s AND lease = %(lease)s
    """  # noqa: S608

_REFERRAL_OF = Prepared(lambda: Referral.objects.filter(messages=Given("message")))
_PHARMACY_OF = Prepared(
    lambda: Message.objects.filter(pk=Given("message")).values_list("pharmacy_id")
)


@dataclass(frozen=True)
class Claim:
    """The right to make one attempt."""

    message: Message
    lease: uuid.UUID
    endpoint: str


class Finished(NamedTuple):
    """What is known of a pharmacy when an attempt is over."""

    is_suspect: bool
    has_more: bool  # other messages for it are due
    following: Claim | None = None  # of one of them


class _Locked(NamedTuple):
    """A pharmacy whose row is locked, with the time by the database's clock."""

    id: int
    endpoint: str
    failures: int
    failed_messages: list[uuid.UUID]
    not_before: datetime | None
    now: datetime
    has_more: bool


def _lock(pharmacy_id: int, now: datetime | None) -> _Locked | None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"pharmacy": pharmacy_id, "now": now})
        row = cursor.fetchone()
    return _Locked(*row) if row else None


def claim(message_id: uuid.UUID, *, now: datetime | None = None) -> Claim | None:
    """Take the lease of a message that is due, and write the attempt down.

    Returns None where it is not due, another worker has it, its pharmacy is busy with others, or
    the pharmacy's circuit breaker is open: then it waits until that is over.
    """
    pharmacy = _PHARMACY_OF.first(message=message_id)
    return _claim(pharmacy[0], message_id, now=now) if pharmacy else None


def claim_next(pharmacy_id: int, *, now: datetime | None = None) -> Claim | None:
    """Take the lease of the message whose turn it is at a pharmacy, as ``claim`` does.

    One that was sent just now comes first, then what was tried least often: what a pharmacy's
    system chokes on is behind all others.
    """
    return _claim(pharmacy_id, None, now=now)


def _claim(pharmacy_id: int, message_id: uuid.UUID | None, *, now: datetime | None) -> Claim | None:
    with transaction.atomic():
        pharmacy = _lock(pharmacy_id, now)
        return _claim_of(pharmacy, message_id) if pharmacy and pharmacy.has_more else None


def _claim_of(pharmacy: _Locked, message_id: uuid.UUID | None) -> Claim | None:
    parameters = {"pharmacy": pharmacy.id, "message": message_id, "now": pharmacy.now}
    with connection.cursor() as cursor:
        if pharmacy.not_before and pharmacy.not_before > pharmacy.now:
            cursor.execute(_POSTPONE, parameters | {"until": pharmacy.not_before})
            return None
        lease = uuid.uuid4()
        cursor.execute(_CLAIM, parameters | _terms(pharmacy, lease))
        row = cursor.fetchone()
    if row is None:
        return None
    return Claim(Message.from_db("default", _COLUMNS, row), lease, pharmacy.endpoint)


def _terms(pharmacy: _Locked, lease: uuid.UUID) -> dict[str, Any]:
    bounds = WELL
    if pharmacy.failures:
        bounds = FAILING if pharmacy.failures < SUSPECT_AFTER else PROBED
    times = {"until": pharmacy.now + Attempt.LEASE, "new_since": pharmacy.now - NEW_FOR}
    return {"lease": lease, **times, **bounds._asdict()}


def finish(
    claimed: Claim, answer: Answer, *, go_on: bool = False, now: datetime | None = None
) -> Finished:
    """Write down what came of an attempt, and what happens next.

    Args:
        go_on: where it was accepted, claim what is next for the same pharmacy, in the same
            transaction: committing costs as much as all else.
    """
    message, verdict = claimed.message, answer.verdict
    logger.info(
        "message %s, attempt %d: %s, %s, HTTP %s, %s",
        *(message.pk, message.attempts_made, verdict.kind, verdict.reason),
        *(answer.status or "-", verdict.code or "-"),
    )
    is_accepted, following = verdict.kind is VerdictKind.ACCEPTED, None
    with transaction.atomic():
        pharmacy = _lock(message.pharmacy_id, now)
        assert pharmacy  # noqa: S101  a message keeps it
        is_ours = _write(claimed, answer, now=pharmacy.now)
        if is_ours or is_accepted:  # else it comes from a worker that was frozen meanwhile
            pharmacy = _note_failures(pharmacy, message.pk, verdict)
        if is_accepted and is_ours:
            _referral_of(message.pk).apply(ReferralEvent.DELIVERED, by=None, at=pharmacy.now)
        elif is_ours and _is_final(message, verdict):
            end(message.pk, now=pharmacy.now)
        if go_on and is_accepted and pharmacy.has_more:
            following = _claim_of(pharmacy, None)
    return Finished(bool(pharmacy.failures), pharmacy.has_more, following)


def _write(claimed: Claim, answer: Answer, *, now: datetime) -> bool:
    """Write the attempt and the message; return whether that has changed the message.

    That it was accepted is stored even if another worker holds the lease by now.
    """
    message, verdict = claimed.message, answer.verdict
    parameters: dict[str, Any] = {
        "lease": claimed.lease,
        "message": message.pk,
        "outcome": _outcome(verdict),
        "reason": verdict.reason,
        "code": verdict.code,
        "status": answer.status,
        "now": now,
    }
    with connection.cursor() as cursor:
        if verdict.kind is VerdictKind.ACCEPTED:
            cursor.execute(_ACCEPT, parameters | {"receipt": message.seal_receipt(answer.body)})
        else:
            following = _next_attempt(message, verdict, now=now)
            cursor.execute(_LET_GO, parameters | {"next": following})
        return bool(cursor.rowcount)


def _outcome(verdict: Verdict) -> Outcome:
    match verdict.kind:
        case VerdictKind.ACCEPTED:
            return Outcome.ACCEPTED
        case VerdictKind.RETRY | VerdictKind.REFUSED:
            return Outcome.UNKNOWN if verdict.may_have_arrived else Outcome.FAILED
        case _:
            assert_never(verdict.kind)


def _note_failures(pharmacy: _Locked, message_id: uuid.UUID, verdict: Verdict) -> _Locked:
    """Count a failure of the pharmacy's system, or forget those that were counted.

    After a few the circuit breaker opens, for longer each time: nothing is sent to it until
    ``not_before``. That it refuses a message is not its failure, nor is a fault of ours.
    """
    if verdict.reason.is_ours:
        return pharmacy
    match verdict.kind:
        case VerdictKind.RETRY:
            noted = _one_more_failure(pharmacy, message_id)
            if asked := _asked_for(verdict):
                until = max(noted.not_before or pharmacy.now, pharmacy.now + asked)
                noted = noted._replace(not_before=until)
        case VerdictKind.ACCEPTED | VerdictKind.REFUSED:
            noted = pharmacy._replace(failures=0, failed_messages=[], not_before=None)
        case _:
            assert_never(verdict.kind)
    if noted != pharmacy:
        Pharmacy.objects.filter(pk=pharmacy.id).update(
            failures=noted.failures,
            failed_messages=noted.failed_messages,
            not_before=noted.not_before,
        )
    return noted


def _one_more_failure(pharmacy: _Locked, message_id: uuid.UUID) -> _Locked:
    """Count a failure, unless the same message was counted before: others may fare better.

    While the pharmacy's system is only probed, all count.
    """
    failures, failed = pharmacy.failures, pharmacy.failed_messages
    if message_id in failed and failures < SUSPECT_AFTER:
        return pharmacy
    failures, failed = failures + 1, [*failed, message_id][:SUSPECT_AFTER]
    not_before = pharmacy.not_before
    if failures >= SUSPECT_AFTER:
        not_before = pharmacy.now + _circuit_open_for(failures)
    return pharmacy._replace(failures=failures, failed_messages=failed, not_before=not_before)


def _circuit_open_for(failures: int) -> timedelta:
    longest = min(OPEN_AT_MOST, OPEN_AT_FIRST * 2 ** min(failures - SUSPECT_AFTER, 20))
    jittered: timedelta = longest * random.uniform(0.5, 1)  # noqa: S311  no secret
    return jittered


def _asked_for(verdict: Verdict) -> timedelta:
    return timedelta(seconds=max(0, min(verdict.retry_after or 0, MOST_ASKED_FOR.seconds)))


def _next_attempt(message: Message, verdict: Verdict, *, now: datetime) -> datetime:
    """Return when to try again: full jitter, so that nobody is asked by all at the same moment.

    Not later than a moment before we give up, if that is still to come.
    """
    doublings = min(message.attempts_made - 1, 20)
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2**doublings)
    wait = timedelta(seconds=random.uniform(0, longest.total_seconds()))  # noqa: S311  no secret
    wait = max(wait, _asked_for(verdict))
    last_chance = message.give_up_at - Attempt.LEASE
    return min(now + wait, last_chance) if last_chance > now else now + wait


def _is_final(message: Message, verdict: Verdict) -> bool:
    if not verdict.few_tries:
        return verdict.kind is VerdictKind.REFUSED
    alike = Attempt.objects.filter(message=message, reason=verdict.reason)
    return alike.count() >= FEW_TRIES


def end(message_id: uuid.UUID, *, now: datetime) -> None:
    """Send a message no more; the practice is told what is known of it. Call in a transaction."""
    message = Message.objects.filter(pk=message_id, next_attempt_at__isnull=False)
    if not message.unclaimed(now).update(next_attempt_at=None):
        return
    unknown = Attempt.objects.filter(message=message_id, outcome=Outcome.UNKNOWN)
    event = ReferralEvent.LOST_TRACK if unknown.exists() else ReferralEvent.GAVE_UP
    _referral_of(message_id).apply(event, by=None, at=now)


def _referral_of(message_id: uuid.UUID) -> Referral:
    (referral,) = _REFERRAL_OF.rows(message=message_id)
    return referral


def to_enqueue(*, now: datetime | None = None) -> list[int]:
    """Return pharmacies for which something is due and not enqueued, and note that it is now.

    Those whose systems work come first, then those that have waited longest.
    """
    now = now or clock.now()
    with connection.cursor() as cursor:
        until = now + TAKEN_UP_WITHIN
        cursor.execute(_TO_ENQUEUE, {"now": now, "until": until, "most": MOST_ENQUEUED})
        return [pharmacy_id for (pharmacy_id,) in cursor.fetchall()]


def note_not_enqueued(pharmacy_ids: Sequence[int]) -> None:
    waiting = Message.objects.filter(next_attempt_at__isnull=False, pharmacy__in=pharmacy_ids)
    with transaction.atomic():
        locked = waiting.select_for_update(skip_locked=True, no_key=True).values("pk")
        Message.objects.filter(pk__in=locked).update(enqueued_until=None)


def overdue(*, now: datetime | None = None) -> list[int]:
    """Return pharmacies with messages due a while ago: the broker or the workers must be down.

    Those whose systems work come first, then those that have waited longest.
    """
    now = now or clock.now()
    late = Message.objects.due(now - OVERDUE_AFTER).filter(give_up_at__gt=now)
    by_pharmacy = late.values("pharmacy").annotate(since=Min("next_attempt_at"))
    in_order = by_pharmacy.order_by("pharmacy__failures", "since")
    return list(in_order.values_list("pharmacy", flat=True)[:MOST_ENQUEUED])


def note_health() -> None:
    # The age of the file says that this process does its work.
    if settings.HEALTH_FILE:
        settings.HEALTH_FILE.touch()


def give_up(*, now: datetime | None = None) -> None:
    now = now or clock.now()
    expired = Message.objects.expired(now).order_by("give_up_at").values_list("pk", flat=True)
    for message_id in expired[:MOST_ENQUEUED]:
        try:
            with transaction.atomic():
                end(message_id, now=now)
        except Exception:
            logger.exception("message %s cannot be given up", message_id)
