"""The pages that links in e-mails open: an activation's, and a forgotten password's."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.credentials import Activation, PasswordLink
from accounts.models.mail import Mail
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.people import new_accounts
from accounts.roles import Role
from accounts.sign_in import password_reset
from tests import factories
from tests.factories import PASSWORD, acting
from tests.mails import keys_mailed, link_in, mailed
from tests.pages import text_of
from tests.tools import code_for

pytestmark = pytest.mark.django_db
NEW = "four louder herons"
PAGES = ["/activate/link/", "/password/new/"]


def activation_link(user: User) -> str:
    new_accounts.issue_activation(user, acting(now=timezone.now()))
    return link_in(mailed(user)["Activate your PharmRefer account"])


def password_link(user: User) -> str:
    password_reset.forget_password(user.email, acting(now=timezone.now()))
    return link_in(mailed(user)["Choose a new PharmRefer password"])


def browser_that_checks() -> Client:
    return factories.strict_browser()


def token_on(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return found[1]


class TestActivation:
    """/activate/link/."""

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_opening_it_begins_nothing_and_shows_whose_account_it_is(
        self, client: Client, method: str, django_assert_num_queries: Any
    ) -> None:
        user = factories.person(at=factories.practice(name="Mill Lane Medical Centre"))
        link = activation_link(user)
        for _ in range(2):
            with django_assert_num_queries(2):
                response = getattr(client, method)(link)
            assert response.status_code == 200
        assert not PendingLogIn.objects.exists()
        assert "__Host-log-in" not in client.cookies
        assert Activation.objects.get().used_at is None
        page = text_of(client.get(link))
        for words in (user.full_name, user.email, "Mill Lane Medical Centre", "Continue"):
            assert words in page

    def test_continue_leads_to_a_password_of_ones_own(self, client: Client) -> None:
        user = factories.person()
        response = client.post(activation_link(user))
        assert response["Location"] == "/activate/password/"
        assert "Choose a password" in text_of(client.get("/activate/password/"))
        assert PendingLogIn.objects.get().user == user

    @pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.OPERATOR])
    def test_who_is_in_no_practice_sees_none(self, client: Client, role: Any) -> None:
        assert "Practice" not in text_of(client.get(activation_link(factories.person(role=role))))

    @pytest.mark.needs("oathtool")
    def test_who_else_is_logged_in_is_told_of_and_logged_out_in_the_end(
        self, client: Client
    ) -> None:
        other, user = factories.active_person(), factories.person(given_name="Aisha")
        factories.sign_in(client, other)
        link = activation_link(user)
        assert f"{other.full_name}</strong> is logged in here now" in text_of(client.get(link))
        client.post(link)
        client.post("/activate/password/", {"password": PASSWORD})
        assert Session.objects.get().user == other
        secret = PendingLogIn.objects.get(user=user).authenticator
        assert secret
        client.post("/activate/authenticator/", {"code": code_for(secret.secret)})
        assert Session.objects.get().user == user

    def test_a_slow_one_is_told_to_open_the_link_again(self, client: Client) -> None:
        client.post(activation_link(factories.person()))
        PendingLogIn.objects.update(expires_at=timezone.now())
        response = client.get("/activate/password/")
        page = text_of(client.get(response["Location"]))
        assert "That took too long" in page
        assert "open the link instead" in page


class TestForgotten:
    """/password/forgotten/."""

    def test_the_log_in_page_leads_there(self, client: Client) -> None:
        assert 'href="/password/forgotten/"' in text_of(client.get("/log-in/"))

    @pytest.mark.parametrize("who", ["known", "unknown", "turned off", "not active yet"])
    def test_the_answer_is_the_same_for_everybody(self, client: Client, who: str) -> None:
        user = factories.person() if who == "not active yet" else factories.active_person()
        if who == "turned off":
            User.objects.update(is_active=False)
        name = "nobody@nhs.example" if who == "unknown" else user.email
        response = client.post("/password/forgotten/", {"user_name": name})
        assert response.status_code == 302
        assert response["Location"] == "/password/forgotten/sent/"
        assert not {*client.cookies} - {"__Host-csrftoken"}
        assert Mail.objects.exists() is (who in {"known", "not active yet"})
        page = text_of(client.get(response["Location"]))
        assert "If there is an account with that username" in page

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("", "Enter your username"),
            ("x" * 300, "Username must be 254 characters or fewer"),
        ],
    )
    def test_what_is_missing_is_said(self, client: Client, typed: str, words: str) -> None:
        response = client.post("/password/forgotten/", {"user_name": typed})
        assert response.status_code == 422
        assert text_of(response).count(words) == 2

    @pytest.mark.parametrize("typed", ["a\x00b", "\x00", "é", "'; --", "a\r\nBcc: x", "<b>"])
    def test_anything_may_be_typed(self, client: Client, typed: str) -> None:
        response = client.post("/password/forgotten/", {"user_name": typed})
        assert response.status_code in {302, 422}
        assert not Mail.objects.exists()

    def test_too_many_are_refused_and_what_was_typed_is_kept(self, client: Client) -> None:
        for _ in range(5):
            client.post("/password/forgotten/", {"user_name": "jane@nhs.example"})
        response = client.post("/password/forgotten/", {"user_name": "jane@nhs.example"})
        assert response.status_code == 422
        page = text_of(response)
        assert page.count("Too many tries. You can try again at") == 2
        assert 'value="jane@nhs.example"' in page

    def test_the_pages_ask_no_database(
        self, client: Client, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            text_of(client.get("/password/forgotten/"))
            text_of(client.get("/password/forgotten/sent/"))


class TestNewPassword:
    """/password/new/."""

    def test_opening_it_spends_nothing(
        self, client: Client, django_assert_num_queries: Any
    ) -> None:
        user = factories.active_person()
        link = password_link(user)
        with django_assert_num_queries(2):
            page = text_of(client.get(link))
        assert client.head(link).status_code == 200
        assert user.email in page
        assert 'autocomplete="new-password"' in page
        assert "onpaste" not in page
        assert PasswordLink.objects.exists()

    def test_it_leads_to_the_log_in_page_and_signs_nobody_in(self, client: Client) -> None:
        user = factories.active_person()
        factories.begin_log_in(client, user, Step.CODE)
        response = client.post(password_link(user), {"password": NEW})
        assert response["Location"] == "/log-in/?because=new-password"
        page = text_of(client.get(response["Location"]))
        assert "Your new password is set. Log in with it and a code." in page
        assert not Session.objects.exists()
        assert client.cookies["__Host-log-in"].value == ""
        answer = {"user_name": user.email, "password": NEW}
        assert client.post("/log-in/", answer)["Location"] == "/log-in/code/"

    @pytest.mark.parametrize("whose", ["own", "other's", "locked"])
    def test_who_is_logged_in_there_is_logged_out(self, client: Client, whose: str) -> None:
        user, other = factories.active_person(), factories.active_person()
        factories.sign_in(client, user if whose == "own" else other)
        if whose == "locked":
            past = timezone.now() - timedelta(minutes=20)
            Session.objects.update(last_seen_at=past)
        link = password_link(user)
        is_logged_in_here = "is logged in here now" in text_of(client.get(link))
        assert is_logged_in_here is (whose == "other's")
        response = client.post(link, {"password": NEW})
        assert not Session.objects.exists()
        assert client.cookies["__Host-session"].value == ""
        assert "Log in to PharmRefer" in text_of(client.get(response["Location"]))

    @pytest.mark.parametrize(
        ("password", "words"),
        [
            ("", "Enter a password"),
            ("short", "Password must be 12 characters or more"),
            ("pharmrefer2026!!", "Password must not be based on"),
            ("y" * 300, "Password must be 256 characters or fewer"),
        ],
    )
    def test_a_password_that_is_refused_is_said_and_the_link_stays(
        self, client: Client, password: str, words: str
    ) -> None:
        link = password_link(factories.active_person())
        response = client.post(link, {"password": password})
        assert response.status_code == 422
        page = text_of(response)
        assert page.count(words) == 2
        assert f'value="{password}"' not in page
        assert client.post(link, {"password": NEW}).status_code == 302

    def test_an_administrator_s_is_longer(self, client: Client) -> None:
        user = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR)
        response = client.post(password_link(user), {"password": "louder herons"})
        assert "Password must be 15 characters or more" in text_of(response)

    @pytest.mark.parametrize(
        "password",
        [" four  louder herons ", "ключ от старого дома" * 4, "é" * 8 + "abcdef" * 41 + "zz"],
    )
    def test_it_is_kept_exactly_as_it_was_typed(self, client: Client, password: str) -> None:
        user = factories.active_person()
        assert client.post(password_link(user), {"password": password}).status_code == 302
        user.refresh_from_db()
        assert user.check_password(password)
        assert not user.check_password(password.strip() + "x")


class TestAllOfThem:
    """What every page has that a link opens."""

    @pytest.mark.parametrize("method", ["get", "head", "post"])
    @pytest.mark.parametrize("key", [None, "", "x", "%00", "%ff%fe", "%ED%A0%80", "y" * 5000])
    @pytest.mark.parametrize("address", PAGES)
    def test_a_link_that_does_not_work_says_what_to_do(
        self, client: Client, address: str, key: str | None, method: str
    ) -> None:
        query = "" if key is None else f"?key={key}"
        response = getattr(client, method)(address + query)
        assert response.status_code == 200
        if method != "head":
            page = text_of(response)
            assert "This link does not work" in page
            assert "y" * 100 not in page
        assert response["Referrer-Policy"] == "strict-origin"

    @pytest.mark.parametrize("why", ["used", "expired", "newer", "turned off"])
    @pytest.mark.parametrize("make", [activation_link, password_link])
    def test_it_is_the_same_page_for_every_reason(
        self, client: Client, make: Any, why: str
    ) -> None:
        user = factories.person() if make is activation_link else factories.active_person()
        link = make(user)
        if why == "newer":
            make(user)
        elif why == "turned off":
            User.objects.update(is_active=False)
        elif why == "used":
            Activation.objects.update(used_at=timezone.now())
            PasswordLink.objects.all().delete()
        else:
            Activation.objects.update(expires_at=timezone.now())
            PasswordLink.objects.update(expires_at=timezone.now())
        wrong = client.get(link[:-1] + "_")
        for response in (client.get(link), client.post(link, {"password": NEW})):
            assert (response.status_code, text_of(response)) == (200, text_of(wrong))
        user.refresh_from_db()
        assert not user.check_password(NEW)

    @pytest.mark.parametrize("make", [activation_link, password_link])
    def test_the_address_with_its_key_goes_nowhere_else(self, client: Client, make: Any) -> None:
        user = factories.person() if make is activation_link else factories.active_person()
        response = client.get(make(user))
        # Not no-referrer: a browser then says that the form comes from "null".
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["Cache-Control"] == "no-store"
        assert "key=" not in text_of(response)

    @pytest.mark.parametrize("make", [activation_link, password_link])
    def test_a_form_whose_token_has_changed_is_shown_afresh_and_no_log_has_the_key(
        self, make: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        user = factories.person() if make is activation_link else factories.active_person()
        link, browser = make(user), browser_that_checks()
        page = text_of(browser.get(link))
        answer = {"password": NEW, "csrfmiddlewaretoken": "y" * 32}
        with caplog.at_level(logging.DEBUG):
            response = browser.post(link, answer, headers={"referer": "https://testserver/"})
        assert (response.status_code, response["Location"]) == (302, f"{link}&because=afresh")
        answer["csrfmiddlewaretoken"] = token_on(page)
        with caplog.at_level(logging.DEBUG):
            assert (
                browser.post(link, answer, headers={"referer": "https://testserver/"}).status_code
                == 302
            )
        for key in keys_mailed(user):
            assert key not in caplog.text

    @pytest.mark.parametrize("page", PAGES)
    def test_a_page_that_asks_for_a_user_who_is_out_gets_an_address_without_the_key(
        self, client: Client, page: str
    ) -> None:
        for address in (f"{page}?key=abc", f"{page}?because=x&key=abc", f"{page}?k%65y=abc"):
            response = client.get("/session/", {"page": address})
            assert "abc" not in response.json()["address"]

    def test_no_row_of_a_log_in_has_the_key(self, client: Client) -> None:
        user = factories.active_person()
        typed = {"user_name": user.email, "password": PASSWORD}
        client.post("/log-in/", {**typed, "next": "/password/new/?key=abc"})
        assert PendingLogIn.objects.get().next_path == ""
