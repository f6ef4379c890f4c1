"""Referrals through ``make run`` while its processes are killed: delivered, each once."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.journeys.visitor import Visitor
from tests.pharmacy_system import received_by, tell
from tests.pharmrefer.local.harness import MakeRun, Runs, codes_in, wait_until

pytestmark = [pytest.mark.needs("make", "oathtool"), pytest.mark.timeout(300)]

RECEPTIONIST = "sarah.okafor@larkfield.example"
LEASE = 45  # seconds after which what a killed worker held is taken up by others


def receptionist_of(run: MakeRun) -> Visitor:
    """Sign in the person whose code ``make run`` has printed."""
    wait_until(lambda: run.said("Ctrl-C stops it"), seconds=5, what="everything is said")
    visitor = Visitor(run.url)
    visitor.sign_in(RECEPTIONIST, codes_in(run.lines)[RECEPTIONIST])
    return visitor


def is_delivered(visitor: Visitor, address: str) -> bool:
    return "system received it" in visitor.get(address).page


def check_each_was_processed_once(system: str, count: int) -> None:
    """See in the pharmacies' own log that nothing is missing and nothing there twice."""
    outcomes = Counter(
        each["request_id"] for each in received_by(system) if each["outcome"] == "processed"
    )
    assert len(outcomes) == count
    assert set(outcomes.values()) == {1}


def test_worker_broker_and_database_are_killed_and_each_arrives_once(
    folder: Path, make_run: Runs
) -> None:
    run = make_run(folder)
    run.start()
    system = run.pharmacy_system
    visitor = receptionist_of(run)
    sent = []

    # The pharmacy takes it and does not answer; the worker is killed in the middle.
    tell(system, "hang-after-processing", times=1, seconds=3)
    sent.append(visitor.send_referral(visitor.write_referral()).url)
    wait_until(lambda: bool(received_by(system)), seconds=10, what="the pharmacy has it")
    os.kill(run.process_of("--queues send"), signal.SIGKILL)
    killed_at = time.monotonic()

    # Nobody answers the bell, and pressing Send does not wait for it.
    address = visitor.write_referral()
    os.kill(run.process_of("unixsocket:"), signal.SIGKILL)
    started = time.monotonic()
    sent.append(visitor.send_referral(address).url)
    assert time.monotonic() - started < 5

    # The database goes away while Send is pressed: pressed again, it is sent once.
    address = visitor.write_referral()
    os.kill(run.process_of(" -D "), signal.SIGKILL)
    sent.append(visitor.send_referral(address).url)

    paths = [url.removeprefix(run.url) for url in sent]
    for path in paths:
        wait_until(lambda path=path: is_delivered(visitor, path), seconds=90, what=path)  # type: ignore[misc]
    # The first one was not taken up before the killed worker's lease had ended.
    assert time.monotonic() - killed_at > LEASE - 5
    check_each_was_processed_once(system, len(sent))
    assert {each["outcome"] for each in received_by(system)} <= {"processed", "duplicate"}
    assert run.stop() < 5
    assert run.processes() == {}


def test_stopped_in_the_middle_of_a_burst_and_started_again_all_of_it_arrives(
    folder: Path, make_run: Runs
) -> None:
    run = make_run(folder)
    run.start()
    visitor = receptionist_of(run)
    addresses = [visitor.write_referral() for _ in range(6)]
    tell(run.pharmacy_system, "hang", seconds=60)
    sent = [visitor.send_referral(address).url.removeprefix(run.url) for address in addresses]
    wait_until(
        lambda: len(received_by(run.pharmacy_system)) >= 4, seconds=10, what="some are being sent"
    )
    assert run.stop() < 5
    assert run.processes() == {}

    again = make_run(folder, port=run.port)
    again.start()
    for path in sent:
        wait_until(lambda path=path: is_delivered(visitor, path), seconds=90, what=path)  # type: ignore[misc]
    check_each_was_processed_once(again.pharmacy_system, len(sent))
    assert again.stop() < 5
    assert again.processes() == {}
