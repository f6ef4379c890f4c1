"""A mail server that takes e-mails, or refuses, dawdles, drips, drops and hangs as it is told.

As little of RFC 5321 as needed.
"""

import contextlib
import socketserver
import ssl
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

GREETING, END_OF_DATA = "greeting", "."  # beside a command's first four letters: what it answers
FINE = {
    GREETING: "220 here",
    "EHLO": "250-here\r\n250 8BITMIME",
    "DATA": "354 go on",
    END_OF_DATA: "250 taken",
    "QUIT": "221 bye",
}


@dataclass
class Received:
    """An e-mail that was taken."""

    to: list[str]
    source: bytes


class _Conversation(socketserver.StreamRequestHandler):
    """One connection."""

    server: "_Listener"

    def handle(self) -> None:
        ours = self.server.ours
        with contextlib.suppress(OSError, EOFError):
            if ours.tls and not ours.begins_plain:
                self._secure()
            if ours.hangs.is_set():
                ours.stopped.wait(600)
                return
            self._answer(GREETING)
            self._converse()

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the listener closes only what has no TLS

    def _secure(self) -> None:
        assert self.server.ours.tls
        self.request = self.server.ours.tls.wrap_socket(self.request, server_side=True)
        self.setup()

    def _converse(self) -> None:
        ours = self.server.ours
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word, argument = line[:4].upper(), line.partition(":")[2].strip(" <>").split(">")[0]
            if word in {"EHLO", "HELO"}:
                ours.greeted.append(line[5:])
                self._answer(word)
            elif word == "RCPT" and argument in ours.refused:
                self._say(ours.refused[argument])
            elif word == "STAR":
                self._say("220 go on")
                self._secure()
            else:
                self._answer(word)
                to += [argument] if word == "RCPT" else []
            if word == "DATA" and ours.answers["DATA"].startswith("354"):
                ours.taken.append(Received(to, self._data()))
                self._answer(END_OF_DATA)
            if word == "QUIT":
                return

    def _data(self) -> bytes:
        source = b""
        while (read := self.rfile.readline()) != b".\r\n":
            source += read
            if not read:
                raise EOFError
        return source

    def _answer(self, word: str) -> None:
        ours = self.server.ours
        if word in ours.dawdles:
            ours.stopped.wait(ours.dawdles[word])
        if word in ours.drops:
            raise EOFError
        while word in ours.drips and not ours.stopped.wait(0.05):
            self.wfile.write(ours.drips[word])
        self._say(ours.answers.get(word, "250 fine"))

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    ours: "MailServer"

    def handle_error(self, *_: object) -> None:
        """A client that does not trust us is no news."""


class MailServer:
    """It listens while the ``with`` block lasts."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, begins_plain: bool = False) -> None:
        """Begin well behaved; with ``tls``, encrypted from the first byte or after STARTTLS."""
        self.tls, self.begins_plain = tls, begins_plain
        self.answers = dict(FINE)
        if begins_plain:
            self.answers["EHLO"] = "250-here\r\n250 STARTTLS"
        self.refused: dict[str, str] = {}
        self.dawdles: dict[str, float] = {}
        self.drips: dict[str, bytes] = {}
        self.drops: set[str] = set()
        self.greeted: list[str] = []
        self.taken: list[Received] = []
        self.hangs, self.stopped = threading.Event(), threading.Event()

    def __enter__(self) -> Self:
        self._listener = _Listener(("127.0.0.1", 0), _Conversation)
        self._listener.ours = self
        self.port = int(self._listener.server_address[1])
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopped.set()
        self._listener.shutdown()
        self._listener.server_close()

    def received(self) -> list[Received]:
        """What it has taken."""
        return list(self.taken)

    def answer(self, word: str, reply: str) -> None:
        """Answer so to a command, given by its first four letters, or to what FINE names."""
        self.answers[word] = reply

    def refuse(self, address: str, reply: str = "550 no") -> None:
        """Take nothing for an address."""
        self.refused[address] = reply

    def be_well(self) -> None:
        """Behave from now on."""
        self.answers = dict(FINE)
        for trouble in (self.refused, self.dawdles, self.drips, self.drops):
            trouble.clear()
        self.hangs.clear()

    def hang(self) -> None:
        """Take connections and say nothing."""
        self.hangs.set()
