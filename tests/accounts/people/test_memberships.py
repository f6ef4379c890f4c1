"""What a practice's administrators do with its people, and what they may not."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.cases import administrators
from accounts.models.credentials import Activation, PasswordLink
from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice, User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.people import account_rules, colleagues, invitations, memberships
from accounts.roles import Role
from accounts.sign_in import activation, log_in, password_rules
from tests import factories
from tests.factories import ORIGIN, acting, new_person
from tests.mails import keys_mailed, mailed

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}


@pytest.fixture
def practice() -> Practice:
    return factories.practice(ods_code="Z91001")


@pytest.fixture
def boss(practice: Practice) -> Membership:
    return factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)


@pytest.fixture
def member(practice: Practice) -> Membership:
    return factories.member(at=practice)


def elsewhere(
    user: User, *, role: Role = Role.STAFF, name: str = "Highfield Surgery"
) -> Membership:
    """A second membership of the user's."""
    practice = factories.practice(name=name)
    return Membership.objects.create(user=user, practice=practice, role=role)


def events(user: User) -> list[str]:
    return [each.event for each in AuditEvent.objects.filter(person=user).order_by("pk")]


def fresh(member: Membership) -> Membership:
    return Membership.objects.select_related("user").get(pk=member.pk)


class TestAdd:
    """``invitations.add``."""

    def test_a_new_user_gets_an_account_a_link_and_a_code(self, boss: Membership) -> None:
        tomorrow = TODAY + timedelta(days=1)
        user, code = invitations.add(new_person(ends_on=tomorrow), acting(boss, **HOW))
        made = user.memberships.get()
        assert (made.practice, made.role, made.ends_on) == (boss.practice, Role.STAFF, tomorrow)
        assert "Activate your PharmRefer account" in mailed(user)
        assert activation.accept_invitation(user.email, code, actor=acting(**HOW))
        noted = AuditEvent.objects.get(person=user, event=Event.PERSON_INVITED)
        assert noted.by == boss.user

    def test_the_practice_is_the_administrator_s_whatever_is_asked(self, boss: Membership) -> None:
        other = factories.practice()
        user, _ = invitations.add(new_person(practice=other), acting(boss, **HOW))
        assert user.memberships.get().practice == boss.practice

    def test_a_user_with_an_account_joins_with_it(self, boss: Membership) -> None:
        user = factories.active_person()
        person = new_person(email=user.email.replace("@", "+x@").upper(), given_name="JANE")
        joined, code = invitations.add(person, acting(boss, **HOW))
        assert (joined, code) == (user, "")
        assert [each.practice for each in user.offers(today=TODAY)] == [boss.practice]
        assert len(user.live_memberships(today=TODAY)) == 1
        text = mailed(user)["Larkfield Surgery asks to add your PharmRefer account"]
        assert boss.user.full_name in text
        assert "practice staff" in text
        assert not keys_mailed(user)
        assert Event.MEMBERSHIP_OFFERED in events(user)
        assert user.authenticators.count() == 1

    def test_adding_a_user_as_administrator_takes_nothing_from_them(self, boss: Membership) -> None:
        user = factories.active_person()
        session, before = factories.sign_in(Client(), user), user.password
        person = new_person(email=user.email, family_name="Doe", role=Role.PRACTICE_ADMINISTRATOR)
        invitations.add(person, acting(boss, **HOW))
        user.refresh_from_db()
        session = Session.objects.get(pk=session.pk)
        assert (user.password, session.why_ended(NOW)) == (before, None)
        assert not keys_mailed(user)
        assert (
            "15 characters" in mailed(user)["Larkfield Surgery asks to add your PharmRefer account"]
        )
        assert not mailed(boss.user)
        assert boss.practice
        there = administrators(boss.practice_id, today=TODAY)
        assert list(there) == [boss.user]
        assert password_rules.shortest_for(user) == password_rules.SHORTEST
        assert account_rules.ready_at(user, since=NOW) == NOW

    def test_the_other_administrators_are_told_of_a_new_one(self, boss: Membership) -> None:
        gone = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=boss.practice)
        Membership.objects.filter(pk=gone.pk).update(off_at=NOW)
        staff = factories.member(at=boss.practice)
        user, _ = invitations.add(new_person(role=Role.PRACTICE_ADMINISTRATOR), acting(boss, **HOW))
        notified = set(Mail.objects.values_list("to", flat=True))
        assert notified == {boss.user.email, user.email}
        assert not {gone.user.email, staff.user.email} & notified

    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ("here", "is already one of your people"),
            ("off here", "was turned off"),
            ("last day over", "was turned off"),
            ("another name", "another name has this email address"),
            ("service desk", "Ask the service desk"),
            ("turned off for good", "Ask the service desk"),
        ],
    )
    def test_who_cannot_join_is_said(self, boss: Membership, how: str, words: str) -> None:
        at = boss.practice if "here" in how or "last" in how else None
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
        with pytest.raises(ValidationError) as refused:
            invitations.add(person, acting(boss, **HOW))
        assert words in refused.value.message_dict["email"][0]
        assert user.memberships.count() == 1

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            (
                {"email": "reception@larkfield.example"},
                "email",
                "“reception” suggests a shared mailbox",
            ),
            ({"email": "surgery.z91001@nhs.example"}, "email", "the practice's code"),
            ({"given_name": "Reception", "family_name": "Desk"}, "given_name", "one person"),
            ({"email": "ida hill"}, "email", "Enter an email address with only"),
            ({"role": Role.OPERATOR}, "role", "Operator is not a role in a practice"),
        ],
    )
    def test_what_is_no_person_s_leaves_nothing(
        self, boss: Membership, changes: dict[str, Any], field: str, words: str
    ) -> None:
        with pytest.raises(ValidationError) as refused:
            invitations.add(new_person(**changes), acting(boss, **HOW))
        assert words in " ".join(refused.value.message_dict[field])
        assert User.objects.count() == 1

    def test_one_mailbox_is_one_person_whichever_practice_makes_the_account(self) -> None:
        factories.person(email="jane@nhs.example")
        with pytest.raises(ValidationError, match="already has this email address"):
            factories.invited("jane+two@nhs.example")


