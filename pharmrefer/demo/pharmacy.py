"""The demonstration pharmacy system: a process that plays the receiving side of every referral.

``python -m pharmrefer.demo.pharmacy --port 8001 --folder var/pharmacy --mail var/mail``. It prints
one line and logs nothing of patients; what it received is in the folder, and on its pages.
"""

import argparse
import contextlib
import json
import re
import signal
import socketserver
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, parse_qsl, unquote

from pharmrefer.demo import answers, mail, pages
from pharmrefer.demo.answers import PharmacyAnswer
from pharmrefer.demo.headers import Headers
from pharmrefer.demo.journal import Journal
from pharmrefer.demo.modes import MODES, Control, NoSuchOrderError
from pharmrefer.demo.receiver import Receiver

ADDRESS = "127.0.0.1"
# Any website may lead a name of its own here (DNS rebinding), and read what was received.
OUR_NAMES = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?", re.ASCII | re.IGNORECASE)
LARGEST = 1_000_000  # bytes of a body
DISCARDED = 20_000_000  # bytes of a larger one that are read, so that the sender reads the answer
SHOWN = 100
HTML = "text/html; charset=utf-8"
JSON = "application/json"
MESSAGES = "/$process-message"


class Refused(Exception):
    """A request that is not even one to this system; carries the answer."""

    def __init__(self, status: int, issue: str, words: str, **extra: str) -> None:
        super().__init__(words)
        codes = {404: "REC_NOT_FOUND", 405: "REC_METHOD_NOT_ALLOWED"}
        self.answer = answers.outcome(
            status, codes.get(status, "REC_BAD_REQUEST"), [(issue, words)]
        )
        self.answer.headers.update(extra)


class Site:
    def __init__(self, folder: Path, mails: Path | None) -> None:
        self._mails = mails
        self._control = Control()
        self._journal = Journal(folder)
        self._receiver = Receiver(self._journal, self._control)
        self._routes: dict[
            str, dict[str, Callable[[str, Headers, bytes], PharmacyAnswer | None]]
        ] = {
            "/": {"GET": self._front},
            "/health": {"GET": lambda *_: PharmacyAnswer(200, b"ready", "text/plain")},
            "/control": {"GET": self._show_control, "POST": self._change_control},
            "/received.json": {"GET": self._listing},
            MESSAGES: {"POST": lambda _, headers, body: self._receiver.receive(headers, body)},
        }

    def answer(
        self, method: str, target: str, headers: Headers, body: bytes
    ) -> PharmacyAnswer | None:
        """Return the answer to a request, None to close the connection without one.

        Raises:
            Refused: there is no such page, or not for this method.
        """
        path, _, query = target.partition("?")
        path = unquote(path)
        methods = self._routes.get(path, {})
        if path.startswith("/received/"):
            methods = {"GET": lambda *_: self._received(path.removeprefix("/received/"))}
        if not methods:
            raise Refused(404, "not-found", "There is nothing at this address.")
        wanted = "GET" if method == "HEAD" else method
        if wanted not in methods:
            allowed = ", ".join(methods)
            raise Refused(405, "not-supported", "This address takes other methods.", Allow=allowed)
        return methods[wanted](query, headers, body)

    def _front(self, *_: object) -> PharmacyAnswer:
        last = len(self._journal)
        numbers = range(last, max(last - SHOWN, 0), -1)
        lines = [(number, self._journal.line(number)) for number in numbers]
        mails = mail.mails_in(self._mails)[:SHOWN]
        return PharmacyAnswer(200, pages.front(lines, self._control.shown(), mails), HTML)

    def _received(self, text: str) -> PharmacyAnswer:
        number = int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
        if not 1 <= number <= len(self._journal):
            raise Refused(404, "not-found", "There is no such request.")
        return PharmacyAnswer(200, pages.received(number, self._journal.line(number)), HTML)

    def _listing(self, query: str, *_: object) -> PharmacyAnswer:
        lines = list(self._journal.lines())
        if parse_qs(query).get("bodies") != ["1"]:
            lines = [{key: line[key] for key in line if key != "body"} for line in lines]
        return PharmacyAnswer(200, answers.as_json(lines), JSON)

    def _show_control(self, *_: object) -> PharmacyAnswer:
        content = {"settings": self._control.shown(), "modes": MODES}
        return PharmacyAnswer(200, answers.as_json(content), JSON)

    def _change_control(self, _: str, headers: Headers, body: bytes) -> PharmacyAnswer:
        is_form = headers.get("Content-Type").startswith("application/x-www-form-urlencoded")
        try:
            self._control.tell(_form(body) if is_form else _json(body))
        except NoSuchOrderError as error:
            if is_form:
                return PharmacyAnswer(400, pages.problem(str(error)), HTML)
            return PharmacyAnswer(400, answers.as_json({"error": str(error), "modes": MODES}), JSON)
        return PharmacyAnswer(303, headers={"Location": "/"}) if is_form else self._show_control()


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _form(body: bytes) -> dict[str, object]:
    fields = dict(parse_qsl(body.decode(errors="replace")))
    asked: dict[str, object] = {name: value.strip() for name, value in fields.items()}
    for name, kind in (("times", int), ("seconds", float)):
        with contextlib.suppress(ValueError):
            asked[name] = kind(fields[name]) if fields.get(name) else None
    return asked


