"""Cases of the service desk: quick for the right caller, and impossible for the wrong one."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction
from django.test import Client, override_settings
from django.utils import timezone

from accounts import errors
from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.audit import AuditEvent, Event
from accounts.models.cases import Case, CaseKind, CaseState
from accounts.models.credentials import Activation, Authenticator, PasswordLink
from accounts.models.mail import Mail
from accounts.models.passkeys import Passkey
from accounts.models.people import Membership, Practice, User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.people import colleagues, invitations, new_accounts
from accounts.roles import PRIVILEGED, Role
from accounts.service_desk import allowed_addresses, cases, disputes
from accounts.sign_in import activation as sign_in_activation
from accounts.sign_in import log_in, password_reset
from accounts.sign_in.second_factor import Code
from support.region.content import Region, SupportContact
from tests import factories
from tests.factories import ORIGIN, PASSWORD, acting
from tests.locks import CaptureLocks
from tests.mails import keys_mailed, mailed
from tests.regional_content import shown
from tests.tools import code_for

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
CALL = cases.Call(ticket="INC-20417", caller="Ida Hill", reason="New phone")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def practice() -> Practice:
    return factories.practice(ods_code="Z91001")


@pytest.fixture
def desk() -> Membership:
    return factories.member(role=Role.SERVICE_DESK)


@pytest.fixture
def second() -> Membership:
    return factories.member(role=Role.SERVICE_DESK)


@pytest.fixture
def jane(practice: Practice) -> User:
    user = factories.active_person(at=practice)
    User.objects.filter(pk=user.pk).update(last_login=NOW - DAY)
    return fresh(user)


@pytest.fixture
def boss(practice: Practice) -> User:
    return factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=practice)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def open_case(
    user: User, *, by: Membership, kind: CaseKind = CaseKind.RESET, now: datetime = NOW
) -> tuple[Case, str]:
    return cases.open_case(user.pk, kind, CALL, acting(by, now=now))


def events(user: User | None) -> list[str]:
    return [each.event for each in AuditEvent.objects.filter(person=user).order_by("pk")]


def elsewhere(user: User, **fields: Any) -> Membership:
    """A second membership of the user's."""
    membership = {"practice": factories.practice(name="Highfield Surgery"), "role": Role.STAFF}
    return Membership.objects.create(user=user, **membership | fields)