class TestOffAndOn:
    """``memberships.turn_off`` and ``memberships.turn_on``."""

    def test_off_ends_sessions_at_once_and_keeps_history(
        self, client: Client, boss: Membership, member: Membership
    ) -> None:
        factories.sign_in(client, member.user)
        assert client.get("/referrals/").status_code == 200
        memberships.turn_off(member.pk, acting(boss, **HOW))
        assert "because=elsewhere" in client.get("/referrals/")["Location"]
        with pytest.raises(errors.Denied):
            log_in.accept_password(member.user.email, factories.PASSWORD, actor=acting(**HOW))
        assert "Your access to PharmRefer at Larkfield Surgery was turned off" in mailed(
            member.user
        )
        assert Event.MEMBERSHIP_OFF in events(member.user)
        memberships.turn_on(member.pk, acting(boss, **HOW))
        assert log_in.accept_password(member.user.email, factories.PASSWORD, actor=acting(**HOW))
        assert events(member.user).count(Event.MEMBERSHIP_ON) == 1

    def test_twice_is_once(self, boss: Membership, member: Membership) -> None:
        for act in (memberships.turn_off, memberships.turn_on):
            act(member.pk, acting(boss, **HOW))
            act(member.pk, acting(boss, **HOW))
        assert Mail.objects.count() == 2

    def test_whatever_lets_them_in_is_void(self, boss: Membership, client: Client) -> None:
        invited = factories.person(at=boss.practice)
        factories.begin_log_in(client, invited, Step.PASSWORD)
        PasswordLink.issue(invited, expires_at=NOW + timedelta(hours=1))
        memberships.turn_off(invited.memberships.get().pk, acting(boss, **HOW))
        for model in (PendingLogIn, PasswordLink, Activation):
            assert not model.objects.exists()

    def test_a_log_in_under_way_ends(
        self, boss: Membership, member: Membership, client: Client
    ) -> None:
        factories.begin_log_in(client, member.user, Step.CODE)
        memberships.turn_off(member.pk, acting(boss, **HOW))
        assert not PendingLogIn.objects.exists()

    def test_where_else_they_work_they_go_on(
        self, client: Client, boss: Membership, member: Membership
    ) -> None:
        other = elsewhere(member.user)
        session = factories.sign_in(client, member.user)
        Session.objects.filter(pk=session.pk).update(membership=other)
        memberships.turn_off(member.pk, acting(boss, **HOW))
        assert client.get("/referrals/").status_code == 200
        assert log_in.accept_password(member.user.email, factories.PASSWORD, actor=acting(**HOW))

    def test_on_again_after_the_last_day_takes_the_last_day_away(
        self, boss: Membership, member: Membership
    ) -> None:
        Membership.objects.filter(pk=member.pk).update(ends_on=TODAY - timedelta(days=1))
        memberships.turn_on(member.pk, acting(boss, **HOW))
        assert fresh(member).is_live(today=TODAY)

    def test_an_account_that_is_off_everywhere_is_not_turned_on_here(
        self, boss: Membership, member: Membership
    ) -> None:
        User.objects.filter(pk=member.user_id).update(is_active=False)
        with pytest.raises(errors.Denied, match="turned off everywhere"):
            memberships.turn_on(member.pk, acting(boss, **HOW))

    def test_only_the_practice_s_row_is_locked_first(
        self, boss: Membership, member: Membership
    ) -> None:
        """Else two administrators at one moment each hold what the other waits for."""
        with CaptureQueriesContext(connection) as queries:
            memberships.turn_off(member.pk, acting(boss, **HOW))
        first = next(each["sql"] for each in queries if "FOR NO KEY UPDATE" in each["sql"])
        assert first.endswith('FOR NO KEY UPDATE OF "accounts_practice"')

    @pytest.mark.parametrize("days", [0, 1])
    def test_a_place_ends_by_itself_after_its_last_day(
        self, client: Client, member: Membership, days: int
    ) -> None:
        factories.sign_in(client, member.user)
        today = timezone.localdate()  # the page's: the run may have begun yesterday
        Membership.objects.update(ends_on=today - timedelta(days=days))
        assert client.get("/referrals/").status_code == (302 if days else 200)
        assert User.objects.working(today).exists() is not bool(days)


