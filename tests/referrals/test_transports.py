"""Sending bytes: every way in which the other side can fail ends in time, and is told apart."""

import contextlib
import gzip
import random
import socket
import ssl
import threading
import time
import tracemalloc
import uuid
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from referrals import sending
from referrals.fhir.answers import Response
from referrals.transports import TransportError, bars, over_http
from referrals.transports.over_http import Client
from tests.certificates import self_signed
from tests.pharmacy_system import PharmacySystem


@pytest.fixture
def client() -> Iterator[Client]:
    """A client with less patience than a worker's."""
    made = Client(read_within=0.5, answer_within=1.5)
    yield made
    made.close()


class Request(NamedTuple):
    """What is posted."""

    url: str
    headers: dict[str, str]
    body: bytes


def request(url: str) -> Request:
    """Return a message that the system refuses: how it comes and goes is what counts here."""
    ids = {"X-Request-Id": str(uuid.uuid4()), "X-Correlation-Id": str(uuid.uuid4())}
    headers = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json", **ids}
    return Request(f"{url}/$process-message", headers, b"{}")


def post(client: Client, asked: Request) -> Response:
    """Post it and wait."""
    return client.run(client.answered(*asked)).result(30)


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
        answer = post(client, asked)
    assert (answer.status, answer.headers["X-Odd"], answer.body) == (204, "yes", b"")
    head, _, body = heard[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /$process-message HTTP/1.1"
    sent = dict(line.split(": ", 1) for line in lines[1:])
    host = sent.pop("Host")
    assert url.endswith(host)
    assert sent.pop("Content-Length") == "2"
    assert sent.pop("Accept-Encoding") == "identity"
    assert sent == asked.headers
    assert body == b"{}"


def test_an_answer_is_returned_whatever_it_says(client: Client, system: PharmacySystem) -> None:
    answer = post(client, request(system.url))
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
        post(client, request(url))
    assert not raised.value.may_have_arrived


def test_who_cannot_prove_who_they_are_gets_nothing(client: Client) -> None:
    with listener(b"HTTP/1.1 200 OK\r\n\r\n") as (url, heard):
        with pytest.raises(TransportError) as raised:
            post(client, request(url.replace("http:", "https:")))
        assert not raised.value.may_have_arrived
        assert b"process-message" not in b"".join(heard)


def test_a_certificate_that_nobody_has_signed_proves_nothing(
    client: Client, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    heard: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = server.accept()
            with connection, context.wrap_socket(connection, server_side=True) as secured:
                heard.append(secured.recv(65_536))
                secured.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(TransportError) as raised:
            post(client, request(f"https://localhost:{server.getsockname()[1]}"))
        thread.join(5)
    assert not raised.value.may_have_arrived
    assert str(raised.value) == "ClientConnectorCertificateError"  # for the log
    assert heard == []


def test_who_does_not_take_the_call_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(over_http, "CONNECT_WITHIN", 0.3)
    client = Client(read_within=5, answer_within=5)
    with contextlib.ExitStack() as stack:
        deaf = stack.enter_context(socket.socket())
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(4):  # who waits in front of us, until there is no more room
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(deaf.getsockname())
        started = time.monotonic()
        with pytest.raises(TransportError) as raised:
            post(client, request(f"http://127.0.0.1:{deaf.getsockname()[1]}"))
        assert time.monotonic() - started < 2
    client.close()
    assert not raised.value.may_have_arrived


def test_no_proxy_comes_between(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with listener(b"HTTP/1.1 204 No Content\r\n\r\n") as (url, heard):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, url)
        with pytest.raises(TransportError):
            post(client, request("http://127.0.0.1:9"))
    assert heard == []


@pytest.mark.parametrize(
    ("mode", "longest"), [("drop", 1.0), ("hang", 1.2), ("drip", 2.2), ("process-and-drop", 1.0)]
)
def test_no_whole_answer_in_time_means_that_it_may_have_arrived(
    client: Client, system: PharmacySystem, mode: str, longest: float
) -> None:
    system.told(mode, times=1)
    started = time.monotonic()
    with pytest.raises(TransportError) as raised:
        post(client, request(system.url))
    assert raised.value.may_have_arrived
    assert time.monotonic() - started < longest
    assert str(raised.value).isidentifier()  # a name, and nothing that came from elsewhere


def test_a_redirect_is_not_followed(client: Client, system: PharmacySystem) -> None:
    system.told("redirect", times=1)
    before = len(system.received())
    assert post(client, request(system.url)).status == 307
    assert len(system.received()) == before + 1


def test_an_endless_answer_is_cut_off(client: Client) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n"
    with listener(head + b"x" * 9_000_000) as (url, _heard):
        assert post(client, request(url)).body == b"x" * over_http.LARGEST_ANSWER


def test_what_is_cut_off_is_not_even_read(client: Client) -> None:
    sent = [0]

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n")
                for _ in range(900):
                    sent[0] += connection.send(b"x" * 100_000)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        post(client, request(f"http://127.0.0.1:{server.getsockname()[1]}"))
        thread.join(5)
    assert sent[0] < 20_000_000  # what lies in buffers on the way


def compressed(body: bytes, encoding: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def raw(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


SAID = b'{"resourceType": "Bundle"}' * 20


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(SAID)),
        ("GZip", gzip.compress(SAID)),
        ("x-gzip", gzip.compress(SAID)),
        ("gzip", gzip.compress(SAID[:40]) + gzip.compress(SAID[40:])),  # of two members
        ("deflate", zlib.compress(SAID)),
        ("deflate", raw(SAID)),
        ("deflate, gzip", gzip.compress(zlib.compress(SAID))),
        ("identity", SAID),
        ("gzip", SAID),  # undone on the way, and the header is still there
        ("identity", gzip.compress(SAID)),
    ],
    ids=[  # packed bytes hold the moment, and so would be another name in each process
        *("gzip", "GZip", "x-gzip", "two members", "deflate", "raw deflate", "twice"),
        *("plain", "undone on the way", "not said"),
    ],
)
def test_what_is_compressed_on_the_way_is_read(client: Client, encoding: str, body: bytes) -> None:
    with listener(compressed(body, encoding)) as (url, _):
        assert post(client, request(url)).body == SAID


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "aes128gcm", ","])
def test_what_nobody_here_can_undo_stays_as_it_came(client: Client, encoding: str) -> None:
    with listener(compressed(b"\x1b\x00odd", encoding)) as (url, _):
        assert post(client, request(url)).body == b"\x1b\x00odd"


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw)]
)
def test_a_small_answer_does_not_become_one_that_fills_the_memory(
    client: Client, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    body = pack(b"x" * 40_000_000)
    assert len(body) < over_http.LARGEST_ANSWER
    tracemalloc.start()
    try:
        with listener(compressed(body, encoding)) as (url, _):
            assert post(client, request(url)).body == b"x" * over_http.LARGEST_ANSWER
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_what_is_compressed_and_broken_off_is_read_as_far_as_it_goes(client: Client) -> None:
    body = gzip.compress(random.Random(1).randbytes(5000))[:3000]  # noqa: S311  no secret
    with listener(compressed(body, "gzip")) as (url, _):
        assert 2000 < len(post(client, request(url)).body) < 5000


def test_one_that_hangs_holds_up_no_other(client: Client, system: PharmacySystem) -> None:
    system.told("hang", times=1, seconds=5)

    def be_patient() -> None:
        with contextlib.suppress(TransportError):
            post(client, request(system.url))

    slow = threading.Thread(target=be_patient)
    slow.start()
    time.sleep(0.1)
    started = time.monotonic()
    assert post(client, request(system.url)).status == 400
    assert time.monotonic() - started < 0.4
    slow.join()


def test_no_cookie_is_kept(client: Client) -> None:
    with listener(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n") as (url, _):
        post(client, request(url))
    with listener(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (url, heard):
        post(client, request(url))
    assert b"Cookie" not in heard[0]


def test_many_threads_that_begin_at_once_share_one_transport(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []

    class Slow(bars.Bars):
        def __init__(self) -> None:
            time.sleep(0.1)
            made.append(self)

        def close(self) -> None:
            """Nothing is open."""

    sending._started.cache_clear()
    monkeypatch.setattr(bars, "Bars", Slow)
    try:
        with ThreadPoolExecutor(16) as pool:
            shared: set[object] = set(pool.map(lambda _: sending.transport(), range(16)))
    finally:
        sending._started.cache_clear()
    assert shared == set(made)
    assert len(made) == 1
