"""Confirming who one is: what asks for it, what it takes, and how long it lasts."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone

from accounts.models.audit import AuditEvent, Event, Factor
from accounts.models.mail import Mail
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.models.throttle import Throttle
from accounts.roles import Permission
from accounts.web import access
from pharmrefer import urls
from tests import factories
from tests.factories import PASSWORD
from tests.pages import text_of
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
COOKIE = "__Host-session"
CSRF = "__Host-csrftoken"
stashed: list[str] = []


def stash(_request: HttpRequest) -> None:
    stashed.append("kept")


@access.needs(Permission.ACCOUNT_OPEN, recently=True, stash=stash)
def vault(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@access.needs(Permission.ACCOUNT_OPEN, recently=True, by_script=True)
def asked_by_a_script(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


class Routes:
    urlpatterns = [  # noqa: RUF012
        path("vault/", vault),
        path("script/", asked_by_a_script),
        *urls.urlpatterns,
    ]


@pytest.fixture(autouse=True)
def _with_a_vault() -> Any:
    stashed.clear()
    with override_settings(ROOT_URLCONF=Routes):
        yield


@pytest.fixture
def secret(user: User) -> str:
    return user.authenticators.get().secret


def confirm(client: Client, password: str, code: str, *, next_path: str = "/vault/") -> Any:
    answer = {"password": password, "code": code, "next": next_path}
    return client.post("/account/confirm/", answer)


def refusals(user: User) -> list[tuple[str, str]]:
    rows = AuditEvent.objects.filter(person=user, event=Event.FACTOR_REFUSED).order_by("pk")
    return list(rows.values_list("factor", "reason"))


def test_who_has_just_logged_in_confirms_first_and_comes_back(
    client: Client, user: User, secret: str
) -> None:
    factories.sign_in(client, user)
    response = client.get("/vault/?a=b")
    assert response["Location"] == "/account/confirm/?next=%2Fvault%2F%3Fa%3Db"
    page = text_of(client.get(response["Location"]))
    assert 'name="next" value="/vault/?a=b"' in page
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="one-time-code"' in page
    response = confirm(client, PASSWORD, code_for(secret), next_path="/vault/?a=b")
    assert response["Location"] == "/vault/?a=b"
    assert client.get("/vault/?a=b").content == b"open"


def test_a_form_that_was_sent_is_kept_and_leads_back_to_its_page(
    client: Client, user: User
) -> None:
    factories.sign_in(client, user)
    assert client.post("/vault/")["Location"] == "/account/confirm/?next=%2Fvault%2F"
    assert stashed == ["kept"]


def test_a_script_is_told_and_not_led_elsewhere(client: Client, user: User) -> None:
    session = factories.sign_in(client, user)
    assert client.get("/script/").status_code == 401
    factories.confirmed(session)
    assert client.get("/script/").status_code == 200


def test_it_holds_for_ten_minutes(client: Client, user: User) -> None:
    session = factories.sign_in(client, user)
    now = timezone.now()
    for ago, status in ((timedelta(minutes=9, seconds=58), 200), (timedelta(minutes=10), 302)):
        Session.objects.filter(pk=session.pk).update(confirmed_at=now - ago)
        assert client.get("/vault/").status_code == status


def test_it_holds_for_this_session_only(client: Client, user: User) -> None:
    factories.confirmed(factories.sign_in(client, user))
    other = Client(headers={"x-forwarded-proto": "https"})
    factories.sign_in(other, user)
    assert client.get("/vault/").status_code == 200
    assert other.get("/vault/").status_code == 302


def test_the_session_goes_on_with_a_new_key_and_a_new_form_token(
    client: Client, user: User, secret: str
) -> None:
    session = factories.sign_in(client, user)
    client.get("/account/confirm/")
    key, token = client.cookies[COOKIE].value, client.cookies[CSRF].value
    confirm(client, PASSWORD, code_for(secret))
    assert client.cookies[COOKIE].value != key
    assert client.cookies[CSRF].value != token
    assert Session.objects.get().pk == session.pk
    late = Client(headers={"x-forwarded-proto": "https"})
    late.cookies[COOKIE] = key
    assert late.get("/account/").status_code == 302


def test_locking_the_screen_ends_it(client: Client, user: User) -> None:
    factories.confirmed(factories.sign_in(client, user))
    with override_settings(SESSION_LOCK=timedelta(minutes=1)):
        Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=1))
        assert client.get("/vault/")["Location"] == "/unlock/?next=%2Fvault%2F"
        client.post("/unlock/", {"password": PASSWORD, "next": "/vault/"})
    assert client.get("/account/").status_code == 200
    assert client.get("/vault/").status_code == 302


def test_a_wrong_password_is_said_counted_and_noted_and_spends_no_code(
    client: Client, user: User, secret: str
) -> None:
    factories.sign_in(client, user)
    code = code_for(secret)
    response = confirm(client, "four loud herons", code)
    assert response.status_code == 422
    page = text_of(response)
    assert page.count("The password is not right") == 2
    assert '<a href="#id_password">' in page
    assert "four loud herons" not in page
    assert f'value="{code}"' in page
    assert refusals(user) == [(Factor.PASSWORD, "wrong, to confirm")]
    assert client.get("/vault/").status_code == 302
    assert confirm(client, PASSWORD, code)["Location"] == "/vault/"


def test_a_wrong_code_is_said_counted_and_noted(client: Client, user: User, secret: str) -> None:
    factories.sign_in(client, user)
    wrong = code_for(secret, seconds_off=86_400)
    response = confirm(client, PASSWORD, wrong)
    assert response.status_code == 422
    page = text_of(response)
    assert page.count("That code is not right") == 2
    assert '<a href="#id_code">' in page
    assert wrong not in page
    assert refusals(user) == [(Factor.AUTHENTICATOR, "wrong")]
    assert Throttle.objects.get(subject=f"code:{user.pk}").tries == 1
    assert client.get("/vault/").status_code == 302


def test_what_is_right_is_noted_with_its_factors(client: Client, user: User, secret: str) -> None:
    factories.sign_in(client, user)
    confirm(client, PASSWORD, code_for(secret))
    rows = AuditEvent.objects.filter(person=user).order_by("-pk")[:2]
    assert [(each.event, each.factor, each.reason) for each in rows] == [
        (Event.SESSION_CONFIRMED, Factor.AUTHENTICATOR, ""),
        (Event.FACTOR_ACCEPTED, Factor.PASSWORD, "to confirm"),
    ]
    assert not Throttle.objects.filter(subject=f"code:{user.pk}").exists()


def test_the_code_that_signed_in_does_not_confirm_and_the_other_way_round(
    client: Client, user: User, secret: str
) -> None:
    code = code_for(secret)
    client.post("/log-in/", {"user_name": user.email, "password": PASSWORD})
    client.post("/log-in/code/", {"code": code})
    assert "You have used that code already" in text_of(confirm(client, PASSWORD, code))
    later = code_for(secret, seconds_off=30)
    assert confirm(client, PASSWORD, later)["Location"] == "/vault/"
    other = Client(headers={"x-forwarded-proto": "https"})
    other.post("/log-in/", {"user_name": user.email, "password": PASSWORD})
    page = text_of(other.post("/log-in/code/", {"code": later}))
    assert "You have used that code already" in page


def test_tries_count_together_with_those_of_the_log_in(
    client: Client, user: User, secret: str
) -> None:
    factories.sign_in(client, user)
    for _ in range(5):
        confirm(client, "four loud herons", "123456")
    assert "Too many tries" in text_of(confirm(client, PASSWORD, code_for(secret)))
    answer = {"user_name": user.email, "password": PASSWORD}
    other = Client(headers={"x-forwarded-proto": "https"})
    assert "Too many tries" in text_of(other.post("/log-in/", answer))


def test_wrong_codes_end_as_at_the_log_in(client: Client, user: User, secret: str) -> None:
    factories.sign_in(client, user)
    wrong = code_for(secret, seconds_off=86_400)
    for _ in range(5):
        confirm(client, PASSWORD, wrong)
    assert Mail.objects.get().read()[0] == "Wrong codes for your PharmRefer account"
    page = text_of(confirm(client, PASSWORD, code_for(secret)))
    assert "Too many tries" in page
    assert '<a href="#id_code">' in page
    Throttle.objects.filter(subject=f"code:{user.pk}").update(tries=19, allowed_at=None)
    confirm(client, PASSWORD, wrong)
    user.refresh_from_db()
    assert user.locked_at
    assert client.get("/account/").status_code == 302


def test_who_was_turned_off_a_moment_ago_confirms_nothing(
    client: Client, user: User, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = factories.sign_in(client, user)
    check = User.check_password

    def slowly(person: User, password: str) -> bool:
        User.objects.update(session_epoch=7)
        return check(person, password)

    monkeypatch.setattr(User, "check_password", slowly)
    assert confirm(client, PASSWORD, code_for(secret))["Location"] == "/vault/"
    session.refresh_from_db()
    assert session.confirmed_at is None
    assert user.authenticators.get().last_step == -1


def test_a_session_that_ends_meanwhile_stays_ended(
    client: Client, user: User, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.sign_in(client, user)

    def check(_person: User, _password: str) -> bool:
        Session.objects.all().delete()
        return True

    monkeypatch.setattr(User, "check_password", check)
    confirm(client, PASSWORD, code_for(secret))
    assert not Session.objects.exists()
    assert user.authenticators.get().last_step == -1


def test_another_user_s_code_confirms_nothing(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    other = factories.active_person().authenticators.get()
    assert confirm(client, PASSWORD, code_for(other.secret)).status_code == 422


def test_an_authenticator_that_is_not_confirmed_confirms_nothing(
    client: Client, user: User
) -> None:
    factories.sign_in(client, user)
    fresh = factories.authenticator(user, confirmed=False)
    assert confirm(client, PASSWORD, code_for(fresh.secret)).status_code == 422


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, ["Enter your password", "Enter the 6-digit code from your authenticator app"]),
        ({"password": "x", "code": "12345"}, ["The code must be 6 digits, like 123 456"]),
        ({"password": "x" * 300, "code": "1"}, ["Password must be 256 characters or fewer"]),
        ({"password": b"\xff\x00", "code": b"\xff\x00"}, ["The code must be 6 digits"]),
    ],
)
def test_bad_input_gets_words_and_costs_no_try(
    client: Client, user: User, answer: dict[str, Any], words: list[str]
) -> None:
    factories.sign_in(client, user)
    response = client.post("/account/confirm/", answer)
    assert response.status_code == 422
    page = text_of(response)
    for sentence in words:
        assert page.count(sentence) == 2
    assert not Throttle.objects.exists()


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "", "/" + "x" * 1000])
def test_it_leads_nowhere_else(client: Client, user: User, secret: str, path: str) -> None:
    factories.sign_in(client, user)
    assert confirm(client, PASSWORD, code_for(secret), next_path=path)["Location"] == "/account/"
    response = client.get("/account/confirm/", {"next": path})
    assert response["Location"] == "/account/"


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/vault/?a=b", "next=%2Fvault%2F%3Fa%3Db&"),
        ("//evil.example/", ""),
        ("/password/new/?key=abc", ""),
        ("", ""),
    ],
)
def test_a_page_of_before_a_new_form_token_is_shown_afresh(
    user: User, path: str, leads_to: str
) -> None:
    browser = factories.strict_browser()
    factories.sign_in(browser, user)
    typed = {"next": path, "password": PASSWORD}
    response = browser.post("/account/confirm/", typed, headers={"referer": "https://testserver/"})
    assert response["Location"] == f"/account/confirm/?{leads_to}because=afresh"