class TestReset:
    """A case that resets an authenticator."""

    def test_everything_beside_the_password_goes_in_one_go(
        self, client: Client, desk: Membership, jane: User
    ) -> None:
        factories.passkey(jane)
        session = factories.sign_in(client, jane)
        pending = factories.begin_log_in(Client(), fresh(jane), Step.CODE)
        case, code = open_case(jane, by=desk)
        assert not jane.authenticators.exists()
        assert not Passkey.objects.exists()
        jane.refresh_from_db()
        assert jane.authenticator_reset_at == NOW
        assert jane.has_usable_password()
        found = Session.objects.select_related("user", "membership").get(pk=session.pk)
        assert found.why_ended(NOW)
        with pytest.raises(errors.Gone):
            log_in.sign_in(
                PendingLogIn.objects.select_related("user").get(pk=pending.pk),
                Code("000000"),
                acting(**HOW),
            )
        assert (case.state, case.person, case.ended_by) == (CaseState.DONE, jane, desk.user)
        assert (case.practice, case.phone) == (Practice.objects.get(), "01632 960101")
        assert len(code) == 14
        assert [
            each for each in events(jane) if each in {Event.CASE_OPENED, Event.AUTHENTICATOR_RESET}
        ] == [Event.CASE_OPENED, Event.AUTHENTICATOR_RESET]

    @pytest.mark.needs("oathtool")
    def test_the_code_leads_to_set_up_after_the_password_and_only_once(
        self, client: Client, desk: Membership, jane: User
    ) -> None:
        _, code = open_case(jane, by=desk)
        factories.begin_log_in(client, jane, Step.ACTIVATION)
        pending = PendingLogIn.objects.select_related("user").latest("pk")
        sign_in_activation.accept_activation(pending, code, acting(**HOW))
        pending = PendingLogIn.objects.select_related("user", "activation", "authenticator").get(
            pk=pending.pk
        )
        assert pending.step == Step.SET_UP
        assert pending.authenticator
        secret = pending.authenticator.secret
        assert log_in.sign_in(pending, Code(code_for(secret)), acting(**HOW))
        jane.authenticators.all().delete()
        factories.begin_log_in(client, fresh(jane), Step.ACTIVATION)
        again = PendingLogIn.objects.select_related("user").latest("pk")
        with pytest.raises(errors.Denied, match="has expired or been used"):
            sign_in_activation.accept_activation(again, code, acting(**HOW))

    def test_the_code_is_worth_nothing_without_the_password(
        self, desk: Membership, jane: User
    ) -> None:
        User.objects.filter(pk=jane.pk).update(password="!")
        _, code = open_case(jane, by=desk)
        with pytest.raises(errors.Denied):
            sign_in_activation.accept_invitation(jane.email, code, actor=acting(**HOW))
        (key,) = keys_mailed(jane)[:1]
        link = PasswordLink.with_key(key, now=NOW)
        assert link
        assert link.user == jane

    def test_the_code_is_good_for_an_hour(
        self, client: Client, desk: Membership, jane: User
    ) -> None:
        _, code = open_case(jane, by=desk)
        factories.begin_log_in(client, jane, Step.ACTIVATION)
        pending = PendingLogIn.objects.select_related("user").latest("pk")
        later = NOW + timedelta(hours=1)
        with pytest.raises(errors.Denied, match="expired"):
            sign_in_activation.accept_activation(pending, code, acting(now=later))
        assert Activation.objects.get().expires_at == later

    def test_owner_and_administrators_are_told_with_a_link_that_stops_it(
        self, desk: Membership, jane: User, boss: User
    ) -> None:
        stranger = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR)
        open_case(jane, by=desk)
        text = mailed(jane)["Your authenticator was reset in PharmRefer"]
        for words in ("Ida Hill", "01632 960 101", "was not you", "/not-me/?key="):
            assert words in text
        notified = mailed(boss)["Jane Doe's authenticator was reset in PharmRefer"]
        assert "/not-me/?key=" in notified
        assert not mailed(stranger)
        assert not mailed(desk.user)

    def test_who_is_locked_is_unlocked_with_another_password(
        self, desk: Membership, jane: User
    ) -> None:
        User.objects.filter(pk=jane.pk).update(locked_at=NOW)
        _, code = open_case(jane, by=desk)
        user = fresh(jane)
        assert user.locked_at is None
        assert not user.has_usable_password()
        link = PasswordLink.with_key(keys_mailed(jane)[0], now=NOW)
        assert link
        password_reset.reset_password(link, "nine purple herons", acting(**HOW))
        log_in.accept_password(jane.email, "nine purple herons", actor=acting(**HOW))
        pending = PendingLogIn.objects.select_related("user").latest("pk")
        assert pending.step == Step.ACTIVATION
        sign_in_activation.accept_activation(pending, code, acting(**HOW))

    def test_the_case_names_the_practice_that_invited_whatever_the_caller_says(
        self, desk: Membership, jane: User, practice: Practice
    ) -> None:
        elsewhere(jane)
        assert open_case(jane, by=desk)[0].practice == practice

    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ("own account", "You cannot do this for your own account"),
            ("operator", "Only an operator can do this"),
            ("turned off", "is turned off everywhere"),
            ("membership turned off", "is turned off everywhere"),
            ("shared", "looks like a shared login"),
            ("no authenticator", "has no authenticator to reset"),
            ("no number", "There is no phone number on record"),
        ],
    )
    def test_who_is_refused(self, desk: Membership, jane: User, how: str, words: str) -> None:
        user = jane
        if how == "own account":
            user = desk.user
        elif how == "operator":
            user = factories.active_person(role=Role.OPERATOR)
        elif how == "turned off":
            User.objects.update(is_active=False)
            User.objects.filter(pk=desk.user_id).update(is_active=True)
        elif how == "membership turned off":
            jane.memberships.update(off_at=NOW)
        elif how == "shared":
            User.objects.filter(pk=jane.pk).update(email="surgery.z91001@larkfield.example")
        elif how == "no authenticator":
            Authenticator.objects.filter(user=jane).update(confirmed=False)
        else:
            Practice.objects.update(phone="")
        with pytest.raises(errors.Denied, match=words):
            open_case(user, by=desk)
        assert not Case.objects.exists()
        assert not Mail.objects.exists()

    @pytest.mark.parametrize("kind", [CaseKind.RESET, CaseKind.ACTIVATION, CaseKind.UNLOCK_ACCOUNT])
    @pytest.mark.parametrize("works_in_a_practice", [False, True])
    def test_an_operator_is_helped_at_the_console_only_and_there_at_once(
        self, desk: Membership, practice: Practice, kind: CaseKind, *, works_in_a_practice: bool
    ) -> None:
        """That an operator is privileged too changes nothing here: no case of theirs ever waits."""
        user = factories.active_person(role=Role.OPERATOR)
        if works_in_a_practice:
            elsewhere(user, practice=practice)
        with pytest.raises(errors.Denied, match="Only an operator can do this"):
            open_case(user, by=desk, kind=kind)
        assert not Case.objects.exists()
        assert cases.reset_at_console(user, "New phone", acting(now=NOW))
        assert Case.objects.get().state == CaseState.DONE

    def test_an_allowed_address_is_one_person_s(self, desk: Membership, jane: User) -> None:
        User.objects.filter(pk=jane.pk).update(email="office@larkfield.example")
        allowed_addresses.allow_address(
            "Office+x@larkfield.example", "Her own", acting(desk, **HOW)
        )
        assert open_case(jane, by=desk)[1]

    def test_who_is_no_member_any_more_can_do_nothing(self, desk: Membership, jane: User) -> None:
        for change in ({"off_at": NOW}, {"ends_on": TODAY - DAY, "off_at": None}):
            Membership.objects.filter(pk=desk.pk).update(**change)
            with pytest.raises(errors.Gone):
                open_case(jane, by=desk)
        with pytest.raises(errors.Gone):
            open_case(jane, by=factories.member(role=Role.PRACTICE_ADMINISTRATOR))
        with pytest.raises(errors.Gone):
            open_case(jane, by=factories.member(role=Role.OPERATOR))

    def test_nobody_is_there(self, desk: Membership) -> None:
        with pytest.raises(errors.Gone):
            cases.open_case(0, CaseKind.RESET, CALL, acting(desk, **HOW))

    def test_the_address_cannot_be_moved_for_a_week_after_it(
        self, desk: Membership, jane: User, boss: User
    ) -> None:
        open_case(jane, by=desk)
        by, member = boss.memberships.get(), jane.memberships.get()
        details = colleagues.AccountDetails("ida@larkfield.example", "Jane", "Doe", "Receptionist")
        with pytest.raises(ValidationError, match="they have not set up another one yet"):
            colleagues.change_details(member.pk, details, acting(by, now=NOW + 8 * DAY))
        factories.authenticator(jane)
        with pytest.raises(ValidationError, match="Their authenticator was reset a few days ago"):
            colleagues.change_details(member.pk, details, acting(by, now=NOW + 6 * DAY))
        named = colleagues.AccountDetails(jane.email, "Jane", "Doe-Hill", "Receptionist")
        colleagues.change_details(member.pk, named, acting(by, now=NOW + 6 * DAY))
        jane_now = colleagues.AccountDetails(
            "jane.hill@larkfield.example", "Jane", "Hill", "Receptionist"
        )
        colleagues.change_details(member.pk, jane_now, acting(by, now=NOW + 7 * DAY))

    def test_after_the_address_was_moved_a_second_member_has_to_look(
        self, desk: Membership, second: Membership, jane: User
    ) -> None:
        User.objects.filter(pk=jane.pk).update(email_changed_at=NOW - 6 * DAY)
        case, code = open_case(jane, by=desk)
        assert (case.state, code, case.ready_at) == (CaseState.WAITING, "", None)
        with pytest.raises(errors.Denied, match="second member"):
            cases.carry_out(case.pk, acting(desk, now=NOW + 2 * DAY))
        cases.approve(case.pk, acting(second, **HOW))
        assert cases.carry_out(case.pk, acting(desk, **HOW))[1]


