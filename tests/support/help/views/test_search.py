"""The search over help: a box on every page of it, and what is typed stands nowhere else."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.topics import Topic
from support.help import pages, search, tree
from tests import factories
from tests.pages import text_of

pytestmark = pytest.mark.django_db
NAME = "Zebediah Quillfeather"
PAGES = ["/help/", "/help/search/", *(page.address for page in pages.every())]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_of_help_has_the_box_once(client: Client, address: str) -> None:
    page = text_of(client.get(address))
    assert page.count('role="search"') == 1
    assert '<form class="app-search" role="search" method="post" action="/help/search/"' in page


def test_it_shows_what_it_finds(client: Client, django_assert_num_queries: Any) -> None:
    search.find("phone")  # the pages are read once a process
    with django_assert_num_queries(0):
        page = text_of(client.post("/help/search/", {"words": "new phone"}))
    found = search.find("new phone")
    assert f"{len(found)} pages found" in page
    for each in found:
        assert f'<a href="{each.address}">' in page
    assert 'value="new phone"' in page


def test_where_nothing_is_found_it_says_so_and_asks_what_is_wrong(client: Client) -> None:
    page = text_of(client.post("/help/search/", {"words": NAME}))
    assert "Nothing found" in page
    for slug in tree.ROOTS:
        assert f'href="/help/questions/{slug}/"' in page
    assert "Ask your practice administrator or the service desk" in page


def test_what_is_typed_stands_in_no_address_log_or_row(
    client: Client, caplog: pytest.LogCaptureFixture, django_assert_num_queries: Any
) -> None:
    with caplog.at_level(logging.DEBUG), django_assert_num_queries(0):
        response = client.post("/help/search/", {"words": NAME})
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    assert NAME not in caplog.text
    found = text_of(response)
    assert found.count(NAME) == 1  # in the box, for who wants to correct it
    assert f'value="{NAME}"' in found
    assert NAME not in text_of(client.get("/help/search/", {"words": NAME}))


def test_nothing_typed_is_said_beside_the_box(client: Client) -> None:
    response = client.post("/help/search/", {"words": " "})
    assert response.status_code == 422
    page = text_of(response)
    assert 'id="id_words-error"' in page
    assert "<title>Error: Search help –" in page


@pytest.mark.parametrize("typed", ["a" * 201, "a" * 100_000])
def test_what_is_too_long_is_said_and_is_still_there(client: Client, typed: str) -> None:
    response = client.post("/help/search/", {"words": typed})
    assert response.status_code == 422
    page = text_of(response)
    assert "Search help must be 200 characters or fewer" in page
    assert f'value="{typed}"' in page


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "\0code", '"><b>', "{{ 7 * 7 }}"])
def test_odd_input_is_shown_as_text(client: Client, typed: str) -> None:
    page = text_of(client.post("/help/search/", {"words": typed}))
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "49" not in page.partition("<main")[2].partition("</main>")[0]


def test_it_works_in_a_browser_that_takes_no_cookies() -> None:
    """Who cannot log in for want of cookies needs it most; nothing is changed by it."""
    response = factories.strict_browser().post("/help/search/", {"words": "cookies"})
    assert response.status_code == 200


def test_it_is_open_while_the_screen_is_locked_and_leaves_it_locked(client: Client) -> None:
    session = factories.sign_in(client, factories.active_person())
    session.last_seen_at -= timedelta(minutes=20)
    session.save()
    assert "pages found" in text_of(client.post("/help/search/", {"words": "locked"}))
    assert client.get("/", follow=True).redirect_chain[-1][0].startswith("/unlock/")


def test_topics_have_their_keywords() -> None:
    assert set(pages.KEYWORDS) == set(Topic)
