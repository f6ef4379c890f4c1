"""The pharmacy system as a process of its own, and a sender that sees every byte."""

import contextlib
import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pharmrefer.local import ROOT
from tests.pharmrefer.demo.message import good_headers, good_message
from tests.pharmrefer.local.harness import fetch, free_port, wait_until


@dataclass
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> tuple[str, str]:
        """The details' code and the first issue's code."""
        issue = self.json["issue"][0]
        return issue["details"]["coding"][0]["code"], issue["code"]


@dataclass
class Pharmacy:
    """A running system."""

    folder: Path
    port: int = field(default_factory=free_port)
    before: int = 0  # lines of the log that are of other tests

    def start(self) -> None:
        options = ["--port", str(self.port), "--folder", str(self.folder / "pharmacy")]
        options += ["--mail", str(self.folder / "mail")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pharmrefer.demo.pharmacy", *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_until(
            lambda: fetch(f"http://127.0.0.1:{self.port}/health") == b"ready",
            seconds=20,
            what="the pharmacy system is ready",
        )

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Stop it; return its exit code and what it printed."""
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=5)
        return self.process.returncode, printed

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 10,
    ) -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answered(answer.status, dict(answer.getheaders()), answer.read())

    def send(
        self,
        message: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 10,
    ) -> Answered:
        body = json.dumps(message or good_message()).encode()
        headers = headers or good_headers()
        return self.ask("POST", "/$process-message", body, headers, timeout)

    def tell(self, mode: str, **more: Any) -> Answered:
        body = json.dumps({"mode": mode} | more).encode()
        return self.ask("POST", "/control", body, {"Content-Type": "application/json"})

    def log(self) -> list[dict[str, Any]]:
        text = (self.folder / "pharmacy" / "received.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()][self.before :]


@contextlib.contextmanager
def _running(folder: Path) -> Iterator[Pharmacy]:
    running = Pharmacy(folder)
    running.start()
    try:
        yield running
        assert running.process.poll() is None, "it ended by itself"
    finally:
        if running.process.poll() is None:
            running.process.kill()
        running.process.communicate()


@pytest.fixture
def new_pharmacy(tmp_path: Path) -> Iterator[Pharmacy]:
    """For tests that stop it, or look at all that it has."""
    with _running(tmp_path) as pharmacy:
        yield pharmacy


@pytest.fixture(scope="session")
def _pharmacy_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pharmacy]:
    with _running(tmp_path_factory.mktemp("pharmacy")) as pharmacy:
        yield pharmacy


@pytest.fixture
def pharmacy(_pharmacy_of_all: Pharmacy) -> Pharmacy:
    """One process for all tests, which has no orders and whose log begins with the test."""
    _pharmacy_of_all.tell("normal")
    _pharmacy_of_all.before = 0
    _pharmacy_of_all.before = len(_pharmacy_of_all.log())
    return _pharmacy_of_all
