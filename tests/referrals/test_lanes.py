"""Lanes: whoever hangs, fails or has much to send keeps nobody else waiting."""

import uuid
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from referrals import lanes
from referrals.fhir.answers import Answer
from referrals.lanes import Lane, Sender
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.transports import Request, TransportError
from tests import factories
from tests.delivering import Here

pytestmark = pytest.mark.django_db


class Silent:
    """A client whose answers come when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Future[Answer]]] = []

    def begin(self, request: Request) -> "Future[Answer]":
        coming: Future[Answer] = Future()
        self.asked.append((request.headers["X-Request-Id"], coming))
        return coming

    def turn(self) -> "Future[None]":
        raise NotImplementedError

    def messages(self) -> list[uuid.UUID]:
        """Return what has been sent, in order."""
        return [uuid.UUID(request_id) for request_id, _ in self.asked]

    def accept(self, number: int) -> None:
        """Let the system that was asked first, second, … accept what it was sent."""
        request_id, coming = self.asked[number]
        message = Message.objects.get(pk=request_id)
        bundle = b'{"resourceType": "Bundle", "id": "%s"}' % str(message.bundle_id).encode()
        ids = {"X-Request-Id": request_id, "X-Correlation-Id": str(message.correlation_id)}
        coming.set_result(Answer(200, ids, bundle))

    def fail(self, number: int) -> None:
        self.asked[number][1].set_exception(TransportError("no", may_have_arrived=False))


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
def client() -> Silent:
    return Silent()


@pytest.fixture
def sender(client: Silent) -> Sender:
    return Sender(threads=Here(), client=lambda: client)


def message(to: Pharmacy | None = None) -> Message:
    """A message that was sent just now."""
    return factories.sent(to=to or factories.pharmacy()).messages.get()


def failed(*, failures: int = 1) -> Pharmacy:
    """A pharmacy whose system failed last."""
    to = factories.pharmacy()
    Pharmacy.objects.filter(pk=to.pk).update(failures=failures)
    return to


def test_what_hangs_gives_its_place_to_others(
    sender: Sender, client: Silent, clock: SimpleNamespace
) -> None:
    hanging, waits = [message(), message()], message()
    for each in (*hanging, waits):
        sender.send(each.pk)
    assert client.messages() == [each.pk for each in hanging]
    clock.seconds = lanes.SLOW_AFTER + 0.1
    quick = message()
    sender.send(quick.pk)
    assert client.messages()[2:] == [quick.pk, waits.pk]


def test_those_that_failed_share_a_bound_that_is_none_of_the_others(
    sender: Sender, client: Silent
) -> None:
    suspects, well = [message(failed()) for _ in range(3)], [message(), message()]
    for each in (*suspects, *well):
        sender.send(each.pk)
    assert client.messages() == [suspects[0].pk, *(each.pk for each in well)]


def test_who_waits_in_line_is_asked_when_another_is_done(sender: Sender, client: Silent) -> None:
    suspects = [message(failed()) for _ in range(3)]
    for each in suspects:
        sender.send(each.pk)
    client.fail(0)
    client.accept(1)
    assert client.messages() == [each.pk for each in suspects]


def test_a_pharmacy_that_is_being_waited_for_is_a_suspect(
    sender: Sender, client: Silent, clock: SimpleNamespace
) -> None:
    to = factories.pharmacy()
    first, second = message(to), message(to)
    sender.send(first.pk)
    clock.seconds = lanes.SLOW_AFTER + 0.1
    sender.send(second.pk)  # the suspects' only place is taken by the first
    assert client.messages() == [first.pk]
    client.accept(0)
    assert client.messages() == [first.pk, second.pk]


def test_what_is_new_does_not_wait_for_what_has_been_due(sender: Sender, client: Silent) -> None:
    backlog = [message() for _ in range(3)]
    Message.objects.update(attempts_made=1)
    for each in backlog:
        sender.drain(each.pharmacy_id)
    new = message()
    sender.send(new.pk)
    assert client.messages() == [backlog[0].pk, backlog[1].pk, new.pk]


def test_a_pharmacy_that_has_not_answered_yet_is_asked_once_and_then_several_times(
    sender: Sender, client: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(lanes.MOST, Lane.DUE, 100)
    to = factories.pharmacy()
    for _ in range(9):
        message(to)
    sender.drain(to.pk)
    sender.drain(to.pk)
    assert len(client.asked) == 1
    client.accept(0)
    assert len(client.asked) == 1 + lanes.AT_ONCE
    client.accept(1)
    assert len(client.asked) == 2 + lanes.AT_ONCE


def test_pharmacies_with_much_to_send_take_turns(sender: Sender, client: Silent) -> None:
    pharmacies = [factories.pharmacy() for _ in range(3)]
    for to in pharmacies:
        for _ in range(3):
            message(to)
    for to in pharmacies:
        sender.drain(to.pk)
    for number in range(6):
        client.accept(number)
    asked = Message.objects.in_bulk(client.messages())
    order = [asked[pk].pharmacy_id for pk in client.messages()[:6]]
    assert order == [to.pk for to in pharmacies] * 2


def test_told_to_stop_it_begins_nothing_more(
    sender: Sender, client: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "STOP_WITHIN", 0.01)
    to = factories.pharmacy()
    first, second = message(to), message(to)
    sender.send(first.pk)
    sender.stop()
    client.accept(0)
    sender.send(second.pk)
    assert client.messages() == [first.pk]


def test_what_cannot_be_sent_leaves_its_place(
    sender: Sender, client: Silent, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        ours = message()
        Message.objects.filter(pk=ours.pk).update(practice=factories.practice())  # does not open
        sender.send(ours.pk)
    new = message()
    sender.send(new.pk)
    assert client.messages() == [new.pk]
    assert "cannot be sent" in caplog.text