HELPED_BY_THE_DESK = sorted(PRIVILEGED - {Role.OPERATOR})


class TestAccountsWithPowers:
    """Administrators and colleagues: a day, or a second member."""

    @pytest.mark.parametrize("role", HELPED_BY_THE_DESK)
    def test_nothing_happens_at_once_and_everybody_is_told(
        self, desk: Membership, second: Membership, practice: Practice, role: Role
    ) -> None:
        user = factories.active_person(role=role, at=practice)
        other = factories.active_person(role=role, at=practice)
        case, code = open_case(user, by=desk)
        assert (case.state, code) == (CaseState.WAITING, "")
        assert user.authenticators.exists()
        subject = "PharmRefer was asked to reset your authenticator"
        assert "Nothing has changed yet" in mailed(user)[subject]
        assert "/not-me/?key=" in mailed(user)[subject]
        assert "PharmRefer was asked to reset Jane Doe's authenticator" in mailed(other)
        assert bool(mailed(second.user)) == (role is Role.SERVICE_DESK)

    @pytest.mark.parametrize("role", HELPED_BY_THE_DESK)
    def test_alone_only_after_a_day(self, desk: Membership, practice: Practice, role: Role) -> None:
        user = factories.active_person(role=role, at=practice)
        case, _ = open_case(user, by=desk)
        with pytest.raises(errors.Denied, match="second member has to approve"):
            cases.carry_out(case.pk, acting(desk, now=NOW + DAY - MINUTE))
        assert user.authenticators.exists()
        done, code = cases.carry_out(case.pk, acting(desk, now=NOW + DAY))
        assert (done.state, len(code)) == (CaseState.DONE, 14)
        assert not user.authenticators.exists()

    def test_at_once_with_a_second_member(
        self, desk: Membership, second: Membership, boss: User
    ) -> None:
        case, _ = open_case(boss, by=desk)
        cases.approve(case.pk, acting(second, **HOW))
        assert cases.carry_out(case.pk, acting(desk, **HOW))[1]
        assert Case.objects.get().approved_by == second.user
        with pytest.raises(errors.Gone):
            cases.carry_out(case.pk, acting(desk, **HOW))

    def test_nobody_approves_their_own_or_twice(
        self, desk: Membership, second: Membership, boss: User
    ) -> None:
        case, _ = open_case(boss, by=desk)
        with pytest.raises(errors.Denied, match="You opened this case"):
            cases.approve(case.pk, acting(desk, **HOW))
        cases.approve(case.pk, acting(second, **HOW))
        with pytest.raises(errors.Gone):
            cases.approve(case.pk, acting(second, **HOW))

    @pytest.mark.parametrize("act", [cases.approve, cases.refuse, cases.carry_out])
    def test_nobody_touches_a_case_about_themselves(
        self, desk: Membership, second: Membership, act: Any
    ) -> None:
        case, _ = open_case(second.user, by=desk)
        with pytest.raises(errors.Denied, match="your own account"):
            act(case.pk, acting(second, now=NOW + 2 * DAY))

    @pytest.mark.parametrize("act", [cases.approve, cases.refuse, cases.carry_out])
    def test_only_members_touch_a_case(self, desk: Membership, boss: User, act: Any) -> None:
        case, _ = open_case(boss, by=desk)
        with pytest.raises(errors.Gone):
            act(case.pk, acting(boss.memberships.get(), **HOW))

    def test_who_was_made_administrator_meanwhile_needs_a_second_member(
        self, desk: Membership, jane: User
    ) -> None:
        User.objects.filter(pk=jane.pk).update(email_changed_at=NOW - 6 * DAY)
        case, _ = open_case(jane, by=desk)
        User.objects.filter(pk=jane.pk).update(email_changed_at=None)
        jane.memberships.update(role=Role.PRACTICE_ADMINISTRATOR)
        with pytest.raises(errors.Denied, match="second member"):
            cases.carry_out(case.pk, acting(desk, **HOW))

    def test_who_is_turned_off_meanwhile_gets_nothing(
        self, desk: Membership, second: Membership, boss: User
    ) -> None:
        case, _ = open_case(boss, by=desk)
        cases.approve(case.pk, acting(second, **HOW))
        boss.memberships.update(off_at=NOW)
        with pytest.raises(errors.Denied, match="turned off"):
            cases.carry_out(case.pk, acting(desk, **HOW))

    @pytest.mark.parametrize("is_own", [True, False])
    def test_a_case_is_ended(
        self, desk: Membership, second: Membership, boss: User, is_own: bool
    ) -> None:
        case, _ = open_case(boss, by=desk)
        cases.refuse(case.pk, acting(desk if is_own else second, **HOW))
        case.refresh_from_db()
        assert case.state == (CaseState.WITHDRAWN if is_own else CaseState.REFUSED)
        for act in (cases.approve, cases.carry_out, cases.refuse):
            with pytest.raises(errors.Gone):
                act(case.pk, acting(second, now=NOW + 2 * DAY))
        open_case(boss, by=desk)

    def test_there_is_one_at_a_time(self, desk: Membership, second: Membership, boss: User) -> None:
        case, _ = open_case(boss, by=desk)
        with pytest.raises(errors.Denied, match=f"already a case for this: number {case.pk}"):
            open_case(boss, by=second)

    def test_after_a_week_it_has_to_be_opened_anew(self, desk: Membership, boss: User) -> None:
        case, _ = open_case(boss, by=desk)
        with pytest.raises(errors.Gone):
            cases.carry_out(case.pk, acting(desk, now=NOW + 7 * DAY))
        open_case(boss, by=desk, now=NOW + 7 * DAY)

    def test_who_is_staff_where_they_called_from_and_more_elsewhere_has_powers(
        self, desk: Membership, jane: User
    ) -> None:
        elsewhere(jane, role=Role.PRACTICE_ADMINISTRATOR)
        assert open_case(jane, by=desk)[0].state == CaseState.WAITING


