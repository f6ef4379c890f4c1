"""A practice that closes: nobody new comes, and its people go on at another one."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice, User
from accounts.people import invitations, memberships, new_accounts, practice_transfer
from accounts.roles import Role
from tests import factories
from tests.factories import ORIGIN, acting
from tests.mails import mailed

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
LAST_DAY = TODAY + timedelta(days=30)
LEFT, TAKEN = "Z91001", "Z91002"


@pytest.fixture
def left() -> Practice:
    return factories.practice(ods_code=LEFT)


@pytest.fixture
def taken() -> Practice:
    return factories.practice(ods_code=TAKEN, name="Millbrook Practice")


def close(practice: Practice, on: date = TODAY) -> None:
    Practice.objects.filter(pk=practice.pk).update(closed_on=on)


def move(left: Practice, taken: Practice, **changes: Any) -> practice_transfer.Moved:
    usual: dict[str, Any] = {"last_day": LAST_DAY, "reason": "merger", "actor": acting(now=NOW)}
    return practice_transfer.move_people(left, taken, **usual | changes)


def run(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("move_people", *arguments, **{"reason": "merger"} | options, stdout=output)
    return output.getvalue()


def workplaces(user: User) -> list[tuple[str, str, date | None]]:
    found = user.memberships.order_by("pk").select_related("practice")
    return [(each.workplace, each.role, each.ends_on) for each in found]


def counts() -> tuple[int, int, int]:
    moved = AuditEvent.objects.filter(event=Event.MEMBERSHIP_MOVED)
    return Membership.objects.count(), moved.count(), Mail.objects.count()


class TestMove:
    """``practice_transfer.move_people``."""

    def test_each_is_the_same_there_and_sees_the_first_until_the_last_day(
        self, left: Practice, taken: Practice
    ) -> None:
        staff = factories.active_person(at=left)
        boss = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=left)
        close(left)
        moved = move(left, taken)
        for user, role in ((staff, "staff"), (boss, "practice_administrator")):
            assert workplaces(user) == [
                ("Larkfield Surgery", role, LAST_DAY),
                ("Millbrook Practice", role, None),
            ]
        assert {each.user for each in moved.added} == {staff, boss}
        assert {each.user for each in moved.ending} == {staff, boss}

    def test_the_account_belongs_to_the_new_practice_and_a_guest_s_to_their_own(
        self, left: Practice, taken: Practice
    ) -> None:
        user = factories.active_person(at=left)
        guest = factories.member()
        Membership.objects.create(user=guest.user, practice=left, role=Role.STAFF)
        move(left, taken)
        user.refresh_from_db()
        guest.user.refresh_from_db()
        for more in (0, 1):
            today = LAST_DAY + timedelta(days=more)
            homes = [each.home(today=today) for each in (user, guest.user)]
            assert [home and home.practice for home in homes] == [taken, guest.practice]

    def test_who_is_logged_in_may_change_to_it_at_once(
        self, left: Practice, taken: Practice
    ) -> None:
        session = factories.sign_in(Client(), factories.active_person(at=left))
        move(left, taken)
        session.refresh_from_db()
        assert session.can_switch
        assert session.why_ended(NOW) is None

    def test_what_a_user_has_not_accepted_goes_along_as_that(
        self, left: Practice, taken: Practice
    ) -> None:
        asked = factories.member(at=left)
        how: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
        memberships.change_role(asked, Role.PRACTICE_ADMINISTRATOR, acting(**how))
        joining = factories.member(at=left)
        Membership.objects.create(
            user=joining.user,
            practice=taken,
            role=Role.STAFF,
            accepted_at=None,
            off_at=NOW,
            offered_role=Role.STAFF,
        )
        move(left, taken)
        there = asked.user.memberships.get(practice=taken)
        assert (there.role, there.offered_role) == (Role.STAFF, Role.PRACTICE_ADMINISTRATOR)
        there = joining.user.memberships.get(practice=taken)
        assert there.is_live(today=TODAY)
        assert (there.offered_role, there.accepted_at) == ("", NOW)

    def test_the_password_and_what_is_open_stay(self, left: Practice, taken: Practice) -> None:
        user = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=left)
        before = (user.password, user.session_epoch)
        move(left, taken)
        user.refresh_from_db()
        assert (user.password, user.session_epoch) == before

    def test_who_is_there_already_stays_what_they_are_there(
        self, left: Practice, taken: Practice
    ) -> None:
        boss = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=left)
        off = factories.active_person(at=left)
        Membership.objects.create(user=boss, practice=taken, role=Role.STAFF)
        Membership.objects.create(user=off, practice=taken, role=Role.STAFF, off_at=NOW)
        moved = move(left, taken)
        assert workplaces(boss)[1] == ("Millbrook Practice", "staff", None)
        assert not off.memberships.get(practice=taken).is_live(today=TODAY)
        assert (moved.added, len(moved.there_already), len(moved.ending)) == ([], 2, 2)
        (text,) = mailed(boss).values()
        assert "You can use PharmRefer at Millbrook Practice, as: Practice staff." in text
        (text,) = mailed(off).values()
        assert "Your access at Millbrook Practice was turned off earlier." in text
        assert "You can use PharmRefer at" not in text

    def test_who_is_off_or_over_or_elsewhere_is_left_alone(
        self, left: Practice, taken: Practice
    ) -> None:
        others = [factories.active_person(at=left) for _ in range(3)]
        others[0].memberships.update(off_at=NOW)
        others[1].memberships.update(ends_on=TODAY - timedelta(days=1))
        User.objects.filter(pk=others[2].pk).update(is_active=False)
        others += [factories.active_person(), factories.active_person(at=taken)]
        before = [workplaces(user) for user in others]
        moved = move(left, taken)
        assert (moved.added, moved.there_already, moved.ending) == ([], [], [])
        assert [workplaces(user) for user in others] == before
        assert counts()[1:] == (0, 0)

    def test_a_locum_s_last_day_goes_along(self, left: Practice, taken: Practice) -> None:
        user, soon = factories.active_person(at=left), TODAY + timedelta(days=3)
        user.memberships.update(ends_on=soon)
        assert move(left, taken).ending == []
        assert workplaces(user) == [
            ("Larkfield Surgery", "staff", soon),
            ("Millbrook Practice", "staff", soon),
        ]

    def test_done_twice_the_second_time_does_nothing(self, left: Practice, taken: Practice) -> None:
        user = factories.active_person(at=left)
        factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=left)
        move(left, taken)
        before = counts(), workplaces(user)
        again = move(left, taken, last_day=LAST_DAY + timedelta(days=5))
        assert (again.added, again.ending, len(again.there_already)) == ([], [], 2)
        assert (counts(), workplaces(user)) == before

    def test_an_earlier_last_day_counts(self, left: Practice, taken: Practice) -> None:
        user = factories.active_person(at=left)
        move(left, taken)
        move(left, taken, last_day=TODAY)
        assert workplaces(user)[0] == ("Larkfield Surgery", "staff", TODAY)

    def test_it_is_noted_and_told(self, left: Practice, taken: Practice) -> None:
        user = factories.active_person(at=left)
        move(left, taken)
        noted = AuditEvent.objects.get(event=Event.MEMBERSHIP_MOVED)
        assert (noted.person, noted.by) == (user, None)
        assert noted.reason == "Z91001 to Z91002: merger"
        text = mailed(user)["Where to use PharmRefer from now on"]
        assert "You can use PharmRefer at Millbrook Practice, as: Practice staff." in text
        assert "You can see the referrals of Larkfield Surgery until" in text

    def test_the_administrators_there_are_told_of_new_ones(
        self, left: Practice, taken: Practice
    ) -> None:
        there = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=taken)
        factories.person(role=Role.PRACTICE_ADMINISTRATOR, at=left, given_name="Ida")
        move(left, taken)
        text = mailed(there)["Millbrook Practice has a new PharmRefer administrator"]
        assert "Your regional PharmRefer team made Ida Doe a practice administrator" in text
        assert "If you did not expect this, tell the service desk." in text

    def test_the_longest_reason_fits_into_the_audit(self, left: Practice, taken: Practice) -> None:
        Practice.objects.filter(pk=left.pk).update(ods_code="Z" * 10)
        Practice.objects.filter(pk=taken.pk).update(ods_code="Y" * 10)
        factories.active_person(at=left)
        move(left, taken, reason="x" * practice_transfer.LONGEST_REASON)
        assert AuditEvent.objects.filter(reason__endswith="x" * 70).exists()

    def test_all_are_moved_or_nobody(self, left: Practice, taken: Practice) -> None:
        users = [factories.active_person(at=left) for _ in range(2)]
        before = counts(), [workplaces(user) for user in users]
        mails = []

        def refuse_the_second(execute: Any, sql: Any, *others: Any) -> Any:
            if "INSERT INTO" in sql and "accounts_mail" in sql:
                mails.append(sql)
                if len(mails) == 2:
                    raise DatabaseError("no room left on device")
            return execute(sql, *others)

        with connection.execute_wrapper(refuse_the_second), pytest.raises(DatabaseError):
            move(left, taken)
        assert len(mails) == 2
        assert (counts(), [workplaces(user) for user in users]) == before

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"reason": ""}, "Give a reason"),
            ({"reason": "x" * 71}, "Give a reason of 70 characters or fewer"),
            ({"last_day": TODAY - timedelta(days=1)}, "must be today or later"),
        ],
    )
    def test_what_leads_nowhere_is_refused(
        self, left: Practice, taken: Practice, changes: dict[str, Any], words: str
    ) -> None:
        factories.active_person(at=left)
        with pytest.raises(errors.Denied, match=words):
            move(left, taken, **changes)
        assert counts() == (1, 0, 0)

    def test_nobody_is_moved_to_a_practice_that_has_closed(
        self, left: Practice, taken: Practice
    ) -> None:
        factories.active_person(at=left)
        close(taken)
        with pytest.raises(errors.Denied, match="Millbrook Practice closed on"):
            move(left, taken)
        with pytest.raises(errors.Denied, match="from one practice to another"):
            move(left, left)
        close(taken, TODAY + timedelta(days=1))
        assert move(left, taken).added


@pytest.mark.usefixtures("left", "taken")
class TestCommand:
    """``manage.py move_people``."""

    def test_it_names_everybody(self, left: Practice, taken: Practice) -> None:
        user = factories.active_person(at=left)
        off = factories.active_person(at=left)
        Membership.objects.create(user=off, practice=taken, role=Role.STAFF, off_at=NOW)
        said = run(LEFT.lower(), TAKEN, last_day=date(2999, 3, 31))
        assert f"Added to Millbrook Practice: 1\n  {user.email} (Practice staff)\n" in said
        assert f"left as they are: 1\n  {off.email} (Practice staff): TURNED OFF" in said
        assert f"{user.email} (Practice staff, until 31 March 2999)" in said
        noted = AuditEvent.objects.filter(event=Event.MEMBERSHIP_MOVED)
        assert {each.browser.split(",")[0] for each in noted} == {"manage.py"}

    def test_thirty_days_unless_it_is_said(self, left: Practice) -> None:
        user = factories.active_person(at=left)
        run(LEFT, TAKEN)
        assert workplaces(user)[0][2] == timezone.localdate() + timedelta(days=30)

    def test_a_dry_run_says_the_same_and_does_nothing(self, left: Practice) -> None:
        user = factories.active_person(at=left)
        before = counts(), workplaces(user)
        tried = run(LEFT, TAKEN, dry_run=True)
        assert (counts(), workplaces(user)) == before
        assert tried == run(LEFT, TAKEN) + (
            "This was a dry run: nothing was changed, and nobody was told.\n"
        )

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ((LEFT, LEFT), "from one practice to another one. Nothing was changed"),
            (("Q00000", TAKEN), "No practice has the ODS code Q00000"),
            ((LEFT, "Q00000"), "No practice has the ODS code Q00000"),
            ((LEFT, TAKEN, "--last-day", "31.3.2027"), "invalid"),
            ((LEFT, TAKEN, "--last-day", "2020-01-01"), "must be today or later"),
            ((LEFT, TAKEN, "--reason", " "), "Give a reason"),
        ],
    )
    def test_what_is_wrong_is_said(self, arguments: tuple[str, ...], words: str) -> None:
        with pytest.raises(CommandError, match=words):
            call_command("move_people", "--reason", "merger", *arguments)

    def test_a_reason_is_asked_for(self) -> None:
        with pytest.raises(CommandError, match="--reason"):
            call_command("move_people", LEFT, TAKEN)


class TestNobodyNew:
    """Inviting to a practice that has closed."""

    def person(self, **changes: Any) -> new_accounts.NewPerson:
        usual = {"email": "ida.hill@larkfield.example", "given_name": "Ida", "family_name": "Hill"}
        return new_accounts.NewPerson(**usual | {"job_role": "Nurse", "role": Role.STAFF} | changes)

    @pytest.mark.parametrize("has_account", [True, False])
    def test_an_administrator_invites_nobody(self, left: Practice, has_account: bool) -> None:
        boss = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=left)
        person = self.person()
        if has_account:
            factories.person(email=person.email, given_name="Ida", family_name="Hill")
        close(left, TODAY + timedelta(days=1))
        before = Membership.objects.count()
        close(left)
        with pytest.raises(ValidationError) as refused:
            invitations.add(person, acting(boss, now=NOW))
        (message,) = refused.value.message_dict["practice"]
        assert message.startswith("Larkfield Surgery closed on ")
        assert "the practice that they work at now" in message
        assert Membership.objects.count() == before

    def test_until_the_day_they_do(self, left: Practice) -> None:
        boss = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=left)
        close(left, TODAY + timedelta(days=1))
        assert invitations.add(self.person(), acting(boss, now=NOW))

    def test_an_operator_invites_nobody(self, left: Practice) -> None:
        close(left)
        options = {"given_name": "Ida", "family_name": "Hill", "job_role": "Nurse"}
        with pytest.raises(CommandError, match="You cannot add anyone to it"):
            call_command("invite", "ida.hill@nhs.example", role="staff", practice=LEFT, **options)
        assert not User.objects.exists()
