"""Passkeys on the pages: logging in with one, adding one, removing one."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from accounts import errors
from accounts.models.passkeys import Challenge, Passkey
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.sign_in import log_in, passkeys
from accounts.sign_in.passkeys import ALREADY, TOO_MANY
from accounts.sign_in.second_factor import COPIED_PASSKEY, OTHER_PASSKEY, WRONG_PASSKEY, Assertion
from tests import factories
from tests.factories import acting
from tests.pages import text_of
from tests.software_authenticator import SoftwareAuthenticator
from tests.tools import code_for

pytestmark = pytest.mark.django_db
PUBLIC = "https://testserver"
USE, USE_CHALLENGE = "/log-in/passkey/", "/log-in/passkey/challenge/"
NEW, NEW_CHALLENGE = "/account/passkeys/new/", "/account/passkeys/new/challenge/"


def ask(client: Client, address: str = USE_CHALLENGE) -> dict[str, Any]:
    response = client.post(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    asked: dict[str, Any] = response.json()
    return asked


def use(client: Client, device: SoftwareAuthenticator) -> Any:
    return client.post(USE, {"answer": json.dumps(device.use(ask(client)))})


def add(client: Client, name: str, device: SoftwareAuthenticator) -> Any:
    answer = json.dumps(device.make(ask(client, NEW_CHALLENGE)))
    return client.post(NEW, {"name": name, "answer": answer})


@pytest.fixture
def confirmed(client: Client, user: User) -> Session:
    return factories.confirmed(factories.sign_in(client, user))


class TestLoggingIn:
    """Beside the code page."""

    def test_who_has_none_is_offered_none(self, client: Client, user: User) -> None:
        factories.passkey(factories.active_person())
        factories.begin_log_in(client, user, Step.CODE)
        page = text_of(client.get("/log-in/code/"))
        assert "passkey" not in page

    def test_it_is_offered_to_scripts_only(self, client: Client, user: User) -> None:
        factories.passkey(user)
        factories.begin_log_in(client, user, Step.CODE)
        page = text_of(client.get("/log-in/code/"))
        assert f'action="{USE}" data-passkey="use" data-challenge="{USE_CHALLENGE}" hidden' in page
        assert 'type="module" src="/static/pharmrefer/passkeys' in page

    def test_one_that_was_stopped_is_not_offered(self, client: Client, user: User) -> None:
        factories.passkey(user)
        Passkey.objects.update(disabled_at=timezone.now())
        factories.begin_log_in(client, user, Step.CODE)
        assert "passkey" not in text_of(client.get("/log-in/code/"))

    def test_where_browsers_would_not_use_any_none_is_offered(
        self, client: Client, user: User
    ) -> None:
        factories.passkey(user)
        factories.begin_log_in(client, user, Step.CODE)
        address = settings.PUBLIC_URL._replace(netloc="127.0.0.1:8000")
        with override_settings(PUBLIC_URL=address):
            assert "passkey" not in text_of(client.get("/log-in/code/"))

    def test_it_lets_in_as_a_code_does(self, client: Client, user: User) -> None:
        passkey, device = factories.passkey(user)
        before = factories.sign_in(client, factories.active_person())
        factories.begin_log_in(client, user, Step.CODE)
        PendingLogIn.objects.update(next_path="/account/")
        client.get("/log-in/code/")
        token = client.cookies["__Host-csrftoken"].value
        response = use(client, device)
        assert (response.status_code, response["Location"]) == (302, "/account/")
        assert not Session.objects.filter(pk=before.pk).exists()
        assert Session.objects.get().passkey == passkey
        assert client.cookies["__Host-log-in"].value == ""
        assert client.cookies["__Host-csrftoken"].value != token
        assert client.cookies["__Host-session"]["httponly"]
        assert client.cookies["__Host-device"].value
        assert user.full_name in text_of(client.get("/account/"))

    def test_what_is_refused_is_said_beside_the_button(self, client: Client, user: User) -> None:
        _, device = factories.passkey(user)
        factories.begin_log_in(client, user, Step.CODE)
        device.origin = "https://evil.example"
        response = use(client, device)
        assert response.status_code == 422
        page = text_of(response)
        assert page.count(WRONG_PASSKEY) == 2  # in the summary too
        assert '<a href="#id_answer">' in page
        assert "<title>Error: Enter your code" in page
        assert "Enter the 6-digit code" not in page  # nothing is wrong with the code

    def test_a_copy_of_the_only_one_is_refused_where_there_is_no_button_any_more(
        self, client: Client, user: User
    ) -> None:
        _, device = factories.passkey(user, sign_count=7)
        factories.begin_log_in(client, user, Step.CODE)
        device.sign_count = 1
        response = use(client, device)
        assert response.status_code == 422
        page = text_of(response)
        assert page.count(COPIED_PASSKEY) == 1
        assert "id_answer" not in page

    @pytest.mark.needs("oathtool")
    def test_a_code_still_lets_in_after_it_was_refused(self, client: Client, user: User) -> None:
        factories.passkey(user)
        factories.begin_log_in(client, user, Step.CODE)
        _, theirs = factories.passkey(factories.active_person())
        assert OTHER_PASSKEY in text_of(use(client, theirs))
        code = code_for(user.authenticators.get().secret)
        assert client.post("/log-in/code/", {"code": code}).status_code == 302
        assert Session.objects.get().authenticator == user.authenticators.get()

    @pytest.mark.parametrize("answer", ["", "x", "{}", "[" * 16_000, "x" * 20_000, "\x00", "é"])
    def test_whatever_is_sent_it_is_refused_and_nothing_worse(
        self, client: Client, user: User, answer: str
    ) -> None:
        factories.passkey(user)
        factories.begin_log_in(client, user, Step.CODE)
        ask(client)
        assert client.post(USE, {"answer": answer}).status_code == 422
        assert not Session.objects.exists()

    def test_a_page_loaded_anew_shows_the_code_again(self, client: Client, user: User) -> None:
        factories.begin_log_in(client, user, Step.CODE)
        assert client.get(USE)["Location"] == "/log-in/code/"
        assert client.get(USE_CHALLENGE).status_code == 405

    def test_ten_minutes_later_it_begins_anew(self, client: Client, user: User) -> None:
        _, device = factories.passkey(user)
        factories.begin_log_in(client, user, Step.CODE)
        answer = json.dumps(device.use(ask(client)))
        PendingLogIn.objects.update(expires_at=timezone.now())
        assert client.post(USE, {"answer": answer})["Location"] == "/log-in/?because=slow"
        assert not Session.objects.exists()

    def test_a_log_in_that_ends_in_the_very_moment_says_so(
        self, client: Client, user: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        factories.begin_log_in(client, user, Step.CODE)

        def gone(*_arguments: object, **_options: object) -> None:
            raise errors.Gone

        monkeypatch.setattr(log_in, "sign_in", gone)
        assert client.post(USE, {"answer": "x"})["Location"] == "/log-in/?because=again"

    def test_another_site_can_neither_ask_nor_answer(self, user: User) -> None:
        strict = Client(enforce_csrf_checks=True, headers={"referer": f"{PUBLIC}{USE}"})
        factories.begin_log_in(strict, user, Step.CODE)
        for address in (USE, USE_CHALLENGE):
            response = strict.post(address, {"answer": "x"}, secure=True)
            assert response["Location"] == f"{address}?because=afresh"
        assert not Challenge.objects.exists()

    def test_its_queries_are_as_many_as_ever(
        self, client: Client, user: User, django_assert_num_queries: Any
    ) -> None:
        _, device = factories.passkey(user)
        factories.begin_log_in(client, user, Step.CODE)
        with django_assert_num_queries(2):
            client.get("/log-in/code/")
        with django_assert_num_queries(3):
            asked = ask(client)
        answer = json.dumps(device.use(asked))
        with django_assert_num_queries(16):  # one for a browser that is not known
            client.post(USE, {"answer": answer})


@pytest.mark.usefixtures("confirmed")
class TestAdding:
    """On the account page."""

    def test_it_is_made_by_a_script_and_others_are_told_so(self, client: Client) -> None:
        assert "Passkeys</" in text_of(client.get("/account/"))
        page = text_of(client.get(NEW))
        assert f'data-passkey="make" data-challenge="{NEW_CHALLENGE}" novalidate hidden' in page
        assert "Your browser cannot create passkeys here" in page

    def test_it_is_listed_by_its_name(self, client: Client, user: User) -> None:
        response = add(client, "  Blue <key> ", SoftwareAuthenticator())
        assert response["Location"] == "/account/?because=passkey-added"
        page = text_of(client.get(response["Location"]))
        assert "You have added your new passkey." in page
        assert "Blue &lt;key&gt;" in page
        assert "Passkey added" in page
        assert user.passkeys.get().name == "Blue <key>"

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("", "Enter a name"),
            ("\u200b", "Enter a name"),
            ("x" * 31, "Name must be 30 characters or fewer"),
            ("reception computer", "You already have one with that name"),
        ],
    )
    def test_a_name_that_will_not_do_is_said_and_nothing_of_the_passkey(
        self, client: Client, user: User, name: str, words: str
    ) -> None:
        factories.passkey(user)
        Session.objects.update(session_epoch=user.session_epoch)
        for answer in ("", "x"):
            response = client.post(NEW, {"name": name, "answer": answer})
            assert response.status_code == 422
            page = text_of(response)
            assert page.count(words) == 2
            assert "did not create" not in page

    def test_without_a_passkey_it_says_so_and_keeps_the_name(self, client: Client) -> None:
        response = client.post(NEW, {"name": "Phone"})
        assert response.status_code == 422
        page = text_of(response)
        assert page.count("Your browser did not create a passkey. Try again") == 2
        assert 'value="Phone"' in page

    @pytest.mark.parametrize("answer", ["x", "{}", "[" * 16_000, "x" * 20_000])
    def test_whatever_else_is_sent_is_refused_and_nothing_worse(
        self, client: Client, answer: str
    ) -> None:
        ask(client, NEW_CHALLENGE)
        assert client.post(NEW, {"name": "Phone", "answer": answer}).status_code == 422
        assert not Passkey.objects.exists()

    def test_one_that_is_known_is_refused(self, client: Client) -> None:
        device = SoftwareAuthenticator()
        add(client, "Phone", device)
        assert ALREADY in text_of(add(client, "Other phone", device))

    def test_there_is_no_sixth(self, client: Client, user: User) -> None:
        for number in range(Passkey.MOST):
            add(client, f"Key {number}", SoftwareAuthenticator())
        page = text_of(client.get("/account/"))
        assert "You can have up to 5" in page
        assert NEW not in page
        assert client.post(NEW_CHALLENGE).status_code == 409
        # The page says why, also where its script has asked in vain.
        for response in (client.get(NEW), client.post(NEW, {"name": "Key 6", "answer": ""})):
            page = text_of(response)
            assert TOO_MANY in page
            assert "data-passkey" not in page
            assert "There is a problem" not in page
        assert user.passkeys.count() == Passkey.MOST

    def test_on_an_address_without_a_name_it_is_not_offered(self, client: Client) -> None:
        address = settings.PUBLIC_URL._replace(netloc="127.0.0.1:8000")
        with override_settings(PUBLIC_URL=address):
            assert "asskey" not in text_of(client.get("/account/"))

    def test_one_that_was_stopped_says_so(self, client: Client) -> None:
        add(client, "Phone", SoftwareAuthenticator())
        Passkey.objects.update(disabled_at=timezone.now())
        page = text_of(client.get("/account/"))
        assert "Turned off" in page
        assert "Someone may have a copy of it" in page

    def test_a_session_that_ends_in_the_very_moment_says_so(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(*_arguments: object, **_options: object) -> None:
            raise errors.Gone

        monkeypatch.setattr(passkeys, "add_passkey", gone)
        response = client.post(NEW, {"name": "Phone", "answer": "x"})
        assert response["Location"] == "/account/?because=again"


@pytest.mark.usefixtures("confirmed")
class TestRemoving:
    """On the account page."""

    def test_it_asks_first_and_removes_then(self, client: Client, user: User) -> None:
        add(client, "Phone", SoftwareAuthenticator())
        address = f"/account/passkeys/{user.passkeys.get().pk}/remove/"
        assert address in text_of(client.get("/account/"))
        assert "Remove “Phone”?" in text_of(client.get(address))
        assert user.passkeys.exists()
        response = client.post(address)
        assert response["Location"] == "/account/?because=passkey-removed"
        assert "You have removed the passkey." in text_of(client.get(response["Location"]))
        assert not user.passkeys.exists()
        assert client.post(address).status_code == 404

    def test_nobody_elses(self, client: Client) -> None:
        theirs, _ = factories.passkey(factories.active_person())
        for number in (theirs.pk, 0, 10**30):
            address = f"/account/passkeys/{number}/remove/"
            assert client.get(address).status_code == 404
            assert client.post(address).status_code == 404
        assert Passkey.objects.filter(pk=theirs.pk).exists()

    def test_one_that_goes_in_the_very_moment_is_gone(
        self, client: Client, user: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(client, "Phone", SoftwareAuthenticator())

        def gone(*_arguments: object, **_options: object) -> None:
            raise errors.Gone

        monkeypatch.setattr(passkeys, "remove_passkey", gone)
        response = client.post(f"/account/passkeys/{user.passkeys.get().pk}/remove/")
        assert response["Location"] == "/account/?because=again"


def test_nobody_adds_or_removes_who_has_not_just_confirmed(client: Client, user: User) -> None:
    passkey, _ = factories.passkey(user)
    session = factories.sign_in(client, user)
    Session.objects.update(confirmed_at=timezone.now() - timedelta(minutes=10))
    remove = f"/account/passkeys/{passkey.pk}/remove/"
    for address in (NEW, remove):
        assert client.post(address)["Location"].startswith("/account/confirm/?next=")
    assert client.post(NEW_CHALLENGE).status_code == 401
    assert not Challenge.objects.exists()
    factories.confirmed(session)
    assert client.post(NEW_CHALLENGE).status_code == 200


def test_the_queries_of_the_account_page_do_not_grow_with_passkeys(
    client: Client, user: User, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        factories.passkey(user)
    factories.sign_in(client, user)
    with django_assert_num_queries(5):
        client.get("/account/")


def test_a_session_that_stands_on_a_passkey_costs_no_more(
    client: Client, user: User, django_assert_num_queries: Any
) -> None:
    _, device = factories.passkey(user)
    pending = factories.begin_log_in(client, user, Step.CODE)
    now = timezone.now()
    answer = json.dumps(device.use(passkeys.ask_for_passkey(pending, now=now)))
    key = log_in.sign_in(pending, Assertion(answer), acting(now=now))
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    with django_assert_num_queries(5):
        client.get("/account/")
