"""A sending worker in a process of its own: busy it lives, and where its threads hang it ends."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pharmrefer.local import ROOT
from pharmrefer.local.supervisor import Program
from referrals.watchdog import FAILED
from tests.pharmrefer.local.harness import wait_until
from tests.running import broker, broker_url, private, running

# A watchdog that loses its patience after 2 seconds, not 90.
SCRIPT = """
import pathlib, sys, time
from pharmrefer.celery import app
from referrals import tasks, watchdog
watchdog.EVERY, watchdog.MOST_UNHEARD = 0.1, 20

@app.task(name="hang")
def hang():
    time.sleep(60)

@app.task(name="last")
def last():
    pathlib.Path(sys.argv[1]).touch()

for _ in range(int(sys.argv[2])):
    tasks.drain.apply_async((0,))
for _ in range(int(sys.argv[3])):
    hang.apply_async(queue="backlog")
last.apply_async(queue="backlog")
options = "--pool threads --concurrency 4 --queues send,backlog --hostname send@%h"
app.worker_main(["worker", *options.split(), "--without-gossip", "--without-mingle"])
"""


@pytest.fixture
def sockets() -> Iterator[Path]:
    """Where a broker of its own answers."""
    with private() as folder, running([broker(folder, folder / "data")], folder):
        yield folder


def worker(sockets: Path, folder: Path, *, idle: int = 0, hanging: int = 0) -> Program:
    """Return a worker that finds so many tasks enqueued for nothing, and tasks that hang."""
    health = folder / "health"
    command = [sys.executable, "-c", SCRIPT, str(folder / "last"), str(idle), str(hanging)]
    environment = os.environ | {"BROKER_URL": broker_url(sockets), "HEALTH_FILE": str(health)}
    return Program("worker", command, ready=health.exists, environment=environment, folder=ROOT)


@pytest.mark.usefixtures("django_db_setup")
def test_one_with_much_to_do_is_not_taken_for_dead(sockets: Path, tmp_path: Path) -> None:
    with running([worker(sockets, tmp_path, idle=3000)], tmp_path) as processes:
        took = wait_until((tmp_path / "last").exists, seconds=60, what="all have been heard")
        assert processes["worker"].poll() is None
    assert took > 2, "else nothing would have been seen"
    assert "CRITICAL" not in (tmp_path / "worker.log").read_text()


@pytest.mark.usefixtures("django_db_setup")
def test_one_whose_threads_hang_ends_so_that_it_is_started_again(
    sockets: Path, tmp_path: Path
) -> None:
    with running([worker(sockets, tmp_path, hanging=4)], tmp_path) as processes:
        assert processes["worker"].wait(timeout=30) == FAILED
    assert "nothing has been heard of the work" in (tmp_path / "worker.log").read_text()
