"""Hands an e-mail to the mail server within a time that is kept, under the name of our address.

Each step of SMTP has a timeout of its own, and a server that lets a byte drip now and then keeps
all of them: only a deadline for the whole attempt ends it. Source: RFC 5321.
"""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

WITHIN = 90.0  # seconds for an attempt, whatever the server does
GOODBYE_WITHIN = 2.0  # seconds; it has been sent by then
ALIVE_EVERY = 10.0  # seconds between two signs of life while the server is waited for
LONGEST_REPLY = 65_536  # bytes of all that the server says
GO_AHEAD = 354  # the server wants the e-mail itself


class UnansweredError(smtplib.SMTPException):
    """The server was given the e-mail and has not said whether it took it."""


class Deadline:
    def __init__(self, within: float = WITHIN, alive: Callable[[], None] | None = None) -> None:
        """Begin now; ``alive`` is called while a server is waited for."""
        self._ends, self._alive = time.monotonic() + within, alive

    def left(self, longest: float = WITHIN) -> float:
        """Return the seconds that are left, at most ``longest``; raise TimeoutError for none."""
        if self._alive:
            self._alive()
        left = min(longest, self._ends - time.monotonic())
        if left <= 0:
            raise TimeoutError
        return left


class _Replies:
    """What the server says, line by line: the file that smtplib reads."""

    def __init__(self, connection: "_Connection", sock: socket.socket) -> None:
        self._connection, self._sock = connection, sock
        self._read, self._length = b"", 0

    def readline(self, limit: int) -> bytes:
        # smtplib asks for the beginning of a line that is too long, and for b"" at the end.
        step = Deadline(self._connection.step_within)
        while b"\n" not in self._read and len(self._read) < limit:
            self._sock.settimeout(self._connection.deadline.left(step.left(ALIVE_EVERY)))
            with suppress(TimeoutError):
                if not (read := self._sock.recv(4096)):
                    break
                self._read += read
                self._length += len(read)
            if self._length > LONGEST_REPLY:
                raise OSError("more than a reply")
        end = self._read.find(b"\n", 0, limit) + 1 or limit
        line, self._read = self._read[:end], self._read[end:]
        return line

    def close(self) -> None:
        # The socket is smtplib's to close.
        ...


class _Connection(smtplib.SMTP):
    """A connection that ends in time: each of its steps, and the whole."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, deadline: Deadline):
        # With a context, TLS begins with the first byte.
        self.deadline, self.step_within = deadline, float(settings.EMAIL_TIMEOUT)
        self.has_data = False  # the e-mail itself may have arrived
        self._context = context
        super().__init__(host, port, local_hostname=our_name())

    def _get_socket(self, host: str, port: int, _timeout: object) -> socket.socket:
        # The server's addresses are tried one after another, all of them within one step.
        step, error = Deadline(self.step_within), OSError("no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            made = socket.socket(family, kind, protocol)
            try:
                made.settimeout(self.deadline.left(step.left()))
                made.connect(address)
                if self._context is None:
                    return made
                made.settimeout(self.deadline.left(self.step_within))
                return self._context.wrap_socket(made, server_hostname=host)
            except OSError as failed:
                made.close()
                error = failed
        raise error

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Replies(self, self.sock)
        reply = super().getreply()
        if reply[0] == GO_AHEAD:
            # From here on only the server knows whether it is sent: it gets all the time there is.
            self.has_data, self.step_within = True, WITHIN
        return reply

    def send(self, s: Any) -> None:
        # The timeout is also that of the TLS handshake that may follow.
        if self.sock is not None:
            self.sock.settimeout(self.deadline.left(self.step_within))
        super().send(s)

    def say_goodbye(self) -> None:
        # Whatever the server says to that, what was sent is sent.
        self.step_within = GOODBYE_WITHIN
        with suppress(OSError):  # SMTPException is one
            self.quit()
        self.close()


class EmailBackend(smtp.EmailBackend):
    """Django's, with a deadline, and with our name at EHLO in place of the machine's."""

    connection: Any

    def __init__(self, *args: Any, deadline: Deadline | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline = deadline or Deadline()

    def open(self) -> bool:
        if self.connection:
            return False
        context = self.ssl_context if self.use_ssl else None
        made = _Connection(self.host, self.port, context, self._deadline)
        try:
            if self.use_tls:
                made.starttls(context=self.ssl_context)
            if self.username and self.password:
                made.login(self.username, self.password)
        except Exception:
            made.close()
            raise
        self.connection = made
        return True

    def close(self) -> None:
        if self.connection:
            self.connection.say_goodbye()
            self.connection = None

    def _send(self, email_message: EmailMessage) -> bool:
        try:
            return bool(super()._send(email_message))  # type: ignore[misc]  # not in its stubs
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:
            if self.connection.has_data:
                raise UnansweredError from error
            raise


def our_name() -> str:
    """Return our public host, or its address in brackets (RFC 5321, section 4.1.3)."""
    host = str(settings.PUBLIC_URL.hostname)
    try:
        address = ip_address(host)
    except ValueError:
        return host.encode("idna").decode()
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
