"""Messages and attempts: what is sealed opens only where it belongs, and attempts are counted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models.people import Membership
from referrals import delivery
from referrals.models.messages import Attempt, Message
from referrals.transports import Answer
from referrals.verdicts import Reason, Verdict, VerdictKind
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Membership:
    return factories.member()


@pytest.fixture
def message(by: Membership) -> Message:
    return factories.sent(by=by).messages.get()


class TestSealed:
    """An attacker who can write into the database cannot make one message say what another says."""

    def refuses_to_open(self, message: Message) -> None:
        with pytest.raises(Exception, match="does not open"):
            _ = Message.objects.get(pk=message.pk).body

    def test_a_part_does_not_open_as_another_part(self, message: Message) -> None:
        Message.objects.update(sealed_body=message.sealed_headers)
        self.refuses_to_open(message)

    def test_a_part_of_another_message_does_not_open(
        self, message: Message, by: Membership
    ) -> None:
        another = factories.sent(by=by).messages.get()
        Message.objects.filter(pk=message.pk).update(sealed_body=another.sealed_body)
        self.refuses_to_open(message)

    def test_a_message_does_not_open_in_another_practice(self, message: Message) -> None:
        Message.objects.update(practice=factories.practice())
        self.refuses_to_open(message)


class TestExpired:
    @pytest.fixture(autouse=True)
    def _time_is_nearly_up(self, message: Message) -> None:
        soon = timezone.now() + timedelta(seconds=1)
        Message.objects.filter(pk=message.pk).update(give_up_at=soon)

    def test_what_waits_has_expired_when_its_time_is_up(self, message: Message) -> None:
        now = timezone.now()
        assert list(Message.objects.expired(now + timedelta(seconds=1))) == [message]
        assert not Message.objects.expired(now).exists()

    def test_what_is_being_sent_has_not_expired_before_its_lease(self, message: Message) -> None:
        now = timezone.now()
        assert delivery.claim(message.pk, now=now)
        assert not Message.objects.expired(now + timedelta(seconds=44)).exists()
        assert Message.objects.expired(now + timedelta(seconds=45)).exists()

    def test_what_has_been_received_never_expires(self, message: Message) -> None:
        claimed = delivery.claim(message.pk, now=timezone.now())
        assert claimed
        accepted = Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True)
        delivery.finish(claimed, Answer(accepted, 200, b"{}"), now=timezone.now())
        assert not Message.objects.expired(timezone.now() + timedelta(days=1)).exists()


def test_two_attempts_have_two_numbers(message: Message) -> None:
    delivery.claim(message.pk, now=timezone.now())
    with pytest.raises(IntegrityError, match="attempts_are_counted"), transaction.atomic():
        Attempt.objects.create(
            message=message, practice=message.practice, number=1, started_at=timezone.now()
        )
