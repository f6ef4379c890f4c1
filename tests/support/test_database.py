"""A database that does not answer holds up no page for longer than a second."""

import threading
import time

import pytest
from django.db import OperationalError, connection
from django.test import Client

from accounts.web import access
from support import database
from support.addresses import WITHOUT_DATABASE
from support.database import AwayError
from tests import factories
from tests.routes import routes


@pytest.fixture
def _with_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask as a web server does, not in the test's own thread."""
    monkeypatch.setattr(database, "asker", database._Asker())


@pytest.mark.usefixtures("_with_threads")
class TestAsking:
    def test_an_answer_is_returned(self) -> None:
        assert database.ask(lambda: 7) == 7

    def test_it_is_asked_in_another_thread(self) -> None:
        assert database.ask(threading.get_ident) != threading.get_ident()

    def test_one_that_does_not_answer_costs_a_second_once(self) -> None:
        thawed = threading.Event()
        started = time.monotonic()
        for _ in range(5):
            with pytest.raises(AwayError):
                database.ask(thawed.wait)
        assert 0.9 < time.monotonic() - started < 2
        thawed.set()

    def test_it_is_asked_again_after_a_while(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(database, "WITHIN", 0.01)
        monkeypatch.setattr(database, "SILENT_FOR", 0.05)
        thawed = threading.Event()
        with pytest.raises(AwayError):
            database.ask(thawed.wait)
        thawed.set()
        time.sleep(0.1)
        assert database.ask(lambda: 7) == 7

    def test_its_errors_are_that_it_is_away_and_are_not_told(self) -> None:
        def fail() -> None:
            raise OperationalError("with words that are for nobody")

        with pytest.raises(AwayError, match=r"\AOperationalError\Z"):
            database.ask(fail)

    def test_a_mistake_of_ours_stays_one(self) -> None:
        def fail() -> None:
            raise KeyError("a")

        with pytest.raises(KeyError):
            database.ask(fail)


@pytest.mark.django_db
class TestPagesWithoutRows:
    """Who is logged in is asked of the database first of all."""

    @pytest.fixture(autouse=True)
    def _away(self, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
        factories.sign_in(client, factories.active_person())

        def fail() -> None:
            raise OperationalError

        monkeypatch.setattr(database.asker, "begin", lambda act: act())
        monkeypatch.setattr(database, "_one", fail)
        monkeypatch.setattr(connection, "cursor", fail)

    @pytest.mark.parametrize(
        "address",
        [
            *("/help/", "/help/clock/", "/help/guides/twofast/", "/help/questions/timed-out/"),
            *("/help/search/", "/status/", "/status/paper-form/", "/about/privacy/"),
            "/connection/",
        ],
    )
    def test_they_are_shown_as_to_nobody(self, client: Client, address: str) -> None:
        response = client.get(address)
        assert response.status_code == 200
        assert b"Log out" not in response.content
        assert not response.cookies

    def test_what_people_look_for_is_found(self, client: Client) -> None:
        response = client.post("/help/search/", {"words": "it timed out"})
        assert b'href="/help/questions/timed-out/"' in response.content

    def test_cookies_can_be_tested(self, client: Client) -> None:
        given = client.get("/connection/cookies/").json()["given"]
        assert client.get("/connection/cookies/").json()["came"] == given

    @pytest.mark.parametrize(
        "address",
        [
            *("/help/no-such/", "/status/x", "/connection/answer/7/"),
            "/static/pharmrefer/app.0123456789ab.js",  # of an earlier release, by an old page
        ],
    )
    def test_so_is_a_page_that_there_is_not(self, client: Client, address: str) -> None:
        """These addresses share a thread, which must not wait for a frozen database."""
        assert client.get(address).status_code == 404

    def test_other_pages_are_not(self, client: Client) -> None:
        with pytest.raises(OperationalError):
            client.get("/account/")


def test_all_of_them_are_open_to_everyone() -> None:
    apart = {at: view for at, view in routes().values() if at.startswith(WITHOUT_DATABASE)}
    assert {"/status/", "/help/", "/help/clock/", "/connection/clock/"} <= apart.keys()
    for address, view in apart.items():
        declared = access.declared(view)
        assert declared, address
        assert declared.is_open, address


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/help/", "/status/"])
def test_with_a_database_a_member_is_shown_as_signed_in(client: Client, address: str) -> None:
    factories.sign_in(client, factories.active_person())
    assert b"Log out" in client.get(address).content