class TestNotMe:
    """The link "this was not me"."""

    def key(self, user: User) -> str:
        return keys_mailed(user)[-1]

    def test_it_ends_a_waiting_case_and_locks(
        self, client: Client, desk: Membership, second: Membership, boss: User
    ) -> None:
        session = factories.sign_in(client, boss)
        case, _ = open_case(boss, by=desk)
        cases.approve(case.pk, acting(second, **HOW))
        found = disputes.case_of_link(self.key(boss), now=NOW)
        assert found == case
        disputes.dispute(case.pk, acting(**HOW))
        case.refresh_from_db()
        assert case.state == CaseState.DISPUTED
        assert fresh(boss).locked_at == NOW
        assert (
            Session.objects.select_related("user", "membership").get(pk=session.pk).why_ended(NOW)
        )
        with pytest.raises(errors.Gone):
            cases.carry_out(case.pk, acting(desk, **HOW))
        with pytest.raises(errors.Denied, match="is locked"):
            log_in.accept_password(boss.email, PASSWORD, actor=acting(**HOW))

    def test_it_locks_after_the_fact_and_the_code_is_void(
        self, desk: Membership, jane: User, boss: User
    ) -> None:
        open_case(jane, by=desk)
        case = disputes.case_of_link(self.key(boss), now=NOW)
        assert case
        with shown(Region(service_desk=SupportContact(email="desk@region.example"))):
            disputes.dispute(case.pk, acting(**HOW))
        assert fresh(jane).locked_at
        assert not Activation.objects.exists()
        notified = set(Mail.objects.values_list("to", flat=True))
        assert notified == {jane.email, boss.email, "desk@region.example"}
        text = mailed(jane)["Stopped in PharmRefer: Jane Doe"]
        assert "The account is locked" in text
        assert Event.CASE_DISPUTED in events(jane)

    def test_it_works_once_and_for_a_week(self, desk: Membership, jane: User) -> None:
        case, _ = open_case(jane, by=desk)
        key = self.key(jane)
        late = NOW + 7 * DAY
        assert disputes.case_of_link(key, now=late) is None
        with pytest.raises(errors.Gone):
            disputes.dispute(case.pk, acting(now=late))
        assert disputes.case_of_link(key, now=late - MINUTE)
        disputes.dispute(case.pk, acting(**HOW))
        assert disputes.case_of_link(key, now=NOW) is None
        with pytest.raises(errors.Gone):
            disputes.dispute(case.pk, acting(**HOW))

    def test_it_says_nothing_of_a_case_that_was_refused(self, desk: Membership, boss: User) -> None:
        case, _ = open_case(boss, by=desk)
        cases.refuse(case.pk, acting(desk, **HOW))
        assert disputes.case_of_link(self.key(boss), now=NOW) is None

    @pytest.mark.parametrize("key", ["", "x", "1", "MQ:1:2", "a" * 3000])
    def test_another_key_opens_nothing(self, desk: Membership, jane: User, key: str) -> None:
        open_case(jane, by=desk)
        assert disputes.case_of_link(key, now=NOW) is None


class TestOtherKinds:
    """Cases that unlock, and that give codes."""

    def test_unlock(self, desk: Membership, boss: User) -> None:
        with pytest.raises(errors.Denied, match="is not locked"):
            open_case(boss, by=desk, kind=CaseKind.UNLOCK_ACCOUNT)
        User.objects.filter(pk=boss.pk).update(locked_at=NOW)
        case, code = open_case(boss, by=desk, kind=CaseKind.UNLOCK_ACCOUNT)
        assert (case.state, code) == (CaseState.DONE, "")
        assert fresh(boss).locked_at is None
        assert boss.authenticators.exists()
        assert "Your PharmRefer account was unlocked" in mailed(boss)

    def test_a_new_user_is_invited_again(self, desk: Membership, practice: Practice) -> None:
        user = factories.person(at=practice)
        case, code = open_case(user, by=desk, kind=CaseKind.ACTIVATION)
        assert case.state == CaseState.DONE
        assert code == ""  # only their own mailbox has what opens the account alone
        assert sign_in_activation.accept_link(keys_mailed(user)[0], acting(**HOW))
        assert "Activate your PharmRefer account" in mailed(user)

    def test_who_has_no_authenticator_any_more_gets_a_code_for_an_hour(
        self, desk: Membership, jane: User
    ) -> None:
        open_case(jane, by=desk)
        _, code = open_case(jane, by=desk, kind=CaseKind.ACTIVATION, now=NOW + 2 * MINUTE)
        with pytest.raises(errors.Denied, match="You have just done this"):
            open_case(jane, by=desk, kind=CaseKind.ACTIVATION, now=NOW + 3 * MINUTE)
        activation = Activation.objects.get()
        assert activation.needs_password
        assert activation.expires_at == NOW + timedelta(hours=1, minutes=2)
        assert activation.code_hash == Activation.hash_of(code)

    def test_an_administrator_s_code_needs_a_second_member(
        self, desk: Membership, boss: User
    ) -> None:
        boss.authenticators.all().delete()
        assert open_case(boss, by=desk, kind=CaseKind.ACTIVATION)[0].state == CaseState.WAITING

    def test_a_code_opens_nothing_for_who_has_all(self, desk: Membership, jane: User) -> None:
        with pytest.raises(errors.Denied, match="is active"):
            open_case(jane, by=desk, kind=CaseKind.ACTIVATION)
        User.objects.filter(pk=jane.pk).update(password="!")
        with pytest.raises(errors.Denied, match="I have forgotten my password"):
            open_case(jane, by=desk, kind=CaseKind.ACTIVATION)


