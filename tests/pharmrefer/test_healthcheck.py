"""What a container's health check says."""

import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pharmrefer import healthcheck
from tests.pharmrefer.local.harness import free_port


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_ready = self.path == "/health/ready"
        self.send_response(200 if is_ready else 503)
        self.end_headers()
        self.wfile.write(b"ready\n" if is_ready else b"no database\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """Where something answers that is ready at one address."""
    with HTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_file_must_be_fresh(tmp_path: Path) -> None:
    file = tmp_path / "health"
    assert healthcheck.why_not(str(file)) == f"{file}: No such file or directory"
    file.touch()
    assert healthcheck.why_not(str(file)) is None
    os.utime(file, (time.time() - 90,) * 2)
    assert healthcheck.why_not(str(file)) == f"{file} was touched 90 seconds ago"


def test_an_address_must_answer_200(port: int) -> None:
    url = f"http://127.0.0.1:{port}/health/ready"
    assert healthcheck.why_not(url) is None
    assert healthcheck.why_not(f"http://127.0.0.1:{port}/") == "503: no database"
    nobody = f"http://127.0.0.1:{free_port()}/"
    assert str(healthcheck.why_not(nobody)).startswith(f"{nobody}: ")
