"""What a reading is taken from, as the rows of real attempts and emails have it."""

import json
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models.mail import Mail, Trouble
from referrals import sending as referrals_sending
from referrals.delivery import claim
from referrals.models.messages import Attempt, Message
from referrals.models.pharmacies import Pharmacy
from support.status import recording, sources
from support.status.judging import EmailSeen, PharmacySystemSeen
from tests import delivering, factories
from tests.pharmacy_system import PharmacySystem

pytestmark = pytest.mark.django_db
NOBODY = "127.0.0.1:9"


def host_of(system: PharmacySystem) -> str:
    return system.url.removeprefix("http://")


def send_to(pharmacy: Pharmacy, times: int = 1) -> None:
    factories.sent(to=pharmacy)
    message = Message.objects.filter(pharmacy=pharmacy).latest("created_at")
    for _ in range(times):
        Message.objects.update(next_attempt_at=timezone.now())
        Pharmacy.objects.update(not_before=None)
        delivering.attempt(message.pk)


def seen(host: str) -> PharmacySystemSeen:
    return sources.systems(timezone.now())[host]


class TestPharmacySystems:
    def test_one_that_accepts(self, system: PharmacySystem) -> None:
        send_to(factories.pharmacy(endpoint=system.url))
        found = seen(host_of(system))
        assert (found.tried, found.failing, found.accepted, found.failed) == (1, 0, 1, 0)
        assert found.accepted_at
        assert found.seconds is not None
        assert found.seconds < 3

    def test_one_that_fails(self, system: PharmacySystem) -> None:
        system.told("unavailable-503")
        send_to(factories.pharmacy(endpoint=system.url), times=3)
        found = seen(host_of(system))
        assert (found.tried, found.failing, found.accepted, found.failed) == (1, 1, 0, 3)

    def test_one_that_nobody_answers_for(self) -> None:
        send_to(factories.pharmacy(), times=2)
        assert seen(NOBODY).failed == 2

    def test_that_it_refuses_a_message_is_no_fault_of_it(self, system: PharmacySystem) -> None:
        system.told("bad-request-400")
        send_to(factories.pharmacy(endpoint=system.url))
        assert Attempt.objects.get().outcome == "failed"
        assert seen(host_of(system)) == PharmacySystemSeen()

    def test_one_that_lets_an_attempt_hang(self, system: PharmacySystem) -> None:
        system.told("hang", seconds=2)
        factories.sent(to=factories.pharmacy(endpoint=system.url))
        claimed = claim(Message.objects.get().pk)
        assert claimed
        began = time.monotonic()
        coming = referrals_sending.begin(claimed, referrals_sending.transport)
        while seen(host_of(system)).seconds < 1:  # type: ignore[operator]
            assert time.monotonic() - began < 10
            time.sleep(0.05)
        assert not coming.done()
        coming.exception()

    def test_of_a_pharmacy_the_last_attempt_counts(self, system: PharmacySystem) -> None:
        pharmacy = factories.pharmacy(endpoint=system.url)
        system.told("unavailable-503", times=1)
        send_to(pharmacy, times=2)
        found = seen(host_of(system))
        assert (found.tried, found.failing, found.accepted, found.failed) == (1, 0, 1, 1)

    def test_what_is_long_ago_says_nothing(self) -> None:
        send_to(factories.pharmacy())
        now = timezone.now() + sources.LOOK_BACK
        assert sources.systems(now)[NOBODY] == PharmacySystemSeen()

    def test_only_pharmacies_that_take_referrals_have_one(self) -> None:
        factories.pharmacy(endpoint="https://closed.example", closed_on=timezone.localdate())
        factories.pharmacy(endpoint="")
        factories.pharmacy(endpoint="https://UPPER.example:8443/r4")
        factories.pharmacy(endpoint="https://other.example", offers_pharmacy_first=False)
        assert list(sources.systems(timezone.now())) == ["upper.example:8443"]

    def test_very_many_are_not_all_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sources, "MOST_SYSTEMS", 2)
        for host, count in (("a", 1), ("b", 3), ("c", 2)):
            for _ in range(count):
                factories.pharmacy(endpoint=f"https://{host}.example")
        found = sources.systems(timezone.now())
        assert {host: each.pharmacies for host, each in found.items()} == {
            "b.example": 3,
            "c.example": 2,
        }
        assert list(found) == ["b.example", "c.example"]


