"""Attempts to deliver, against the pharmacies' system in its own process, and at the wrong time."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from referrals import delivery, sending
from referrals.fhir import answers
from referrals.fhir.answers import Response
from referrals.models.messages import Attempt, Message, Outcome
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral, TimelineEntry
from referrals.states import State
from referrals.transports import Answer, TransportError
from referrals.transports.over_http import Client
from referrals.verdicts import Reason, Verdict, VerdictKind
from tests import factories
from tests.delivering import attempt as attempt_at
from tests.pharmacy_system import PharmacySystem

pytestmark = pytest.mark.django_db

NOBODY = "http://127.0.0.1:9"
FAILED = Verdict(VerdictKind.RETRY, Reason.UNAVAILABLE, may_have_arrived=False)
ACCEPTED = Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True)
REFUSED = Verdict(VerdictKind.REFUSED, Reason.REFUSED, may_have_arrived=False)


def broken(*_: Any, **__: Any) -> None:
    raise RuntimeError


@pytest.fixture
def message(system: PharmacySystem) -> Message:
    """A message on its way to a pharmacy that is there."""
    factories.sent(to=factories.pharmacy(endpoint=system.url))
    return Message.objects.get()


def attempt(message: Message) -> Attempt:
    """Make an attempt now, whenever it is due, and return its row."""
    Message.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
    Pharmacy.objects.update(not_before=None)
    assert attempt_at(message.pk, now=timezone.now())
    message.refresh_from_db()
    return message.attempts.latest("number")


def state() -> str:
    return Referral.objects.get().state


def received(system: PharmacySystem, message: Message) -> list[dict[str, Any]]:
    return [each for each in system.received() if each["request_id"] == str(message.pk)]


class TestDelivered:
    def test_the_pharmacy_has_it_and_its_reference_is_known(
        self, system: PharmacySystem, message: Message
    ) -> None:
        made = attempt(message)
        assert (made.outcome, made.number, made.status) == (Outcome.ACCEPTED, 1, 200)
        assert made.finished_at
        assert state() == State.DELIVERED
        assert message.next_attempt_at is None
        assert message.lease is None
        assert message.delivered_at
        (line,) = received(system, message)
        assert (line["outcome"], line["faults"]) == ("processed", [])
        assert answers.receipt(message.receipt).reference == line["reference"]
        assert [entry.event for entry in TimelineEntry.objects.all()] == ["submitted", "delivered"]

    def test_it_is_not_sent_again(self, system: PharmacySystem, message: Message) -> None:
        attempt(message)
        assert not attempt_at(message.pk, now=timezone.now() + timedelta(hours=1))
        assert len(received(system, message)) == 1

    def test_a_repeat_bears_the_same_bytes_and_headers(
        self, system: PharmacySystem, message: Message
    ) -> None:
        system.told("unavailable-503", times=1)
        attempt(message)
        attempt(message)
        first, second = received(system, message)
        assert first["headers"] == second["headers"]
        assert first["bundle_id"] == second["bundle_id"] == str(message.bundle_id)
        assert state() == State.DELIVERED

    def test_that_they_have_it_already_is_a_success(
        self, system: PharmacySystem, message: Message
    ) -> None:
        system.told("process-and-drop", times=1)
        assert attempt(message).outcome == Outcome.UNKNOWN
        assert state() == State.SENDING
        made = attempt(message)
        assert (made.outcome, made.status, made.reason) == (Outcome.ACCEPTED, 409, "duplicate")
        assert state() == State.DELIVERED
        assert [each["outcome"] for each in received(system, message)] == ["processed", "duplicate"]
        assert answers.receipt(message.receipt).reference == ""

    def test_it_was_received_when_the_answer_came_and_not_when_it_was_asked_for(
        self, message: Message
    ) -> None:
        due = timezone.now() - timedelta(minutes=1)
        Message.objects.update(next_attempt_at=due)
        before = timezone.now()
        assert attempt_at(message.pk, now=due) is VerdictKind.ACCEPTED
        message.refresh_from_db()
        finished_at = Attempt.objects.get().finished_at
        assert message.delivered_at
        assert finished_at
        assert before < min(message.delivered_at, finished_at)

    @pytest.mark.parametrize("endpoint", ["http://localhost/r4", "http://localhost/r4/"])
    def test_it_goes_to_the_operation_below_the_pharmacys_address(
        self, message: Message, monkeypatch: pytest.MonkeyPatch, endpoint: str
    ) -> None:
        heard: list[str] = []

        async def answered(_: Client, url: str, *_rest: object) -> Response:
            heard.append(url)
            raise TransportError("nobody", reason=Reason.UNREACHABLE, may_have_arrived=False)

        monkeypatch.setattr(Client, "answered", answered)
        Pharmacy.objects.update(endpoint=endpoint)
        attempt(message)
        assert heard == ["http://localhost/r4/$process-message"]


@pytest.mark.parametrize(
    ("mode", "reason", "outcome"),
    [
        ("unavailable-503", "unavailable", Outcome.FAILED),
        ("too-many-requests-429", "busy", Outcome.FAILED),
        ("rec-timeout-408", "timeout", Outcome.UNKNOWN),
        ("too-early-425", "in-progress", Outcome.UNKNOWN),
        ("proxy-timeout-504", "timeout", Outcome.UNKNOWN),
        ("server-error-500", "failed", Outcome.UNKNOWN),
        ("unauthorized-401", "our-access", Outcome.FAILED),
        ("html-502", "no-answer", Outcome.UNKNOWN),
        ("redirect", "no-answer", Outcome.UNKNOWN),
        ("garbage", "unreadable", Outcome.UNKNOWN),
        ("wrong-bundle-id", "unreadable", Outcome.UNKNOWN),
        ("drop", "no-answer", Outcome.UNKNOWN),
    ],
)
def test_what_may_pass_is_tried_again_and_then_delivered(
    system: PharmacySystem, message: Message, mode: str, reason: str, outcome: str
) -> None:
    system.told(mode, times=1)
    before = timezone.now()
    made = attempt(message)
    assert (made.reason, made.outcome) == (reason, outcome)
    assert message.last_reason == reason
    assert message.next_attempt_at
    assert before < message.next_attempt_at < before + timedelta(seconds=20)
    assert (message.lease, state()) == (None, State.SENDING)
    assert attempt(message).outcome == Outcome.ACCEPTED
    assert state() == State.DELIVERED


def test_ids_that_a_proxy_has_taken_away_change_nothing_where_the_bundle_is_ours(
    system: PharmacySystem, message: Message
) -> None:
    system.told("no-ids", times=1)
    assert attempt(message).outcome == Outcome.ACCEPTED
    assert state() == State.DELIVERED


@pytest.mark.parametrize(
    ("mode", "reason", "then"),
    [
        ("bad-request-400", "not-understood", State.NOT_DELIVERED),
        ("rec-forbidden-403", "refused", State.NOT_DELIVERED),
        ("not-found-404", "not-found", State.NOT_DELIVERED),
        ("conflict-409", "conflict", State.NOT_DELIVERED),
        ("unprocessable-422", "not-understood", State.NOT_DELIVERED),
        ("server-error-500-exception", "failed", State.NOT_CONFIRMED),
    ],
)
def test_what_will_not_pass_ends_at_once(
    system: PharmacySystem, message: Message, mode: str, reason: str, then: State
) -> None:
    system.told(mode)
    made = attempt(message)
    assert (made.reason, message.last_reason) == (reason, reason)
    assert message.next_attempt_at is None
    assert state() == then


def test_a_passing_fault_that_stays_is_tried_a_few_times(
    system: PharmacySystem, message: Message
) -> None:
    system.told("server-error-500")
    for _ in range(delivery.FEW_TRIES):
        assert state() == State.SENDING
        attempt(message)
    assert state() == State.NOT_CONFIRMED
    assert message.attempts_made == delivery.FEW_TRIES


def test_a_pharmacy_that_is_away_is_tried_until_time_is_up(
    system: PharmacySystem, message: Message
) -> None:
    system.told("unavailable-503")
    for _ in range(delivery.FEW_TRIES + 2):
        attempt(message)
    assert message.next_attempt_at
    assert state() == State.SENDING


def test_a_refusal_after_an_unknown_attempt_is_not_confirmed(
    system: PharmacySystem, message: Message
) -> None:
    system.told("process-and-drop", times=1)
    attempt(message)
    system.told("not-found-404")
    attempt(message)
    assert state() == State.NOT_CONFIRMED


def test_a_pharmacy_that_is_not_there_has_not_got_it(message: Message) -> None:
    Pharmacy.objects.update(endpoint=NOBODY)
    made = attempt(message)
    assert (made.outcome, made.reason, made.status) == (Outcome.FAILED, "unreachable", None)


@pytest.mark.parametrize("endpoint", ["", "http://pharmacy.example", "https://a@pharmacy.example"])
def test_a_pharmacy_without_a_route_fit_for_patient_data_ends_it(
    message: Message, endpoint: str
) -> None:
    Pharmacy.objects.update(endpoint=endpoint)
    assert attempt(message).reason == "no-route"
    assert state() == State.NOT_DELIVERED


class TestClaiming:
    def test_workers_count_what_a_pharmacy_gets_one_after_another(self, message: Message) -> None:
        with CaptureQueriesContext(connection) as queries:
            delivery.claim(message.pk, now=timezone.now())
        locks = [each["sql"] for each in queries if "FOR NO KEY UPDATE" in each["sql"]]
        assert "FROM referrals_pharmacy" in locks[0]
        assert all("SKIP LOCKED" in sql for sql in locks[1:])  # for no message it is waited

    def test_the_attempt_is_written_before_it_is_made(self, message: Message) -> None:
        now = timezone.now()
        claimed = delivery.claim(message.pk, now=now)
        assert claimed
        made = Attempt.objects.get()
        assert (made.pk, made.outcome, made.finished_at) == (claimed.lease, Outcome.UNKNOWN, None)
        assert (made.number, made.started_at, made.practice_id) == (1, now, message.practice_id)
        assert claimed.message.lease_until == now + timedelta(seconds=45)

    def test_nobody_else_gets_it_until_the_lease_ends(self, message: Message) -> None:
        now = timezone.now()
        first = delivery.claim(message.pk, now=now)
        assert delivery.claim(message.pk, now=now + timedelta(seconds=44)) is None
        second = delivery.claim(message.pk, now=now + timedelta(seconds=45))
        assert first
        assert second
        assert second.lease != first.lease
        assert [made.number for made in Attempt.objects.order_by("number")] == [1, 2]

    @pytest.mark.parametrize(
        "change",
        [
            lambda now: {"next_attempt_at": now + timedelta(seconds=1)},
            lambda _now: {"next_attempt_at": None},
            lambda now: {"give_up_at": now},
        ],
    )
    def test_what_is_not_due_is_left_alone(self, message: Message, change: Any) -> None:
        now = timezone.now()
        Message.objects.update(**change(now))
        assert delivery.claim(message.pk, now=now) is None
        assert not Attempt.objects.exists()

    def test_an_unknown_message_is_nobodys(self) -> None:
        assert delivery.claim(uuid.uuid4(), now=timezone.now()) is None

    @pytest.fixture
    def to(self) -> Pharmacy:
        """A pharmacy that more is sent to than it gets at once."""
        to, by = factories.pharmacy(), factories.member()
        for _ in range(6):
            factories.sent(to=to, by=by)
        return to

    def taken(self, to: Pharmacy, *, now: datetime | None = None) -> list[int]:
        """Claim what can be claimed; return which attempt at its message each is."""
        claims = iter(lambda: delivery.claim_next(to.pk, now=now), None)
        return [claimed.message.attempts_made for claimed in claims]

    def test_a_pharmacy_gets_a_few_at_once_and_others_do_not_wait_for_it(
        self, to: Pharmacy
    ) -> None:
        other = factories.sent(to=factories.pharmacy()).messages.get()
        assert self.taken(to) == [1] * 4
        assert delivery.claim(Message.objects.filter(attempts_made=0, pharmacy=to)[0].pk) is None
        assert delivery.claim(other.pk)

    @pytest.mark.parametrize(
        ("failures", "again", "taken"),
        [
            (0, 0, [1] * 4),
            (0, 5, [1, 2, 2]),  # a place is kept for one that was not tried yet
            (0, 6, [2] * 3),
            (1, 0, [1]),
            (1, 1, [1]),
            (1, 6, [2]),
            (3, 0, [1]),
            (3, 5, [1]),
            (3, 6, [2]),
        ],
    )
    def test_one_that_fails_gets_one_at_once(
        self, to: Pharmacy, failures: int, again: int, taken: list[int]
    ) -> None:
        Pharmacy.objects.filter(pk=to.pk).update(failures=failures)
        tried = Message.objects.filter(pharmacy=to).values_list("pk", flat=True)[:again]
        Message.objects.filter(pk__in=list(tried)).update(attempts_made=1)
        assert self.taken(to) == taken

    @pytest.mark.parametrize(("failures", "gets_it"), [(0, True), (2, True), (3, False)])
    def test_one_that_was_not_tried_does_not_wait_for_one_that_is_tried_again(
        self, to: Pharmacy, failures: int, gets_it: bool
    ) -> None:
        bad, good = Message.objects.filter(pharmacy=to)[:2]
        Message.objects.filter(pk=bad.pk).update(attempts_made=5)
        Pharmacy.objects.filter(pk=to.pk).update(failures=failures)
        assert delivery.claim(bad.pk)
        assert bool(delivery.claim(good.pk)) is gets_it

    def test_the_least_tried_comes_first_but_for_one_that_was_sent_just_now(self) -> None:
        to, by, now = factories.pharmacy(), factories.member(), timezone.now()
        ages = {"new": (5, 0), "old": (90, 0), "older": (300, 0), "bad": (400, 1), "worse": (9, 2)}
        names = {}
        for name, (age, tried) in ages.items():
            at = now - timedelta(seconds=age)
            made = factories.sent(to=to, by=by, at=at).messages.get()
            Message.objects.filter(pk=made.pk).update(attempts_made=tried)
            names[made.pk] = name
        found = []
        for _ in ages:
            claimed = delivery.claim_next(to.pk, now=now)
            assert claimed
            found.append(names[claimed.message.pk])
            Message.objects.filter(pk=claimed.message.pk).update(next_attempt_at=None)
        assert found == ["new", "older", "old", "bad", "worse"]

    def test_what_is_out_of_time_is_not_gone_on_with(self, message: Message) -> None:
        now = timezone.now()
        Message.objects.update(give_up_at=now)
        assert delivery.claim_next(message.pharmacy_id, now=now) is None


@pytest.mark.usefixtures("message")
class TestTheClock:
    """Moments are the database's: this machine's clock may show anything."""

    @pytest.fixture(autouse=True)
    def _hours_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + timedelta(hours=3))

    def test_nothing_is_given_up_early(self) -> None:
        delivery.give_up()
        assert state() == State.SENDING

    def test_it_is_sent_and_its_moments_are_right(self, message: Message) -> None:
        assert attempt_at(message.pk) is VerdictKind.ACCEPTED
        message.refresh_from_db()
        made = Attempt.objects.get()
        for moment in (made.started_at, made.finished_at, message.delivered_at):
            assert moment
            assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)

    def test_what_is_sent_is_due_at_once_and_in_time(self) -> None:
        made = factories.sent().messages.get()
        now = datetime.now(UTC)
        assert made.next_attempt_at
        assert abs(made.next_attempt_at - now) < timedelta(minutes=1)
        assert made.give_up_at - made.next_attempt_at == timedelta(hours=2)

    def test_it_is_enqueued_and_only_what_is_late_is_overdue(self, message: Message) -> None:
        assert delivery.overdue() == []
        assert delivery.to_enqueue() == [message.pharmacy_id]


class TestWhoHoldsTheLease:
    """A worker that was frozen for a minute comes back to a message that others have taken up."""

    @pytest.fixture
    def zombie(self, message: Message) -> delivery.Claim:
        claimed = delivery.claim(message.pk, now=timezone.now() - timedelta(minutes=1))
        return claimed or pytest.fail("not due")

    @pytest.fixture(autouse=True)
    def _due_earlier(self, message: Message) -> None:
        Message.objects.filter(pk=message.pk).update(
            next_attempt_at=timezone.now() - timedelta(minutes=2)
        )

    def test_its_failure_is_noted_and_changes_nothing(
        self, message: Message, zombie: delivery.Claim
    ) -> None:
        mine = delivery.claim(message.pk, now=timezone.now())
        for verdict in (FAILED, REFUSED):
            delivery.finish(zombie, Answer(verdict, 503), now=timezone.now())
        message.refresh_from_db()
        assert mine
        assert (message.lease, state()) == (mine.lease, State.SENDING)
        assert Attempt.objects.get(pk=zombie.lease).outcome == Outcome.FAILED
        assert Attempt.objects.get(pk=mine.lease).outcome == Outcome.UNKNOWN
        assert Pharmacy.objects.get().failures == 0

    def test_its_success_counts(self, message: Message, zombie: delivery.Claim) -> None:
        mine = delivery.claim(message.pk, now=timezone.now())
        assert mine
        delivery.finish(zombie, Answer(ACCEPTED, 200, b"{}"), now=timezone.now())
        assert state() == State.DELIVERED
        delivery.finish(mine, Answer(FAILED, 503), now=timezone.now())
        message.refresh_from_db()
        assert (message.next_attempt_at, state()) == (None, State.DELIVERED)

    def test_a_second_success_is_noted_once(self, message: Message, zombie: delivery.Claim) -> None:
        mine = delivery.claim(message.pk, now=timezone.now())
        assert mine
        for claimed in (mine, zombie):
            delivery.finish(claimed, Answer(ACCEPTED, 200, b"{}"), now=timezone.now())
        assert TimelineEntry.objects.filter(event="delivered").count() == 1

    def test_what_the_first_success_said_stays(
        self, message: Message, zombie: delivery.Claim
    ) -> None:
        mine, now = delivery.claim(message.pk, now=timezone.now()), timezone.now()
        assert mine
        delivery.finish(mine, Answer(ACCEPTED, 200, b'{"entry": []}'), now=now)
        later = now + timedelta(seconds=9)
        delivery.finish(zombie, Answer(ACCEPTED, 409, b"{}"), now=later)
        message.refresh_from_db()
        assert (message.receipt, message.delivered_at) == (b'{"entry": []}', now)

    def test_its_refusal_does_not_end_what_waits_for_another_attempt(
        self, message: Message, zombie: delivery.Claim
    ) -> None:
        mine = delivery.claim(message.pk, now=timezone.now())
        assert mine
        delivery.finish(mine, Answer(FAILED, 503), now=timezone.now())
        delivery.finish(zombie, Answer(REFUSED, 403), now=timezone.now())
        message.refresh_from_db()
        assert message.next_attempt_at
        assert state() == State.SENDING


@pytest.mark.parametrize("verdict", [ACCEPTED, REFUSED])
def test_what_came_of_an_attempt_is_written_down_wholly_or_not_at_all(
    message: Message, monkeypatch: pytest.MonkeyPatch, verdict: Verdict
) -> None:
    claimed = delivery.claim(message.pk, now=timezone.now())
    assert claimed
    monkeypatch.setattr(Referral, "apply", broken)
    with pytest.raises(RuntimeError):
        delivery.finish(claimed, Answer(verdict, 200, b"{}"), now=timezone.now())
    message.refresh_from_db()
    assert (message.lease, message.delivered_at) == (claimed.lease, None)
    assert message.next_attempt_at
    assert Attempt.objects.get().outcome == Outcome.UNKNOWN


@pytest.mark.parametrize(("verdict", "then"), [(None, State.SENDING), (ACCEPTED, State.DELIVERED)])
def test_what_is_being_sent_or_has_been_received_is_not_ended(
    message: Message, verdict: Verdict | None, then: State
) -> None:
    claimed = delivery.claim(message.pk, now=timezone.now())
    assert claimed
    if verdict:
        delivery.finish(claimed, Answer(verdict, 200, b"{}"), now=timezone.now())
    delivery.end(message.pk, now=timezone.now())
    assert state() == then


def test_other_faults_before_it_do_not_use_up_the_few_tries(
    system: PharmacySystem, message: Message
) -> None:
    system.told("unavailable-503", times=3)
    for _ in range(3):
        attempt(message)
    system.told("server-error-500", times=1)
    attempt(message)
    assert state() == State.SENDING


@pytest.mark.usefixtures("message")
class TestGivingUp:
    @pytest.fixture(autouse=True)
    def _time_is_up(self, message: Message) -> None:
        Message.objects.filter(pk=message.pk).update(give_up_at=timezone.now())

    def test_what_was_never_sent_is_not_delivered(self, message: Message) -> None:
        delivery.give_up(now=timezone.now())
        assert state() == State.NOT_DELIVERED
        message.refresh_from_db()
        assert message.next_attempt_at is None

    @pytest.mark.parametrize(
        ("outcome", "then"),
        [(Outcome.UNKNOWN, State.NOT_CONFIRMED), (Outcome.FAILED, State.NOT_DELIVERED)],
    )
    def test_an_attempt_that_nobody_knows_of_makes_it_not_confirmed(
        self, message: Message, outcome: Outcome, then: State
    ) -> None:
        Attempt.objects.create(
            message=message,
            practice=message.practice,
            number=1,
            started_at=timezone.now(),
            outcome=outcome,
        )
        delivery.give_up(now=timezone.now())
        assert state() == then

    def test_what_is_not_known_of_another_message_is_not_counted(self, message: Message) -> None:
        others = factories.sent().messages.get()
        Attempt.objects.create(
            message=others, practice=others.practice, number=1, started_at=timezone.now()
        )
        delivery.give_up(now=timezone.now())
        assert Referral.objects.get(messages=message).state == State.NOT_DELIVERED

    def test_it_is_done_wholly_or_not_at_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Referral, "apply", broken)
            delivery.give_up(now=timezone.now())
        assert state() == State.SENDING
        delivery.give_up(now=timezone.now())
        assert state() == State.NOT_DELIVERED

    def test_what_is_being_sent_is_waited_for(self) -> None:
        now = timezone.now()
        Message.objects.update(lease_until=now + timedelta(seconds=1))
        delivery.give_up(now=now)
        assert state() == State.SENDING
        delivery.give_up(now=now + timedelta(seconds=1))
        assert state() == State.NOT_DELIVERED

    def test_a_late_success_overrides_it(self, message: Message) -> None:
        Message.objects.update(give_up_at=timezone.now() + timedelta(hours=1))
        claimed = delivery.claim(message.pk, now=timezone.now())
        assert claimed
        delivery.give_up(now=timezone.now() + timedelta(hours=2))
        assert state() == State.NOT_CONFIRMED
        delivery.finish(claimed, Answer(ACCEPTED, 200, b"{}"), now=timezone.now())
        assert state() == State.DELIVERED

    def test_one_that_cannot_be_ended_holds_up_no_other(
        self, message: Message, caplog: pytest.LogCaptureFixture
    ) -> None:
        factories.sent()
        Message.objects.update(give_up_at=timezone.now())
        first = Message.objects.get(pk=message.pk)
        Message.objects.filter(pk=first.pk).update(give_up_at=timezone.now() - timedelta(hours=1))
        Referral.objects.filter(messages=first).update(state=State.DELIVERED)  # cannot be
        delivery.give_up(now=timezone.now())
        assert f"message {first.pk} cannot be given up" in caplog.text
        assert Referral.objects.exclude(messages=first).get().state == State.NOT_DELIVERED

    def test_it_is_done_once(self) -> None:
        delivery.give_up(now=timezone.now())
        delivery.give_up(now=timezone.now())
        assert TimelineEntry.objects.filter(event="gave_up").count() == 1


class TestWaiting:
    def waits(self, message: Message, verdict: Verdict) -> list[float]:
        """Return many waits after the same attempt, in seconds."""
        now = timezone.now()
        found = [delivery._next_attempt(message, verdict, now=now) - now for _ in range(200)]
        return [wait.total_seconds() for wait in found]

    @pytest.mark.parametrize(
        ("made", "longest"), [(1, 5), (2, 10), (3, 20), (8, 640), (9, 900), (30, 900), (2000, 900)]
    )
    def test_each_wait_is_anything_up_to_twice_as_long_and_at_most_15_minutes(
        self, message: Message, made: int, longest: int
    ) -> None:
        message.attempts_made = made
        waits = self.waits(message, FAILED)
        assert 0 <= min(waits) < longest / 4
        assert longest * 3 / 4 < max(waits) <= longest

    def test_the_pharmacy_may_ask_for_longer(self, message: Message) -> None:
        message.attempts_made = 1
        asked = Verdict(VerdictKind.RETRY, Reason.BUSY, may_have_arrived=False, retry_after=120)
        assert set(self.waits(message, asked)) == {120}

    @pytest.mark.parametrize(
        ("asked", "left", "waits"),
        [(299, 3600, 299), (1200, 3600, 300), (10**12, 3600, 300), (10**12, 200, 200 - 45)],
    )
    def test_that_is_granted_for_five_minutes_and_until_the_last_chance(
        self, message: Message, asked: int, left: int, waits: int
    ) -> None:
        now = timezone.now()
        message.attempts_made, message.give_up_at = 1, now + timedelta(seconds=left)
        verdict = Verdict(VerdictKind.RETRY, Reason.BUSY, may_have_arrived=False, retry_after=asked)
        found = delivery._next_attempt(message, verdict, now=now) - now
        assert found.total_seconds() == waits

    def test_there_is_one_last_chance_before_giving_up(self, message: Message) -> None:
        message.attempts_made = 30
        message.give_up_at = timezone.now() + timedelta(seconds=65)
        assert max(self.waits(message, FAILED)) <= 20
        message.give_up_at = timezone.now() + timedelta(seconds=40)
        assert max(self.waits(message, FAILED)) > 20


class TestBells:
    def all(self) -> "QuerySet[Message]":
        return Message.objects.all()

    def test_what_is_due_is_enqueued_once_a_minute(self, message: Message) -> None:
        now = timezone.now()
        assert delivery.to_enqueue(now=now) == [message.pharmacy_id]
        assert delivery.to_enqueue(now=now + timedelta(seconds=59)) == []
        assert delivery.to_enqueue(now=now + timedelta(seconds=60)) == [message.pharmacy_id]

    def test_what_waits_or_is_being_sent_is_not(self, message: Message) -> None:
        now = timezone.now()
        self.all().update(next_attempt_at=now + timedelta(seconds=1))
        assert delivery.to_enqueue(now=now) == []
        self.all().update(next_attempt_at=now, lease_until=now + timedelta(seconds=1))
        assert delivery.to_enqueue(now=now) == []
        assert delivery.to_enqueue(now=now + timedelta(seconds=1)) == [message.pharmacy_id]

    def test_a_failed_attempt_is_enqueued_as_soon_as_it_is_due_again(
        self, system: PharmacySystem, message: Message
    ) -> None:
        delivery.to_enqueue(now=timezone.now())
        system.told("unavailable-503", times=1)
        attempt(message)
        assert message.next_attempt_at
        assert delivery.to_enqueue(now=message.next_attempt_at) == [message.pharmacy_id]

    def test_two_minutes_late_is_overdue(self, message: Message) -> None:
        due = message.next_attempt_at
        assert due
        assert delivery.overdue(now=due + timedelta(seconds=119)) == []
        late = due + timedelta(seconds=121)
        assert delivery.overdue(now=late) == [message.pharmacy_id]
        self.all().update(lease_until=late + timedelta(seconds=1))
        assert delivery.overdue(now=late) == []

    def test_those_that_work_come_first_then_who_has_waited_longest(self) -> None:
        Message.objects.update(next_attempt_at=None)
        now, by = timezone.now(), factories.member()
        expected = {}
        for ago, failures in ((150, 0), (300, 0), (200, 0), (900, 1)):
            to = factories.pharmacy()
            Pharmacy.objects.filter(pk=to.pk).update(failures=failures)
            for _ in range(2):
                factories.sent(to=to, by=by, at=now - timedelta(seconds=ago))
            expected[ago] = to.pk
        in_order = [expected[ago] for ago in (300, 200, 150, 900)]
        assert delivery.overdue(now=now) == in_order
        assert delivery.to_enqueue(now=now) == in_order
        assert delivery.to_enqueue(now=now) == []

    def test_what_could_not_be_enqueued_is_enqueued_again(self, message: Message) -> None:
        now = timezone.now()
        delivery.note_not_enqueued(delivery.to_enqueue(now=now))
        assert delivery.to_enqueue(now=now) == [message.pharmacy_id]


class TestCircuitBreaker:
    """A pharmacy's system that keeps failing is not asked for a while, longer each time."""

    def open_for(self) -> float | None:
        """Return for how many seconds its circuit breaker is open."""
        until = Pharmacy.objects.get().not_before
        return (until - timezone.now()).total_seconds() if until else None

    @pytest.fixture
    def others(self, message: Message) -> list[Message]:
        """Messages to the same pharmacy: the first, and more."""
        by = factories.member()
        for _ in range(3):
            factories.sent(to=message.pharmacy, by=by)
        return [message, *Message.objects.exclude(pk=message.pk)]

    def test_after_three_messages_have_failed_it_is_asked_only_now_and_then(
        self, system: PharmacySystem, others: list[Message]
    ) -> None:
        system.told("unavailable-503")
        for each, longest in ((0, None), (1, None), (2, 30), (3, 60), (3, 120)):
            failures = Pharmacy.objects.get().failures
            attempt(others[each])
            assert Pharmacy.objects.get().failures == failures + 1
            open_for = self.open_for()
            assert (open_for is None) is (longest is None)
            if open_for and longest:
                assert longest / 2 - 1 < open_for <= longest
        Pharmacy.objects.update(failures=2000)
        attempt(others[0])
        assert 299 < (self.open_for() or 0) <= 600

    def test_one_message_that_fails_over_and_over_is_one_failure(
        self, system: PharmacySystem, message: Message
    ) -> None:
        system.told("unavailable-503")
        for _ in range(5):
            attempt(message)
            assert (Pharmacy.objects.get().failures, self.open_for()) == (1, None)

    def test_two_that_take_turns_are_two(
        self, system: PharmacySystem, others: list[Message]
    ) -> None:
        system.told("unavailable-503")
        for number in range(6):
            attempt(others[number % 2])
        assert (Pharmacy.objects.get().failures, self.open_for()) == (2, None)

    def test_a_success_between_them_begins_the_count_again(
        self, system: PharmacySystem, others: list[Message]
    ) -> None:
        for number in (0, 1):
            system.told("unavailable-503", times=1)
            attempt(others[number])
        attempt(others[2])
        for number in (0, 1):
            system.told("unavailable-503", times=1)
            attempt(others[number])
        assert (Pharmacy.objects.get().failures, self.open_for()) == (2, None)

    @pytest.mark.parametrize("reason", [Reason.OUR_FAULT, Reason.OUR_ACCESS])
    def test_what_is_ours_is_not_the_pharmacys(self, others: list[Message], reason: Reason) -> None:
        ours = Verdict(VerdictKind.RETRY, reason, may_have_arrived=False)
        for each in others:
            claimed = delivery.claim(each.pk)
            assert claimed
            delivery.finish(claimed, Answer(ours, 401))
        assert (Pharmacy.objects.get().failures, self.open_for()) == (0, None)

    def test_failures_at_the_same_moment_are_counted_one_after_the_other(
        self, message: Message
    ) -> None:
        claimed = delivery.claim(message.pk, now=timezone.now())
        assert claimed
        with CaptureQueriesContext(connection) as queries:
            delivery.finish(claimed, Answer(FAILED, 503), now=timezone.now())
        said = [each["sql"] for each in queries if "SAVEPOINT" not in each["sql"]]
        assert "FROM referrals_pharmacy" in said[0]
        assert "FOR NO KEY UPDATE" in said[0]

    def test_while_it_is_open_nothing_is_sent_and_the_row_says_until_when(
        self, message: Message
    ) -> None:
        now = timezone.now()
        until = now + timedelta(minutes=5)
        Pharmacy.objects.update(failures=4, not_before=until)
        Message.objects.update(enqueued_until=until)
        others = factories.sent(to=message.pharmacy).messages.get()
        assert attempt_at(message.pk, now=timezone.now()) is None
        for each in (message, others):
            each.refresh_from_db()
            assert (each.next_attempt_at, each.attempts_made) == (until, 0)
        assert delivery.to_enqueue(now=until) == [message.pharmacy_id]
        assert delivery.claim(message.pk, now=until)

    def test_a_message_that_waits_for_longer_is_not_called_earlier(self, message: Message) -> None:
        now = timezone.now()
        Message.objects.update(next_attempt_at=now + timedelta(hours=1))
        Pharmacy.objects.update(not_before=now + timedelta(minutes=5))
        assert delivery.claim(message.pk, now=now) is None
        message.refresh_from_db()
        assert message.next_attempt_at == now + timedelta(hours=1)

    def test_one_success_ends_it(self, system: PharmacySystem, message: Message) -> None:
        system.told("unavailable-503", times=3)
        for _ in range(4):
            attempt(message)
        pharmacy = Pharmacy.objects.get()
        assert (pharmacy.failures, pharmacy.not_before) == (0, None)

    def test_asking_for_time_is_granted_for_all_its_messages(
        self, system: PharmacySystem, message: Message
    ) -> None:
        system.told("too-many-requests-429", times=1, seconds=50)
        attempt(message)
        assert 48 < (self.open_for() or 0) <= 50

    def test_but_not_for_longer_than_five_minutes(self, message: Message) -> None:
        for asked in (3600, 10**12):
            Pharmacy.objects.update(not_before=None)
            Message.objects.update(next_attempt_at=timezone.now())
            claimed = delivery.claim(message.pk)
            assert claimed
            busy = Verdict(
                VerdictKind.RETRY, Reason.BUSY, may_have_arrived=False, retry_after=asked
            )
            delivery.finish(claimed, Answer(busy, 429))
            assert 298 < (self.open_for() or 0) <= 300

    def test_refusing_a_message_is_not_failing(
        self, system: PharmacySystem, message: Message
    ) -> None:
        Pharmacy.objects.update(failures=2)
        system.told("bad-request-400")
        attempt(message)
        assert Pharmacy.objects.get().failures == 0