class TestAgain:
    """What is asked once more when a case is carried out, and what has changed since."""

    def approved(self, user: User, by: Membership, second: Membership) -> Case:
        case, _ = open_case(user, by=by)
        cases.approve(case.pk, acting(second, **HOW))
        return case

    def test_an_approval_counts_for_the_address_that_was_seen(
        self, desk: Membership, second: Membership, boss: User
    ) -> None:
        case = self.approved(boss, desk, second)
        User.objects.filter(pk=boss.pk).update(email_changed_at=NOW + MINUTE)
        later = NOW + 2 * MINUTE
        with pytest.raises(errors.Denied, match="second member"):
            cases.carry_out(case.pk, acting(desk, now=later))
        with pytest.raises(errors.Denied, match="second member"):  # nor after a day
            cases.carry_out(case.pk, acting(desk, now=NOW + 2 * DAY))
        cases.approve(case.pk, acting(second, now=later))
        assert cases.carry_out(case.pk, acting(desk, now=later))[1]

    def test_where_the_address_was_moved_the_old_one_is_told_too(
        self, desk: Membership, jane: User
    ) -> None:
        User.objects.filter(pk=jane.pk).update(
            email_changed_at=NOW - 20 * DAY, email_before="jane.before@x.example"
        )
        open_case(jane, by=desk)
        notified = set(Mail.objects.values_list("to", flat=True))
        assert notified == {jane.email, "jane.before@x.example"}
        Mail.objects.all().delete()
        factories.authenticator(jane)
        open_case(jane, by=desk, now=NOW + 10 * DAY)
        assert set(Mail.objects.values_list("to", flat=True)) == {jane.email}

    def test_the_account_belongs_to_another_practice_meanwhile(
        self, desk: Membership, second: Membership, boss: User
    ) -> None:
        case = self.approved(boss, desk, second)
        other = elsewhere(boss, role=Role.PRACTICE_ADMINISTRATOR)
        boss.memberships.exclude(pk=other.pk).update(off_at=NOW)
        with pytest.raises(errors.Denied, match="belongs to Highfield Surgery now"):
            cases.carry_out(case.pk, acting(desk, **HOW))

    def test_the_number_is_the_one_of_the_day(
        self, desk: Membership, second: Membership, boss: User
    ) -> None:
        case = self.approved(boss, desk, second)
        Practice.objects.update(phone="01632 960777")
        assert cases.carry_out(case.pk, acting(desk, **HOW))[0].phone == "01632 960777"
        case = self.approved(factories.active_person(role=Role.SERVICE_DESK), desk, second)
        assert cases.carry_out(case.pk, acting(desk, **HOW))[0].phone == ""

    def test_nobody_can_be_called_back_any_more(
        self, desk: Membership, second: Membership, boss: User
    ) -> None:
        case = self.approved(boss, desk, second)
        Practice.objects.update(phone="")
        with pytest.raises(errors.Denied, match="no phone number on record"):
            cases.carry_out(case.pk, acting(desk, **HOW))

    def test_a_promotion_is_asked_again(
        self, desk: Membership, second: Membership, jane: User, practice: Practice
    ) -> None:
        member = jane.memberships.get()
        case = cases.ask_for_administrator(practice, member, CALL, acting(desk, **HOW))
        cases.approve(case.pk, acting(second, **HOW))
        Membership.objects.filter(pk=member.pk).update(off_at=NOW)
        with pytest.raises(errors.Denied, match="does not work at"):
            cases.carry_out(case.pk, acting(desk, **HOW))

    def test_an_operator_overtakes_what_waits(self, desk: Membership, boss: User) -> None:
        case, _ = open_case(boss, by=desk)
        assert cases.reset_at_console(boss, "Nobody else on duty", acting(**HOW))
        case.refresh_from_db()
        assert case.state == CaseState.WITHDRAWN
        boss.memberships.update(off_at=NOW)
        with pytest.raises(errors.Denied, match="turned off"):
            cases.reset_at_console(boss, "x", acting(**HOW))


@pytest.mark.parametrize("how", ["carried out", "objected", "at a console"])
def test_rows_are_locked_in_one_order_so_that_nobody_waits_for_each_other(
    desk: Membership, second: Membership, boss: User, how: str
) -> None:
    case, _ = open_case(boss, by=desk)
    cases.approve(case.pk, acting(second, **HOW))
    with CaptureLocks() as locks:
        if how == "carried out":
            cases.carry_out(case.pk, acting(desk, **HOW))
        elif how == "objected":
            disputes.dispute(case.pk, acting(**HOW))
        else:
            cases.reset_at_console(boss, "x", acting(**HOW))
    tables = [sql.rpartition("FROM ")[2].split()[0] for sql in locks.found]
    assert tables[0] == '"accounts_user"'
    assert ('"accounts_case"' in tables) == (how != "at a console")


class TestAfterAnObjection:
    """Who has made the request must not be who undoes that it was disputed."""

    @pytest.fixture
    def locked(self, desk: Membership, jane: User) -> User:
        case, _ = open_case(jane, by=desk)
        disputes.dispute(case.pk, acting(**HOW))
        return fresh(jane)

    @pytest.mark.parametrize("kind", [CaseKind.UNLOCK_ACCOUNT, CaseKind.RESET])
    def test_nobody_unlocks_alone_for_a_week(
        self, desk: Membership, second: Membership, locked: User, kind: CaseKind
    ) -> None:
        factories.authenticator(locked)
        case, code = open_case(locked, by=desk, kind=kind)
        assert (case.state, code, case.ready_at) == (CaseState.WAITING, "", None)
        assert fresh(locked).locked_at
        cases.approve(case.pk, acting(second, **HOW))
        cases.carry_out(case.pk, acting(desk, **HOW))
        assert fresh(locked).locked_at is None

    def test_after_a_week_one_is_enough(self, desk: Membership, locked: User) -> None:
        week = NOW + 7 * DAY + MINUTE
        assert (
            open_case(locked, by=desk, kind=CaseKind.UNLOCK_ACCOUNT, now=week)[0].state
            == CaseState.DONE
        )

    @pytest.mark.parametrize("is_lately", [True, False])
    def test_the_log_in_page_says_who_can_unlock_it(self, locked: User, *, is_lately: bool) -> None:
        now = NOW if is_lately else NOW + 8 * DAY
        with pytest.raises(errors.Denied) as refused:
            log_in.accept_password(locked.email, factories.PASSWORD, actor=acting(now=now))
        only_desk = "Only the service desk can unlock it" in str(refused.value)
        assert only_desk is is_lately
        assert ("practice administrator" in str(refused.value)) is not is_lately

    def test_nobody_is_told_to_ask_their_administrator(self, boss: User, locked: User) -> None:
        subject = "Stopped in PharmRefer: Jane Doe"
        for reader in (locked, boss):
            text = mailed(reader)[subject]
            assert "service desk" in text
            assert "practice administrator or" not in text

    def test_nor_does_the_practice(self, locked: User, boss: User) -> None:
        by, number = boss.memberships.get(), locked.memberships.get().pk
        with pytest.raises(errors.Denied, match="Only the service desk can unlock them"):
            colleagues.unlock_colleague(number, acting(by, **HOW))
        colleagues.unlock_colleague(number, acting(by, now=NOW + 8 * DAY))

    def test_what_else_waits_for_the_account_ends_too(
        self, desk: Membership, second: Membership, boss: User
    ) -> None:
        waiting, _ = open_case(boss, by=desk)
        User.objects.filter(pk=boss.pk).update(locked_at=NOW)
        other, _ = open_case(boss, by=second, kind=CaseKind.UNLOCK_ACCOUNT)
        disputes.dispute(other.pk, acting(**HOW))
        waiting.refresh_from_db()
        assert waiting.state == CaseState.WITHDRAWN

    def test_it_is_not_forgotten_who_carried_it_out(self, desk: Membership, locked: User) -> None:
        case = Case.objects.get(person=locked)
        assert (case.state, case.ended_by, case.disputed_at) == (
            CaseState.DISPUTED,
            desk.user,
            NOW,
        )
        assert list(Case.objects.resets(NOW - DAY)) == [case]

    @pytest.mark.parametrize("is_new", [True, False])
    def test_powers_are_taken_back(
        self, desk: Membership, second: Membership, jane: User, practice: Practice, is_new: bool
    ) -> None:
        who = IDA if is_new else jane.memberships.get()
        case = cases.ask_for_administrator(practice, who, CALL, acting(desk, **HOW))
        cases.approve(case.pk, acting(second, **HOW))
        case, _ = cases.carry_out(case.pk, acting(desk, **HOW))
        assert case.person
        membership = case.person.memberships.get()
        if not is_new:  # and they have accepted it
            assert (membership.role, membership.offered_role) == (
                Role.STAFF,
                Role.PRACTICE_ADMINISTRATOR,
            )
            Membership.objects.filter(pk=membership.pk).update(
                role=membership.offered_role, offered_role=""
            )
        disputes.dispute(case.pk, acting(**HOW))
        membership.refresh_from_db()
        if is_new:
            assert membership.off_at == NOW
        else:
            assert (membership.role, membership.off_at) == (Role.STAFF, None)


