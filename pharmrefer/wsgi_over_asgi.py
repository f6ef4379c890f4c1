"""Takes a request in whole, and hands it to a WSGI application.

The server's own WSGI side has two faults that only its ASGI side lets us mend. A header with a
letter that is not ASCII reaches WSGI empty: one foreign cookie with an ë, and the browser has no
cookies at all. And a client that sends a body slowly holds a thread all the while: here a thread
is asked for once the body is there (docs/decisions/2026-11-29-bodies-and-cookies.md).
"""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from pharmrefer.content_type import Application

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]

THREADS = 2  # of each process, each with a connection to the database
LONGEST_BODY = 6_000_000  # bytes: a list of people as a file, and what stands around it
MOST_WAITING = 64_000_000  # bytes of bodies that are still arriving, in each process
ARRIVES_WITHIN = 30.0  # seconds, for a whole body


class RequestRefusedError(Exception):
    """A body is not waited for, or not to its end."""

    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status = status


class Bodies:
    """Takes bodies in, none for ever and not too many of them together."""

    def __init__(self) -> None:
        self._waiting = 0  # bytes

    async def take(self, receive: Receive) -> bytes | None:
        """Return a whole body, or None where the client has gone.

        Raises:
            RequestRefusedError: it is too long, too slow, or too many others are arriving.
        """
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(ARRIVES_WITHIN):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return None
                    if part := message.get("body"):
                        parts.append(part)
                        self._waiting += len(part)
                        self._check(sum(map(len, parts)))
                    if not message.get("more_body"):
                        return b"".join(parts)
        except TimeoutError:
            raise RequestRefusedError(
                HTTPStatus.REQUEST_TIMEOUT, "That took too long to arrive. Go back and try again."
            ) from None
        finally:
            self._waiting -= sum(map(len, parts))

    def _check(self, length: int) -> None:
        if length > LONGEST_BODY:
            raise RequestRefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "That is more than PharmRefer can take at once. Nothing was stored. Go back and "
                "send less.",
            )
        if self._waiting > MOST_WAITING:
            raise RequestRefusedError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "PharmRefer is too busy at the moment. Go back and try again.",
            )


def _has_body(scope: Scope) -> bool:
    # RFC 9112, section 6.3, says how a body is announced; HTTP/2 may end one unannounced.
    announced = (b"content-length", b"transfer-encoding")
    return scope["method"] not in {"GET", "HEAD"} or any(
        name in announced for name, _ in scope["headers"]
    )


def environ_of(scope: Scope, body: bytes) -> dict[str, Any]:
    """Return what a WSGI handler is given (PEP 3333), with headers byte by byte as they came.

    A header whose name holds an underscore is left out: it would pass for the one with a hyphen,
    which a proxy may have set or taken away.
    """
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for sent_name, sent_value in scope["headers"]:
        if b"_" in sent_name:
            continue
        name = "HTTP_" + sent_name.decode("latin-1").upper().replace("-", "_")
        value = sent_value.decode("latin-1")
        if name in environ:
            value = f"{environ[name]}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"
        environ[name] = value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _refusal(error: RequestRefusedError) -> Answer:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    return error.status, headers, f"{error}\n".encode()


class WholeRequests:
    """An ASGI 3 application: its loop only waits, the WSGI application works in threads.

    Args:
        apart: how addresses begin that have a thread of their own, since they must be answered
            also while all others wait for a database that is frozen.
    """

    def __init__(self, application: Application, *, apart: tuple[str, ...] = ()) -> None:
        self._application, self._apart = application, apart
        self._thread_apart = ThreadPoolExecutor(1, thread_name_prefix="apart")
        self._bodies = Bodies()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self._bodies.take(receive) if _has_body(scope) else b""
            if body is None:
                return
            run = asyncio.get_running_loop().run_in_executor
            environ = environ_of(scope, body)
            is_apart = environ["PATH_INFO"].startswith(self._apart)
            threads = self._thread_apart if is_apart else self._threads
            status, headers, text = await run(threads, self._ask, environ)
        except RequestRefusedError as error:
            status, headers, text = _refusal(error)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    def _ask(self, environ: dict[str, Any]) -> Answer:
        begun: list[tuple[str, list[tuple[str, str]]]] = []
        parts = self._application(environ, lambda *start, **_: begun.append(start[:2]))
        try:
            text = b"".join(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()
        status, headers = begun[-1]
        encoded = [(name.lower().encode("latin-1"), of.encode("latin-1")) for name, of in headers]
        return int(status[:3]), encoded, text
