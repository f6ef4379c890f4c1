"""Who still works in a practice: confirmed or turned off, all at one go, by an administrator."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice, User
from accounts.models.practice_people import Reminders, reminders, to_review
from accounts.models.reviews import REVIEW_EVERY, Confirmation, mark_of
from accounts.people import access_review
from accounts.roles import Role
from tests import factories
from tests.factories import ORIGIN, acting
from tests.mails import mailed

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
LONG_AGO = NOW - REVIEW_EVERY - timedelta(minutes=1)
IS_DUE: dict[str, Any] = {"is_due": True}
LATELY = NOW - REVIEW_EVERY + timedelta(minutes=1)


@pytest.fixture
def practice() -> Practice:
    return factories.practice(ods_code="Z91001")


@pytest.fixture
def boss(practice: Practice) -> Membership:
    return factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)


@pytest.fixture
def member(practice: Practice) -> Membership:
    return factories.member(at=practice)


def here(member: Membership, *, seen: str = "") -> access_review.ReviewAnswer:
    return access_review.ReviewAnswer(
        member.pk, works_here=True, seen=seen or mark_of(member, last(member))
    )


def gone(member: Membership, *, seen: str = "") -> access_review.ReviewAnswer:
    return access_review.ReviewAnswer(
        member.pk, works_here=False, seen=seen or mark_of(member, last(member))
    )


def last(member: Membership) -> Confirmation | None:
    return Confirmation.objects.filter(membership=member).last()


def confirmed(member: Membership, *, by: Membership, at: Any = NOW) -> Confirmation:
    return Confirmation.objects.create(membership=member, role=member.role, at=at, by=by.user)


def is_live(member: Membership) -> bool:
    return Membership.objects.get(pk=member.pk).is_live(today=timezone.localdate(NOW))


class TestDue:
    """Who is to be confirmed."""

    @pytest.mark.parametrize(
        ("created", "at", "is_due"),
        [
            (LATELY, None, False),
            (LONG_AGO, None, True),
            (LONG_AGO, LATELY, False),
            (LONG_AGO, LONG_AGO, True),
        ],
    )
    def test_never_confirmed_and_not_new_or_confirmed_long_ago(
        self, boss: Membership, member: Membership, created: Any, at: Any, is_due: bool
    ) -> None:
        assert member.practice_id
        Membership.objects.filter(pk=member.pk).update(created_at=created)
        if at:
            confirmed(member, by=boss, at=at)
        due = [each.pk for each in to_review(member.practice_id, now=NOW).filter(**IS_DUE)]
        assert due == [member.pk] * is_due
        assert reminders(boss, now=NOW).due == is_due

    def test_only_who_can_log_in_there(self, boss: Membership) -> None:
        assert boss.practice_id
        ends: list[dict[str, Any]] = [{"off_at": NOW}, {"ends_on": timezone.localdate(LONG_AGO)}]
        for end in ends:
            member = factories.member(at=boss.practice)
            Membership.objects.filter(pk=member.pk).update(**end)
        inactive = factories.member(at=boss.practice)
        User.objects.filter(pk=inactive.user_id).update(is_active=False)
        factories.member()
        Membership.objects.update(created_at=LONG_AGO)
        assert [each.pk for each in to_review(boss.practice_id, now=NOW)] == [boss.pk]
        assert reminders(boss, now=NOW) == Reminders(administrators=1, due=1)

    def test_those_who_are_due_come_first(self, boss: Membership) -> None:
        for family, created in (("Abel", LATELY), ("Baker", LONG_AGO), ("Cole", LONG_AGO)):
            member = factories.member(at=boss.practice)
            User.objects.filter(pk=member.user_id).update(family_name=family)
            Membership.objects.filter(pk=member.pk).update(created_at=created)
        assert boss.practice_id
        found = to_review(boss.practice_id, now=NOW).exclude(pk=boss.pk)
        assert [each.user.family_name for each in found] == ["Baker", "Cole", "Abel"]

    def test_staff_are_told_nothing_and_nothing_is_asked(
        self, member: Membership, django_assert_num_queries: Any
    ) -> None:
        Membership.objects.update(created_at=LONG_AGO)
        with django_assert_num_queries(0):
            assert reminders(member, now=NOW) == Reminders()
        assert not reminders(member, now=NOW).needs_another


class TestReview:
    """``access_review.review``."""

    def test_one_is_confirmed_and_another_turned_off(
        self, client: Client, boss: Membership, member: Membership
    ) -> None:
        leaver = factories.member(at=boss.practice)
        factories.sign_in(client, leaver.user)
        access_review.review([here(member), gone(leaver)], acting(boss, **HOW))
        made = Confirmation.objects.get()
        assert (made.membership, made.by, made.at) == (member, boss.user, NOW)
        assert made.role == Role.STAFF
        noted = AuditEvent.objects.get(event=Event.MEMBERSHIP_CONFIRMED)
        assert (noted.person, noted.by) == (member.user, boss.user)
        assert (is_live(member), is_live(leaver)) == (True, False)
        assert client.get("/referrals/").status_code == 302
        assert "Your access to PharmRefer at Larkfield Surgery was turned off" in mailed(
            leaver.user
        )
        assert AuditEvent.objects.get(event=Event.MEMBERSHIP_OFF).by == boss.user

    def test_each_confirmation_is_kept(self, boss: Membership, member: Membership) -> None:
        for days in (200, 100, 0):
            when = NOW - timedelta(days=days)
            access_review.review([here(member)], acting(boss, now=when))
        assert Confirmation.objects.filter(membership=member).count() == 3

    def test_the_application_cannot_change_what_was_confirmed(
        self, boss: Membership, member: Membership
    ) -> None:
        confirmed(member, by=boss)
        changes: tuple[Callable[[], int], ...] = (
            lambda: Confirmation.objects.update(at=LONG_AGO),
            lambda: Confirmation.objects.all()._raw_delete("default"),
        )
        for change in changes:
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()

    def test_sent_twice_it_is_done_once(self, boss: Membership, member: Membership) -> None:
        leaver = factories.member(at=boss.practice)
        answers = [here(member), gone(leaver)]
        for _ in range(2):
            access_review.review(answers, acting(boss, **HOW))
        assert Confirmation.objects.count() == 1
        assert Mail.objects.count() == 1

    @pytest.mark.parametrize("answer", [here, gone])
    def test_another_practice_s_people_are_neither_confirmed_nor_turned_off(
        self, boss: Membership, member: Membership, answer: Any
    ) -> None:
        stranger = factories.member()
        with pytest.raises(errors.Denied, match="not one of your people"):
            access_review.review([here(member), answer(stranger)], acting(boss, **HOW))
        assert is_live(stranger)
        assert not Confirmation.objects.exists()

    @pytest.mark.parametrize("answer", [here, gone])
    @pytest.mark.parametrize("how", ["role", "off", "confirmed"])
    def test_all_or_nothing_where_a_user_was_changed_meanwhile(
        self, boss: Membership, member: Membership, answer: Any, how: str
    ) -> None:
        others = [factories.member(at=boss.practice) for _ in range(2)]
        answers = [here(others[0]), answer(member), gone(others[1])]
        other_boss = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=boss.practice)
        if how == "confirmed":
            confirmed(member, by=other_boss)
        else:
            change: dict[str, Any] = {"off_at": NOW}
            if how == "role":
                change = {"role": Role.PRACTICE_ADMINISTRATOR}
            Membership.objects.filter(pk=member.pk).update(**change)
        before = Confirmation.objects.count()
        is_as_wanted = (answer, how) in {(here, "confirmed"), (gone, "off")}
        if is_as_wanted:  # there is nothing left to do for them
            access_review.review(answers, acting(boss, **HOW))
            assert Confirmation.objects.count() == before + 1
            assert not is_live(others[1])
            return
        with pytest.raises(errors.Denied) as denied:
            access_review.review(answers, acting(boss, **HOW))
        assert str(denied.value).startswith("Nothing was saved. Someone else has changed or")
        assert "Jane Doe" in str(denied.value)
        assert Confirmation.objects.count() == before
        assert is_live(others[1])
        assert not Mail.objects.exists()

    def test_nobody_turns_themselves_off(self, boss: Membership, member: Membership) -> None:
        with pytest.raises(errors.Denied, match="cannot do this to yourself"):
            access_review.review([here(member), gone(boss)], acting(boss, **HOW))
        assert not Confirmation.objects.exists()
        assert is_live(boss)

    def test_only_the_only_administrator_confirms_themselves(
        self, practice: Practice, boss: Membership
    ) -> None:
        other = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        with pytest.raises(errors.Denied, match="Another administrator of your practice"):
            access_review.review([here(boss)], acting(boss, **HOW))
        access_review.review([here(boss)], acting(other, **HOW))
        Membership.objects.filter(pk=other.pk).update(off_at=NOW)
        access_review.review([here(boss)], acting(boss, **HOW))
        assert list(Confirmation.objects.values_list("by", flat=True)) == [
            other.user_id,
            boss.user_id,
        ]

    @pytest.mark.parametrize("change", [{"role": Role.STAFF}, {"off_at": NOW}])
    def test_not_by_who_was_an_administrator_a_moment_ago(
        self, boss: Membership, member: Membership, change: dict[str, Any]
    ) -> None:
        Membership.objects.filter(pk=boss.pk).update(**change)
        with pytest.raises(errors.Gone):
            access_review.review([gone(member)], acting(boss, **HOW))
        assert is_live(member)

    def test_who_was_never_seen_is_not_turned_off(
        self, boss: Membership, member: Membership
    ) -> None:
        with pytest.raises(errors.Denied, match="Nothing was saved"):
            access_review.review([gone(member, seen="x")], acting(boss, **HOW))
        assert is_live(member)
