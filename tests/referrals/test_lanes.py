"""Lanes: a pharmacy that hangs, fails or has much to send keeps nobody else waiting."""

import uuid
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from referrals import lanes
from referrals.lanes import Lane, Sender
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.transports import Answer, Envelope, TransportError
from referrals.verdicts import Reason, Verdict, VerdictKind
from tests import factories
from tests.delivering import Here

pytestmark = pytest.mark.django_db


class Silent:
    """A transport whose answers come when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[uuid.UUID, Future[Answer]]] = []

    def send(self, envelope: Envelope) -> "Future[Answer]":
        coming: Future[Answer] = Future()
        self.asked.append((envelope.message_id, coming))
        return coming

    def probe(self) -> "Future[None]":
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def messages(self) -> list[uuid.UUID]:
        """Return what has been sent, in order."""
        return [message_id for message_id, _ in self.asked]

    def accept(self, number: int) -> None:
        """Let the system that was asked first, second, … accept what it was sent."""
        accepted = Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True)
        self.asked[number][1].set_result(Answer(accepted))

    def fail(self, number: int) -> None:
        unreachable = TransportError("no", reason=Reason.UNREACHABLE, may_have_arrived=False)
        self.asked[number][1].set_exception(unreachable)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What lanes go by, in seconds."""
    shown = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(lanes, "monotonic", lambda: shown.seconds)
    return shown


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    for lane, most in ((Lane.NEW, 2), (Lane.DUE, 2), (Lane.SUSPECT, 1)):
        monkeypatch.setitem(lanes.MOST, lane, most)


@pytest.fixture
def transport() -> Silent:
    return Silent()


@pytest.fixture
def sender(transport: Silent) -> Sender:
    return Sender(threads=Here(), transport=lambda: transport)


def message(to: Pharmacy | None = None) -> Message:
    """A message that was sent just now."""
    return factories.sent(to=to or factories.pharmacy()).messages.get()


def failed(*, failures: int = 1) -> Pharmacy:
    """A pharmacy whose system failed last."""
    to = factories.pharmacy()
    Pharmacy.objects.filter(pk=to.pk).update(failures=failures)
    return to


def test_what_hangs_gives_its_place_to_others(
    sender: Sender, transport: Silent, clock: SimpleNamespace
) -> None:
    hanging, waits = [message(), message()], message()
    for each in (*hanging, waits):
        sender.send(each.pk)
    assert transport.messages() == [each.pk for each in hanging]
    clock.seconds = lanes.SLOW_AFTER + 0.1
    quick = message()
    sender.send(quick.pk)
    assert transport.messages()[2:] == [quick.pk, waits.pk]


def test_those_that_failed_share_a_bound_that_is_none_of_the_others(
    sender: Sender, transport: Silent
) -> None:
    suspects, well = [message(failed()) for _ in range(3)], [message(), message()]
    for each in (*suspects, *well):
        sender.send(each.pk)
    assert transport.messages() == [suspects[0].pk, *(each.pk for each in well)]


def test_who_waits_in_line_is_asked_when_another_is_done(sender: Sender, transport: Silent) -> None:
    suspects = [message(failed()) for _ in range(3)]
    for each in suspects:
        sender.send(each.pk)
    transport.fail(0)
    transport.accept(1)
    assert transport.messages() == [each.pk for each in suspects]


def test_a_pharmacy_that_is_being_waited_for_is_a_suspect(
    sender: Sender, transport: Silent, clock: SimpleNamespace
) -> None:
    to = factories.pharmacy()
    first, second = message(to), message(to)
    sender.send(first.pk)
    clock.seconds = lanes.SLOW_AFTER + 0.1
    sender.send(second.pk)  # the suspects' only place is taken by the first
    assert transport.messages() == [first.pk]
    transport.accept(0)
    assert transport.messages() == [first.pk, second.pk]


def test_what_is_new_does_not_wait_for_what_has_been_due(sender: Sender, transport: Silent) -> None:
    backlog = [message() for _ in range(3)]
    Message.objects.update(attempts_made=1)
    for each in backlog:
        sender.drain(each.pharmacy_id)
    new = message()
    sender.send(new.pk)
    assert transport.messages() == [backlog[0].pk, backlog[1].pk, new.pk]


def test_a_pharmacy_that_has_not_answered_yet_is_asked_once_and_then_several_times(
    sender: Sender, transport: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(lanes.MOST, Lane.DUE, 100)
    to = factories.pharmacy()
    for _ in range(9):
        message(to)
    sender.drain(to.pk)
    sender.drain(to.pk)
    assert len(transport.asked) == 1
    transport.accept(0)
    assert len(transport.asked) == 1 + lanes.AT_ONCE
    transport.accept(1)
    assert len(transport.asked) == 2 + lanes.AT_ONCE


def test_pharmacies_with_much_to_send_take_turns(sender: Sender, transport: Silent) -> None:
    pharmacies = [factories.pharmacy() for _ in range(3)]
    for to in pharmacies:
        for _ in range(3):
            message(to)
    for to in pharmacies:
        sender.drain(to.pk)
    for number in range(6):
        transport.accept(number)
    asked = Message.objects.in_bulk(transport.messages())
    order = [asked[pk].pharmacy_id for pk in transport.messages()[:6]]
    assert order == [to.pk for to in pharmacies] * 2


def test_told_to_stop_it_begins_nothing_more(
    sender: Sender, transport: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "STOP_WITHIN", 0.01)
    to = factories.pharmacy()
    first, second = message(to), message(to)
    sender.send(first.pk)
    sender.stop()
    transport.accept(0)
    sender.send(second.pk)
    assert transport.messages() == [first.pk]


def test_what_cannot_be_sent_leaves_its_place(
    sender: Sender, transport: Silent, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        ours = message()
        Message.objects.filter(pk=ours.pk).update(practice=factories.practice())  # does not open
        sender.send(ours.pk)
    new = message()
    sender.send(new.pk)
    assert transport.messages() == [new.pk]
    assert "cannot be sent" in caplog.text
