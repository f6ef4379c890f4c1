"""Enqueuing and the sweep: nothing is lost when the broker takes nothing."""

import logging
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery.signals import task_failure
from django.core import mail as django_mail
from django.test import Client, override_settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import audit, notices
from accounts.models.audit import AuditEvent
from accounts.models.sessions import Session
from pharmrefer.logs import LineFormatter
from referrals import clock, tasks
from referrals.models.messages import Message
from referrals.models.referrals import Referral
from referrals.states import State
from referrals.tasks import Broker
from support import tasks as _support_tasks  # noqa: F401  the workers load them too
from tests import delivering, factories
from tests.pharmacy_system import PharmacySystem
from tests.pharmrefer.local.harness import wait_until


def outbox() -> list[Any]:
    """What Django has sent in this test."""
    return django_mail.outbox


@pytest.mark.django_db  # which is asked what time it is
class TestEnqueuing:
    """The broker of the tests' settings is not there."""

    def test_a_broker_that_is_not_there_costs_little_and_is_left_alone_for_a_while(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        broker, started = Broker(), time.monotonic()
        for _ in range(50):
            broker.enqueue(uuid4())
        assert time.monotonic() - started < 3
        assert caplog.text.count("the broker does not answer") == 1

    def test_it_enqueues_again_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        enqueued: list[tuple[str]] = []

        def enqueue(arguments: tuple[str], **_: Any) -> None:
            enqueued.append(arguments)
            if len(enqueued) == 1:
                raise OperationalError

        monkeypatch.setattr(tasks.deliver, "apply_async", enqueue)
        broker, now = Broker(), time.monotonic()
        assert [broker.enqueue(uuid4()), broker.enqueue(uuid4())] == [False, False]
        assert len(enqueued) == 1
        monkeypatch.setattr(time, "monotonic", lambda: now + tasks.SILENT_FOR + 1)
        assert broker.enqueue(uuid4())
        assert len(enqueued) == 2

    def test_nobody_waits_for_celery_to_try_again_nor_goes_by_its_clock(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[Any] = []
        for task in (tasks.deliver, tasks.drain):
            monkeypatch.setattr(task, "apply_async", lambda *_, **options: asked.append(options))
        assert Broker().enqueue(uuid4())
        assert Broker().enqueue_pharmacy(1)
        assert asked == [{"retry": False}] * 2

    def test_it_is_not_silent_for_longer_than_a_sender_would_wait(self) -> None:
        assert tasks.SILENT_FOR <= 30


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pharmacies that the sweep enqueues."""
    heard: list[int] = []

    def enqueue(pharmacy_id: int) -> bool:
        heard.append(pharmacy_id)
        return True

    monkeypatch.setattr(tasks.broker, "enqueue_pharmacy", enqueue)
    return heard


@pytest.fixture
def _sent_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have tasks send in this thread, and on the connection that holds the test's transaction."""
    made = delivering.sender()
    monkeypatch.setattr(tasks, "sender", lambda: made)


def enqueued_ago(seconds: float) -> float:
    return clock.seconds(clock.now()) - seconds


@pytest.mark.django_db
@pytest.mark.usefixtures("_sent_here")
class TestDeliver:
    def test_it_sends_the_message_and_then_the_others_for_the_same_pharmacy(
        self, system: PharmacySystem
    ) -> None:
        to, by = factories.pharmacy(endpoint=system.url), factories.member()
        for _ in range(6):
            factories.sent(by=by, to=to)
        factories.sent(by=by, to=factories.pharmacy())
        first = Message.objects.filter(pharmacy=to).latest("created_at")
        tasks.deliver(str(first.pk), enqueued_ago(1))
        states = Referral.objects.filter(pharmacy=to).values_list("state", flat=True)
        assert set(states) == {State.DELIVERED}
        assert Referral.objects.exclude(pharmacy=to).get().state == State.SENDING

    def test_a_pharmacy_is_drained(self, system: PharmacySystem) -> None:
        to, by = factories.pharmacy(endpoint=system.url), factories.member()
        for _ in range(6):
            factories.sent(by=by, to=to)
        tasks.drain(to.pk, enqueued_ago(1))
        assert set(Referral.objects.values_list("state", flat=True)) == {State.DELIVERED}

    def test_one_that_fails_holds_up_no_other_for_the_same_pharmacy(
        self, system: PharmacySystem
    ) -> None:
        to, by = factories.pharmacy(endpoint=system.url), factories.member()
        for _ in range(6):
            factories.sent(by=by, to=to)
        system.told("unavailable-503", times=1)
        tasks.drain(to.pk)
        others = Referral.objects.exclude(messages__attempts__status=503)
        assert list(others.values_list("state", flat=True)) == [State.DELIVERED] * 5

    def test_a_system_that_fails_for_all_is_not_asked_after_three(
        self, system: PharmacySystem
    ) -> None:
        to, by = factories.pharmacy(endpoint=system.url), factories.member()
        for _ in range(6):
            factories.sent(by=by, to=to)
        system.told("unavailable-503")
        tasks.drain(to.pk)
        assert sum(Message.objects.values_list("attempts_made", flat=True)) == 3

    def test_what_is_not_there_or_not_due_is_left_alone(self) -> None:
        tasks.deliver(str(uuid4()))
        tasks.drain(0)
        factories.sent()
        Message.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))
        tasks.deliver(str(Message.objects.get().pk))
        tasks.drain(Message.objects.get().pharmacy_id)
        assert Message.objects.get().attempts_made == 0

    def test_a_bell_that_rang_long_ago_is_not_answered(self) -> None:
        """The queue may be as long as it likes: the sweep has enqueued another since."""
        factories.sent()
        message = Message.objects.get()
        tasks.deliver(str(message.pk), enqueued_ago(61))
        tasks.drain(message.pharmacy_id, enqueued_ago(61))
        assert Message.objects.get().attempts_made == 0
        tasks.drain(message.pharmacy_id, enqueued_ago(58))
        assert Message.objects.get().attempts_made == 1

    def test_a_message_that_has_grown_old_waits_like_all_that_are_due(
        self, system: PharmacySystem
    ) -> None:
        to, by = factories.pharmacy(endpoint=system.url), factories.member()
        for minutes in (2, 5):
            factories.sent(by=by, to=to, at=timezone.now() - timedelta(minutes=minutes))
        newer = Message.objects.latest("created_at")
        tasks.deliver(str(newer.pk))
        assert [each["request_id"] for each in system.received()[-2:]] == [
            str(pk) for pk in Message.objects.order_by("created_at").values_list("pk", flat=True)
        ]


