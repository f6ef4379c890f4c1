"""Sending bytes: every way in which the other side can fail ends in time, and is told apart."""

import contextlib
import socket
import threading
import time
import uuid
from collections.abc import Iterator

import pytest

from referrals import transports
from referrals.transports import Client, Request, TransportError
from tests.pharmacy_system import PharmacySystem


@pytest.fixture
def client() -> Iterator[Client]:
    """A client with less patience than a worker's."""
    made = Client(read_within=0.5, answer_within=1.5)
    yield made
    made.close()


def request(url: str) -> Request:
    """Return a message that the system refuses: how it comes and goes is what counts here."""
    ids = {"X-Request-Id": str(uuid.uuid4()), "X-Correlation-Id": str(uuid.uuid4())}
    headers = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json", **ids}
    return Request(f"{url}/$process-message", headers, b"{}")


@contextlib.contextmanager
def listener(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Stand at an address, keep what comes first, and answer with some bytes."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    heard.append(connection.recv(65_536))
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heard


def test_what_is_sent_is_what_was_stored_byte_for_byte(client: Client) -> None:
    with listener(b"HTTP/1.1 204 No Content\r\nX-Odd: yes\r\n\r\n") as (url, heard):
        asked = request(url)
        answer = client.post(asked)
    assert (answer.status, answer.headers["X-Odd"], answer.body) == (204, "yes", b"")
    head, _, body = heard[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /$process-message HTTP/1.1"
    sent = dict(line.split(": ", 1) for line in lines[1:])
    host = sent.pop("Host")
    assert url.endswith(host)
    assert sent.pop("Content-Length") == "2"
    assert sent == dict(asked.headers)
    assert body == b"{}"


def test_an_answer_is_returned_whatever_it_says(client: Client, system: PharmacySystem) -> None:
    answer = client.post(request(system.url))
    assert answer.status == 400
    assert b"OperationOutcome" in answer.body


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9",
        "http://nobody.invalid",
        "https://127.0.0.1:9",
        "no address at all",
        "http://127.0.0.1:99999",
    ],
)
def test_nobody_there_means_that_it_cannot_have_arrived(client: Client, url: str) -> None:
    with pytest.raises(TransportError) as raised:
        client.post(request(url))
    assert not raised.value.may_have_arrived


def test_who_cannot_prove_who_they_are_gets_nothing(client: Client) -> None:
    with listener(b"HTTP/1.1 200 OK\r\n\r\n") as (url, heard):
        with pytest.raises(TransportError) as raised:
            client.post(request(url.replace("http:", "https:")))
        assert not raised.value.may_have_arrived
        assert b"process-message" not in b"".join(heard)


@pytest.mark.parametrize(
    ("mode", "longest"), [("drop", 1.0), ("hang", 1.2), ("drip", 2.2), ("process-and-drop", 1.0)]
)
def test_no_whole_answer_in_time_means_that_it_may_have_arrived(
    client: Client, system: PharmacySystem, mode: str, longest: float
) -> None:
    system.told(mode, times=1)
    started = time.monotonic()
    with pytest.raises(TransportError) as raised:
        client.post(request(system.url))
    assert raised.value.may_have_arrived
    assert time.monotonic() - started < longest
    assert str(raised.value).isidentifier()  # a name, and nothing that came from elsewhere


def test_a_redirect_is_not_followed(client: Client, system: PharmacySystem) -> None:
    system.told("redirect", times=1)
    before = len(system.received())
    assert client.post(request(system.url)).status == 307
    assert len(system.received()) == before + 1


def test_an_endless_answer_is_cut_off(client: Client) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n"
    with listener(head + b"x" * 9_000_000) as (url, _heard):
        assert client.post(request(url)).body == b"x" * transports.LARGEST_ANSWER


def test_one_that_hangs_holds_up_no_other(client: Client, system: PharmacySystem) -> None:
    system.told("hang", times=1, seconds=5)

    def be_patient() -> None:
        with contextlib.suppress(TransportError):
            client.post(request(system.url))

    slow = threading.Thread(target=be_patient)
    slow.start()
    time.sleep(0.1)
    started = time.monotonic()
    assert client.post(request(system.url)).status == 400
    assert time.monotonic() - started < 0.4
    slow.join()


def test_no_cookie_is_kept(client: Client) -> None:
    with listener(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n") as (url, _):
        client.post(request(url))
    with listener(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (url, heard):
        client.post(request(url))
    assert b"Cookie" not in heard[0]
