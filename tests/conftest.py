"""Fixtures that every test may use."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.core.signals import setting_changed
from django.test import Client
from django.test.client import ClientHandler
from pytest_django import DjangoDbBlocker

from accounts.factors.passwords import Argon2id
from pharmrefer.local import BUILD
from support import database
from tests import clinical_content, evidence, regional_content, status_readings
from tests.pharmacy_system import PharmacySystem


@pytest.fixture(scope="session", autouse=True)
def _collected_static_files() -> None:
    """Collect them once in a run, which may have several processes."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", secrets.token_hex())
    with (BUILD / "collected.run").open("a+") as last:
        fcntl.flock(last, fcntl.LOCK_EX)
        last.seek(0)
        if last.read() != run:
            call_command("collectstatic", verbosity=0, interactive=False)
            last.truncate(0)
            last.write(run)
        else:  # the storage may have looked before the other process was done
            storage: Any = staticfiles_storage
            storage.hashed_files, storage.manifest_hash = storage.load_manifest()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> None:
    """Migrate the run's own database as its owner; tests use it as the application.

    And tests say themselves when something happens: only the owner can allow that. The first
    clinical content is live, on every day that a test may be about.
    """
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
    evidence.let_tests_say_when()
    clinical_content.make_live()


@pytest.fixture(autouse=True)
def _quick_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the product's own hasher do less work where a test is not about its work.

    A hash is made to take long: 22 ms of CPU, and every attempt to log in makes one or more.
    """
    marked = request.node.get_closest_marker
    if marked("django_db") and not marked("real_hashes"):
        monkeypatch.setattr(Argon2id, "time_cost", 1)
        monkeypatch.setattr(Argon2id, "memory_cost", 8)  # KiB


@pytest.fixture(scope="session", autouse=True)
def _one_chain_of_middleware() -> Iterator[None]:
    """Let all test clients use one, as visitors of a server do: WhiteNoise reads a whole folder.

    A changed setting makes it anew: some middleware reads its settings when it starts.
    """
    load, made = ClientHandler.load_middleware, dict[str, Any]()

    def load_once(self: Any, *, is_async: bool = False) -> None:
        if "chain" not in made:
            load(self, is_async=is_async)
            made.update(chain=self._middleware_chain)
        self._middleware_chain = made["chain"]

    def forget(**_: Any) -> None:
        made.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load_once)
        yield
    setting_changed.disconnect(forget)


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    """Ask the database for no region and no reading: queries would depend on the clock.

    Before each test, for another one may have saved some.
    """
    regional_content.show()
    status_readings.show()
    # Asked for a moment only, it is asked in the test's own transaction.
    database.asker.begin = lambda act: act()


@pytest.fixture
def client() -> Client:
    """A browser as it comes through the proxy, over https."""
    return Client(headers={"x-forwarded-proto": "https"})


@pytest.fixture(scope="session")
def running_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PharmacySystem]:
    """Start the pharmacies' system in a process of its own, once."""
    system = PharmacySystem(tmp_path_factory.mktemp("pharmacy"))
    system.start()
    yield system
    system.stop()


@pytest.fixture
def system(running_system: PharmacySystem) -> PharmacySystem:
    """The pharmacies' system, behaving normally."""
    running_system.told("normal")
    return running_system
