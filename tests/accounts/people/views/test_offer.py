"""The page on which an account's owner answers what others have asked."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models.people import Membership, User
from accounts.models.sessions import Session, Step
from accounts.people import invitations, memberships, new_accounts
from accounts.roles import Role
from tests import factories
from tests.factories import ORIGIN, PASSWORD, acting
from tests.pages import text_of
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
NOW = timezone.now()
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
HOME = "/referrals/"


@pytest.fixture
def boss() -> Membership:
    there = factories.practice(ods_code="Z91002", name="Highfield Surgery")
    return factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=there)


def ask(user: User, boss: Membership, role: Role = Role.STAFF) -> Membership:
    person = new_accounts.NewPerson(user.email, user.given_name, user.family_name, "Nurse", role)
    invitations.add(person, acting(boss, **HOW))
    return user.memberships.get(practice=boss.practice)


def address(asked: Membership) -> str:
    return f"/account/offers/{asked.pk}/"


def yes(asked: Membership, **more: str) -> dict[str, str]:
    return {"role": asked.offered_role, "password": PASSWORD, **more}


def log_in(client: Client, user: User) -> str:
    """Log in with a code, and follow to the first page; return its address."""
    factories.begin_log_in(client, user, Step.CODE)
    code = code_for(user.authenticators.get().secret)
    answer = client.post("/log-in/code/", {"code": code}, follow=True)
    return str(answer.redirect_chain[-1][0])


class TestAfterLogIn:
    """It comes after the code, and before any practice."""

    def test_it_stands_in_the_way_until_it_is_answered(
        self, client: Client, user: User, boss: Membership
    ) -> None:
        asked = ask(user, boss)
        assert log_in(client, user).startswith(address(asked))
        assert client.get(HOME)["Location"].startswith("/practice/choose/")
        page = text_of(client.get(address(asked)))
        for said in ("Join Highfield Surgery?", boss.user.full_name, "Practice staff"):
            assert said in page
        data = yes(asked, next=HOME)
        answer = client.post(address(asked), data, follow=True)
        assert "Where are you working now?" in text_of(answer)
        client.post("/practice/choose/", {"membership": asked.pk})
        assert "Highfield Surgery" in text_of(client.get(HOME))

    @pytest.mark.parametrize("answer", ["later", "decline"])
    def test_without_a_yes_they_go_on_where_they_work(
        self, client: Client, user: User, boss: Membership, answer: str
    ) -> None:
        asked = ask(user, boss)
        log_in(client, user)
        found = client.post(address(asked), {"answer": answer, "next": HOME})
        assert found["Location"] == HOME
        page = text_of(client.get(HOME))
        assert "Larkfield Surgery" in page
        assert ("See the request" in page) is (answer == "later")
        assert not user.memberships.filter(practice=boss.practice, off_at=None).exists()

    def test_who_works_nowhere_else_answers_or_logs_out(
        self, client: Client, user: User, boss: Membership
    ) -> None:
        user.memberships.update(off_at=NOW)
        asked = ask(user, boss)
        log_in(client, user)
        page = text_of(client.get(address(asked)))
        assert "Decide later" not in page
        assert "No practice chosen" in page
        for other in ("/practice/choose/", "/practice/choose/?later=yes", "/account/offers/"):
            assert client.get(other, follow=True).redirect_chain[-1][0].startswith("/account/off")
        assert client.get("/account/").status_code == 200
        assert client.get("/referrals/new/").status_code == 302
        assert client.post(address(asked), {"answer": "later"}).status_code == 302
        assert client.get(HOME).status_code == 302
        out = client.post(address(asked), {"answer": "decline"}, follow=True)
        assert "You have declined, and are logged out" in text_of(out)
        assert not Session.objects.filter(user=user).exists()

    def test_and_is_in_at_once_when_they_accept(
        self, client: Client, user: User, boss: Membership
    ) -> None:
        user.memberships.update(off_at=NOW)
        asked = ask(user, boss)
        log_in(client, user)
        page = text_of(client.post(address(asked), yes(asked, is_main="yes"), follow=True))
        assert "New referral" in page
        assert User.objects.get(pk=user.pk).home_practice == boss.practice


class TestWhileLoggedIn:
    """A user who is logged in when they are asked is not thrown out."""

    @pytest.fixture
    def asked(self, client: Client, user: User, boss: Membership) -> Membership:
        factories.sign_in(client, user)
        return ask(user, boss, Role.PRACTICE_ADMINISTRATOR)

    def test_home_and_account_say_so_and_changing_practice_follows(
        self, client: Client, user: User, asked: Membership
    ) -> None:
        assert "See the request" in text_of(client.get(HOME))
        assert "Change<span" not in text_of(client.get(HOME))
        assert address(asked) in text_of(client.get("/account/"))
        page = text_of(client.post(address(asked), yes(asked), follow=True))
        assert "You have accepted" in page
        assert "Change<span" in page
        assert address(asked) not in page
        assert user.memberships.get(pk=asked.pk).role == Role.PRACTICE_ADMINISTRATOR

    def test_asking_costs_home_no_query(
        self,
        client: Client,
        user: User,
        boss: Membership,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        factories.sign_in(client, user)
        client.get(HOME)
        with django_assert_num_queries(2) as before:
            client.get(HOME)
        ask(user, boss)
        with django_assert_num_queries(len(before)):
            assert "See the request" in text_of(client.get(HOME))

    def test_a_short_password_is_said_beside_the_field(
        self, client: Client, user: User, asked: Membership
    ) -> None:
        user.set_password("three herons")
        user.save()
        data = yes(asked, password="three herons")
        answer = client.post(address(asked), data)
        assert answer.status_code == 422
        assert "Your password has fewer than 15 characters" in text_of(answer)
        assert "three herons" not in text_of(answer)
        for refused in ("fourteen chars", "a" * 20, "password pharmrefer"):
            answer = client.post(address(asked), data | {"new_password": refused})
            assert answer.status_code == 422, refused
        answer = client.post(address(asked), data | {"new_password": "four quiet herons wading"})
        assert answer["Location"] == "/account/?because=accepted"
        assert "Become" not in text_of(client.get("/account/"))

    def test_a_wrong_password_accepts_nothing(
        self, client: Client, user: User, asked: Membership
    ) -> None:
        answer = client.post(address(asked), yes(asked, password="wrong"))
        assert answer.status_code == 422
        assert "The password is not right" in text_of(answer)
        assert user.offers(today=timezone.localdate())

    def test_what_was_taken_back_is_no_error(
        self, client: Client, asked: Membership, boss: Membership
    ) -> None:
        memberships.take_back(asked.pk, acting(boss, **HOW))
        page = text_of(client.post(address(asked), yes(asked), follow=True))
        assert "There is nothing to accept" in page

    def test_another_person_s_is_not_there(self, client: Client, boss: Membership) -> None:
        factories.sign_in(client, factories.active_person())
        other = ask(factories.active_person(), boss)
        for data in ({"answer": "decline"}, yes(other)):
            assert client.post(address(other), data)["Location"] == "/account/offers/"
        assert Membership.objects.filter(pk=other.pk).exists()

    def test_the_session_gets_another_key(self, client: Client, asked: Membership) -> None:
        before = client.cookies[settings.SESSION_COOKIE_NAME].value
        client.post(address(asked), yes(asked))
        assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
