"""What was refused before a code was made: of whose account, or from where, and what helps."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts import audit
from accounts.models.audit import AuditEvent, AuditReason, Event, Factor, clock_off
from accounts.models.people import User
from accounts.origin import Origin
from support.codes import refusals
from support.models.support_codes import SupportCode
from tests import factories
from tests.factories import ORIGIN, acting

pytestmark = pytest.mark.django_db
NOW = timezone.now()
CODE = SupportCode(made_at=NOW, address=ORIGIN.address, browser=ORIGIN.browser)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def jane() -> User:
    return factories.person()


def refused(
    person: User | None = None,
    reason: Any = AuditReason.WRONG,
    *,
    factor: Factor = Factor.PASSWORD,
    ago: timedelta = MINUTE,
    origin: Origin = ORIGIN,
    event: Event = Event.FACTOR_REFUSED,
) -> AuditEvent:
    actor = acting(now=NOW - ago, origin=origin)
    audit.note(event, actor, factor=factor, reason=reason, person=person)
    return AuditEvent.objects.latest("pk")


class TestForAnAccount:
    def test_the_latest_of_the_last_day_come_first(self, jane: User) -> None:
        refused(jane, ago=timedelta(hours=25))
        first = refused(jane, ago=timedelta(hours=23))
        last = refused(jane, AuditReason.IDLE, event=Event.SESSION_ENDED)
        refused(factories.person())
        refused(jane, event=Event.FACTOR_ACCEPTED)
        assert refusals.for_account(jane, now=NOW) == [last, first]

    def test_of_many_the_last_ten(self, jane: User) -> None:
        made = [refused(jane) for _ in range(12)]
        assert refusals.for_account(jane, now=NOW) == made[:1:-1]

    def test_of_nobody_there_are_none(self) -> None:
        refused(None)
        assert refusals.for_account(None, now=NOW) == []


class TestFromThere:
    def test_the_last_hour_at_the_same_address_in_the_same_browser(self, jane: User) -> None:
        unknown = refused(None, AuditReason.UNKNOWN_OR_OFF, ago=59 * MINUTE)
        wrong = refused(jane)
        refused(jane, ago=61 * MINUTE)
        refused(jane, origin=Origin("192.0.2.8", ORIGIN.browser))
        refused(jane, origin=Origin("192.0.2.7", "Edge, in tests"))
        refused(jane, event=Event.SESSION_ENDED)
        assert refusals.from_there(CODE, other_than=None) == [wrong, unknown]
        assert refusals.from_there(CODE, other_than=jane) == [unknown]

    def test_the_hour_is_that_before_the_code_was_made(self) -> None:
        """However long the call takes."""
        before, after = refused(ago=80 * MINUTE), refused(ago=10 * MINUTE)
        made = SupportCode(
            made_at=NOW - 30 * MINUTE, address=ORIGIN.address, browser=ORIGIN.browser
        )
        assert refusals.from_there(made, other_than=None) == [after, before]

    def test_not_asked_for_who_is_known_or_has_no_address(self, jane: User) -> None:
        refused(jane)
        known = SupportCode(made_at=NOW, address=ORIGIN.address, browser="", person=jane)
        nowhere = SupportCode(made_at=NOW, address=None, browser=ORIGIN.browser)
        assert refusals.from_there(known, other_than=jane) == []
        assert refusals.from_there(nowhere, other_than=None) == []

    def test_they_are_found_without_looking_at_other_entries(
        self, django_assert_num_queries: Any
    ) -> None:
        """The audit has every login of a region, and a gateway years of refusals."""
        with django_assert_num_queries(1) as asked:
            refusals.from_there(CODE, other_than=None)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            cursor.execute("EXPLAIN " + asked.captured_queries[0]["sql"])
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "audit_refused_from_there" in plan
        assert re.search(r"Index Cond: .*address = .*\bat > ", plan)


@pytest.mark.parametrize(
    ("factor", "reason", "what"),
    [
        (Factor.PASSWORD, AuditReason.UNKNOWN_OR_OFF, "Nobody has the username that was typed"),
        (Factor.PASSWORD, AuditReason.WRONG, "Wrong password"),
        (Factor.PASSWORD, AuditReason.TOO_MANY, "Too many wrong passwords"),
        (Factor.ACTIVATION_CODE, AuditReason.TOO_MANY, "Too many wrong activation codes"),
        (Factor.ACTIVATION_CODE, AuditReason.WRONG_USED_OR_EXPIRED, "wrong, used or expired"),
        (Factor.ACTIVATION_LINK, AuditReason.WRONG_USED_OR_EXPIRED, "Activation link wrong"),
        (Factor.AUTHENTICATOR, AuditReason.TOO_MANY, "Too many wrong codes in a row"),
        (Factor.AUTHENTICATOR, AuditReason.USED, "Code already used"),
        (Factor.AUTHENTICATOR, clock_off(240), "clock of their device is about 4 minutes fast"),
    ],
)
def test_it_is_said_in_plain_words(factor: Factor, reason: Any, what: str) -> None:
    said = refusals.shown(refused(None, reason, factor=factor), now=NOW)
    assert what in said.what
    assert said.where.endswith(", 192.0.2.7")


class TestAdvice:
    @pytest.mark.parametrize(
        ("factor", "reason", "what"),
        [
            (Factor.PASSWORD, AuditReason.WRONG, "I have forgotten my password"),
            (Factor.PASSWORD, AuditReason.UNKNOWN_OR_OFF, "Check the username"),
            (Factor.PASSWORD, AuditReason.LOCKED, "Find out why before you unlock it"),
            (Factor.PASSWORD, AuditReason.TOO_MANY, "have to wait"),
            (Factor.AUTHENTICATOR, AuditReason.WRONG, "6 digits that their app shows now"),
            (Factor.AUTHENTICATOR, AuditReason.USED, "A code works once"),
            (Factor.AUTHENTICATOR, clock_off(-60), "clock of the device"),
            (Factor.PASSKEY, AuditReason.WRONG, "another passkey"),
            (Factor.ACTIVATION_CODE, AuditReason.WRONG_USED_OR_EXPIRED, "Invite again"),
            (Factor.ACTIVATION_CODE, AuditReason.WITHOUT_PASSWORD, "They have a password"),
        ],
    )
    def test_of_what_was_refused(self, factor: Factor, reason: Any, what: str) -> None:
        (said,) = refusals.advice([refused(None, reason, factor=factor)], now=NOW)
        assert what in said.to_do
        assert said.what == refusals.shown(AuditEvent.objects.latest("pk"), now=NOW).what

    def test_it_is_said_once(self, jane: User) -> None:
        wrong, unknown = refused(jane), refused(None, AuditReason.UNKNOWN_OR_OFF)
        assert len(refusals.advice([wrong, unknown, wrong], now=NOW)) == 2

    def test_every_reason_of_a_refused_log_in_has_some(self) -> None:
        nothing_to_do = {
            AuditReason.NONE, AuditReason.ELSEWHERE, AuditReason.IDLE, AuditReason.LONGEST,
            AuditReason.LOGGED_OUT, AuditReason.LOGGED_OUT_ALL_OTHERS,
            AuditReason.LOGGED_OUT_ELSEWHERE, AuditReason.NOTHING_LEFT_TO_OPEN,
            AuditReason.TO_ACCEPT, AuditReason.TO_CONFIRM, AuditReason.TO_UNLOCK_SCREEN,
        }  # fmt: skip
        for reason in set(AuditReason) - nothing_to_do:
            event = AuditEvent(
                event=Event.FACTOR_REFUSED, factor=Factor.PASSWORD, reason=reason, at=NOW
            )
            assert refusals.advice([event], now=NOW), reason

    def test_what_is_no_refusal_has_none(self, jane: User) -> None:
        ended = refused(jane, AuditReason.IDLE, event=Event.SESSION_ENDED)
        assert refusals.advice([ended], now=NOW) == []

    @pytest.mark.parametrize(("apart", "is_shared"), [(59, True), (61, False)])
    def test_two_used_codes_within_a_minute_may_be_a_shared_login(
        self, jane: User, apart: int, is_shared: bool
    ) -> None:
        used: dict[str, Any] = {"reason": AuditReason.USED, "factor": Factor.AUTHENTICATOR}
        before = refused(jane, ago=timedelta(seconds=apart + 10), **used)
        after = refused(jane, ago=timedelta(seconds=10), **used)
        said = refusals.advice([after, before], now=NOW)
        assert ("twice within a minute" in said[0].what) is is_shared

    def test_two_colleagues_who_are_late_by_a_code_each_share_none(self, jane: User) -> None:
        used: dict[str, Any] = {"reason": AuditReason.USED, "factor": Factor.AUTHENTICATOR}
        of_another = refused(factories.person(), ago=timedelta(seconds=40), **used)
        hours_ago = refused(jane, ago=timedelta(hours=5), **used)
        for events, perhaps in (([hours_ago], [of_another]), ([], [of_another, hours_ago])):
            said = refusals.advice(events, perhaps, now=NOW)
            assert "twice within a minute" not in " ".join(each.what for each in said)

    def test_what_may_be_a_colleague_s_is_said_so_and_comes_last(self, jane: User) -> None:
        there = [refused(factories.person()), refused(None, AuditReason.UNKNOWN_OR_OFF)]
        own, *others = refusals.advice([refused(jane)], there, now=NOW)
        assert own.what == "Wrong password"  # said once, and as certain
        assert [each.what.partition(",")[0] for each in others] == [
            "Perhaps theirs: nobody has the username that was typed"
        ]
