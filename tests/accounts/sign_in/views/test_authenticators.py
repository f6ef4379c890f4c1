"""A person's authenticator apps, page by page."""

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.credentials import Authenticator
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.sign_in import own_account
from accounts.sign_in import own_account as account_actions
from tests import factories
from tests.factories import acting
from tests.pages import text_of
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
ADD, SET_UP = "/account/authenticators/add/", "/account/authenticators/set-up/"


def secret_on(page: str) -> str:
    return "".join(re.findall(r'<span class="app-group">(\w{4})</span>', page))


@pytest.mark.usefixtures("here")
def test_from_a_name_to_an_app_that_counts(client: Client, user: User) -> None:
    text_of(client.get(ADD))
    assert client.post(ADD, {"name": " My \n phone "})["Location"] == SET_UP
    page = text_of(client.get(SET_UP))
    secret = secret_on(page)
    assert secret == user.authenticators.get(confirmed=False).secret
    assert user.email in page.replace("<wbr>", "")
    assert re.search(r"<svg [^>]*viewBox=", page)
    for guide in ("microsoft-authenticator", "twofast"):
        assert f'<a href="/help/guides/{guide}/" target="_blank"' in page
    assert secret_on(text_of(client.get(SET_UP))) == secret
    response = client.post(SET_UP, {"code": code_for(secret)})
    assert response["Location"] == "/account/?because=added"
    page = text_of(client.get(response["Location"]))
    assert "<span>My phone</span>" in page
    assert "You have set up your new authenticator app" in page
    assert secret not in page
    assert client.get(SET_UP)["Location"] == "/account/?because=again"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Enter a name, like Phone or This computer"),
        (" \u202e\u200b\x00 ", "Enter a name, like Phone or This computer"),
        ("x" * 31, "Name must be 30 characters or fewer"),
        ("authenticator APP", "You already have one with that name"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_name_that_will_not_do_is_said(client: Client, name: str, words: str) -> None:
    response = client.post(ADD, {"name": name})
    assert response.status_code == 422
    assert text_of(response).count(words) >= 2
    assert not Authenticator.objects.filter(confirmed=False).exists()


@pytest.mark.usefixtures("here")
def test_a_sixth_one_is_refused(client: Client, user: User) -> None:
    for _ in range(4):
        factories.authenticator(user)
    response = client.post(ADD, {"name": "Phone"})
    assert response.status_code == 422
    assert text_of(response).count("You have 5 authenticator apps, and cannot have more") == 2


@pytest.mark.usefixtures("here")
def test_a_wrong_code_is_said_and_the_secret_stays(client: Client) -> None:
    client.post(ADD, {"name": "Phone"})
    secret = secret_on(text_of(client.get(SET_UP)))
    wrong = code_for(secret, seconds_off=86_400)
    response = client.post(SET_UP, {"code": wrong})
    assert response.status_code == 422
    page = text_of(response)
    assert page.count("That code is not right") == 2
    assert secret_on(page) == secret
    assert wrong not in page
    assert client.post(SET_UP, {"code": code_for(secret)}).status_code == 302


@pytest.mark.usefixtures("here")
def test_the_secret_stays_when_the_confirmation_has_lapsed_and_is_not_shown_then(
    client: Client,
) -> None:
    client.post(ADD, {"name": "Phone"})
    secret = secret_on(text_of(client.get(SET_UP)))
    Session.objects.update(confirmed_at=None)
    response = client.get(SET_UP)
    assert "/account/confirm/" in response["Location"]
    Session.objects.update(confirmed_at=timezone.now())
    assert secret_on(text_of(client.get(SET_UP))) == secret


@pytest.mark.usefixtures("here")
def test_a_secret_that_the_browser_sends_is_not_taken(client: Client, user: User) -> None:
    client.post(ADD, {"name": "Phone", "secret": "A" * 32, "confirmed": "true"})
    made = user.authenticators.get(confirmed=False)
    client.post(SET_UP, {"code": "123456", "secret": "A" * 32})
    assert Authenticator.objects.get(pk=made.pk).secret == made.secret != "A" * 32


def test_another_session_sees_none_of_it(client: Client, user: User, here: Session) -> None:
    client.post(ADD, {"name": "Phone"})
    other = Client(headers={"x-forwarded-proto": "https"})
    factories.confirmed(factories.sign_in(other, user))
    assert other.get(SET_UP)["Location"] == "/account/?because=again"
    assert here.user == user


@pytest.mark.usefixtures("here")
def test_removing_asks_first_and_says_it_is_done(client: Client, user: User) -> None:
    phone = factories.authenticator(user)
    phone.name = "Old <phone>"
    phone.save()
    address = f"/account/authenticators/{phone.pk}/remove/"
    assert "Remove “Old &lt;phone&gt;”?" in text_of(client.get(address))
    assert user.authenticators.count() == 2
    response = client.post(address)
    assert response["Location"] == "/account/?because=removed"
    assert "You have removed the authenticator app" in text_of(client.get(response["Location"]))
    assert user.authenticators.count() == 1
    assert client.post(address).status_code == 404


@pytest.mark.parametrize(("method", "status"), [("get", 200), ("post", 422)])
@pytest.mark.usefixtures("here")
def test_the_last_one_stays_and_the_page_says_who_helps(
    client: Client, user: User, method: str, status: int
) -> None:
    last = user.authenticators.get()
    response = getattr(client, method)(f"/account/authenticators/{last.pk}/remove/")
    assert response.status_code == status
    page = text_of(response)
    assert "You cannot remove “Authenticator app”" in page
    assert "ask the service desk" in page
    assert "Remove this app" not in page
    assert user.authenticators.exists()


def test_a_page_with_a_number_whose_form_is_too_old_is_shown_afresh(user: User) -> None:
    browser = factories.strict_browser()
    factories.confirmed(factories.sign_in(browser, user))
    address = f"/account/authenticators/{user.authenticators.get().pk}/remove/"
    response = browser.post(address, headers={"referer": "https://testserver/"})
    assert (response.status_code, response["Location"]) == (
        302,
        f"{address}?because=afresh",
    )
    assert "nothing was sent" in text_of(browser.get(response["Location"]))


@pytest.mark.usefixtures("here")
def test_renaming(client: Client, user: User) -> None:
    mine = user.authenticators.get()
    address = f"/account/authenticators/{mine.pk}/rename/"
    assert 'value="Authenticator app"' in text_of(client.get(address))
    assert client.post(address, {"name": "authenticator app"}).status_code == 302  # its own name
    assert client.post(address, {"name": "Tablet"})["Location"] == "/account/"
    assert "<span>Tablet</span>" in text_of(client.get("/account/"))
    factories.authenticator(user)
    response = client.post(address, {"name": "Authenticator app"})
    assert response.status_code == 422
    assert 'value="Authenticator app"' in text_of(response)


@pytest.mark.parametrize("page", ["rename", "remove"])
@pytest.mark.parametrize("whose", ["somebody else's", "not confirmed", "nobody's", "too big"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_theirs_is_not_there(
    client: Client, user: User, here: Session, page: str, whose: str, method: str
) -> None:
    factories.authenticator(user)
    numbers: dict[str, Callable[[], int]] = {
        "somebody else's": lambda: factories.active_person().authenticators.get().pk,
        "not confirmed": lambda: factories.authenticator(user, confirmed=False).pk,
        "nobody's": lambda: 0,
        "too big": lambda: 10**30,
    }
    number = numbers[whose]()
    before = sorted(Authenticator.objects.values_list("pk", "name"))
    address = f"/account/authenticators/{number}/{page}/"
    response = getattr(client, method)(address, {"name": "Mine"})
    assert response.status_code == 404
    assert sorted(Authenticator.objects.values_list("pk", "name")) == before
    assert here.user == user


@pytest.mark.parametrize(
    ("module", "does", "address", "answer"),
    [
        (account_actions, "begin_authenticator", ADD, {"name": "Phone"}),
        (account_actions, "add_authenticator", SET_UP, {"code": "123456"}),
        (account_actions, "remove_authenticator", "/account/authenticators/{}/remove/", {}),
        (
            account_actions,
            "rename_authenticator",
            "/account/authenticators/{}/rename/",
            {"name": "Phone"},
        ),
        (
            account_actions,
            "change_password",
            "/account/password/",
            {"password": "four quiet herons"},
        ),
        (account_actions, "end_others", "/account/sessions/end-others/", {}),
    ],
)
def test_what_ended_in_the_very_moment_says_how_it_is_now(
    client: Client,
    here: Session,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    does: str,
    address: str,
    answer: dict[str, str],
) -> None:
    own_account.begin_authenticator(here, "Tablet", acting(now=timezone.now()))

    def gone(*_arguments: object, **_options: object) -> None:
        raise errors.Gone

    monkeypatch.setattr(module, does, gone)
    response: Any = client.post(address.format(here.authenticator_id), answer)
    assert response["Location"] == "/account/?because=again"
    assert "This is how it is now" in text_of(client.get(response["Location"]))


def test_their_pages_ask_the_database_as_often_as_ever(
    client: Client, user: User, here: Session, django_assert_num_queries: Any
) -> None:
    for _ in range(4):
        factories.authenticator(user)
    Authenticator.make(user, name="Phone")
    Session.objects.update(new_authenticator=Authenticator.objects.latest("pk"))
    number = here.authenticator_id
    for address, queries in {
        ADD: 2,
        SET_UP: 2,
        f"/account/authenticators/{number}/rename/": 3,
        f"/account/authenticators/{number}/remove/": 3,
        "/account/password/": 2,
        "/account/confirm/?next=/account/": 1,
        "/account/sessions/end-others/": 1,
    }.items():
        with django_assert_num_queries(queries):
            client.get(address)
