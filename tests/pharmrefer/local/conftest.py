"""Copies of the project in which make run has been, and runs that leave nothing behind."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pharmrefer.local.privilege import private_folder
from tests.pharmrefer.local.harness import (
    AWKWARD,
    FirstRun,
    MakeRun,
    Runs,
    SecondRun,
    copy_installed,
    copy_of_the_project,
    copy_used,
)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    folder = copy_of_the_project(tmp_path_factory.mktemp("first") / AWKWARD)
    run = MakeRun(folder)
    try:
        seconds = run.start()
        seconds_to_stop = run.stop()
        survivors = run.processes()
    finally:
        run.clean_up()
    return FirstRun(folder, seconds, seconds_to_stop, survivors, run.lines)


@pytest.fixture(scope="session")
def second_run(
    first_run: FirstRun, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecondRun]:
    """It runs for all tests that stop nothing for good."""
    run = MakeRun(copy_used(first_run, tmp_path_factory.mktemp("second") / "project"))
    try:
        yield SecondRun(run, run.start())
        assert run.stop() < 5
        assert run.processes() == {}
        assert run.said("PharmRefer has stopped.")
    finally:
        run.clean_up()


@pytest.fixture
def make_run() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.clean_up()


@pytest.fixture
def folder(first_run: FirstRun, tmp_path: Path) -> Path:
    return copy_installed(first_run, tmp_path / "project")


@pytest.fixture
def used_folder(first_run: FirstRun, tmp_path: Path) -> Path:
    """For tests that are about something else than the first start."""
    return copy_used(first_run, tmp_path / "project")


@pytest.fixture
def home() -> Iterator[Path]:
    """A private home outside pytest's folders, which only root may enter."""
    folder = Path(tempfile.mkdtemp(prefix="home-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def run(folder: Path, make_run: Runs) -> MakeRun:
    return make_run(folder)


@pytest.fixture
def private() -> Iterator[Path]:
    """A folder that PostgreSQL may use, whichever user runs the tests, short enough for sockets."""
    folder = private_folder()
    yield folder
    shutil.rmtree(folder)
