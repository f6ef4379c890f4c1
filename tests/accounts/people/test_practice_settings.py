"""What administrators say of their practice, and who is told of its matters."""

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice
from accounts.people import invitations, new_accounts, practice_settings
from accounts.people.practice_settings import CALL_BACK, NOTICES
from accounts.roles import Role
from accounts.sign_in.lockout import _lock_account
from tests import factories
from tests.factories import ORIGIN, acting
from tests.mails import keys_mailed, mailed

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
DESK = "larkfield.desk@larkfield.example"
CHANGED = {
    "call_back_phone": (partial(practice_settings.change, CALL_BACK), "01632 960 999"),
    "notices_email": (partial(practice_settings.change, NOTICES), DESK),
}
each_setting = pytest.mark.parametrize("column", CHANGED)


@pytest.fixture
def practice() -> Practice:
    return factories.practice(ods_code="Z91001")


@pytest.fixture
def boss(practice: Practice) -> Membership:
    return factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)


def notified() -> list[str]:
    return sorted(Mail.objects.values_list("to", flat=True))


class TestChange:
    """The call-back number, and the address for notices."""

    @each_setting
    def test_it_is_changed_noted_and_told(
        self, practice: Practice, boss: Membership, column: str
    ) -> None:
        act, value = CHANGED[column]
        other = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        factories.member(at=practice)
        act(value, before="", actor=acting(boss, **HOW))
        practice.refresh_from_db()
        assert getattr(practice, column) == value
        noted = AuditEvent.objects.get(event=Event.PRACTICE_CHANGED)
        assert noted.reason.startswith("Z91001: ")
        assert noted.reason.endswith(value)
        assert (noted.by, noted.person) == (boss.user, boss.user)
        mailbox = [DESK] if column == "notices_email" else []
        assert notified() == sorted([boss.user.email, other.user.email, *mailbox])
        [(_subject, text)] = mailed(other.user).items()
        assert f"It was empty and is now {value}" in text
        assert boss.user.full_name in text

    @each_setting
    def test_what_is_the_same_tells_nobody(self, boss: Membership, column: str) -> None:
        act, value = CHANGED[column]
        act(value, before="", actor=acting(boss, **HOW))
        Mail.objects.all().delete()
        act(value, before="something that it was once", actor=acting(boss, **HOW))
        assert notified() == []
        assert AuditEvent.objects.filter(event=Event.PRACTICE_CHANGED).count() == 1

    @each_setting
    def test_what_another_user_has_set_since_is_not_overwritten(
        self, practice: Practice, boss: Membership, column: str
    ) -> None:
        act, value = CHANGED[column]
        Practice.objects.update(**{column: "x@y.example"})
        with pytest.raises(errors.Changed) as changed:
            act(value, before="", actor=acting(boss, **HOW))
        assert changed.value.now == "x@y.example"
        practice.refresh_from_db()
        assert getattr(practice, column) == "x@y.example"
        assert notified() == []
        act(value, before="x@y.example", actor=acting(boss, **HOW))

    @each_setting
    @pytest.mark.parametrize("change", [{"role": Role.STAFF}, {"off_at": NOW}])
    def test_not_by_who_was_an_administrator_a_moment_ago(
        self, practice: Practice, boss: Membership, column: str, change: dict[str, Any]
    ) -> None:
        act, value = CHANGED[column]
        Membership.objects.filter(pk=boss.pk).update(**change)
        with pytest.raises(errors.Gone):
            act(value, before="", actor=acting(boss, **HOW))
        practice.refresh_from_db()
        assert getattr(practice, column) == ""

    def test_an_old_address_is_told_that_it_is_taken_away(
        self, practice: Practice, boss: Membership
    ) -> None:
        Practice.objects.update(notices_email=DESK)
        practice_settings.change(NOTICES, "", before=DESK, actor=acting(boss, **HOW))
        assert notified() == sorted([boss.user.email, DESK])
        practice.refresh_from_db()
        assert practice.notices_email == ""

    def test_a_long_address_is_cut_off_in_the_audit_and_nowhere_else(
        self, practice: Practice, boss: Membership
    ) -> None:
        email = f"larkfield.{'x' * 180}@larkfield.example"
        practice_settings.change(NOTICES, email, before="", actor=acting(boss, **HOW))
        noted = AuditEvent.objects.get(event=Event.PRACTICE_CHANGED)
        assert len(noted.reason) == 100
        assert noted.reason.endswith("x…")
        practice.refresh_from_db()
        assert practice.notices_email == email

    def test_the_number_that_the_service_desk_phones_stays(
        self, practice: Practice, boss: Membership
    ) -> None:
        before = practice.phone
        practice_settings.change(CALL_BACK, "01632 960 999", before="", actor=acting(boss, **HOW))
        practice.refresh_from_db()
        assert (practice.phone, practice.pharmacists_phone) == (before, "01632 960 999")
        practice_settings.change(CALL_BACK, "", before="01632 960 999", actor=acting(boss, **HOW))
        practice.refresh_from_db()
        assert practice.pharmacists_phone == before


class TestNotices:
    """Copies of what goes to a practice's administrators."""

    def test_of_a_new_administrator(self, practice: Practice, boss: Membership) -> None:
        Practice.objects.filter(pk=practice.pk).update(notices_email=DESK.upper())
        person = new_accounts.NewPerson(
            "ida.hill@larkfield.example", "Ida", "Hill", "Nurse", Role.PRACTICE_ADMINISTRATOR
        )
        user, _ = invitations.add(person, acting(boss, **HOW))
        assert notified() == sorted([boss.user.email, DESK, user.email])
        subject, text = Mail.objects.get(to=DESK).read()
        assert subject == "Larkfield Surgery has a new PharmRefer administrator"
        assert text.startswith("Hello,\n")
        assert "key=" not in text
        assert f"Hello {boss.user.given_name},\n" in mailed(boss.user)[subject]

    def test_of_a_user_locked_in_each_of_their_practices(
        self, practice: Practice, boss: Membership
    ) -> None:
        user = factories.active_person(at=practice)
        second, third = factories.practice(), factories.practice()
        for there, email in (
            (practice, DESK),
            (second, "second@larkfield.example"),
            (third, "third@larkfield.example"),
        ):
            Practice.objects.filter(pk=there.pk).update(notices_email=email)
        for there in (second, third):
            Membership.objects.create(user=user, practice=there, role=Role.STAFF)
        user.memberships.filter(practice=third).update(off_at=NOW)
        _lock_account(user, acting(**HOW))
        expected = [boss.user.email, DESK, "second@larkfield.example", user.email]
        assert notified() == sorted(expected)
        assert "was locked" in Mail.objects.get(to=DESK).read()[0]

    def test_nobody_is_told_twice_and_the_person_only_in_their_own_words(
        self, practice: Practice, boss: Membership
    ) -> None:
        user = factories.active_person(at=practice)
        for email in (user.email, boss.user.email):
            Mail.objects.all().delete()
            type(user).objects.update(locked_at=None)
            Practice.objects.filter(pk=practice.pk).update(notices_email=email)
            _lock_account(user, acting(**HOW))
            assert notified() == sorted([boss.user.email, user.email])
        assert set(mailed(user)) == {"Your PharmRefer account was locked"}
        assert not keys_mailed(boss.user)

    def test_without_an_address_only_administrators_are_told(
        self, practice: Practice, boss: Membership
    ) -> None:
        _lock_account(
            factories.active_person(at=practice, role=Role.PRACTICE_ADMINISTRATOR), acting(**HOW)
        )
        assert len(notified()) == 2
        assert boss.user.email in notified()
