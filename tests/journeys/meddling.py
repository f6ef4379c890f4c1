"""A proxy between a browser and the site that gets in the way as a test tells it."""

import contextlib
import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Meddling:
    """What it does; nothing at first."""

    url: str = ""
    slow: str = "\0"  # addresses with this in them take half a second
    cut_at: int | None = None  # bytes of an answer, after which the line is dead
    blocked: str = "\0"
    changed: str = "\0"
    upload_cut_at: int | None = None
    takes_headers: set[str] = field(default_factory=set)  # in small letters


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    meddling: Meddling

    def _pass_on(self) -> None:
        ways, address = self.meddling, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))[: ways.upload_cut_at]
        if ways.slow in address.path:
            time.sleep(0.51)
        if ways.blocked in address.path:
            self._answer(403, {"Content-Type": "text/html"}, b"Blocked by your organisation")
            return
        site = http.client.HTTPConnection(address.netloc, timeout=10)
        sent = {
            name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP
        }
        sent.pop("Accept-Encoding", None)  # what it changes it has to read
        site.request(self.command, f"{address.path}?{address.query}", body=body, headers=sent)
        response = site.getresponse()
        text = response.read()
        site.close()
        if ways.changed in address.path:
            text += b"\n/* scanned */\n"
        kept = {
            name: value
            for name, value in response.getheaders()
            if name.lower() not in HOP_BY_HOP | ways.takes_headers
        }
        self._answer(response.status, kept, text)

    do_GET = do_POST = _pass_on  # noqa: N815  as http.server calls them

    def _answer(self, status: int, headers: dict[str, str], text: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        cut_at = self.meddling.cut_at
        with contextlib.suppress(ConnectionError):  # the browser has gone
            self.wfile.write(text[:cut_at])
        if cut_at is not None and len(text) > cut_at:
            self.wfile.flush()
            time.sleep(0.2)  # as on a real line, the browser takes what has come before it breaks
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing of what passes."""


@contextlib.contextmanager
def meddling() -> Iterator[Meddling]:
    """Run one in this process; give a browser ``proxy_options`` of it."""
    ways = Meddling()
    handler = type("Handler", (_Handler,), {"meddling": ways})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        ways.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield ways
        finally:
            server.shutdown()
            thread.join()


def proxy_options(ways: Meddling) -> dict[str, str]:
    """Return what Playwright gives Chromium, which goes to this machine directly otherwise."""
    return {"server": ways.url, "bypass": "<-loopback>"}