class TestPlace:
    """``memberships.change_membership``."""

    def test_role_and_last_day_are_changed_and_noted(self, boss: Membership) -> None:
        other = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=boss.practice)
        memberships.change_membership(other.pk, Role.STAFF, TODAY, acting(boss, **HOW))
        now = fresh(other)
        assert (now.role, now.ends_on) == (Role.STAFF, TODAY)
        assert {Event.ROLE_CHANGED, Event.PERSON_CHANGED} <= set(events(other.user))
        text = mailed(other.user)["Your role in PharmRefer was changed"]
        assert "You are now: practice staff. You were logged out everywhere: log in again" in text

    def test_who_is_made_an_administrator_is_asked_and_stays_what_they_are(
        self, boss: Membership, member: Membership
    ) -> None:
        session, before = factories.sign_in(Client(), member.user), member.user.password
        for _ in range(3):  # again and again
            memberships.change_membership(
                member.pk, Role.PRACTICE_ADMINISTRATOR, None, acting(boss, **HOW)
            )
            assert fresh(member).offered_role == Role.PRACTICE_ADMINISTRATOR
            memberships.change_membership(member.pk, Role.STAFF, None, acting(boss, **HOW))
        now = fresh(member)
        assert (now.role, now.offered_role, now.user.password) == (Role.STAFF, "", before)
        assert Session.objects.get(pk=session.pk).why_ended(NOW) is None
        said = mailed(member.user)
        assert set(said) == {
            "You are asked to become an administrator of Larkfield Surgery",
            "You are no longer asked to become an administrator",
        }
        assert "log in again" not in " ".join(said.values())
        assert not mailed(boss.user)

    def test_what_is_the_same_tells_nobody(self, boss: Membership, member: Membership) -> None:
        memberships.change_membership(member.pk, Role.STAFF, None, acting(boss, **HOW))
        assert not Mail.objects.exists()
        assert Event.ROLE_CHANGED not in events(member.user)

    @pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.OPERATOR])
    def test_no_role_outside_a_practice(
        self, boss: Membership, member: Membership, role: Role
    ) -> None:
        with pytest.raises(ValidationError):
            memberships.change_membership(member.pk, role, None, acting(boss, **HOW))


