"""Confirming who one is with a passkey in place of a code."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from accounts.models.passkeys import Challenge, Passkey
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.sign_in.second_factor import COPIED_PASSKEY, WRONG_PASSKEY
from tests import factories
from tests.factories import PASSWORD
from tests.pages import text_of
from tests.software_authenticator import SoftwareAuthenticator
from tests.tools import code_for

pytestmark = pytest.mark.django_db
CONFIRM, PASSKEY = "/account/confirm/", "/account/confirm/passkey/"
CHALLENGE = "/account/confirm/passkey/challenge/"
WANTED = "/account/password/"


@pytest.fixture
def device(client: Client, user: User) -> SoftwareAuthenticator:
    """The person's passkey; they are signed in."""
    _, made = factories.passkey(user)
    factories.sign_in(client, user)
    return made


def confirm(client: Client, device: SoftwareAuthenticator, **given: str) -> Any:
    asked = client.post(CHALLENGE).json()
    answer = {"password": PASSWORD, "next": WANTED, "answer": json.dumps(device.use(asked))}
    return client.post(PASSKEY, answer | given)


def test_it_opens_what_a_code_opens(client: Client, device: SoftwareAuthenticator) -> None:
    assert client.get(WANTED)["Location"] == f"{CONFIRM}?next=%2Faccount%2Fpassword%2F"
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.get(CONFIRM)
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    assert confirm(client, device)["Location"] == WANTED
    assert client.get(WANTED).status_code == 200
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != key
    assert client.cookies[settings.CSRF_COOKIE_NAME].value != token
    assert "Confirmed with password and passkey" in text_of(client.get("/account/"))


@pytest.mark.usefixtures("device")
def test_it_is_offered_to_scripts_beside_the_code(client: Client) -> None:
    page = text_of(client.get(CONFIRM))
    assert f'<div data-passkey="use" data-challenge="{CHALLENGE}" hidden>' in page
    assert f'formaction="{PASSKEY}"' in page
    assert 'type="module" src="/static/pharmrefer/passkeys' in page
    positions = [page.index(each) for each in (">Continue</button>", "formaction=")]
    assert positions == sorted(positions)  # Enter presses the first button


@pytest.mark.usefixtures("device")
def test_who_has_none_that_counts_is_offered_none(client: Client) -> None:
    address = settings.PUBLIC_URL._replace(netloc="127.0.0.1:8000")
    with override_settings(PUBLIC_URL=address):
        assert "passkey" not in text_of(client.get(CONFIRM))
    Passkey.objects.update(disabled_at="2026-11-23T09:00Z")
    assert "passkey" not in text_of(client.get(CONFIRM))


def test_a_wrong_password_is_said_at_its_field(
    client: Client, device: SoftwareAuthenticator
) -> None:
    response = confirm(client, device, password="four loud herons")
    assert response.status_code == 422
    page = text_of(response)
    assert page.count("The password is not right") == 2
    assert '<a href="#id_password">' in page
    assert f'name="next" value="{WANTED}"' in page
    assert client.get(WANTED).status_code == 302


@pytest.mark.usefixtures("device")
def test_without_a_password_nothing_is_said_of_passkey_or_code(client: Client) -> None:
    response = client.post(PASSKEY, {"password": "", "answer": "", "code": "123 456"})
    assert response.status_code == 422
    page = text_of(response)
    assert page.count("Enter your password</") == 2
    assert "Enter the 6-digit code" not in page
    assert "did not use" not in page
    assert 'value="123 456"' in page


def test_what_is_refused_is_said_beside_the_button(
    client: Client, device: SoftwareAuthenticator
) -> None:
    device.origin = "https://evil.example"
    response = confirm(client, device)
    assert response.status_code == 422
    page = text_of(response)
    assert page.count(WRONG_PASSKEY) == 2
    assert '<a href="#id_answer">' in page
    assert "<title>Error: Confirm that it is you" in page
    assert client.get(WANTED).status_code == 302


@pytest.mark.needs("oathtool")
def test_a_code_is_still_possible_after_a_copy_was_seen(client: Client, user: User) -> None:
    _, device = factories.passkey(user, sign_count=7)
    factories.sign_in(client, user)
    device.sign_count = 1
    page = text_of(confirm(client, device))
    assert page.count(COPIED_PASSKEY) == 1
    assert "formaction" not in page
    answer = {"password": PASSWORD, "code": code_for(user.authenticators.get().secret)}
    assert client.post(CONFIRM, answer | {"next": WANTED})["Location"] == WANTED


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("answer", ["", "x", "{}", "[" * 16_000, "x" * 20_000, "\x00", "é"])
def test_whatever_is_sent_it_is_refused_and_nothing_worse(client: Client, answer: str) -> None:
    client.post(CHALLENGE)
    response = client.post(PASSKEY, {"password": PASSWORD, "answer": answer, "code": "\x00"})
    assert response.status_code == 422
    text_of(response)
    assert not Session.objects.exclude(confirmed_at=None).exists()


@pytest.mark.usefixtures("device")
def test_a_page_loaded_anew_shows_the_form_again(client: Client) -> None:
    leads_to = f"{CONFIRM}?next=%2Faccount%2Fpassword%2F"
    assert client.get(PASSKEY, {"next": WANTED})["Location"] == leads_to
    assert client.get(CHALLENGE).status_code == 405


def test_a_session_that_ends_in_the_very_moment_confirms_nothing(
    client: Client, device: SoftwareAuthenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = client.post(CHALLENGE).json()
    answer = {"password": PASSWORD, "answer": json.dumps(device.use(asked))}

    def check(_person: User, _password: str) -> bool:
        Session.objects.all().delete()
        return True

    monkeypatch.setattr(User, "check_password", check)
    assert client.post(PASSKEY, answer)["Location"] == "/account/"
    assert not Session.objects.exists()
    assert Passkey.objects.get().last_used_at is None


def test_another_site_can_neither_ask_nor_answer(user: User) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"referer": f"https://testserver{CONFIRM}"})
    factories.sign_in(strict, user)
    for address in (PASSKEY, CHALLENGE):
        response = strict.post(address, {"password": PASSWORD, "answer": "x"}, secure=True)
        assert response["Location"] == f"{address}?because=afresh"
    assert not Challenge.objects.exists()


def test_its_queries_are_as_many_as_ever(
    client: Client, device: SoftwareAuthenticator, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        client.get(CONFIRM)
    with django_assert_num_queries(3):
        asked = client.post(CHALLENGE).json()
    answer = json.dumps(device.use(asked))
    with django_assert_num_queries(17):
        client.post(PASSKEY, {"password": PASSWORD, "answer": answer})


def test_who_is_not_signed_in_is_asked_nothing(client: Client) -> None:
    assert client.post(CHALLENGE).status_code == 401
    assert client.post(PASSKEY)["Location"].startswith("/log-in/")
