"""Loaded before everything: a real PostgreSQL for the run, and a plain word on what cannot run."""

import contextlib
import gc
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from pharmrefer.local import ROOT, throwaway

_run = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Start the database before pytest-django reads the settings."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is removed
    os.environ.update(_run.enter_context(throwaway.cluster()))
    # Playwright keeps an event loop in the thread that tests use the database from.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / "build" / "hypothesis"))
    return (yield)


def pytest_unconfigure() -> None:
    """Stop the database."""
    _run.close()


@dataclass(frozen=True)
class Tool:
    """Something a test needs from the machine."""

    is_there: Callable[[], bool]
    remedy: str
    can_be_had: bool = True  # by everybody: else REQUIRE_ALL=1 does not ask for it


def _command(name: str, package: str) -> Tool:
    return Tool(lambda: shutil.which(name) is not None, f"apt install {package}")


def _may_mount() -> bool:
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return (
        bool(shutil.which("unshare"))
        and subprocess.run(command, check=False, capture_output=True).returncode == 0
    )


def _system_has_servers() -> bool:
    valkey = shutil.which("redis-server") or shutil.which("valkey-server")
    return valkey is not None and any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


SHARED = ROOT.parent / "shared" / "data"  # real data and official examples; not the project's
TOOLS = {
    "shared": Tool(SHARED.is_dir, f"real data and official examples in {SHARED}", can_be_had=False),
    "root": Tool(lambda: os.geteuid() == 0, "run the tests as root"),
    "mount-namespace": Tool(
        _may_mount, "run the tests as root, in a container with --cap-add SYS_ADMIN"
    ),
    "make": _command("make", "make"),
    "chromium": _command("chromium", "chromium"),
    "oathtool": _command("oathtool", "oathtool"),
    "zbarimg": _command("zbarimg", "zbar-tools"),
    "nginx": _command("nginx", "nginx"),
    "openssl": _command("openssl", "openssl"),
    "pgbouncer": _command("pgbouncer", "pgbouncer"),
    "wget": _command("wget", "wget"),
    "system-servers": Tool(_system_has_servers, "apt install postgresql redis-server"),
}
_could_not_run: dict[str, int] = {}


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each process one file after another, and keeps together what starts something slow."""

    FRESH_INSTALLATION = "tests/pharmrefer/local/test_run"  # one for all that try make run
    SITE = "tests/journeys/"  # one in each process that has journeys: all but the last one
    # So that nobody works at one of these when all others are done.
    SLOW = (
        *(FRESH_INSTALLATION, SITE, "tests/bench/", "tests/conformance/test_picker.py"),
        *("tests/conformance/test_ods_files.py", "tests/referrals/test_worker.py"),
    )

    def _split_scope(self, nodeid: str) -> str:
        """Name what a test is kept together with."""
        if nodeid.startswith(self.FRESH_INSTALLATION):
            return self.FRESH_INSTALLATION
        return nodeid.partition("::")[0]

    def _assign_work_unit(self, node: object) -> None:
        """Give a process the slowest that is left for it: if it may have a site, a journey."""
        has_site = node is not self.nodes[-1]

        def order(scope: str) -> tuple[bool, int]:
            slow = (number for number, start in enumerate(self.SLOW) if scope.startswith(start))
            return scope.startswith(self.SITE) != has_site, next(slow, len(self.SLOW))

        self.workqueue.move_to_end(min(self.workqueue, key=order), last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Replace --dist loadscope; loadgroup, which is meant for this, does nothing in pytest 9.2."""
    return ByFile(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what lacks a tool, or let it fail with REQUIRE_ALL=1."""
    for item in items:
        names = [name for marker in item.iter_markers("needs") for name in marker.args]
        missing = [name for name in names if not TOOLS[name].is_there()]
        if missing:
            for name in missing:
                _could_not_run[name] = _could_not_run.get(name, 0) + 1
            item.stash[_missing] = ", ".join(missing)


_missing = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the thousands of tests out of every garbage collection, and collect less often.

    They live to the end of the run: walking over them again and again took a fifth of its time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop a test that lacks a tool."""
    if lacks := item.stash.get(_missing, ""):
        required = any(TOOLS[name].can_be_had for name in lacks.split(", "))
        fails = required and os.environ.get("REQUIRE_ALL") == "1"
        (pytest.fail if fails else pytest.skip)(f"needs {lacks}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what could not run to the process that says so, where tests run in several."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["could_not_run"] = _could_not_run


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what could not run from a process; each has collected all tests."""
    _could_not_run.update(getattr(node, "workeroutput", {}).get("could_not_run", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in plain words what could not run and how to make it run."""
    if not _could_not_run:
        return
    terminalreporter.section("could not run on this machine")
    for name, count in sorted(_could_not_run.items()):
        terminalreporter.write_line(f"{count} tests need {name}: {TOOLS[name].remedy}")
