"""Delivery asks a transport, whichever it is: what one of a few lines answers is what is stored."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest
from django.test import override_settings

from pharmrefer.local import ROOT
from referrals import sending
from referrals.models.messages import Attempt, Message, Outcome
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from referrals.states import State
from referrals.transports import Answer, Envelope, Transport, TransportError
from referrals.transports.bars import Bars
from referrals.verdicts import Reason, Verdict, VerdictKind
from tests import factories
from tests.delivering import attempt

ACCEPTED = Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True)


class Pigeons:
    """A transport that knows neither HTTP nor FHIR."""

    def __init__(self, comes: Answer | Exception | None = None) -> None:
        self._comes = comes or Answer(ACCEPTED, body=b"a feather")
        self.carried: list[Envelope] = []
        self.is_closed = False

    def send(self, envelope: Envelope) -> "Future[Answer]":
        self.carried.append(envelope)
        coming: Future[Answer] = Future()
        if isinstance(self._comes, Exception):
            coming.set_exception(self._comes)
        else:
            coming.set_result(self._comes)
        return coming

    def probe(self) -> "Future[None]":
        over: Future[None] = Future()
        over.set_result(None)
        return over

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def message() -> Message:
    """A message that was sent just now."""
    return factories.sent(to=factories.pharmacy(endpoint="loft:7")).messages.get()


def sent_by(ways: Callable[[], Transport], message: Message) -> tuple[Attempt, str]:
    """Make an attempt; return its row, and the referral's state then."""
    assert attempt(message.pk, transport=ways)
    return message.attempts.get(), Referral.objects.get().state


@pytest.mark.django_db
class TestAnyTransport:
    def test_it_is_given_the_stored_message_and_where_it_goes(self, message: Message) -> None:
        pigeons = Pigeons()
        made, state = sent_by(lambda: pigeons, message)
        (envelope,) = pigeons.carried
        assert (envelope.headers, envelope.body) == (message.headers, message.body)
        assert envelope.endpoint == "loft:7"
        ids = (envelope.message_id, envelope.correlation_id, envelope.bundle_id)
        assert ids == (message.pk, message.correlation_id, message.bundle_id)
        assert abs((envelope.sent_at - made.started_at).total_seconds()) < 5
        assert (made.outcome, made.status, state) == (Outcome.ACCEPTED, None, State.DELIVERED)

    def test_what_it_brings_back_is_the_receipt(self, message: Message) -> None:
        sent_by(Pigeons, message)
        message.refresh_from_db()
        assert message.receipt == b"a feather"

    def test_a_permanent_error_ends_it(self, message: Message) -> None:
        nowhere = TransportError(
            "no such loft", reason=Reason.NO_ROUTE, may_have_arrived=False, permanent=True
        )
        made, state = sent_by(lambda: Pigeons(nowhere), message)
        assert (made.outcome, made.reason) == (Outcome.FAILED, "no-route")
        assert state == State.NOT_DELIVERED
        assert Pharmacy.objects.get().failures == 0

    @pytest.mark.parametrize(
        ("reason", "may_have_arrived", "outcome"),
        [
            (Reason.UNREACHABLE, False, Outcome.FAILED),
            (Reason.NO_ANSWER, True, Outcome.UNKNOWN),
        ],
    )
    def test_after_any_other_it_is_tried_again(
        self, message: Message, reason: Reason, may_have_arrived: bool, outcome: Outcome
    ) -> None:
        lost = TransportError("a hawk", reason=reason, may_have_arrived=may_have_arrived)
        made, state = sent_by(lambda: Pigeons(lost), message)
        assert (made.outcome, made.reason, state) == (outcome, reason, State.SENDING)
        assert Message.objects.get().next_attempt_at
        assert Pharmacy.objects.get().failures == 1

    def test_one_that_cannot_begin_has_sent_nothing(self, message: Message) -> None:
        def away() -> Transport:
            raise RuntimeError

        made, state = sent_by(away, message)
        assert (made.outcome, made.reason, state) == (Outcome.FAILED, "our-fault", State.SENDING)
        assert Pharmacy.objects.get().failures == 0

    def test_one_that_breaks_on_its_way_may_have_arrived(
        self, message: Message, caplog: pytest.LogCaptureFixture
    ) -> None:
        made, state = sent_by(lambda: Pigeons(RuntimeError()), message)
        assert (made.outcome, made.reason, state) == (Outcome.UNKNOWN, "our-fault", State.SENDING)
        assert f"message {message.pk} was sent, but what came of it is not known" in caplog.text


@pytest.fixture
def _asked_for_anew() -> Iterator[None]:
    """Have this process's transport made anew, and thrown away after."""
    sending._started.cache_clear()
    yield
    sending._started.cache_clear()


@pytest.mark.usefixtures("_asked_for_anew")
@override_settings(TRANSPORT=f"{__name__}.Pigeons")
def test_the_settings_name_the_transport() -> None:
    assert type(sending.transport()).__name__ == "Pigeons"
    assert sending.transport() is sending.transport()


def test_it_is_bars() -> None:
    transport: Transport = sending.transport()
    assert isinstance(transport, Bars)


def test_who_does_not_send_does_not_load_what_sends() -> None:
    script = (
        "import django, sys; django.setup(); from referrals import tasks, views;"
        "assert 'referrals.sending' in sys.modules and 'aiohttp' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
