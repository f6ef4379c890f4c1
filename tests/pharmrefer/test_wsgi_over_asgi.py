"""A request is taken in whole, and every header of it counts as it came."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import pytest

from pharmrefer import wsgi_over_asgi
from pharmrefer.wsgi_over_asgi import Bodies, RequestRefusedError, WholeRequests, environ_of


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a thread of its own: in this one a browser's event loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def scope(*headers: tuple[bytes, bytes], **other: Any) -> dict[str, Any]:
    """Return what the web server says of a request."""
    return {
        "type": "http",
        "method": "POST",
        "http_version": "1.1",
        "scheme": "http",
        "raw_path": b"/log-in/",
        "query_string": b"",
        "client": ("192.0.2.1", 4000),
        "server": ("127.0.0.1", 8000),
        "headers": list(headers),
    } | other


def arriving(*messages: dict[str, Any], then_wait: bool = False) -> Callable[[], Awaitable[Any]]:
    """Return what the server hands on, one by one."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left and then_wait:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    """Return some of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("foreign", ["other=ë", "x=\x80", 'y="日"'])
def test_another_user_s_cookie_does_not_take_ours_away(foreign: str) -> None:
    cookies = f"session=abc; {foreign}; device=d".encode()
    environ = environ_of(scope((b"cookie", cookies)), b"")
    assert environ["HTTP_COOKIE"].encode("latin-1") == cookies


def test_cookies_that_come_one_by_one_are_put_together() -> None:
    # As over HTTP/2: RFC 9113 section 8.2.3.
    environ = environ_of(scope((b"cookie", b"a=1"), (b"cookie", b"b=2")), b"")
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


def test_a_header_that_comes_twice_is_one_list() -> None:
    twice = (b"x-forwarded-for", b"192.0.2.7"), (b"x-forwarded-for", b"10.0.0.1")
    assert environ_of(scope(*twice), b"")["HTTP_X_FORWARDED_FOR"] == "192.0.2.7,10.0.0.1"


def test_an_underscore_passes_for_no_hyphen() -> None:
    forged = (b"x_forwarded_for", b"192.0.2.7"), (b"x_forwarded_proto", b"https")
    assert not [name for name in environ_of(scope(*forged), b"") if "FORWARDED" in name]


def test_a_path_keeps_its_bytes() -> None:
    assert environ_of(scope(raw_path=b"/%ff%20/caf%C3%A9"), b"")["PATH_INFO"] == "/\xff /cafÃ©"


def test_a_body_without_a_length_has_one() -> None:
    environ = environ_of(scope((b"transfer-encoding", b"chunked")), b"a=b")
    assert (environ["CONTENT_LENGTH"], environ["wsgi.input"].read()) == ("3", b"a=b")


def test_a_body_is_put_together() -> None:
    receive = arriving(part(b"a=", more=True), part(b"", more=True), part(b"b"))
    assert run(Bodies().take(receive)) == b"a=b"


def test_who_goes_away_is_not_waited_for() -> None:
    receive = arriving(part(b"a=", more=True), {"type": "http.disconnect"})
    assert run(Bodies().take(receive)) is None


def test_a_body_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi_over_asgi, "ARRIVES_WITHIN", 0.01)
    with pytest.raises(RequestRefusedError) as refused:
        run(Bodies().take(arriving(part(b"a", more=True), then_wait=True)))
    assert refused.value.status is HTTPStatus.REQUEST_TIMEOUT


def test_a_body_that_is_too_long_is_refused_before_its_end() -> None:
    receive = arriving(*[part(b"x" * 1_000_000, more=True)] * 9, then_wait=True)
    with pytest.raises(RequestRefusedError) as refused:
        run(Bodies().take(receive))
    assert refused.value.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_bodies_that_are_too_much_together_are_refused_and_then_forgotten() -> None:
    bodies = Bodies()

    async def many() -> list[bytes | BaseException | None]:
        slow = [part(b"x" * 5_900_000, more=True), {"type": "http.disconnect"}]
        return await asyncio.gather(
            *(bodies.take(_slowly(slow)) for _ in range(11)),
            return_exceptions=True,
        )

    refused = [each for each in run(many()) if isinstance(each, RequestRefusedError)]
    assert [each.status for each in refused] == [HTTPStatus.SERVICE_UNAVAILABLE]
    assert run(bodies.take(arriving(part(b"x" * 5_900_000)))) == b"x" * 5_900_000


def _slowly(messages: list[dict[str, Any]]) -> Callable[[], Awaitable[Any]]:
    receive = arriving(*messages)

    async def after_others() -> Any:
        await asyncio.sleep(0)
        return await receive()

    return after_others


def test_the_answer_is_handed_on_whole() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("201 Created", [("X-Length", environ["CONTENT_LENGTH"])])
        return [environ["wsgi.input"].read(), b"!"]

    run(WholeRequests(application)(scope(), arriving(part(b"a=b")), send))
    assert sent[0] | {"type": ""} == {"type": "", "status": 201, "headers": [(b"x-length", b"3")]}
    assert sent[1]["body"] == b"a=b!"


def test_what_is_refused_is_said_in_words() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    receive = arriving(*[part(b"x" * 1_000_000, more=True)] * 9)
    run(WholeRequests(lambda *_: [])(scope(), receive, send))
    start, body = sent
    assert (start["status"], body["body"][:12]) == (413, b"That is more")


def test_addresses_apart_are_answered_while_all_others_wait() -> None:
    thawed, answered = threading.Event(), list[str]()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/log-in/":
            thawed.wait(timeout=10)
        start_response("200 OK", [])
        answered.append(environ["PATH_INFO"])
        return [b""]

    async def send(_message: dict[str, Any]) -> None: ...

    async def all_of_them() -> None:
        served = WholeRequests(application, apart=("/status/",))
        waiting = [served(scope(), arriving(part(b"")), send) for _ in range(4)]
        others = asyncio.gather(*waiting)
        await asyncio.sleep(0)
        await served(scope(raw_path=b"/status/"), arriving(part(b"")), send)
        assert answered == ["/status/"]
        thawed.set()
        await others

    run(all_of_them())
    assert len(answered) == 5
