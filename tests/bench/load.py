"""A crowd of visitors on kept connections, each asking as soon as it has been answered.

One thread, no waiting in between: what is measured is the server's work, not the crowd's. A visit
is a generator: it yields requests as bytes and is sent the answers, so one answer's cookie can be
in the next request.
"""

import os
import re
import selectors
import socket
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

Visit = Generator[bytes, "Answer", None]
TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds
TOKEN = "a" * 32  # as a CSRF cookie holds it


@dataclass(frozen=True)
class Served:
    """A web server that is measured."""

    port: int
    group: int  # of its processes


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.head[9:12])

    def header(self, name: str) -> str:
        """Return the value of a header, "" if there is none."""
        found = re.search(rf"\n{name}: ([^\r]*)", self.head.decode())
        return found[1] if found else ""

    def cookie(self, name: str) -> str:
        """Return the value of a cookie that was set."""
        found = re.search(rf"\nset-cookie: +{re.escape(name)}=([^;\r]*)", self.head.decode())
        return found[1] if found else ""


@dataclass(frozen=True)
class Round:
    """What a crowd has done."""

    requests: int
    visits: int
    seconds: float


def get(path: str, cookies: str = "") -> bytes:
    """Return a request for a page."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n".encode()


def post(path: str, cookies: str = "", **fields: str) -> bytes:
    """Return a form that is sent."""
    body = urlencode({**fields, "csrfmiddlewaretoken": TOKEN}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def asking(request: bytes, *, leads_to: str = "") -> Visit:
    """Ask once, for a page or for something that leads to one.

    Raises:
        AssertionError: the answer is another, whose cost would say nothing.
    """
    answer = yield request
    assert answer.status == (302 if leads_to else 200), (request, answer)
    assert answer.header("location") == leads_to, (request, answer)


class _Connection:
    """One visitor at a time, one request at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def begin(self, visit: Visit) -> None:
        self._visit = visit
        self._ask(next(visit))

    def _ask(self, request: bytes) -> None:
        self._received = b""
        self.socket.sendall(request)

    def go_on(self) -> tuple[int, bool]:
        """Read what is there; return how many answers that completed, and if the visit is over."""
        received = self.socket.recv(262_144)
        assert received, "the server hung up"
        self._received += received
        answer = self._whole()
        if answer is None:
            return 0, False
        try:
            self._ask(self._visit.send(answer))
        except StopIteration:
            return 1, True
        return 1, False

    def _whole(self) -> Answer | None:
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        return Answer(head, body) if len(body) == length else None


def crowd(
    port: int, visits: Iterable[Visit], *, at_once: int, seconds: float = float("inf")
) -> Round:
    """Let visitors in, so many at once, until there are no more or the time is up."""
    waiting: Iterator[Visit] = iter(visits)
    selector = selectors.DefaultSelector()
    started = time.perf_counter()
    requests = done = 0

    def begin(connection: _Connection) -> None:
        visit = next(waiting, None) if time.perf_counter() - started < seconds else None
        if visit:
            connection.begin(visit)
        else:
            selector.unregister(connection.socket)
            connection.socket.close()

    for _ in range(at_once):
        connection = _Connection(port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        begin(connection)
    while selector.get_map():
        for key, _events in selector.select():
            answered, is_over = key.data.go_on()
            requests += answered
            done += is_over
            if is_over:
                begin(key.data)
    selector.close()
    return Round(requests, done, time.perf_counter() - started)


def cpu_seconds(group: int) -> float:
    """Return what the processes of a process group have used so far, system calls included.

    Source: proc(5), fields 5, 14 and 15 of stat. In steps of 10 ms.
    """
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks * TICK