class TestWhoIsTold:
    """Owner and practice; nobody who could use the link against them."""

    def notified(self) -> list[str]:
        return sorted(Mail.objects.values_list("to", flat=True))

    def test_not_the_administrators_of_where_they_are_a_guest(
        self, desk: Membership, jane: User, boss: User
    ) -> None:
        guest = elsewhere(jane)
        factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=guest.practice)
        gone = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=guest.practice)
        User.objects.filter(pk=gone.pk).update(is_active=False)
        open_case(jane, by=desk)
        assert self.notified() == sorted([jane.email, boss.email])

    def test_of_a_colleague_s_everybody_but_who_opened_it(
        self, desk: Membership, second: Membership
    ) -> None:
        third = factories.member(role=Role.SERVICE_DESK)
        open_case(second.user, by=desk)
        assert self.notified() == sorted([second.user.email, third.user.email])

    def test_where_there_is_no_administrator_all_of_the_practice(
        self, desk: Membership, jane: User, practice: Practice
    ) -> None:
        cases.ask_for_administrator(practice, IDA, CALL, acting(desk, **HOW))
        assert self.notified() == [jane.email]

    def test_a_new_administrator_once(
        self, desk: Membership, second: Membership, jane: User, practice: Practice
    ) -> None:
        case = cases.ask_for_administrator(
            practice, jane.memberships.get(), CALL, acting(desk, **HOW)
        )
        cases.approve(case.pk, acting(second, **HOW))
        Mail.objects.all().delete()
        cases.carry_out(case.pk, acting(desk, **HOW))
        subjects = [each.read()[0] for each in Mail.objects.filter(to=jane.email)]
        done = "You were asked to become an administrator of Larkfield Surgery in PharmRefer"
        assert subjects.count(done) == 1


def test_a_user_with_a_passkey_only_is_reset_and_not_activated(
    desk: Membership, jane: User
) -> None:
    factories.passkey(jane)
    jane.authenticators.all().delete()
    with pytest.raises(errors.Denied, match="has an authenticator"):
        open_case(jane, by=desk, kind=CaseKind.ACTIVATION)
    assert open_case(jane, by=desk)[1]


IDA = new_accounts.NewPerson(
    email="ida.hill@larkfield.example",
    given_name="Ida",
    family_name="Hill",
    job_role="Practice manager",
    role=Role.PRACTICE_ADMINISTRATOR,
)


