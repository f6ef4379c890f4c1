"""Many people let into a practice at once: as each alone, and all or nobody."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.credentials import Activation
from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice, User, UserQuerySet
from accounts.people import invitations, new_accounts
from accounts.roles import Role
from accounts.sign_in import activation
from tests import factories
from tests.factories import ORIGIN, acting, new_person
from tests.locks import CaptureLocks
from tests.mails import keys_mailed, mailed

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}


@pytest.fixture
def practice() -> Practice:
    return factories.practice()


@pytest.fixture
def boss(practice: Practice) -> Membership:
    return factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)


def some(count: int, **changes: Any) -> list[new_accounts.NewPerson]:
    """People whom nobody knows yet."""
    return [
        new_person(**{"given_name": f"Ida{n}", "email": f"ida.{n}@larkfield.example"} | changes)
        for n in range(count)
    ]


class TestAddMany:
    def test_everybody_new_gets_an_account_and_a_link(self, boss: Membership) -> None:
        people = [*some(2), new_person(role=Role.PRACTICE_ADMINISTRATOR, ends_on=TODAY)]
        done = invitations.add_many(people, actor=acting(boss, **HOW))
        assert (set(done.new), done.joining, done.refused) == ({0, 1, 2}, {}, {})
        for asked in people:
            user = User.objects.get(email=asked.email)
            made = user.memberships.get()
            assert (made.practice, made.role, made.ends_on) == (
                *(boss.practice, asked.role, asked.ends_on),
            )
            [key] = keys_mailed(user)
            assert boss.user.full_name in mailed(user)["Activate your PharmRefer account"]
            pending = activation.accept_link(key, acting(**HOW))
            assert pending
            noted = AuditEvent.objects.filter(person=user, by=boss.user).order_by("pk")
            assert [each.event for each in noted] == [
                Event.PERSON_INVITED,
                Event.ACTIVATION_ISSUED,
            ]
            assert noted[0].reason == asked.role

    def test_who_has_an_account_joins_with_it(self, boss: Membership) -> None:
        user = factories.active_person()
        person = new_person(email=user.email.replace("@", "+x@"), family_name="Doe")
        done = invitations.add_many([*some(1), person], actor=acting(boss, **HOW))
        assert (set(done.new), done.joining) == ({0}, {1: user})
        assert "Larkfield Surgery asks to add your PharmRefer account" in mailed(user)
        assert not keys_mailed(user)
        assert AuditEvent.objects.filter(person=user, event=Event.MEMBERSHIP_OFFERED).count() == 1
        user.refresh_from_db()
        assert user.has_usable_password()

    def test_who_is_added_as_administrator_keeps_their_password(self, boss: Membership) -> None:
        user = factories.active_person()
        role = Role.PRACTICE_ADMINISTRATOR
        invitations.add_many(
            [new_person(email=user.email, family_name="Doe", role=role)], actor=acting(boss, **HOW)
        )
        user.refresh_from_db()
        assert user.has_usable_password()
        assert not keys_mailed(user)
        assert not mailed(boss.user)
        with pytest.raises(invitations.RefusedError) as refused:
            invitations.add_many(
                [new_person(email=user.email, family_name="Doe")], actor=acting(boss, **HOW)
            )
        assert "has not accepted yet" in str(refused.value.plan.refused[0])

    def test_the_other_administrators_get_one_e_mail_with_all_new_ones(
        self, boss: Membership
    ) -> None:
        other = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=boss.practice)
        people = [*some(2, role=Role.PRACTICE_ADMINISTRATOR), new_person()]
        invitations.add_many(people, actor=acting(boss, **HOW))
        for user in (boss.user, other.user):
            [(subject, text)] = mailed(user).items()
            assert subject == "Larkfield Surgery has 2 new PharmRefer administrators"
            assert "Ida0 Hill\nIda1 Hill\n" in text
        assert Mail.objects.count() == 5

    def test_one_who_is_refused_is_everybody_who_is(self, boss: Membership) -> None:
        here = factories.person(at=boss.practice)
        people = [
            *some(2),
            new_person(email=here.email, family_name="Doe"),
            new_person(email="reception@larkfield.example"),
        ]
        users, mails = User.objects.count(), Mail.objects.count()
        with pytest.raises(invitations.RefusedError) as refused:
            invitations.add_many(people, actor=acting(boss, **HOW))
        words = {n: error.messages for n, error in refused.value.plan.refused.items()}
        assert words.keys() == {2, 3}
        assert words[2] == ["Jane Doe is already one of your people"]
        assert "“reception” suggests a shared mailbox" in words[3][0]
        assert (User.objects.count(), Mail.objects.count()) == (users, mails)
        assert not Activation.objects.exists()

    def test_who_is_no_administrator_any_more_adds_nobody(self, boss: Membership) -> None:
        Membership.objects.filter(pk=boss.pk).update(off_at=NOW)
        with pytest.raises(errors.Gone):
            invitations.add_many(some(2), actor=acting(boss, **HOW))
        assert User.objects.count() == 1

    @pytest.mark.parametrize("count", [3, 40])
    def test_its_statements_do_not_grow(
        self, boss: Membership, count: int, django_assert_num_queries: Any
    ) -> None:
        # Two of them are a savepoint's, which is a transaction's where no test is around it.
        with django_assert_num_queries(11):
            invitations.add_many(some(count), actor=acting(boss, **HOW))

    def test_the_practice_s_row_is_locked_once_and_first(self, boss: Membership) -> None:
        with CaptureLocks() as locks:
            invitations.add_many(some(3), actor=acting(boss, **HOW))
        assert [sql.rpartition("FROM ")[2].split()[0] for sql in locks.found] == [
            '"accounts_practice"',
            '"accounts_user"',
        ]


class TestLookAhead:
    @pytest.mark.parametrize("count", [2, 60])
    def test_it_asks_three_times_and_stores_nothing(
        self, practice: Practice, count: int, django_assert_num_queries: Any
    ) -> None:
        known = [factories.person() for _ in range(count)]
        people = [new_person(email=user.email, family_name="Doe") for user in known]
        users = User.objects.count()
        with django_assert_num_queries(3):
            plan = invitations.look_ahead([*people, *some(count)], practice=practice, now=NOW)
        assert (len(plan.joining), len(plan.new)) == (count, count)
        assert User.objects.count() == users
        assert Membership.objects.filter(practice=practice).count() == 0

    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ("here", "is already one of your people"),
            ("off here", "was turned off. Turn them on again"),
            ("last day over", "was turned off. Turn them on again"),
            ("another name", "another name has this email address"),
            ("service desk", "Ask the service desk"),
            ("turned off for good", "Ask the service desk"),
        ],
    )
    def test_it_says_what_the_single_invitation_says(
        self, boss: Membership, practice: Practice, how: str, words: str
    ) -> None:
        at = practice if "here" in how or "last" in how else None
        role = Role.SERVICE_DESK if how == "service desk" else Role.STAFF
        user = factories.active_person(role=role, at=at)
        if how == "off here":
            user.memberships.update(off_at=NOW)
        if how == "last day over":
            user.memberships.update(ends_on=TODAY - timedelta(days=1))
        if how == "turned off for good":
            User.objects.filter(pk=user.pk).update(is_active=False)
        names = ("Ida", "Hill") if how == "another name" else ("Jane", "Doe")
        person = new_person(email=user.email, given_name=names[0], family_name=names[1])
        plan = invitations.look_ahead([person], practice=practice, now=NOW)
        assert words in plan.refused[0].messages[0]
        with pytest.raises(invitations.RefusedError) as refused:
            invitations.add_many([person], actor=acting(boss, **HOW))
        assert refused.value.plan.refused[0].messages == plan.refused[0].messages


class TestAtOnce:
    """Another administrator makes the same account a moment after we have looked."""

    @pytest.fixture
    def late(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """Have the first query come before the account was made."""
        queries: list[int] = []
        with_mailboxes = UserQuerySet.with_mailboxes

        def late(users: UserQuerySet, emails: Iterable[str]) -> UserQuerySet:
            queries.append(1)
            return with_mailboxes(users, emails if len(queries) > 1 else [])

        monkeypatch.setattr(UserQuerySet, "with_mailboxes", late)
        return queries

    def test_they_join_with_it(self, boss: Membership, late: list[int]) -> None:
        user = factories.person()
        person = new_person(email=user.email, family_name="Doe")
        done = invitations.add_many([*some(2), person], actor=acting(boss, **HOW))
        assert (set(done.new), done.joining) == ({0, 1}, {2: user})
        assert len(late) == 2

    def test_one_alone_does_too(self, boss: Membership, late: list[int]) -> None:
        user = factories.person()
        person = new_person(email=user.email, family_name="Doe")
        assert invitations.add(person, acting(boss, **HOW)) == (user, "")
        assert len(late) == 2

    def test_or_it_is_said_why_not(self, boss: Membership, late: list[int]) -> None:
        user = factories.person()
        with pytest.raises(invitations.RefusedError) as refused:
            invitations.add_many(
                [*some(2), new_person(email=user.email)], actor=acting(boss, **HOW)
            )
        assert refused.value.plan.refused.keys() == {2}
        assert len(late) == 2
        assert Membership.objects.filter(practice=boss.practice).count() == 1

    def test_it_gives_up_after_some_tries(
        self, boss: Membership, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = factories.person()
        queries: list[int] = []

        def nobody(users: UserQuerySet, _emails: Iterable[str]) -> UserQuerySet:
            queries.append(1)
            return users.none()

        monkeypatch.setattr(UserQuerySet, "with_mailboxes", nobody)
        with pytest.raises(IntegrityError):
            invitations.add_many([new_person(email=user.email)], actor=acting(boss, **HOW))
        assert len(queries) == invitations.TRIES
