"""The pages for what goes wrong: right status, plain words, valid HTML, no secrets."""

from collections.abc import Iterator

import html5lib
import psycopg
import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from psycopg import errors

from accounts.web import access
from pharmrefer import urls


@access.everyone
def fall(_request: HttpRequest) -> HttpResponse:
    raise ValueError("Mrs Example's sore throat")


@access.everyone
def lose_the_database(_request: HttpRequest) -> HttpResponse:
    raise OperationalError("server closed the connection") from psycopg.OperationalError()


@access.everyone
def wait_too_long(_request: HttpRequest) -> HttpResponse:
    raise OperationalError("canceling statement") from errors.QueryCanceled()


@access.everyone
def find_it_starting(_request: HttpRequest) -> HttpResponse:
    raise OperationalError("the database system is starting up") from errors.CannotConnectNow()


class Routes:
    """The project's addresses and two that fail."""

    urlpatterns = [  # noqa: RUF012
        *urls.urlpatterns,
        path("fall", fall),
        path("database", lose_the_database),
        path("slow", wait_too_long),
        path("starting", find_it_starting),
    ]
    handler400 = urls.handler400
    handler403 = urls.handler403
    handler404 = urls.handler404
    handler500 = urls.handler500


@pytest.fixture
def visitor() -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=Routes):
        yield Client(
            raise_request_exception=False,
            enforce_csrf_checks=True,
            headers={"x-forwarded-proto": "https"},
        )


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/no/such/page", 404, "Page not found"),
        ("/fall", 500, "There is a problem with PharmRefer"),
        ("/database", 503, "It cannot reach its database"),
        ("/starting", 503, "It cannot reach its database"),
        ("/slow", 500, "There is a problem with PharmRefer"),
    ],
)
def test_an_error_has_its_status_and_says_what_to_do(
    visitor: Client, address: str, status: int, words: str
) -> None:
    response = visitor.get(address)
    assert response.status_code == status
    page = response.content.decode()
    assert words in page
    assert "sore throat" not in page
    html5lib.HTMLParser(strict=True).parse(page)


def test_a_lost_database_asks_the_browser_to_wait(visitor: Client) -> None:
    assert visitor.get("/database")["Retry-After"] == "60"


def test_a_form_from_elsewhere_is_refused_in_plain_words(visitor: Client) -> None:
    response = visitor.post("/", {"a": "b"})
    assert response.status_code == 403
    assert "Nothing was sent" in response.content.decode()


def test_a_wrong_host_is_a_bad_request(visitor: Client) -> None:
    response = visitor.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


def test_too_much_at_once_is_told_and_no_error_of_ours(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = visitor.post("/log-in/", {"user_name": "x" * 2_500_001})
    assert response.status_code == 413
    assert "That is more than PharmRefer can take at once" in response.content.decode()
    assert not caplog.records


def test_without_a_database_the_page_leads_to_the_status_and_the_paper_form(
    visitor: Client,
) -> None:
    page = visitor.get("/database").content.decode()
    assert 'href="/status/">Status: what works now' in page
    assert 'href="/status/paper-form/"' in page
    assert "/status/paper-form/" not in visitor.get("/fall").content.decode()