class TestAdministrator:
    """A practice's first administrator, or a replacement for the last one."""

    def ask(self, practice: Practice, person: Any, by: Membership) -> Case:
        return cases.ask_for_administrator(practice, person, CALL, acting(by, **HOW))

    def test_a_new_user(self, desk: Membership, second: Membership, practice: Practice) -> None:
        case = self.ask(practice, IDA, desk)
        assert not User.objects.filter(email=IDA.email).exists()
        with pytest.raises(errors.Denied, match="second member"):
            cases.carry_out(case.pk, acting(desk, now=NOW + 3 * DAY))
        cases.approve(case.pk, acting(second, **HOW))
        done, code = cases.carry_out(case.pk, acting(desk, **HOW))
        user = User.objects.get(email=IDA.email)
        assert done.person == user
        membership = user.memberships.get()
        assert (membership.practice, membership.role) == (practice, Role.PRACTICE_ADMINISTRATOR)
        assert sign_in_activation.accept_invitation(user.email, code, actor=acting(**HOW))
        assert "Ida Hill" in case.who

    def test_one_of_its_people(self, desk: Membership, second: Membership, jane: User) -> None:
        practice = Practice.objects.get()
        case = self.ask(practice, jane.memberships.get(), desk)
        assert "asked to make you an administrator of Larkfield Surgery" in "".join(mailed(jane))
        cases.approve(case.pk, acting(second, **HOW))
        _, code = cases.carry_out(case.pk, acting(second, **HOW))
        assert code == ""
        membership = jane.memberships.get()
        assert (membership.role, membership.offered_role) == (
            Role.STAFF,
            Role.PRACTICE_ADMINISTRATOR,
        )
        with pytest.raises(errors.Denied, match="has already been asked"):
            self.ask(practice, membership, desk)

    def test_a_user_of_another_practice_joins(
        self, desk: Membership, second: Membership, practice: Practice
    ) -> None:
        user = factories.active_person()
        person = new_accounts.NewPerson(**{**vars(IDA), "email": user.email, "given_name": "Jane"})
        case = self.ask(practice, person, desk)
        cases.approve(case.pk, acting(second, **HOW))
        done, code = cases.carry_out(case.pk, acting(desk, **HOW))
        assert (done.person, code) == (user, "")
        membership = user.memberships.get(practice=practice)
        assert (membership.offered_role, membership.accepted_at) == (
            Role.PRACTICE_ADMINISTRATOR,
            None,
        )
        # No power of that practice over the account: the link ends it, and locks nobody.
        disputes.dispute(case.pk, acting(**HOW))
        assert fresh(user).locked_at is None
        assert not user.memberships.filter(practice=practice).exists()

    def test_the_last_one_can_be_replaced_and_is_told(
        self, desk: Membership, practice: Practice, boss: User
    ) -> None:
        self.ask(practice, IDA, desk)
        subject = "PharmRefer was asked to make Ida Hill an administrator of Larkfield Surgery"
        assert "/not-me/?key=" in mailed(boss)[subject]

    def test_the_link_ends_it_before_there_is_an_account(
        self, desk: Membership, second: Membership, practice: Practice, boss: User
    ) -> None:
        case = self.ask(practice, IDA, desk)
        disputes.dispute(case.pk, acting(**HOW))
        with pytest.raises(errors.Gone):
            cases.approve(case.pk, acting(second, **HOW))
        assert fresh(boss).locked_at is None

    def test_a_practice_with_two_helps_itself(
        self, desk: Membership, second: Membership, practice: Practice, boss: User
    ) -> None:
        case = self.ask(practice, IDA, desk)
        cases.approve(case.pk, acting(second, **HOW))
        lou = factories.person(role=Role.PRACTICE_ADMINISTRATOR, at=practice, given_name="Lou")
        with pytest.raises(errors.Denied, match="There is already a case"):  # Lou was never here
            self.ask(practice, IDA, second)
        User.objects.filter(pk=lou.pk).update(last_login=NOW)
        with pytest.raises(errors.Denied, match="Lou Doe"):
            self.ask(practice, IDA, second)
        with pytest.raises(errors.Denied, match=f"add more: {boss.full_name}"):
            cases.carry_out(case.pk, acting(desk, **HOW))

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (
                {"email": "reception@larkfield.example"},
                "Enter an email address that only this person reads",
            ),
            ({"email": "none"}, "valid email"),
            ({"given_name": "Front", "family_name": "Desk"}, "one person's name"),
        ],
    )
    def test_details_are_refused_as_always(
        self, desk: Membership, practice: Practice, change: dict[str, str], words: str
    ) -> None:
        person = new_accounts.NewPerson(**{**vars(IDA), **change})
        with pytest.raises(ValidationError, match=words):
            self.ask(practice, person, desk)

    def test_who_is_refused(
        self, desk: Membership, practice: Practice, boss: User, jane: User
    ) -> None:
        with pytest.raises(errors.Denied, match="is already an administrator"):
            self.ask(practice, boss.memberships.get(), desk)
        with pytest.raises(errors.Denied, match="does not work at"):
            self.ask(practice, elsewhere(jane), desk)
        jane.memberships.update(off_at=NOW)
        with pytest.raises(errors.Denied, match="does not work at"):
            self.ask(practice, jane.memberships.get(practice=practice), desk)
        Practice.objects.filter(pk=practice.pk).update(closed_on=TODAY)
        with pytest.raises(errors.Denied, match="closed on"):
            self.ask(practice, IDA, desk)

    def test_who_asks_must_be_a_member(
        self, desk: Membership, practice: Practice, boss: User
    ) -> None:
        with pytest.raises(errors.Gone):
            self.ask(practice, IDA, boss.memberships.get())
        User.objects.filter(pk=desk.user_id).update(is_active=False)
        with pytest.raises(errors.Gone):
            self.ask(practice, IDA, desk)

    def test_who_is_locked_shared_or_off_does_not_rise(
        self, desk: Membership, practice: Practice, jane: User
    ) -> None:
        member = jane.memberships.get()
        for change, words in (
            ({"locked_at": NOW}, "is locked"),
            (
                {"locked_at": None, "email": "reception.z91001@x.example"},
                "looks like a shared login",
            ),
            ({"email": "jane.x@x.example", "is_active": False}, "does not work at"),
        ):
            User.objects.filter(pk=jane.pk).update(**change)
            member = Membership.objects.select_related("user").get(pk=member.pk)
            with pytest.raises(errors.Denied, match=words):
                self.ask(practice, member, desk)

    def test_without_a_number_on_record_nobody_was_called_back(
        self, desk: Membership, practice: Practice
    ) -> None:
        Practice.objects.update(phone="")
        with pytest.raises(errors.Denied, match="no phone number on record"):
            self.ask(practice, IDA, desk)

    def test_one_at_a_time_however_the_address_is_written(
        self, desk: Membership, second: Membership, practice: Practice
    ) -> None:
        self.ask(practice, IDA, desk)
        again = new_accounts.NewPerson(**{**vars(IDA), "email": " IDA.hill@Larkfield.example"})
        with pytest.raises(errors.Denied, match="already"):
            self.ask(practice, again, second)

    def test_of_two_that_were_turned_off_one_can_be_replaced(
        self, desk: Membership, practice: Practice, boss: User
    ) -> None:
        factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        User.objects.filter(pk=boss.pk).update(is_active=False)
        assert self.ask(practice, IDA, desk).state == CaseState.WAITING


