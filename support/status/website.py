"""Asks PharmRefer's own address, as a visitor does, whether it works.

By hand, for an HTTP client that keeps a deadline takes 30 MB, and each worker would load it.
"""

import contextlib
import http.client
import logging
import socket
import threading
import time
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from support.status.judging import WebsiteSeen

logger = logging.getLogger(__name__)

WITHIN = 5.0  # seconds for all of it, whatever the other side does
LONGEST_ANSWER = 1000  # bytes


def ask(url: str, *, within: float = WITHIN) -> WebsiteSeen:
    """Ask whether the website at an address is ready; no status where it has not said in time."""
    parts, started = urlsplit(url), time.monotonic()
    is_tls = parts.scheme == "https"
    kind = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=within)
    answers: SimpleQueue[int | None] = SimpleQueue()

    def get() -> None:
        answers.put(_status(connection))

    # In a thread, for looking up a name and an answer that only drips keep to no timeout.
    threading.Thread(target=get, name="asks the website", daemon=True).start()
    try:
        status = answers.get(timeout=within)
    except Empty:
        logger.warning("the website has not answered within %s s", within)
        status = None
        if sock := connection.sock:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)  # ends the thread
    return WebsiteSeen(status, time.monotonic() - started)


def _status(connection: http.client.HTTPConnection) -> int | None:
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        response.read(LONGEST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        logger.warning("the website cannot be asked: %s", type(error).__name__)
        return None
    finally:
        connection.close()
    return response.status
