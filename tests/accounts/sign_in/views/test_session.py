"""What open pages are told of their session, and what keeps it awake."""

import re
from datetime import timedelta
from typing import Any

import html5lib
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models.people import Practice, User
from accounts.models.sessions import Session
from tests import factories
from tests.factories import PASSWORD
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def idle(**time: float) -> None:
    Session.objects.update(last_seen_at=timezone.now() - timedelta(**time))


def locks_in() -> float:
    """Return how many seconds the row gives, for comparing with what is answered."""
    left = Session.objects.get().last_seen_at + settings.SESSION_LOCK - timezone.now()
    return left.total_seconds()


def test_asking_tells_how_it_stands_and_keeps_nobody_awake(
    client: Client, user: User, django_assert_num_queries: Any
) -> None:
    factories.sign_in(client, user)
    idle(minutes=5)
    before = Session.objects.get().last_seen_at
    with django_assert_num_queries(1):
        response = client.get("/session/")
    assert response.status_code == 200
    said = response.json()
    assert said["state"] == "open"
    assert locks_in() <= said["locks_in"] <= 600
    assert said["ends_in"] == 12 * 3600
    assert response["Cache-Control"] == "no-store"
    assert Session.objects.get().last_seen_at == before


def test_a_second_that_has_begun_counts_whole(client: Client, user: User) -> None:
    """A page that waits that long finds it locked."""
    now = timezone.now()
    session = factories.sign_in(client, user)
    session.last_seen_at = now - timedelta(minutes=14, seconds=59.5)
    assert session.locks_in(now=now) == 1
    assert session.is_locked(now + timedelta(seconds=1))
    session.last_seen_at = now - timedelta(minutes=16)
    assert session.locks_in(now=now) == 0


