"""The website is asked over HTTP, and never waited for longer than is said."""

import http.server
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from support.status import website


class Ready(http.server.BaseHTTPRequestHandler):
    """Answers as the class is told."""

    status = 200
    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def server() -> Iterator[str]:
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ready)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize("status", [200, 503, 301])
def test_it_says_what_was_answered_and_follows_nothing(
    server: str, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(Ready, "status", status)
    Ready.asked.clear()
    seen = website.ask(server)
    assert (seen.status, seen.seconds < 2) == (status, True)
    assert Ready.asked == ["/health/ready"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_where_nobody_answers_nothing_is_said(url: str) -> None:
    assert website.ask(url).status is None


def test_it_is_not_asked_without_the_tls_that_the_address_wants(server: str) -> None:
    assert website.ask(server.replace("http:", "https:")).status is None


@pytest.mark.parametrize("drips", [False, True])
def test_it_is_not_waited_for(drips: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    for letter in b"HTTP/1.1 200 OK\r\nA: " + b"a" * 200:
                        if drips:
                            connection.send(bytes([letter]))
                        time.sleep(0.05)
                except OSError:
                    pass  # it has gone

        threading.Thread(target=answer, daemon=True).start()
        started = time.monotonic()
        seen = website.ask(f"http://127.0.0.1:{listening.getsockname()[1]}", within=0.3)
        assert seen.status is None
        assert time.monotonic() - started < 1
