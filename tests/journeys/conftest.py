"""A whole PharmRefer in processes of its own, and a real browser that forgives nothing."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import CommandError
from playwright.sync_api import Browser, BrowserContext, Page

from pharmrefer.demo.mail import CaughtMail, mails_in
from pharmrefer.local import ROOT
from pharmrefer.local.programs import CONTACTS, REGION, Ports, pharmacy_system, web, workers
from pharmrefer.provision import login, provision
from tests.browser import launch_options
from tests.journeys.console import LET_IN
from tests.journeys.looking import evaluate
from tests.pharmacy_system import received_by
from tests.pharmrefer.local.harness import free_port
from tests.running import broker, broker_url, private, running

PRACTICE = "Z91001"
STORED = "[localStorage.length, sessionStorage.length]"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, **launch_options()}


# Django first: the module knows models.
CONSOLE = "import django; django.setup(); from tests.journeys.console import serve; serve()"


class Console:
    """An operator at a console: one process that runs command after command.

    To start one for each would take a fifth of the time of all journeys.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", CONSOLE],
            env=environment | {"DJANGO_SETTINGS_MODULE": "pharmrefer.settings"},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = Lock()  # journeys press buttons in several threads

    def run(self, arguments: Sequence[str]) -> str:
        """Run a command and return what it prints."""
        assert self._process.stdin
        assert self._process.stdout
        with self._lock:
            self._process.stdin.write(json.dumps(arguments) + "\n")
            self._process.stdin.flush()
            printed, error = json.loads(self._process.stdout.readline())
        if error:
            raise CommandError(error)
        return str(printed)

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=20)


@dataclass
class Site:
    """A running PharmRefer with a database of its own, and the pharmacies' system."""

    url: str
    pharmacy_system: str
    folder: Path
    environment: dict[str, str]
    console: Console

    def manage(self, *arguments: str) -> str:
        """Run a manage.py command and return what it prints."""
        return self.console.run(arguments)

    def let_in(
        self, email: str, invitation: str, password: str, *, seconds_off: int, browser: str
    ) -> tuple[str, dict[str, str]]:
        """Activate an account without pages; return its secret and the browser's cookies."""
        said = self.console.run([LET_IN, email, invitation, password, str(seconds_off), browser])
        made = json.loads(said)
        return made["secret"], made["cookies"]

    def invite(self, email: str, *, role: str = "staff", at: str = PRACTICE) -> str:
        """Create a person and return their activation code."""
        names = ["--given-name", "Jane", "--family-name", "Doe", "--job-role", "Receptionist"]
        practice = ["--practice", at] if role in {"staff", "practice_administrator"} else []
        said = self.manage("invite", email, *names, "--role", role, *practice)
        return said.split()[-1]

    def mails(self, *, to: str) -> list[CaughtMail]:
        """Return the e-mails that a user was sent, the oldest first."""
        found = mails_in(self.folder / "mail")
        return sorted((each for each in found if each.to == to), key=lambda each: each.sent_at)

    def let_pass(self, email: str, *, idle: bool = True, **time: float) -> None:
        """Move a user's log-in into the past, and unless they were not idle what they did."""
        move = "UPDATE accounts_session SET created_at = created_at - %s, "
        move += "last_seen_at = last_seen_at - %s WHERE user_id = "
        move += "(SELECT id FROM accounts_user WHERE email = %s)"
        by = timedelta(**time)
        with psycopg.connect(self.environment["DATABASE_URL"]) as database:
            moved = database.execute(move, (by, by * idle, email))
            assert moved.rowcount == 1

    def received(self, *, by: str) -> list[dict[str, Any]]:
        """Return what a pharmacy has received, by its DoS service id, the oldest first."""
        everything = received_by(self.pharmacy_system)
        return [each for each in everything if each["dos_service_id"] == by]


def _elsewhere(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start all that make run starts, on a database beside the tests' own."""
    urls = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    owner, application = login(urls["DATABASE_OWNER_URL"]), login(urls["DATABASE_URL"])
    admin = os.environ["DATABASE_ADMIN_URL"]
    provision(admin, database="journeys", owner=owner, application=application)
    folder = tmp_path_factory.mktemp("site")
    ports = Ports(free_port(), free_port())
    environment = os.environ | {name: _elsewhere(url, "journeys") for name, url in urls.items()}
    environment["PUBLIC_URL"] = f"http://localhost:{ports.web}"
    environment["EMAIL_URL"] = (folder / "mail").as_uri()
    with private() as sockets:
        environment["BROKER_URL"] = broker_url(sockets)
        # In a process of its own: it becomes the database's owner.
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(migrate, env=environment, cwd=ROOT, check=True)
        made = Site(
            f"http://localhost:{ports.web}",
            f"http://localhost:{ports.pharmacy}",
            folder,
            environment,
            Console(environment),
        )
        made.manage("load_demonstration", str(REGION), "--pharmacy-system", made.pharmacy_system)
        made.manage("load_region", str(CONTACTS))
        servers = [broker(sockets, folder), pharmacy_system(ports.pharmacy, folder)]
        ours = [web(environment, ports.web), *workers(environment, folder)]
        with running([*servers, *ours], folder):
            yield made
            made.console.close()
    for log in folder.glob("*.log"):
        written = log.read_text()
        faults = [line for line in written.splitlines() if re.search(r"\bERROR\b|Traceback", line)]
        assert not faults, (log.name, faults, written)
        # Nobody's name, no code in groups of four (ids have more), and nothing of a patient.
        leaked = r"Jane|Doe@|(?<![\w-])[0-9A-Z]{4}(-[0-9A-Z]{4}){2}(?![\w-])|Ashworth|Winifred"
        leaked += "|sore throat"
        assert not re.search(leaked, written), (log.name, written)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser has complained about; must stay empty."""
    return []


@pytest.fixture
def open_browser(
    site: Site, browser: Browser, complaints: list[str]
) -> Iterator[Callable[..., Page]]:
    """Open fresh browsers, each with no cookies; complain about errors and off-site requests."""
    contexts: list[BrowserContext] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                # Chromium reports every answer that is not 2xx; 422 is how forms say no, 401 and
                # 423 how a page learns that it is over or locked, and a page that is not there
                # is asked for on purpose. nhsuk-frontend logs what it cannot start.
                if message.type in {"error", "warning", "log"}
                and not re.search("status of (401|404|422|423)", message.text)
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((site.url, "blob:"))
                else complaints.append(request.url)
            ),
        )

    def new(**options: Any) -> Page:
        context = browser.new_context(base_url=site.url, locale="en-GB", **options)
        contexts.append(context)
        context.on("page", watch)
        return context.new_page()

    yield new
    for context in contexts:
        for page in context.pages:
            if page.url == "about:blank":  # never went anywhere
                continue
            assert evaluate(page, STORED) == [0, 0], page.url  # nothing stays on a shared computer
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_browser: Callable[..., Page]) -> Page:
    """A browser as most people have it."""
    return open_browser()
