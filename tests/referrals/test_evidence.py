"""Timeline, attempts and access log: the application's role can add to them, now, and no more."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from referrals import delivery, drafts
from referrals.models.messages import Attempt, Message, Outcome
from referrals.models.referrals import Referral, TimelineEntry
from referrals.transports import Answer
from referrals.verdicts import Reason, Verdict, VerdictKind
from tests import evidence, factories
from tests.evidence import refused

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
AN_ACCESS = {"referral_id": uuid.uuid4(), "practice_id": 1, "person_id": 1, "action": "viewed"}
AN_ENTRY = {"referral_id": uuid.uuid4(), "practice_id": 1, "event": "delivered"}
AN_ATTEMPT = {"id": uuid.uuid4(), "message_id": uuid.uuid4(), "practice_id": 1, "number": 1}
AN_ATTEMPT |= {"outcome": "unknown", "reason": "", "code": ""}


@pytest.fixture
def claimed() -> delivery.Claim:
    """An attempt under way."""
    factories.sent()
    made = delivery.claim(Message.objects.get().pk, now=timezone.now())
    assert made
    return made


def finish(claimed: delivery.Claim, kind: VerdictKind) -> None:
    verdict = Verdict(kind, Reason.ACCEPTED, may_have_arrived=True)
    delivery.finish(claimed, Answer(verdict, 200), now=timezone.now())


@pytest.mark.usefixtures("claimed")
def test_a_timeline_is_only_added_to() -> None:
    assert TimelineEntry.objects.exists()
    assert refused("UPDATE referrals_timelineentry SET at = at")
    assert refused("UPDATE referrals_timelineentry SET by_id = NULL")
    assert refused("DELETE FROM referrals_timelineentry")
    assert refused("TRUNCATE referrals_timelineentry")


@pytest.mark.parametrize("column", ["message_id", "practice_id", "number", "started_at", "id"])
@pytest.mark.usefixtures("claimed")
def test_that_an_attempt_was_made_never_changes(column: str) -> None:
    assert refused(f"UPDATE referrals_attempt SET {column} = {column}")  # noqa: S608


@pytest.mark.usefixtures("claimed")
def test_attempts_and_messages_stay() -> None:
    assert refused("DELETE FROM referrals_attempt")
    assert refused("DELETE FROM referrals_message")


def test_what_has_come_of_an_attempt_is_written_once(claimed: delivery.Claim) -> None:
    assert refused("UPDATE referrals_attempt SET outcome = 'failed'")  # and not that it is over
    finish(claimed, VerdictKind.ACCEPTED)
    for change in ("outcome = 'failed'", "finished_at = NULL", "code = 'x'", "status = 500"):
        assert refused(f"UPDATE referrals_attempt SET {change}")  # noqa: S608
    assert Attempt.objects.get().outcome == Outcome.ACCEPTED


def test_writing_it_down_once_more_changes_nothing(claimed: delivery.Claim) -> None:
    """The database may have stored it, and its answer been lost."""
    for _ in range(2):
        finish(claimed, VerdictKind.ACCEPTED)
    assert Attempt.objects.get().outcome == Outcome.ACCEPTED
    assert TimelineEntry.objects.filter(event="delivered").count() == 1


def test_a_draft_is_still_deleted_by_hand_and_by_age() -> None:
    by = factories.member()
    drafts.discard(factories.draft(by=by), by=by)
    factories.draft(by=by)
    drafts.forget_old(now=timezone.now() + timedelta(days=8))
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("referrals_accesslogentry", AN_ACCESS | {"browser": ""}, "at"),
        ("referrals_timelineentry", AN_ENTRY, "at"),
        ("referrals_attempt", AN_ATTEMPT, "started_at"),
    ],
)
def test_a_row_says_when_it_was_written(table: str, row: dict[str, object], column: str) -> None:
    with evidence.application_with_triggers(table) as application:
        at = evidence.insert(application, table, row | {column: LONG_AGO}, column)
    assert isinstance(at, datetime)
    assert abs(at - timezone.now()) < timedelta(minutes=1)


def test_an_attempt_says_when_it_was_over() -> None:
    table = "referrals_attempt"
    with evidence.application_with_triggers(table) as application:
        row = AN_ATTEMPT | {"started_at": LONG_AGO, "finished_at": LONG_AGO}
        assert evidence.insert(application, table, row, "finished_at") is None
        over = "UPDATE referrals_attempt SET finished_at = '2020-01-01' WHERE id = %s"
        found = application.execute(f"{over} RETURNING finished_at".encode(), [row["id"]])
        (at,) = found.fetchone() or (LONG_AGO,)
    assert abs(at - timezone.now()) < timedelta(minutes=1)