class Server(ThreadingHTTPServer):
    """Listens on this machine alone."""

    request_queue_size = 128

    def __init__(self, port: int, site: Site) -> None:
        self.site = site
        super().__init__((ADDRESS, port), Handler)

    def server_bind(self) -> None:
        # Without asking the network for this machine's name, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, int(self.server_address[1])

    def handle_error(self, *_: object) -> None:
        # A connection that broke is no error of ours.
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            print(f"pharmacy: {type(error).__name__}", file=sys.stderr, flush=True)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "DemonstrationPharmacy"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece
    timeout = 120.0  # seconds of silence
    page_headers: ClassVar[dict[str, str]] = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
            " frame-ancestors 'none'; base-uri 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }

    def _serve(self) -> None:
        headers = Headers(self.headers.items())
        try:
            self._check_name()
            body = self._body()
            answer = self.server.site.answer(self.command, self.path, headers, body)
        except Refused as refused:
            answer = refused.answer
        except ConnectionError:
            answer = None
        except Exception as error:  # noqa: BLE001  it must go on, and say nothing of a patient
            print(f"pharmacy: {type(error).__name__}", file=sys.stderr, flush=True)
            answer = answers.outcome(500, "REC_SERVER_ERROR", [("exception", "This went wrong.")])
        if answer is None:
            self.close_connection = True
        else:
            self._send(answer, headers)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def _check_name(self) -> None:
        if not OUR_NAMES.fullmatch(self.headers.get("Host", "localhost")):
            self.close_connection = True
            raise Refused(421, "invalid", "This system is asked as localhost only.")

    def _body(self) -> bytes:
        # Where the end of the body cannot be told, the connection closes after the answer.
        length = self.headers.get("Content-Length", "")
        if self.headers.get("Transfer-Encoding") or not length:
            if self.command in {"GET", "HEAD"} and not self.headers.get("Transfer-Encoding"):
                return b""
            self.close_connection = True
            raise Refused(411, "required", "Content-Length is missing.")
        if not re.fullmatch(r"[0-9]{1,18}", length):
            self.close_connection = True
            raise Refused(400, "invalid", "Content-Length must be a number.")
        if int(length) > LARGEST:
            self._discard(int(length))
            self.close_connection = True
            raise Refused(413, "structure", "The message is too large.")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError
        return body

    def _discard(self, length: int) -> None:
        left = min(length, DISCARDED)
        while left > 0 and (piece := self.rfile.read(min(left, 65536))):
            left -= len(piece)

    def _send(self, answer: PharmacyAnswer, headers: Headers) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        ids = headers.mirrored() if answer.has_ids else {}
        for name, value in {**self.page_headers, **answer.headers, **ids}.items():
            self.send_header(name, value)
        if answer.has_length:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection or not answer.has_length:
            self.send_header("Connection", "close")
        self.end_headers()
        if answer.drips:
            self._drip()
        elif self.command != "HEAD":
            self.wfile.write(answer.body)

    def _drip(self) -> None:
        while True:
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(1)

    def log_message(self, *_: object) -> None:
        # Nothing is logged: addresses and errors may be about patients.
        ...


def _stop(*_: object) -> None:
    raise SystemExit(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="pharmacy", description=pages.TITLE)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--folder", type=Path, required=True, help="what was received is kept here")
    parser.add_argument("--mail", type=Path, help="a folder of emails to show")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        server = Server(options.port, Site(options.folder, options.mail))
    except OSError as error:
        sys.exit(f"pharmacy: {error.strerror}: port {options.port} or folder {options.folder}")
    print(f"{pages.TITLE}: http://{ADDRESS}:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
