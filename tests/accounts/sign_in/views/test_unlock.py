"""The locked screen: what it hides, what opens it, and who may go past it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import User
from accounts.models.sessions import Session
from tests import factories
from tests.factories import PASSWORD
from tests.pages import text_of

pytestmark = pytest.mark.django_db
COOKIE = "__Host-session"


def lock(*, after: timedelta = timedelta(minutes=15)) -> datetime:
    last_seen_at = timezone.now() - after
    Session.objects.update(last_seen_at=last_seen_at)
    return last_seen_at


def unlock_screen(client: Client, password: str, *, next_path: str = "") -> Any:
    return client.post("/unlock/", {"password": password, "next": next_path})


def test_after_15_minutes_a_page_asks_for_the_password_and_says_whose(
    client: Client, user: User
) -> None:
    factories.sign_in(client, user)
    lock(after=timedelta(minutes=14, seconds=58))
    assert client.get("/account/").status_code == 200
    lock()
    response = client.get("/account/?a=b")
    assert response["Location"] == "/unlock/?next=%2Faccount%2F%3Fa%3Db"
    page = text_of(client.get(response["Location"]))
    assert "Jane Doe" in page
    assert 'autocomplete="current-password"' in page
    assert 'class="nhsuk-header__account"' not in page
    assert "no-store" in client.get("/unlock/")["Cache-Control"]


def test_the_password_opens_the_same_page_with_a_new_key(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    lock()
    old = client.cookies[COOKIE].value
    response = unlock_screen(client, PASSWORD, next_path="/account/?a=b")
    assert response["Location"] == "/account/?a=b"
    assert client.cookies[COOKIE].value != old
    assert client.get("/account/").status_code == 200
    assert Session.objects.count() == 1
    client.cookies[COOKIE] = old
    assert client.get("/account/").status_code == 302


def test_a_request_with_the_old_key_does_not_take_the_new_one_away(
    client: Client, user: User
) -> None:
    """It was under way while another tab unlocked."""
    factories.sign_in(client, user)
    lock()
    late = Client(headers={"x-forwarded-proto": "https"})
    late.cookies[COOKIE] = client.cookies[COOKIE].value
    unlock_screen(client, PASSWORD)
    assert COOKIE not in late.get("/account/").cookies


def test_a_wrong_password_does_not_open_it(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    last_seen_at = lock()
    response = unlock_screen(client, "four loud herons", next_path="/account/")
    assert response.status_code == 422
    page = text_of(response)
    assert "The password is not right" in page
    assert "four loud herons" not in page
    assert 'name="next" value="/account/"' in page
    assert Session.objects.get().last_seen_at == last_seen_at
    assert client.get("/account/").status_code == 302


def test_wrong_passwords_are_slowed_as_at_the_log_in(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    lock()
    for _ in range(5):
        assert "is not right" in text_of(unlock_screen(client, "four loud herons"))
    assert "Too many tries" in text_of(unlock_screen(client, PASSWORD))
    answer = {"user_name": user.email, "password": PASSWORD}
    assert "Too many tries" in text_of(client.post("/log-in/", answer))


def test_after_60_minutes_a_password_alone_opens_nothing(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    lock(after=timedelta(minutes=60))
    response = unlock_screen(client, PASSWORD, next_path="/account/")
    assert response["Location"] == "/account/"
    assert client.get("/account/")["Location"].startswith("/log-in/")
    assert not Session.objects.exists()


def test_nothing_but_the_password_keeps_a_locked_session_awake(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    last_seen_at = lock()
    for address in ("/", "/account/", "/unlock/", "/referrals/", "/log-in/"):
        client.get(address)
    assert Session.objects.get().last_seen_at == last_seen_at


def test_another_user_logs_in_on_a_locked_screen(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    lock()
    page = text_of(client.get("/unlock/"))
    assert "Switch user" in page
    assert client.post("/log-out/").status_code == 302
    assert not Session.objects.exists()
    assert client.get("/unlock/")["Location"] == "/"


def test_unlocking_what_is_not_locked_leads_on(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    assert unlock_screen(client, PASSWORD, next_path="/account/")["Location"] == "/account/"
    assert client.get("/unlock/?next=//elsewhere.example")["Location"] == "/"


def test_a_session_that_ends_while_it_is_unlocked_stays_ended(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.sign_in(client, user)
    lock()

    def check(_self: User, _password: str) -> bool:
        Session.objects.all().delete()  # logged out in another tab meanwhile
        return True

    monkeypatch.setattr(User, "check_password", check)
    assert unlock_screen(client, PASSWORD)["Location"] == "/"
    assert not Session.objects.exists()