class TestPracticesOwn:
    """``reset_colleague``: where the region lets practices."""

    def reset(self, user: User, by: User) -> str:
        member = user.memberships.order_by("pk")[0]
        return cases.reset_colleague(member.pk, "New phone", acting(by.memberships.get(), **HOW))

    def test_it_is_off_unless_switched_on(self, jane: User, boss: User) -> None:
        with pytest.raises(errors.Denied, match="Only the service desk"):
            self.reset(jane, boss)

    @override_settings(PRACTICES_RESET=True)
    def test_their_own_staff_with_the_same_case_and_notices(self, jane: User, boss: User) -> None:
        code = self.reset(jane, boss)
        assert Activation.objects.get().code_hash == Activation.hash_of(code)
        case = Case.objects.get()
        assert (case.by, case.state, case.phone) == (boss, CaseState.DONE, "")
        text = mailed(jane)["Your authenticator was reset in PharmRefer"]
        assert f"by {boss.full_name}" in text
        assert "/not-me/?key=" in text

    @override_settings(PRACTICES_RESET=True)
    def test_nobody_else_s(self, jane: User, boss: User, practice: Practice) -> None:
        other = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        for user, words in (
            (boss, "You cannot do this to yourself"),
            (other, "Only the service desk can do this for"),
        ):
            with pytest.raises(errors.Denied, match=words):
                self.reset(user, boss)
        with pytest.raises(errors.Gone):
            self.reset(factories.active_person(), boss)
        guest = elsewhere(factories.active_person(), practice=practice)
        with pytest.raises(errors.Denied, match="belongs to"):
            cases.reset_colleague(guest.pk, "x", acting(boss.memberships.get(), **HOW))
        for ago in (1, 29):
            User.objects.filter(pk=jane.pk).update(email_changed_at=NOW - ago * DAY)
            with pytest.raises(errors.Denied, match="Only the service desk can do this for"):
                self.reset(jane, boss)
        assert not Case.objects.exists()
        User.objects.filter(pk=jane.pk).update(email_changed_at=NOW - 30 * DAY)
        assert self.reset(jane, boss)

    @override_settings(PRACTICES_RESET=True)
    def test_neither_a_shared_login_nor_what_is_not_there(self, jane: User, boss: User) -> None:
        User.objects.filter(pk=jane.pk).update(given_name="J" * 100, family_name="D" * 100)
        jane.authenticators.update(confirmed=False)
        with pytest.raises(errors.Denied, match="no authenticator"):
            self.reset(jane, boss)
        jane.authenticators.update(confirmed=True)
        assert self.reset(jane, boss)  # however long the name
        factories.authenticator(jane)
        User.objects.filter(pk=jane.pk).update(email="reception.z91001@x.example")
        with pytest.raises(errors.Denied, match="looks like a shared login"):
            self.reset(jane, boss)

    @override_settings(PRACTICES_RESET=True)
    def test_not_by_who_is_no_administrator_any_more(self, jane: User, boss: User) -> None:
        by = boss.memberships.get()
        Membership.objects.filter(pk=by.pk).update(role=Role.STAFF)
        with pytest.raises(errors.Gone):
            cases.reset_colleague(jane.memberships.get().pk, "x", acting(by, **HOW))


class TestUnusual:
    """Counts that the service desk should wonder about."""

    def test_a_member_who_resets_many_and_a_person_who_is_reset_often(
        self, desk: Membership, jane: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING)
        for _ in range(3):
            open_case(jane, by=desk)
            factories.authenticator(jane)
        (line,) = [each.getMessage() for each in caplog.records]
        assert line.endswith(f"that of user {jane.pk} was reset 3 times in 30 days")
        caplog.clear()
        open_case(factories.active_person(), by=desk)
        (line,) = [each.getMessage() for each in caplog.records]
        assert line.endswith(f"user {desk.user_id} has reset 4 authenticators in an hour")


def test_the_application_cannot_delete_a_case(desk: Membership, jane: User) -> None:
    case, _ = open_case(jane, by=desk)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        case.delete()


def test_no_patient_can_be_part_of_a_case() -> None:
    """It knows people and practices, and no referral."""
    related = {each.related_model for each in Case._meta.get_fields() if each.related_model}
    assert related == {User, Practice}


class TestAllow:
    """``allow_address``."""

    def test_an_address_that_looks_shared_can_be_one_person_s(
        self, desk: Membership, boss: User
    ) -> None:
        person = new_accounts.NewPerson(**{**vars(IDA), "email": "reception@larkfield.example"})
        by = boss.memberships.get()
        with pytest.raises(ValidationError, match="ask the service desk"):
            invitations.add(person, acting(by, **HOW))
        allowed_addresses.allow_address(
            " Reception@Larkfield.example", "Only Ida reads it", acting(desk, **HOW)
        )
        user, _ = invitations.add(person, acting(by, **HOW))
        assert user.email == "reception@larkfield.example"
        noted = AuditEvent.objects.get(event=Event.ADDRESS_ALLOWED)
        assert noted.by == desk.user

    def test_what_was_allowed_can_be_taken_back(self, desk: Membership, boss: User) -> None:
        made = allowed_addresses.allow_address("office@larkfield.example", "x", acting(desk, **HOW))
        with pytest.raises(errors.Gone):
            allowed_addresses.take_back_address(made.pk, acting(boss.memberships.get(), **HOW))
        allowed_addresses.take_back_address(made.pk, acting(desk, **HOW))
        assert not AllowedAddress.objects.exists()
        with pytest.raises(errors.Gone):
            allowed_addresses.take_back_address(made.pk, acting(desk, **HOW))
        assert AuditEvent.objects.filter(event=Event.ADDRESS_TAKEN_BACK).count() == 1

    def test_the_first_reason_stays(self, desk: Membership, second: Membership) -> None:
        for by, reason in ((desk, "one"), (second, "two")):
            allowed_addresses.allow_address("office@larkfield.example", reason, acting(by, **HOW))
        assert AllowedAddress.objects.get().reason == "one"
        assert AuditEvent.objects.filter(event=Event.ADDRESS_ALLOWED).count() == 1

    @pytest.mark.parametrize("email", ["", "x", "a@b", "a b@c.example", "a" * 300 + "@c.example"])
    def test_what_is_no_address(self, desk: Membership, email: str) -> None:
        with pytest.raises(ValidationError):
            allowed_addresses.allow_address(email, "x", acting(desk, **HOW))

    def test_only_members(self, boss: User) -> None:
        with pytest.raises(errors.Gone):
            allowed_addresses.allow_address(
                "a@b.example", "x", acting(boss.memberships.get(), **HOW)
            )