class TestAccount:
    """``colleagues.unlock_colleague``, ``activate_again`` and ``change_details``."""

    def test_unlocking_ends_the_stop_and_voids_the_password(
        self, boss: Membership, member: Membership
    ) -> None:
        User.objects.filter(pk=member.user_id).update(locked_at=NOW)
        colleagues.unlock_colleague(member.pk, acting(boss, **HOW))
        user = fresh(member).user
        assert user.locked_at is None
        assert not user.has_usable_password()
        assert len(keys_mailed(user)) == 1
        with pytest.raises(errors.Denied, match="is not locked"):
            colleagues.unlock_colleague(member.pk, acting(boss, **HOW))

    def test_inviting_again_voids_the_code_before(self, boss: Membership) -> None:
        user, old = invitations.add(new_person(), acting(boss, **HOW))
        new = colleagues.activate_again(user.memberships.get().pk, acting(boss, **HOW))
        with pytest.raises(errors.Denied):
            activation.accept_invitation(user.email, old, actor=acting(**HOW))
        assert activation.accept_invitation(user.email, new, actor=acting(**HOW))

    def test_no_code_for_who_is_active_or_off(self, boss: Membership, member: Membership) -> None:
        with pytest.raises(errors.Denied, match="The account is active"):
            colleagues.activate_again(member.pk, acting(boss, **HOW))
        Membership.objects.filter(pk=member.pk).update(off_at=NOW)
        with pytest.raises(errors.Denied, match="Turn them on first"):
            colleagues.activate_again(member.pk, acting(boss, **HOW))

    def details(self, user: User, **changes: str) -> colleagues.AccountDetails:
        names = ("email", "given_name", "family_name", "job_role")
        return colleagues.AccountDetails(**{name: getattr(user, name) for name in names} | changes)

    def test_another_address_is_told_to_both(self, boss: Membership, member: Membership) -> None:
        before, email = member.user.email, "Jane.Hill@larkfield.example"
        PasswordLink.issue(member.user, expires_at=NOW + timedelta(hours=1))
        details = self.details(member.user, email=email, family_name="Hill")
        assert colleagues.change_details(member.pk, details, acting(boss, **HOW)) == ""
        user = fresh(member).user
        assert (user.email, user.family_name) == (email.lower(), "Hill")
        assert user.email_changed_at == NOW
        assert set(Mail.objects.values_list("to", flat=True)) == {before, user.email}
        assert before in mailed(user)["Your PharmRefer account was changed"]
        assert not PasswordLink.objects.exists()
        noted = AuditEvent.objects.get(person=user, event=Event.PERSON_CHANGED)
        assert noted.reason == "email, family_name"
        assert noted.by == boss.user

    def test_who_was_invited_at_a_wrong_address_is_invited_at_the_right_one(
        self, boss: Membership
    ) -> None:
        user, old = invitations.add(
            new_person(email="ida.hil@larkfield.example"), acting(boss, **HOW)
        )
        (old_key,) = keys_mailed(user)
        details = self.details(user, email="ida.hill@larkfield.example")
        code = colleagues.change_details(user.memberships.get().pk, details, acting(boss, **HOW))
        user.refresh_from_db()
        assert Activation.objects.with_link(old_key, now=NOW) is None
        with pytest.raises(errors.Denied):
            activation.accept_invitation(user.email, old, actor=acting(**HOW))
        assert "Activate your PharmRefer account" in mailed(user)
        assert activation.accept_invitation(user.email, code, actor=acting(**HOW))

    def test_after_the_last_day_nothing_that_went_to_the_old_address_is_left(
        self, boss: Membership
    ) -> None:
        user, _ = invitations.add(new_person(), acting(boss, **HOW))
        user.memberships.update(ends_on=TODAY - timedelta(days=1))
        details = self.details(user, email="ida@larkfield.example")
        assert (
            colleagues.change_details(user.memberships.get().pk, details, acting(boss, **HOW)) == ""
        )
        assert not Activation.objects.exists()

    def test_a_name_alone_changes_no_way_in(self, boss: Membership, member: Membership) -> None:
        details = self.details(member.user, family_name="Hill")
        colleagues.change_details(member.pk, details, acting(boss, **HOW))
        user = fresh(member).user
        assert user.email_changed_at is None
        assert "Your username was" not in mailed(user)["Your PharmRefer account was changed"]

    def test_nothing_changed_tells_nobody(self, boss: Membership, member: Membership) -> None:
        assert (
            colleagues.change_details(member.pk, self.details(member.user), acting(boss, **HOW))
            == ""
        )
        assert not Mail.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            (
                {"email": "reception@larkfield.example"},
                "email",
                "Enter an email address that only this person reads",
            ),
            ({"email": "taken@larkfield.example"}, "email", "already has this email address"),
            ({"email": "taken+1@larkfield.example"}, "__all__", "already has this email address"),
            ({"email": "?"}, "email", "Enter an email address with only"),
        ],
    )
    def test_what_cannot_be_changes_nothing(
        self,
        boss: Membership,
        member: Membership,
        changes: dict[str, str],
        field: str,
        words: str,
    ) -> None:
        factories.person(email="taken@larkfield.example")
        details = self.details(member.user, given_name="Ida", **changes)
        with pytest.raises(ValidationError) as refused:
            colleagues.change_details(member.pk, details, acting(boss, **HOW))
        assert words in " ".join(refused.value.message_dict[field])
        assert fresh(member).user.given_name == "Jane"


