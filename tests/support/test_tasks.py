"""Readings are taken by the control worker, and the sending worker shows that it takes tasks."""

import os
import sys
from pathlib import Path

import psycopg
import pytest

from pharmrefer.local import ROOT
from pharmrefer.local.supervisor import Program
from referrals.tasks import app
from support.tasks import reading, sender_sign
from tests.running import broker, broker_url, private, running

SCRIPT = """
from pharmrefer.celery import app, tasks
tasks.sender_sign.apply_async()
tasks.reading.apply_async()
options = "--pool threads --concurrency 2 --queues send,control --hostname both@%h"
app.worker_main(["worker", *options.split(), "--without-gossip", "--without-mingle"])
"""
COUNT = (
    "SELECT (SELECT count(*) FROM support_minutereading), (SELECT count(*) FROM support_workersign)"
)
FORGET = "DELETE FROM support_minutereading; DELETE FROM support_dayofreadings; "
FORGET += "DELETE FROM support_workersign"


def test_each_task_has_its_queue_and_more_than_one_chance_a_minute() -> None:
    assert (reading.name, sender_sign.name) == ("reading", "sender-sign")
    routes, beat = app.conf.task_routes, app.conf.beat_schedule
    assert (routes["reading"], routes["sender-sign"]) == ("control", "send")
    assert beat["reading"]["schedule"] <= 30
    assert {"sweep", "mail", "seal", "tidy"} <= set(beat)


@pytest.mark.usefixtures("django_db_setup")
def test_a_worker_does_both(tmp_path: Path) -> None:
    with private() as sockets, psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as rows:

        def are_there() -> bool:
            return rows.execute(COUNT).fetchone() == (1, 1)

        environment = os.environ | {"BROKER_URL": broker_url(sockets)}
        environment["STATUS_CHECK_URL"] = "http://127.0.0.1:9"
        command = [sys.executable, "-c", SCRIPT]
        worker = Program("worker", command, are_there, environment=environment, folder=ROOT)
        try:
            with (
                running([broker(sockets, sockets / "data")], tmp_path),
                running([worker], tmp_path),
            ):
                assert are_there()
        finally:
            rows.execute(FORGET)
    assert "ERROR" not in (tmp_path / "worker.log").read_text()
