"""What others give a user takes effect when the account's owner accepts it, and not before."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.cases import Case, CaseKind
from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice, User
from accounts.models.practice_people import AccountStatus, people_of, reminders, to_review
from accounts.models.sessions import Ended, Session, Step
from accounts.people import acceptance, account_rules, colleagues, invitations, memberships
from accounts.people import new_accounts as actions_people
from accounts.people.acceptance import Yes
from accounts.roles import Role
from accounts.service_desk import cases
from accounts.service_desk.rules import check_can_reset
from accounts.sign_in import log_in as sign_in_log_in
from accounts.sign_in.second_factor import Code
from tests import factories
from tests.factories import ORIGIN, PASSWORD, acting
from tests.mails import mailed
from tests.refusals import denied
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
STAFF, ADMINISTRATOR = Role.STAFF, Role.PRACTICE_ADMINISTRATOR
LONGER = "four quiet herons wading"


@pytest.fixture
def boss() -> Membership:
    there = factories.practice(ods_code="Z91002", name="Highfield Surgery")
    return factories.member(role=ADMINISTRATOR, at=there)


@pytest.fixture
def session(user: User) -> Session:
    return factories.sign_in(Client(), user)


def fresh(row: Any) -> Any:
    return type(row)._default_manager.get(pk=row.pk)


def ask(user: User, boss: Membership, role: Role = STAFF, **more: Any) -> Membership:
    """Have a practice's administrator add a user's account to it."""
    person = actions_people.NewPerson(
        user.email, user.given_name, user.family_name, "Nurse", role, **more
    )
    invitations.add(person, acting(boss, **HOW))
    return user.memberships.get(practice=boss.practice)


def accept(session: Session, asked: Membership, **more: Any) -> str:
    session = fresh(session)
    yes = Yes(**{"password": PASSWORD, **more})
    return acceptance.accept(session, asked.pk, fresh(asked).offered_role, yes, acting(**HOW))


def short(user: User) -> None:
    """Give a user a password that is long enough for staff only."""
    user.set_password("three herons")
    user.save()


class TestUntilThen:
    """What a user was only asked grants nothing, and takes nothing."""

    def test_it_counts_nowhere(self, boss: Membership, user: User) -> None:
        asked = ask(user, boss, ADMINISTRATOR)
        assert boss.practice_id
        people: Any = people_of(boss.practice_id, today=TODAY).filter(pk=asked.pk)
        assert [each.account_status for each in people] == [AccountStatus.WAITING]
        assert not to_review(boss.practice_id, now=NOW).filter(pk=asked.pk).exists()
        assert reminders(boss, now=NOW).is_only_one
        assert not asked.is_live(today=TODAY)
        assert (asked.role, asked.accepted_at) == (STAFF, None)

    def test_the_database_lets_nobody_in_who_has_never_accepted(
        self, boss: Membership, user: User
    ) -> None:
        """Whatever a version of the program does that knows nothing of it."""
        asked = ask(user, boss)
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(pk=asked.pk).update(off_at=None)

    def test_its_administrator_takes_it_back(
        self, boss: Membership, user: User, session: Session
    ) -> None:
        asked = ask(user, boss)
        assert fresh(session).is_asked
        memberships.take_back(asked.pk, acting(boss, **HOW))
        assert not user.memberships.filter(pk=asked.pk).exists()
        assert not fresh(session).is_asked
        assert fresh(session).why_ended(NOW) is None
        assert "no longer asks to add" in "".join(mailed(user))
        with pytest.raises(errors.Gone):
            acceptance.accept(fresh(session), asked.pk, STAFF, Yes(PASSWORD), acting(**HOW))

    def test_nobody_else_takes_it_back(self, boss: Membership, user: User) -> None:
        asked, other = ask(user, boss), factories.member(role=ADMINISTRATOR)
        with pytest.raises(errors.Gone):
            memberships.take_back(asked.pk, acting(other, **HOW))

    def test_turning_a_user_off_takes_back_what_they_were_asked_to_become(
        self, boss: Membership
    ) -> None:
        staff = factories.member(at=boss.practice)
        memberships.change_membership(staff.pk, ADMINISTRATOR, None, acting(boss, **HOW))
        memberships.turn_off(staff.pk, acting(boss, **HOW))
        assert (fresh(staff).offered_role, fresh(staff).off_at) == ("", NOW)
        assert not staff.user.offers(today=TODAY)


class TestAccept:
    """``acceptance.accept``."""

    def test_they_work_there_and_may_change_to_it_at_once(
        self, boss: Membership, user: User, session: Session
    ) -> None:
        other = factories.sign_in(Client(), user)
        asked = ask(user, boss, ends_on=TODAY)
        assert accept(session, asked)
        membership = fresh(asked)
        assert (membership.role, membership.offered_role, membership.off_at) == (STAFF, "", None)
        assert (membership.accepted_at, membership.ends_on) == (NOW, TODAY)
        for each in (fresh(session), fresh(other)):
            assert each.can_switch
            assert each.why_ended(NOW) is None
        assert not fresh(session).is_asked
        events = AuditEvent.objects.filter(person=user).values_list("event", flat=True)
        assert {Event.MEMBERSHIP_OFFERED, Event.MEMBERSHIP_ACCEPTED} <= set(events)
        assert "You have joined Highfield Surgery in PharmRefer" in mailed(user)

    def test_an_administrator_is_one_then_and_the_others_are_told(
        self, boss: Membership, user: User, session: Session
    ) -> None:
        other = factories.sign_in(Client(), user)
        asked = ask(user, boss, ADMINISTRATOR)
        assert "Highfield Surgery has a new PharmRefer administrator" not in mailed(boss.user)
        before = user.password
        accept(session, asked)
        assert fresh(asked).role == ADMINISTRATOR
        assert fresh(user).password == before  # it was long enough
        assert fresh(session).why_ended(NOW) is None
        assert fresh(other).why_ended(NOW) is Ended.ELSEWHERE
        assert "Highfield Surgery has a new PharmRefer administrator" in mailed(boss.user)
        User.objects.filter(pk=user.pk).update(last_login=NOW)
        assert not reminders(boss, now=NOW).is_only_one

    def test_with_a_short_password_they_choose_a_longer_one(
        self, boss: Membership, user: User, session: Session
    ) -> None:
        short(user)
        asked = ask(user, boss, ADMINISTRATOR)
        with denied("new_password", "fewer than 15 characters"):
            accept(session, asked, password="three herons")
        assert fresh(asked).accepted_at is None
        accept(session, asked, password="three herons", new_password=LONGER)
        assert fresh(asked).role == ADMINISTRATOR
        assert fresh(user).check_password(LONGER)
        assert fresh(session).why_ended(NOW) is None

    def test_staff_need_no_longer_one(self, boss: Membership, user: User, session: Session) -> None:
        short(user)
        accept(session, ask(user, boss), password="three herons")
        assert fresh(user).check_password("three herons")

    def test_not_without_the_password(self, boss: Membership, user: User, session: Session) -> None:
        asked = ask(user, boss)
        with pytest.raises(errors.Denied, match="password is not right"):
            accept(session, asked, password="somebody else's")
        assert fresh(asked).accepted_at is None

    def test_not_what_was_changed_since_they_read_it(
        self, boss: Membership, user: User, session: Session
    ) -> None:
        asked = ask(user, boss)
        memberships.change_membership(asked.pk, ADMINISTRATOR, None, acting(boss, **HOW))
        with pytest.raises(errors.Gone):
            acceptance.accept(fresh(session), asked.pk, STAFF, Yes(PASSWORD), acting(**HOW))
        assert fresh(asked).accepted_at is None

    def test_not_what_another_user_was_asked(self, boss: Membership, session: Session) -> None:
        other = ask(factories.active_person(), boss)
        with pytest.raises(errors.Gone):
            acceptance.accept(fresh(session), other.pk, STAFF, Yes(PASSWORD), acting(**HOW))

    @pytest.mark.parametrize("how", ["closed", "over"])
    def test_not_where_it_has_ended(
        self, boss: Membership, user: User, session: Session, how: str
    ) -> None:
        asked = ask(user, boss)
        if how == "closed":
            Practice.objects.filter(membership=boss).update(closed_on=TODAY)
        else:
            Membership.objects.filter(pk=asked.pk).update(ends_on=TODAY - timedelta(days=1))
        with pytest.raises(errors.Gone):
            accept(session, asked)

    def test_becoming_an_administrator_at_home(self, boss: Membership) -> None:
        staff = factories.member(at=boss.practice)
        session = factories.sign_in(Client(), staff.user)
        memberships.change_membership(staff.pk, ADMINISTRATOR, None, acting(boss, **HOW))
        assert fresh(session).role is STAFF
        accept(session, staff)
        assert fresh(session).role is ADMINISTRATOR


class TestHome:
    """To whom an account belongs."""

    def test_not_to_who_added_it_unless_its_owner_says_so(
        self, boss: Membership, user: User, session: Session
    ) -> None:
        first = user.memberships.get()
        asked = ask(user, boss)
        accept(session, asked)
        Membership.objects.filter(pk=first.pk).update(off_at=NOW)
        assert user.home(today=TODAY) is None
        with pytest.raises(errors.Denied, match="Only the service desk"):
            colleagues.check_can_change_account(fresh(asked), today=TODAY)

    def test_the_owner_makes_it_their_main_practice(
        self, boss: Membership, user: User, session: Session
    ) -> None:
        asked = ask(user, boss)
        accept(session, asked, is_main=True)
        assert fresh(user).home(today=TODAY).practice == boss.practice
        colleagues.check_can_change_account(fresh(asked), today=TODAY)
        assert Event.HOME_CHANGED in AuditEvent.objects.values_list("event", flat=True)

    def test_turning_on_again_asks_who_belongs_elsewhere_now(
        self, boss: Membership, user: User, session: Session
    ) -> None:
        asked = ask(user, boss)
        accept(session, asked)
        memberships.turn_off(asked.pk, acting(boss, **HOW))
        memberships.turn_on(asked.pk, acting(boss, **HOW))
        assert not fresh(asked).is_live(today=TODAY)
        acceptance.decline(fresh(session), asked.pk, acting(**HOW))
        assert (fresh(asked).offered_role, fresh(asked).off_at) == ("", NOW)  # what they did stays

    def test_the_desk_needs_a_second_member_for_an_account_of_no_practice(
        self, boss: Membership, user: User, session: Session
    ) -> None:
        first, asked = user.memberships.get(), ask(user, boss)
        accept(session, asked)
        call = cases.Call("T1", "Jane Doe", "New phone")
        desk = factories.member(role=Role.SERVICE_DESK)
        Membership.objects.filter(pk=first.pk).update(off_at=NOW)
        assert account_rules.ready_at(fresh(user), since=NOW) is None
        Mail.objects.all().delete()
        case, code = cases.open_case(user.pk, CaseKind.RESET, call, acting(desk, **HOW))
        assert (case.practice, code) == (boss.practice, "")
        assert list(Mail.objects.values_list("to", flat=True)) == [user.email]


class TestWhoWorksNowhere:
    """A user who has left a practice, and is asked by the next one."""

    @pytest.fixture
    def asked(self, boss: Membership, user: User) -> Membership:
        user.memberships.update(off_at=NOW)
        return ask(user, boss)

    def log_in(self, user: User) -> Session:
        client = Client()
        pending = factories.begin_log_in(client, user, Step.CODE)
        code = code_for(user.authenticators.get().secret)
        sign_in_log_in.sign_in(pending, Code(code), acting(**HOW))
        return Session.objects.latest("pk")

    def test_they_log_in_to_answer_and_for_nothing_else(
        self, user: User, asked: Membership
    ) -> None:
        session = self.log_in(user)
        assert (session.membership, session.has_chosen) == (asked, False)
        assert session.why_ended(NOW) is None
        accept(session, asked)
        session = fresh(session)
        assert (session.has_chosen, session.membership.practice) == (True, asked.practice)

    def test_who_declines_is_out(self, user: User, asked: Membership, boss: Membership) -> None:
        session = self.log_in(user)
        assert acceptance.decline(session, asked.pk, acting(**HOW)) == ""
        assert not Session.objects.filter(pk=session.pk).exists()
        assert not User.objects.working(TODAY).filter(pk=user.pk).exists()
        assert "Jane Doe has declined to join Highfield Surgery" in mailed(boss.user)

    def test_the_desk_helps_them_after_a_second_look(self, user: User, asked: Membership) -> None:
        assert account_rules.practice_of(user, now=NOW) == asked.practice
        check_can_reset(Case(kind=CaseKind.RESET, person=user), acting(now=NOW))
        assert account_rules.ready_at(user, since=NOW) is None
