"""Pages while a real PostgreSQL is frozen, killed, or not there from the beginning."""

import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pharmrefer.local import postgres
from pharmrefer.local.installation import database_url, reachable
from pharmrefer.local.privilege import runner
from pharmrefer.local.programs import web
from pharmrefer.local.supervisor import Program, start_process
from pharmrefer.provision import login
from support.status.reading import STATUS_READ_EVERY
from tests.pharmrefer.local.harness import free_port, wait_until
from tests.running import private, running

COOKIE = {"Cookie": "session=" + "x" * 40}
READ = "INSERT INTO support_minutereading (at, parts) VALUES (now(), %s)"
SAID = '{"email": {"state": "working", "since": "2026-11-30T09:41:00Z"}}'
WITHIN = 2.0  # seconds


@dataclass
class Server:
    environment: dict[str, str]
    postmaster: int
    folder: Path
    port: int

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[str, float]:
        """Return a page and how long it took."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers=headers or {}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        started = time.monotonic()
        try:
            with direct.open(request, timeout=30) as response:
                page = response.read().decode()
        except urllib.error.HTTPError as error:
            page = error.read().decode()
        return page, time.monotonic() - started

    def website(self) -> ExitStack:
        """Run a web server until the stack is closed."""
        stack = ExitStack()
        usual = web(self.environment, self.port)
        command = [*usual.command, "--workers", "1"]  # the last one counts
        program = replace(usual, command=command, ready=self._is_alive)
        stack.enter_context(running([program], self.folder))
        return stack

    def _is_alive(self) -> bool:
        try:
            return "alive" in self.get("/health/live")[0]
        except OSError:
            return False


def processes(postmaster: int) -> list[int]:
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
    return [postmaster, *map(int, children.split())]


def send(postmaster: int, number: signal.Signals) -> None:
    """Send a signal to each process of a PostgreSQL."""
    for pid in processes(postmaster):
        with suppress(ProcessLookupError):  # one that had nothing more to do
            os.kill(pid, number)


def copy_data(folder: Path) -> None:
    """Copy what the run's own PostgreSQL keeps, as a power cut would leave it.

    To migrate an empty database takes three times as long.
    """
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as admin:
        [[data]] = admin.execute("SHOW data_directory").fetchall()
    postmaster = int((Path(data) / "postmaster.pid").read_text().split()[0])
    send(postmaster, signal.SIGSTOP)
    try:
        subprocess.run(["cp", "-a", data, folder / "data"], check=True)
    finally:
        send(postmaster, signal.SIGCONT)
    (folder / "data" / "postmaster.pid").unlink()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    urls = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_ADMIN_URL")}
    with private() as folder:
        runner().own(folder)
        copy_data(folder)
        binaries = reachable(postgres.choose_binaries(), folder)
        cluster = postgres.Cluster(folder, folder, binaries, runner(), throwaway=True)
        admin = make_conninfo(urls["DATABASE_ADMIN_URL"], host=str(folder))
        with (tmp_path / "postgres.log").open("wb") as log:
            program = Program("postgres", cluster.command(), lambda: True, runner=runner())
            process = start_process(program, log.fileno())
        try:
            wait_until(lambda: _answers(admin), seconds=20, what="PostgreSQL has recovered")
            port = free_port()
            ours = login(urls["DATABASE_URL"])
            environment = os.environ | {
                "DATABASE_URL": database_url(ours, folder),
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
            }
            with psycopg.connect(environment["DATABASE_URL"]) as database:
                database.execute(READ, [SAID])
            postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            yield Server(environment, postmaster, tmp_path, port)
        finally:
            process.kill()
            process.wait()


def _answers(conninfo: str) -> bool:
    try:
        psycopg.connect(conninfo).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.usefixtures("django_db_setup")
def test_the_status_page_is_there_in_an_outage(server: Server) -> None:
    with server.website():
        assert "Status" in server.get("/log-in/")[0]  # whatever is opened, a reading is seen
        try:
            send(server.postmaster, signal.SIGSTOP)
            waiting = [
                threading.Thread(target=server.get, args=("/account/", COOKIE)) for _ in "123456"
            ]
            for each in waiting:
                each.start()  # users who wait for it, more than there are threads
            for _ in range(2):
                for path in ("/status/", "/status/paper-form/", "/help/clock/"):
                    page, took = server.get(path, COOKIE)
                    assert took < WITHIN, path
                    assert "<h1>" in page
            _until_it_knows(server)
        finally:
            send(server.postmaster, signal.SIGCONT)
        for each in waiting:
            each.join()
        wait_until(
            lambda: "cannot reach" not in server.get("/status/")[0],
            seconds=30,
            what="it is there again",
        )

        send(server.postmaster, signal.SIGKILL)
        page, took = server.get("/status/", COOKIE)
        assert took < WITHIN
        page = _until_it_knows(server)
        assert "Last reading: " in page
        assert "At the last reading: working." in page, page[page.index("<main") :]
        refused, _ = server.get("/account/", COOKIE)
        assert 'href="/status/"' in refused
        assert 'href="/status/paper-form/"' in refused

    with server.website():
        page, took = server.get("/status/", COOKIE)
        assert took < WITHIN
        assert "There is no reading yet." in page
        assert "A Pharmacy First condition" in server.get("/status/paper-form/")[0]


def _until_it_knows(server: Server) -> str:
    """Wait until the process has asked again and found nobody there; return the page."""
    time.sleep(STATUS_READ_EVERY)
    wait_until(
        lambda: "cannot reach" in server.get("/status/")[0],
        seconds=30,
        what="it knows that the database is away",
    )
    return server.get("/status/")[0]