@pytest.mark.django_db
class TestSweep:
    def test_it_rings_once_for_a_pharmacy_and_ends_what_is_out_of_time(
        self, enqueued: list[int]
    ) -> None:
        to = factories.pharmacy()
        for _ in range(3):
            factories.sent(to=to)
        late = factories.sent()
        Message.objects.filter(referral=late).update(give_up_at=timezone.now())
        tasks.sweep()
        assert enqueued == [to.pk]
        late.refresh_from_db()
        assert late.state == State.NOT_DELIVERED

    def test_whom_it_could_not_enqueue_pharmacy_it_rings_for_next_time(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        factories.sent()
        monkeypatch.setattr(tasks.broker, "enqueue_pharmacy", lambda _pharmacy_id: False)
        tasks.sweep()
        assert Message.objects.get().enqueued_until is None

    def test_a_worker_that_starts_takes_up_what_was_left_and_shows_that_it_is_there(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        begun: list[Any] = []
        monkeypatch.setattr(tasks.sweep, "apply_async", lambda **options: begun.append(options))
        monkeypatch.setattr(tasks.watchdog, "start", lambda: begun.append("watchdog"))
        with override_settings(HEALTH_FILE=tmp_path / "health"):
            tasks._begin()
        assert begun == ["watchdog", {"retry": False}]
        assert (tmp_path / "health").exists()

    @pytest.mark.parametrize("sends", [False, True])
    def test_what_reaches_a_worker_shows_that_it_works(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sends: bool
    ) -> None:
        monkeypatch.setattr(tasks, "has_sender", lambda: sends)
        monkeypatch.setattr(tasks, "sender", delivering.sender)
        with override_settings(HEALTH_FILE=tmp_path / "health"):
            tasks.alive()
            wait_until((tmp_path / "health").exists, seconds=5, what="it shows")


@pytest.mark.django_db
def test_old_drafts_are_tidied_away() -> None:
    factories.draft()
    Referral.objects.update(saved_at=timezone.now() - timedelta(days=8))
    tasks.tidy()
    assert not Referral.objects.exists()


@pytest.mark.django_db
def test_what_has_expired_is_tidied_away() -> None:
    user = factories.active_person()
    factories.sign_in(Client(), user)
    factories.sign_in(Client(), user)
    old = Session.objects.earliest("pk")
    Session.objects.filter(pk=old.pk).update(last_seen_at=timezone.now() - timedelta(days=2))
    tasks.tidy()
    assert Session.objects.filter(pk=old.pk).count() == 0
    assert Session.objects.count() == 1


@pytest.mark.django_db
def test_tidying_up_lets_the_log_witness_how_far_the_audit_goes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    factories.active_person()
    caplog.set_level(logging.INFO)
    tasks.tidy()
    assert f"audit sealed up to {audit.head()}" in caplog.text
    assert audit.head().partition(":")[0] == str(AuditEvent.objects.count())


@pytest.mark.django_db
def test_what_was_noted_is_sealed_and_what_was_posted_is_sent() -> None:
    user = factories.active_person()
    notices.password_changed(user, now=timezone.now())
    tasks.seal()
    tasks.mail()
    assert audit.verify(heads=[], now=timezone.now()).unsealed == 0
    assert [message.to for message in outbox()] == [[user.email]]


@pytest.mark.django_db
def test_what_a_whole_practice_is_sent_goes_out_in_one_go(tmp_path: Path) -> None:
    user, now = factories.active_person(), timezone.now()
    for _ in range(41):
        notices.password_changed(user, now=now)
    with override_settings(HEALTH_FILE=tmp_path / "health"):
        tasks.mail()
    assert len(outbox()) == 41
    assert (tmp_path / "health").exists()  # it is the only task of its worker


@pytest.mark.django_db
def test_a_worker_of_e_mails_with_nothing_to_send_shows_that_it_is_there(tmp_path: Path) -> None:
    with override_settings(HEALTH_FILE=tmp_path / "health"):
        tasks.mail()
    assert (tmp_path / "health").exists()


@pytest.mark.django_db
def test_e_mails_leave_others_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "SEND_ON_FOR", 0)
    user, now = factories.active_person(), timezone.now()
    for _ in range(3):
        notices.password_changed(user, now=now)
    tasks.mail()
    assert len(outbox()) == 1


def test_e_mails_wait_for_no_referral_and_hold_up_none() -> None:
    routes: dict[str, str] = tasks.app.conf.task_routes
    assert [name for name, queue in routes.items() if queue == routes["mail"]] == ["mail"]


def test_every_task_has_a_queue_and_the_scheduler_names_only_tasks() -> None:
    ours = {name for name in tasks.app.tasks if not name.startswith("celery.")}
    assert set(tasks.app.conf.task_routes) == ours
    entries = tasks.app.conf.beat_schedule.values()
    assert {entry["task"] for entry in entries} <= ours
    assert all(entry["options"]["expires"] for entry in entries)  # no pile-up after an outage


def test_the_scheduler_rings_often_enough() -> None:
    entries = tasks.app.conf.beat_schedule.values()
    found = {entry["task"]: entry["schedule"] for entry in entries}
    ours = {"sweep": 5.0, "mail": 5.0, "seal": 1.0, "tidy": 600.0}
    assert found | ours == found  # support has some of its own


def test_celery_keeps_neither_results_nor_time() -> None:
    assert tasks.app.conf.task_ignore_result
    assert tasks.app.conf.result_backend is None
    assert tasks.app.conf.task_acks_late


def test_a_task_that_fails_is_logged_without_the_words_of_its_exception(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = ValueError("Winifred Ashworth")
    task_failure.send(sender=tasks.deliver, task_id="an-id", exception=error)
    (record,) = caplog.records
    written = LineFormatter("%(message)s").format(record)
    assert written.startswith("task an-id failed")
    assert "ValueError" in written
    assert "Winifred" not in written
    assert logging.getLogger("celery.app.trace").level == logging.CRITICAL
