"""The connection test's page, without the scripts that do most of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts.web.cookies import CONNECTION_KEPT_FOR
from support.connection import answers, marks
from support.region.content import Region, SupportContact
from tests.pages import text_of
from tests.regional_content import shown

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
PARTS = ["", "answer/1000/", "clock/", "cookies/", "expected/", "result/?reached=12", "upload/"]


def test_nothing_of_it_asks_the_database(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        for part in PARTS:
            send = client.post if part == "upload/" else client.get
            assert send(f"/connection/{part}").status_code == 200, part


@pytest.fixture
def _no_database() -> Iterator[None]:
    """Let every query fail as it does where the server is away."""

    def fail(*_: Any) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.usefixtures("_no_database")
def test_all_of_it_works_while_the_database_is_away(client: Client) -> None:
    for part in PARTS:
        send = client.post if part == "upload/" else client.get
        assert send(f"/connection/{part}").status_code == 200, part


def test_it_says_what_the_server_sees_and_what_was_not_tested(client: Client) -> None:
    page = text_of(client.get("/connection/", headers={"user-agent": "Firefox <1>"}))
    assert "Your computer reaches PharmRefer: it has brought you this page." in page
    assert "Firefox &lt;1&gt;" in page
    assert "Encrypted: Yes (https)" in page
    assert (
        "Not tested: Tries that had an answer; Time for an answer (median); Slow answers take "
        "longer by; Clock of this computer; JavaScript; Cookies;" in page
    )


def test_it_shows_the_time_of_the_server(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.fromisoformat("2026-08-06T13:05:09+00:00")
    monkeypatch.setattr(timezone, "now", lambda: now)
    page = text_of(client.get("/connection/"))
    assert '<p class="app-time">2:05:09pm</p>' in page
    assert "Tested: 2:05:09pm on 6 August 2026" in page


def test_every_long_answer_can_be_opened_by_hand(client: Client) -> None:
    page = text_of(client.get("/connection/"))
    for size in answers.SIZES:
        address = f"/connection/answer/{size}/"
        assert f'href="{address}"' in page
        assert client.get(address).content == answers.body(size)


class TestCookies:
    """By a way there and back."""

    def test_those_that_come_back_are_kept(self, client: Client) -> None:
        page = text_of(client.get("/connection/cookies/?page=1", follow=True))
        assert "Cookies: Kept" in page

    def test_those_that_do_not_are_not(self, client: Client) -> None:
        there = client.get("/connection/cookies/?page=1")
        page = text_of(Client(headers={"x-forwarded-proto": "https"}).get(there["Location"]))
        assert "Cookies: Not kept" in page
        assert "keep PharmRefer&#39;s cookies. You cannot log in without them." in page
        assert '<p class="nhsuk-body-l">Ask your local IT service desk.</p>' in page

    def test_one_from_before_is_not_taken_for_it(self, client: Client) -> None:
        client.get("/connection/cookies/?page=1")
        address = client.get("/connection/cookies/?page=1")["Location"]
        client.cookies[settings.CONNECTION_COOKIE_NAME] = marks.new(timezone.now() - MINUTE)
        assert "Cookies: Not kept" in text_of(client.get(address))

    def test_one_that_another_tab_was_given_was_kept_too(self, client: Client) -> None:
        address = client.get("/connection/cookies/?page=1")["Location"]
        client.get("/connection/cookies/?page=1")
        assert "Cookies: Kept" in text_of(client.get(address))

    def test_a_page_that_is_loaded_again_later_says_nothing_of_them(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By then the browser has rightly forgotten the cookie."""
        address = client.get("/connection/cookies/?page=1")["Location"]
        client.cookies.clear()
        later = timezone.now() + CONNECTION_KEPT_FOR
        monkeypatch.setattr(timezone, "now", lambda: later)
        page = text_of(client.get(address))
        assert "You cannot log in without them" not in page
        assert "JavaScript; Cookies;" in page

    @pytest.mark.parametrize("odd", ["x", "0123", "\0", "9" * 16, "9" * 5_000, "１" * 16])
    def test_an_odd_mark_says_nothing_of_them(self, client: Client, odd: str) -> None:
        assert "JavaScript; Cookies;" in text_of(client.get("/connection/", {"mark": odd}))


class TestWhomToAsk:
    """The local IT service first: as the region says it, or in our words."""

    def test_the_region_s_names_and_numbers(self, client: Client) -> None:
        region = Region(
            local_it=SupportContact(name="Westmere IT", phone="01632 960 401"),
            service_desk=SupportContact(phone="01632 960 400"),
        )
        with shown(region):
            page = text_of(client.get("/connection/", {"mark": marks.new(timezone.now())}))
        assert "Ask Westmere IT.</p>" in page
        before = '<h2 class="nhsuk-heading-m">'
        assert page.index(f"{before}Westmere IT</h2>") < page.index(f"{before}Service desk</h2>")
        assert "knows how to reach them" not in page

    def test_nobody_is_known(self, client: Client) -> None:
        page = text_of(client.get("/connection/"))
        assert "Your practice administrator knows how to reach them." in page