def test_a_locked_session_says_when_it_ends(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    idle(minutes=15)
    response = client.get("/session/")
    assert response.status_code == 423
    assert response.json()["state"] == "locked"
    assert response.json()["locks_in"] == 0
    assert response.json()["ends_in"] in (2699, 2700)
    Session.objects.update(created_at=timezone.now() - timedelta(hours=11, minutes=50))
    assert client.get("/session/").json()["ends_in"] in (599, 600)


def test_what_is_over_says_where_to_go_and_why(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    idle(minutes=60)
    response = client.get("/session/", {"page": "/account/?a=b"})
    assert response.status_code == 401
    over = {"state": "over", "address": "/log-in/?next=%2Faccount%2F%3Fa%3Db&because=idle"}
    assert response.json() == over
    again = client.get("/session/", {"page": "//elsewhere.example"})
    assert again.json() == {"state": "over", "address": "/log-in/?because=left"}


def test_a_page_gets_its_key_again_only_while_it_is_not_locked(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    page = text_of(client.get("/account/"))
    [key] = re.findall(r'data-key="(\w{64})"', page)
    [name] = re.findall(r'data-page="([\w-]+)"', page)
    assert client.get("/session/", {"sealed": name}).json()["key"] == key
    assert client.get("/session/", {"sealed": name + "x"}).json()["key"] != key
    assert "key" not in client.get("/session/").json()
    idle(minutes=15)
    assert "key" not in client.get("/session/", {"sealed": name}).json()
    assert key not in unlock_screen(client, "four loud herons", sealed=name).content.decode()
    assert unlock_screen(client, PASSWORD, sealed=name).json()["key"] == key
    factories.sign_in(client, factories.active_person(at=Practice.objects.get()))
    assert client.get("/session/", {"sealed": name}).json()["key"] != key


def test_people_and_sessions_have_names_of_their_own_that_open_nothing(
    client: Client, user: User
) -> None:
    first = factories.sign_in(client, user)
    said = client.get("/session/").json()
    factories.sign_in(client, user)
    again = client.get("/session/").json()
    assert again["holder"] == said["holder"]
    assert again["session"] != said["session"]
    factories.sign_in(client, factories.active_person(at=Practice.objects.get()))
    other = client.get("/session/").json()
    assert other["holder"] != said["holder"]
    for secret in (str(first.pk), first.key_hash.hex(), client.cookies["__Host-session"].value):
        assert secret not in (said["session"], said["holder"])


def test_the_page_itself_says_the_same_as_the_answer(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    idle(seconds=30)
    said = client.get("/session/").json()
    page = text_of(client.get("/account/"))
    assert f'data-session="{said["session"]}" data-holder="{said["holder"]}"' in page
    assert 'data-locks-in="870" data-ends-in="43200" data-lock-after="900"' in page
    assert "&#34;105&#34;: &#34;1 minute 45 seconds&#34;" in page


@pytest.mark.parametrize("address", ["/log-in/", "/activate/", "/no/such/page"])
def test_pages_of_nobody_follow_no_session(client: Client, address: str) -> None:
    page = text_of(client.get(address))
    assert 'id="session"' not in page
    assert "/session." not in page


def stay(client: Client, **fields: str) -> Any:
    return client.post("/session/stay/", fields)


def test_a_user_active_stays(client: Client, user: User, django_assert_num_queries: Any) -> None:
    factories.sign_in(client, user)
    idle(minutes=14)
    with django_assert_num_queries(4):  # of which one is the hour's, once
        response = stay(client)
    assert response.status_code == 200
    idle(minutes=14)
    with django_assert_num_queries(3):
        response = stay(client)
    assert response.json()["locks_in"] == 900
    assert locks_in() > 898


def test_what_a_user_did_a_while_ago_counts_from_then(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    idle(minutes=14)
    assert stay(client, ago="40").json()["locks_in"] == 860
    assert 858 < locks_in() <= 860


def test_a_page_cannot_take_back_what_was_done_since(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    idle(seconds=20)
    assert stay(client, ago="400").json()["locks_in"] == 880
    assert locks_in() > 878


@pytest.mark.parametrize("ago", ["", "-5", "1e3", "x", "\x00", "9" * 5000, "999999", "٣", "²"])
def test_nothing_that_is_sent_as_a_time_breaks_it(client: Client, user: User, ago: str) -> None:
    factories.sign_in(client, user)
    response = stay(client, ago=ago)
    assert response.status_code == 200
    assert response.json()["locks_in"] <= 900


def test_nobody_stays_when_it_is_locked_or_over(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    idle(minutes=15)
    assert stay(client).status_code == 423
    assert client.get("/session/stay/").status_code == 423
    assert client.get("/session/").status_code == 423
    idle(minutes=60)
    assert stay(client).status_code == 401


def test_staying_is_asked_for_with_a_token(user: User) -> None:
    client = factories.strict_browser()
    factories.sign_in(client, user)
    idle(minutes=5)
    assert stay(client).status_code in (302, 403)
    assert locks_in() <= 600
    token = client.get("/session/").json()["token"]
    headers = {"x-csrftoken": token, "origin": "https://testserver", "host": "testserver"}
    assert client.post("/session/stay/", headers=headers).status_code == 200


def unlock_screen(client: Client, password: str, **fields: str) -> Any:
    return client.post("/session/unlock/", {"password": password, **fields})


def test_the_password_unlocks_in_place_with_a_new_key(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    idle(minutes=15)
    before = client.get("/session/").json()
    old = client.cookies["__Host-session"].value
    response = unlock_screen(client, PASSWORD)
    assert response.status_code == 200
    said = response.json()
    assert (said["state"], said["locks_in"]) == ("open", 900)
    assert (said["session"], said["holder"]) == (before["session"], before["holder"])
    assert client.cookies["__Host-session"].value != old
    assert client.get("/session/").status_code == 200
    client.cookies["__Host-session"] = old
    assert client.get("/session/").status_code == 401


def test_a_wrong_password_is_told_in_the_form(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    idle(minutes=15)
    response = unlock_screen(client, "four loud herons", next="/account/")
    assert response.status_code == 422
    form = response.content.decode()
    html5lib.HTMLParser(strict=True).parseFragment(form)
    assert 'id="unlock-password-error"' in form
    assert "The password is not right" in form
    assert "four loud herons" not in form
    assert 'name="next" value="/account/"' in form
    assert client.get("/session/").status_code == 423


def test_wrong_passwords_are_counted_here_too(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    idle(minutes=15)
    for _ in range(5):
        unlock_screen(client, "four loud herons")
    assert "Too many tries" in unlock_screen(client, PASSWORD).content.decode()
    assert client.get("/session/").status_code == 423


def test_unlocking_what_another_tab_has_unlocked_tells_how_it_stands(
    client: Client, user: User
) -> None:
    factories.sign_in(client, user)
    assert unlock_screen(client, "whatever").json()["state"] == "open"
    idle(minutes=60)
    over = unlock_screen(client, PASSWORD, next="/account/")
    assert over.status_code == 401
    assert over.json()["address"] == "/log-in/?next=%2Faccount%2F&because=idle"


def test_a_session_that_ends_while_it_is_unlocked_in_place_stays_ended(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.sign_in(client, user)
    idle(minutes=15)

    def check(_self: User, _password: str) -> bool:
        Session.objects.all().delete()  # logged out in another tab meanwhile
        return True

    monkeypatch.setattr(User, "check_password", check)
    assert unlock_screen(client, PASSWORD).status_code == 401
    assert not Session.objects.exists()


def test_logging_out_clears_what_the_browser_has_kept_but_not_who_it_is(
    client: Client, user: User
) -> None:
    factories.sign_in(client, user)
    assert client.post("/log-out/")["Clear-Site-Data"] == '"storage"'
