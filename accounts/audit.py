"""The audit: notes what happened, seals it into a chain, and says whether the chain is whole.

A note takes no lock, so that nobody waits for anybody else. A sealer gives every note a sequence
number and a hash over it and the hash before: whatever is changed, removed or put in between
later does not fit. The hash is keyed, so that the database's owner cannot make another chain.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from accounts.actor import Actor
from accounts.models.audit import AuditEvent, AuditReason, AuditSeal, Event, Factor, Remark
from accounts.models.people import User
from accounts.prepared import insert

MOST_AT_ONCE = 1000
LATE = 10_000  # numbers that a transaction may be behind others when it commits
LOCK = 7_261_503_114  # of who seals: any number that nothing else here uses
NOTHING = b""  # stands before the first


def made(  # noqa: PLR0913  each by its name
    event: Event,
    actor: Actor,
    *,
    person: User | None = None,
    by: User | None = None,
    factor: Factor = Factor.NONE,
    reason: AuditReason | Remark = AuditReason.NONE,
) -> AuditEvent:
    """Return a note of what happened, for whoever stores many at once.

    Args:
        person: whose account it is about.
        by: who did it for them; None where they did it themselves, or no user did.
    """
    return AuditEvent(
        at=actor.now,
        event=event,
        factor=factor,
        reason=reason,
        person=person,
        by=by,
        address=actor.origin.address,
        browser=actor.origin.browser,
    )


def note(  # noqa: PLR0913  each by its name
    event: Event,
    actor: Actor,
    *,
    person: User | None = None,
    by: User | None = None,
    factor: Factor = Factor.NONE,
    reason: AuditReason | Remark = AuditReason.NONE,
) -> None:
    """Write down what happened; it is undone only with the transaction that it stands in."""
    insert(made(event, actor, person=person, by=by, factor=factor, reason=reason))


def _chained(before: bytes, sequence: int, event: AuditEvent) -> bytes:
    said = [
        *(sequence, event.pk, event.at.astimezone(UTC).isoformat(timespec="microseconds")),
        *(event.event, event.factor, event.reason, event.person_id, event.by_id),
        *(event.address, event.browser),
    ]
    key = hmac.digest(settings.LOOKUP_KEY.encode(), b"accounts.audit", hashlib.sha256)
    return hmac.digest(key, before + json.dumps(said).encode(), hashlib.sha256)


def seal(*, everything: bool = False) -> int:
    """Put what was noted lately into the chain, or everything; return how much that was.

    Of two that seal at once one does it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s::bigint)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        last = AuditSeal.objects.order_by("-sequence").first()
        after = 0 if last is None or everything else last.event_id - LATE
        sequence = last.sequence if last else 0
        chain = bytes(last.chain_hash) if last else NOTHING
        seals = []
        unsealed = AuditEvent.objects.filter(pk__gt=after, auditseal=None).order_by("pk")
        for event in unsealed[:MOST_AT_ONCE]:
            sequence += 1
            chain = _chained(chain, sequence, event)
            seals.append(AuditSeal(sequence=sequence, event=event, chain_hash=chain))
        AuditSeal.objects.bulk_create(seals)
    return len(seals)


@dataclass
class Report:
    """What looking at the whole chain has shown."""

    sealed: int = 0
    head: str = ""  # sequence and hash of the last one: note it where nobody can change it
    faults: list[str] = field(default_factory=list)
    unsealed: int = 0
    waiting_for: timedelta = timedelta(0)  # how long the oldest unsealed one has waited


def head() -> str:
    """Return the sequence and hash of the last event of the chain, or nothing."""
    last = AuditSeal.objects.order_by("-sequence").first()
    return _head(last.sequence, bytes(last.chain_hash)) if last else ""


def _head(sequence: int, chain: bytes) -> str:
    return f"{sequence}:{chain.hex()}"


def verify(*, heads: list[str], now: datetime) -> Report:
    """Go through the chain from its beginning.

    Args:
        heads: what earlier reports, or the log, gave as head: each must still be in the chain.
    """
    report, before, expected = Report(), NOTHING, 1
    missing = set(heads)
    for sealed in _seals():
        if sealed.sequence != expected:
            report.faults.append(f"{expected} to {sealed.sequence - 1} are missing")
        chain = bytes(sealed.chain_hash)
        if sealed.event is None:
            report.faults.append(f"{sealed.sequence}: its event {sealed.event_id} is missing")
        elif chain != _chained(before, sealed.sequence, sealed.event):
            report.faults.append(f"{sealed.sequence}: event {sealed.event_id} was changed")
        before, expected = chain, sealed.sequence + 1
        report.head = _head(sealed.sequence, chain)
        missing.discard(report.head)
        report.sealed += 1
    report.faults += [f"the chain does not have {each}" for each in sorted(missing)]
    waiting = AuditEvent.objects.filter(auditseal=None).order_by("at")
    report.unsealed = waiting.count()
    if oldest := waiting.first():
        report.waiting_for = now - oldest.at
    return report


@dataclass(frozen=True)
class _Sealed:
    sequence: int
    event_id: int
    chain_hash: bytes
    event: AuditEvent | None


def _seals() -> Iterator[_Sealed]:
    """Yield all of the chain, also where its events are gone; it is never all in memory."""
    sequence = -(2**63)
    while some := list(
        AuditSeal.objects.filter(sequence__gt=sequence).order_by("sequence")[:MOST_AT_ONCE]
    ):
        events = AuditEvent.objects.in_bulk([each.event_id for each in some])
        for each in some:
            chain = bytes(each.chain_hash)
            yield _Sealed(each.sequence, each.event_id, chain, events.get(each.event_id))
        sequence = some[-1].sequence
