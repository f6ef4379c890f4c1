"""What the script asks: small, exact, kept by nobody, and no use to who wants to wear us out."""

import hashlib
import json

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from support.connection import answers
from support.connection.answers import LONGEST_UPLOAD
from support.connection.views.expected import HEADERS


def test_the_clock_says_the_time(client: Client) -> None:
    before = timezone.now().timestamp() * 1000
    said = client.get("/connection/clock/").json()["now_ms"]
    assert before - 1 <= said <= timezone.now().timestamp() * 1000 + 1


@pytest.mark.parametrize("part", ["answer/1000/", "clock/", "cookies/", "expected/"])
def test_what_is_expected_of_headers_is_what_is_sent(client: Client, part: str) -> None:
    response = client.get(f"/connection/{part}")
    expected = client.get("/connection/expected/").json()["headers"]
    assert expected == HEADERS
    for name, words in expected.items():
        assert words in response.headers[name], name


def test_answers_are_as_expected(client: Client) -> None:
    for each in client.get("/connection/expected/").json()["answers"]:
        body = client.get(each["address"]).content
        assert len(body) == each["bytes"]
        assert hashlib.sha256(body).hexdigest() == each["sha256"]


@pytest.mark.parametrize("size", [0, 999, 2_000_000, 10**30])
def test_nobody_chooses_another_size(client: Client, size: int) -> None:
    assert size not in answers.SIZES
    assert client.get(f"/connection/answer/{size}/").status_code == 404


def test_it_sees_encryption_as_the_proxy_tells_it(client: Client) -> None:
    assert client.get("/connection/expected/").json()["secure"] is True


@pytest.mark.parametrize("body", [b"", "café".encode(), b"\x00" * LONGEST_UPLOAD])
def test_what_was_sent_is_said_by_length_and_hash(client: Client, body: bytes) -> None:
    response = client.post("/connection/upload/", body, content_type="text/plain")
    hashed = hashlib.sha256(body).hexdigest()
    assert json.loads(response.content) == {"bytes": len(body), "sha256": hashed}


def test_no_more_is_taken(client: Client) -> None:
    body = b"x" * (LONGEST_UPLOAD + 1)
    response = client.post("/connection/upload/", body, content_type="text/plain")
    assert response.status_code == 413


class TestCookies:
    """A script asks twice."""

    def test_the_second_answer_knows_the_first_one_s_mark(self, client: Client) -> None:
        first = client.get("/connection/cookies/").json()
        second = client.get("/connection/cookies/").json()
        assert first["came"] == ""
        assert second["came"] == first["given"] != second["given"]

    def test_the_cookie_is_short_lived(self, client: Client) -> None:
        cookie = client.get("/connection/cookies/").cookies[settings.CONNECTION_COOKIE_NAME]
        kept = {name: cookie[name] for name in ("max-age", "httponly", "secure", "samesite")}
        assert kept == {
            "max-age": 300,
            "httponly": True,
            "secure": True,
            "samesite": "Lax",
        }


@pytest.mark.parametrize("part", ["", "answer/1000/", "clock/", "cookies/", "expected/", "result/"])
def test_nothing_can_be_sent_to_the_others(client: Client, part: str) -> None:
    assert client.post(f"/connection/{part}").status_code == 405