class TestSending:
    @staticmethod
    def untaken() -> float:
        return sources.sending(timezone.now()).untaken

    @staticmethod
    def due(pharmacy: Pharmacy, **ago: float) -> None:
        factories.sent(to=pharmacy, at=timezone.now() - timedelta(**ago))

    def test_nothing_is_due(self) -> None:
        assert self.untaken() == 0

    def test_what_nobody_takes_up(self) -> None:
        self.due(factories.pharmacy(), seconds=100)
        self.due(factories.pharmacy(), seconds=10)
        assert 100 <= self.untaken() < 105

    def test_what_is_under_way_is_taken_up(self) -> None:
        self.due(factories.pharmacy(), seconds=100)
        assert claim(Message.objects.get().pk)
        assert self.untaken() == 0

    def test_a_pharmacy_that_fails_or_is_busy_holds_up_its_own(self) -> None:
        self.due(factories.pharmacy(failures=1), seconds=100)
        busy = factories.pharmacy()
        self.due(busy, seconds=100)
        self.due(busy, seconds=90)
        assert claim(Message.objects.filter(pharmacy=busy).earliest("created_at").pk)
        assert self.untaken() == 0

    def test_a_worker_signs(self) -> None:
        assert sources.sending(timezone.now()).worker_sign is None
        recording.sign(sources.SEND)
        recording.sign(sources.SEND)
        sign = sources.sending(timezone.now()).worker_sign
        assert sign
        assert timezone.now() - sign < timedelta(seconds=5)


class TestEmail:
    def test_none(self) -> None:
        assert sources.email(timezone.now()) == EmailSeen()

    def test_one_that_nobody_tries(self) -> None:
        now = timezone.now()
        factories.unsent_mail("a@b.example", next_try_at=now - timedelta(minutes=4))
        assert sources.email(now) == EmailSeen(waiting=240.0)

    def test_some_that_failed(self) -> None:
        later = timezone.now() + timedelta(minutes=5)
        for trouble, tries in ((Trouble.NO_ANSWER, 2), (Trouble.BUSY, 4), (Trouble.REFUSED, 1)):
            factories.unsent_mail("a@b.example", trouble=trouble, tries=tries, next_try_at=later)
        factories.unsent_mail("a@b.example", trouble=Trouble.NO_SUCH_ADDRESS)
        found = sources.email(timezone.now())
        assert (found.waiting, found.unanswered, found.refused, found.most_tries) == (0, 1, 2, 4)

    def test_addresses_that_are_wrong_say_nothing_of_the_server_once_others_go_out(self) -> None:
        now = timezone.now()
        for trouble in (Trouble.BUSY, Trouble.REFUSED, Trouble.OUR_FAULT):
            factories.unsent_mail(
                "typed@wrong.example",
                trouble=trouble,
                tries=40,
                created_at=now - timedelta(days=1),
                next_try_at=now + timedelta(minutes=5),
            )
        seen = sources.email(now)
        assert (seen.refused, seen.most_tries) == (3, 40)
        sent_at = now - timedelta(minutes=50)
        factories.unsent_mail("a@b.example", sent_at=sent_at, next_try_at=None)
        assert sources.email(now) == EmailSeen(sent_at=sent_at)

    def test_when_the_last_one_went_out(self) -> None:
        now = timezone.now()
        for minutes in (9, 3, 5):
            sent_at = now - timedelta(minutes=minutes)
            factories.unsent_mail("a@b.example", sent_at=sent_at, next_try_at=None)
        assert sources.email(now).sent_at == now - timedelta(minutes=3)


def plan_of(take: Any) -> dict[str, Any]:
    """Return how PostgreSQL does what a source asks where it is kept from reading whole tables."""
    with CaptureQueriesContext(connection) as queries:
        take(timezone.now())
    asked = queries.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        # With so few rows it might read them all, and the application has no right to ANALYZE.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + asked.replace("%", "%%"))
        found = cursor.fetchone()[0]
    plans: list[dict[str, Any]] = json.loads(found) if isinstance(found, str) else found
    return plans[0]


def touched(plan: dict[str, Any], table: str) -> int:
    own = 0
    if plan.get("Relation Name") == table:
        rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        own = int(rows * plan["Actual Loops"])
    return own + sum(touched(each, table) for each in plan.get("Plans", []))


def many_attempts(message: Message, count: int, *, at: datetime) -> None:
    Attempt.objects.bulk_create(
        Attempt(
            id=uuid.uuid4(),
            message=message,
            practice_id=message.practice_id,
            number=number,
            started_at=at,
            finished_at=at,
            outcome="accepted",
            reason="accepted",
        )
        for number in range(1, count + 1)
    )


@pytest.mark.parametrize("source", [sources.sending, sources.systems])
def test_old_attempts_are_not_looked_at(source: Any) -> None:
    factories.sent()
    message = Message.objects.get()
    many_attempts(message, 5_000, at=timezone.now() - timedelta(days=1))
    assert touched(plan_of(source)["Plan"], "referrals_attempt") <= 1


def test_old_emails_are_not_looked_at() -> None:
    old = timezone.now() - timedelta(days=1)
    Mail.objects.bulk_create(
        Mail(to="a@b.example", created_at=old, sent_at=old) for _ in range(5_000)
    )
    assert touched(plan_of(sources.email)["Plan"], "accounts_mail") <= 1
