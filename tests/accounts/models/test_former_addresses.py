"""An account that was moved, and moved again: its first owner hears of what happens to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import notices
from accounts.models.former_addresses import FormerAddress, addresses_of
from accounts.models.mail import Mail
from accounts.models.people import Membership, User
from accounts.people import colleagues, memberships
from accounts.people import new_accounts as people_actions
from accounts.roles import Role
from accounts.service_desk import cases
from accounts.sign_in import credentials, expiry, lockout
from tests import factories
from tests.factories import ORIGIN, acting

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timedelta(days=1)
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
FIRST, SECOND, THIRD = "jane.a@x.example", "jane.b@x.example", "jane.c@x.example"


@pytest.fixture
def boss() -> Membership:
    return factories.member(role=Role.PRACTICE_ADMINISTRATOR)


@pytest.fixture
def jane(boss: Membership) -> User:
    """A user whose account was moved twice within an hour."""
    member = factories.member(at=boss.practice)
    User.objects.filter(pk=member.user_id).update(
        email=FIRST, given_name="Jane", family_name="Abcot"
    )
    move(member, SECOND, by=boss, ago=timedelta(hours=2))
    move(member, THIRD, by=boss, ago=timedelta(hours=1))
    Mail.objects.all().delete()
    factories.authenticator(member.user)
    return User.objects.get(pk=member.user_id)


def move(member: Membership, email: str, *, by: Membership, ago: timedelta) -> None:
    user = User.objects.get(pk=member.user_id)
    names = {name: getattr(user, name) for name in ("given_name", "family_name", "job_role")}
    details = colleagues.AccountDetails(email=email, **names)
    colleagues.change_details(member.pk, details, acting(by, now=NOW - ago))


def notified() -> set[str]:
    return set(Mail.objects.values_list("to", flat=True))


def reset(jane: User) -> None:
    cases.reset_at_console(jane, "New phone", acting(**HOW))


def give_code(jane: User) -> None:
    jane.authenticators.all().delete()
    people_actions.issue_activation(jane, acting(**HOW))


def step_down(jane: User) -> None:
    jane.memberships.update(role=Role.PRACTICE_ADMINISTRATOR)
    memberships.change_role(jane.memberships.get(), Role.STAFF, acting(**HOW))


HAPPENINGS: list[Callable[[User], object]] = [
    reset,
    give_code,
    lambda jane: credentials.set_password(jane, make_password("x"), actor=acting(**HOW)),
    lambda jane: credentials.add_authenticator(
        jane, jane.authenticators.latest("pk"), acting(**HOW)
    ),
    lambda jane: lockout._lock_account(jane, acting(**HOW)),
    lambda jane: lockout.unlock_person(jane, acting(**HOW)),
    step_down,
    lambda jane: notices.passkey_added(jane, "Phone", now=NOW),
]


@pytest.mark.parametrize("happen", HAPPENINGS)
def test_every_address_of_the_last_month_is_told(
    jane: User, happen: Callable[[User], object]
) -> None:
    happen(jane)
    assert {FIRST, SECOND, THIRD} <= notified()


def test_that_it_is_moved_again_is_told_to_every_one(jane: User, boss: Membership) -> None:
    move(jane.memberships.get(), "jane.d@x.example", by=boss, ago=timedelta())
    assert notified() == {FIRST, SECOND, THIRD, "jane.d@x.example"}


def test_a_link_that_opens_something_goes_to_the_address_of_today_alone(jane: User) -> None:
    lockout.unlock_person(jane, acting(**HOW))
    texts = {mail.to: mail.read()[1] for mail in Mail.objects.all()}
    assert texts.keys() == {FIRST, SECOND, THIRD}
    assert [to for to, text in texts.items() if "?key=" in text] == [THIRD]
    assert f"choose a new one to {THIRD}" in texts[FIRST]


def test_after_a_month_an_address_is_told_no_more(jane: User, boss: Membership) -> None:
    now = NOW - timedelta(hours=2) + 30 * DAY
    assert addresses_of(jane, now=now) == [THIRD, SECOND]
    assert addresses_of(jane, now=NOW + 30 * DAY) == [THIRD]
    move(jane.memberships.get(), "jane.d@x.example", by=boss, ago=-29 * DAY)
    jane.refresh_from_db()
    assert addresses_of(jane, now=NOW + 31 * DAY) == ["jane.d@x.example", THIRD]


def test_one_that_an_earlier_version_has_moved_is_told_too(jane: User) -> None:
    User.objects.filter(pk=jane.pk).update(email="jane.d@x.example", email_before=THIRD)
    jane.refresh_from_db()
    assert addresses_of(jane, now=NOW) == ["jane.d@x.example", THIRD, SECOND, FIRST]


def test_who_comes_back_to_an_address_is_told_once(jane: User, boss: Membership) -> None:
    move(jane.memberships.get(), FIRST, by=boss, ago=timedelta())
    jane.refresh_from_db()
    assert addresses_of(jane, now=NOW) == [FIRST, THIRD, SECOND]


def test_other_people_s_are_not_asked_for(django_assert_num_queries: Any) -> None:
    user = factories.person()
    with django_assert_num_queries(0):
        assert addresses_of(user, now=NOW) == [user.email]


@pytest.mark.usefixtures("jane")
def test_what_is_told_to_nobody_any_more_is_forgotten() -> None:
    expiry.forget_expired(now=NOW + 29 * DAY)
    assert FormerAddress.objects.count() == 2
    expiry.forget_expired(now=NOW + 30 * DAY)
    assert not FormerAddress.objects.exists()