class TestFaultsOfOurs:
    @pytest.fixture(autouse=True)
    def _without_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(time, "sleep", lambda _seconds: None)
        # The connection holds the test's transaction.
        monkeypatch.setattr(sending, "close_old_connections", lambda: None)

    def test_a_message_that_does_not_open_waits_and_has_not_left(
        self, message: Message, caplog: pytest.LogCaptureFixture
    ) -> None:
        Message.objects.update(practice=factories.practice())  # sealed for another one
        made = attempt(message)
        assert (made.outcome, made.reason) == (Outcome.FAILED, "our-fault")
        assert (state(), Pharmacy.objects.get().failures) == (State.SENDING, 0)
        assert message.next_attempt_at
        assert message.next_attempt_at > made.started_at
        assert f"message {message.pk} cannot be sent" in caplog.text

    def test_a_fault_while_it_is_on_its_way_leaves_it_unknown(
        self, message: Message, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(answers, "read", broken)
        assert attempt(message).outcome == Outcome.UNKNOWN

    def test_what_was_answered_is_written_down_when_the_database_is_back(
        self, system: PharmacySystem, message: Message, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The pharmacy's reference comes once: a second attempt would not be told it."""
        finish, tries = delivery.finish, []

        def away_at_first(*arguments: Any, **options: Any) -> None:
            tries.append(1)
            if len(tries) < 3:
                raise OperationalError
            finish(*arguments, **options)

        monkeypatch.setattr(delivery, "finish", away_at_first)
        assert attempt(message).outcome == Outcome.ACCEPTED
        (line,) = received(system, message)
        assert answers.receipt(message.receipt).reference == line["reference"]

    def test_a_database_that_stays_away_leaves_the_attempt_unknown(
        self, message: Message, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: Any, **__: Any) -> None:
            raise OperationalError

        monkeypatch.setattr(delivery, "finish", away)
        with pytest.raises(OperationalError):
            attempt_at(message.pk, now=timezone.now())
        assert Attempt.objects.get().outcome == Outcome.UNKNOWN


def test_logs_tell_the_operator_and_nothing_of_the_patient(
    system: PharmacySystem, message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    system.told("unavailable-503", times=1)
    attempt(message)
    attempt(message)
    text = caplog.text
    assert f"message {message.pk}, attempt 1: retry, unavailable, HTTP 503" in text
    assert "REC_SERVICE_UNAVAILABLE" in text
    assert f"message {message.pk}, attempt 2: accepted, accepted, HTTP 200, -" in text
    assert "Ashworth" not in text
    assert "999" not in text.replace(str(message.pk), "")


def test_logs_tell_who_is_not_there_from_who_cannot_prove_who_they_are(
    message: Message, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answered(*_: object) -> Response:
        raise TransportError(
            "ClientConnectorCertificateError", reason=Reason.UNREACHABLE, may_have_arrived=False
        )

    Pharmacy.objects.update(endpoint=NOBODY)
    attempt(message)
    assert f"message {message.pk} got no answer: ClientConnectorError" in caplog.text
    monkeypatch.setattr(Client, "answered", answered)
    attempt(message)
    assert f"message {message.pk} got no answer: ClientConnectorCertificateError" in caplog.text


@pytest.mark.parametrize("mode", ["drop", "garbage", ""])
def test_logs_tell_nothing_of_the_patient_when_sending_fails(
    system: PharmacySystem, message: Message, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    caplog.set_level("INFO")
    if mode:
        system.told(mode, times=1)
    else:
        Pharmacy.objects.update(endpoint=NOBODY)
    attempt(message)
    assert f"message {message.pk}, attempt 1: retry" in caplog.text
    assert "Ashworth" not in caplog.text
    assert "9990000018" not in caplog.text