ACTS: dict[str, Any] = {
    "turn off": memberships.turn_off,
    "turn on": memberships.turn_on,
    "unlock": colleagues.unlock_colleague,
    "activate": colleagues.activate_again,
    "place": lambda number, actor: memberships.change_membership(number, Role.STAFF, None, actor),
    "details": lambda number, actor: colleagues.change_details(
        number, colleagues.AccountDetails("a.doe@nhs.example", "Jane", "Doe", "Nurse"), actor
    ),
}
OF_ACCOUNT = ("unlock", "activate", "details")


class TestWhoMay:
    """Who may do which of these to whom."""

    @pytest.mark.parametrize("act", ACTS)
    def test_not_to_another_practice_s_people(self, boss: Membership, act: str) -> None:
        stranger = factories.member()
        with pytest.raises(errors.Gone):
            ACTS[act](stranger.pk, acting(boss, **HOW))

    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize(
        "change",
        [
            {"role": Role.STAFF},
            {"off_at": NOW},
            {"ends_on": TODAY - timedelta(days=1)},
            None,
        ],
    )
    def test_not_by_who_was_an_administrator_a_moment_ago(
        self, boss: Membership, member: Membership, act: str, change: dict[str, Any] | None
    ) -> None:
        if change:
            Membership.objects.filter(pk=boss.pk).update(**change)
        else:
            User.objects.filter(pk=boss.user_id).update(is_active=False)
        with pytest.raises(errors.Gone):
            ACTS[act](member.pk, acting(boss, **HOW))
        with pytest.raises(errors.Gone):
            invitations.add(new_person(), acting(boss, **HOW))

    @pytest.mark.parametrize("act", ["turn off", "place", "unlock", "activate"])
    def test_not_to_oneself(self, boss: Membership, act: str) -> None:
        with pytest.raises(errors.Denied, match="cannot do this to yourself"):
            ACTS[act](boss.pk, acting(boss, **HOW))

    @pytest.mark.parametrize("act", OF_ACCOUNT)
    def test_not_to_the_account_of_who_is_at_home_elsewhere(
        self, boss: Membership, act: str
    ) -> None:
        """Else an administrator who adds a user's account to their practice would own it."""
        guest = factories.member(at=factories.practice(name="Highfield Surgery"))
        here = Membership.objects.create(user=guest.user, practice=boss.practice, role=Role.STAFF)
        with pytest.raises(errors.Denied, match="belongs to Highfield Surgery"):
            ACTS[act](here.pk, acting(boss, **HOW))
        memberships.turn_off(here.pk, acting(boss, **HOW))
        assert not fresh(here).is_live(today=TODAY)

    @pytest.mark.parametrize("act", OF_ACCOUNT)
    @pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.OPERATOR])
    def test_not_to_the_account_of_who_looks_after_others(
        self, boss: Membership, member: Membership, act: str, role: Role
    ) -> None:
        Membership.objects.create(user=member.user, role=role)
        with pytest.raises(errors.Denied, match="Only the service desk"):
            ACTS[act](member.pk, acting(boss, **HOW))

    @pytest.mark.parametrize("change", [{"off_at": NOW}, {"ends_on": TODAY - timedelta(days=1)}])
    def test_who_has_left_home_falls_to_nobody_who_merely_added_them(
        self, boss: Membership, change: dict[str, Any]
    ) -> None:
        first = factories.member()
        here = Membership.objects.create(user=first.user, practice=boss.practice, role=Role.STAFF)
        Membership.objects.filter(pk=first.pk).update(**change)
        for member in (here, first):  # nor stays with the one that they have left
            with pytest.raises(errors.Denied, match="Only the service desk"):
                colleagues.check_can_change_account(fresh(member), today=TODAY)
        Membership.objects.filter(pk=here.pk).update(off_at=NOW)
        with pytest.raises(errors.Denied, match="Only the service desk"):
            colleagues.check_can_change_account(fresh(here), today=TODAY)
        colleagues.check_can_change_account(fresh(first), today=TODAY)
