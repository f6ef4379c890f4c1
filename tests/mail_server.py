"""A mail server that takes e-mails, or refuses them, or hangs: as little of RFC 5321 as needed."""

import socketserver
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self


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
        if ours.hangs.is_set():
            ours.stopped.wait(600)
            return
        self._say("220 here")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word, argument = line[:4].upper(), line.partition(":")[2].strip(" <>").split(">")[0]
            if word == "MAIL":
                self._say(ours.to_senders)
            elif word == "RCPT":
                refused = argument in ours.refused
                self._say("550 no" if refused else ours.to_recipients)
                to += [] if refused else [argument]
            elif word == "DATA":
                self._say("354 go on")
                source = b""
                while (read := self.rfile.readline()) != b".\r\n":
                    source += read
                ours.taken.append(Received(to, source))
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    ours: "MailServer"


class MailServer:
    """It listens while the ``with`` block lasts."""

    def __init__(self) -> None:
        self.to_senders = self.to_recipients = "250 fine"
        self.refused: set[str] = set()
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

    def answer_senders(self, reply: str) -> None:
        """Answer so whoever says from whom an e-mail is."""
        self.to_senders = reply

    def answer_recipients(self, reply: str) -> None:
        """Answer so whoever says to whom an e-mail is."""
        self.to_recipients = reply

    def refuse(self, address: str) -> None:
        """Take nothing for somebody."""
        self.refused.add(address)

    def hang(self) -> None:
        """Take connections and say nothing."""
        self.hangs.set()
