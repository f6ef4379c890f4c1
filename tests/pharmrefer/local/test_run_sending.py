"""Referrals through ``make run`` while its processes are killed: delivered, each once."""

import functools
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from referrals.tasks import SILENT_FOR
from tests.journeys.visitor import Visitor
from tests.pharmacy_system import received_by, tell
from tests.pharmrefer.local.harness import FirstRun, MakeRun, Runs, codes_in, wait_until

pytestmark = [pytest.mark.needs("make", "oathtool"), pytest.mark.timeout(300)]

LEASE = 45.0  # seconds in which nobody else takes up what a killed worker was sending
RECEPTIONIST = "sarah.okafor@larkfield.example"


def receptionist_of(run: MakeRun, first_run: FirstRun) -> Visitor:
    """Sign in the person whose code the first ``make run`` has printed."""
    visitor = Visitor(run.url)
    visitor.sign_in(RECEPTIONIST, codes_in(first_run.lines)[RECEPTIONIST])
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


def wait_until_delivered(visitor: Visitor, paths: list[str]) -> None:
    for path in paths:
        delivered = functools.partial(is_delivered, visitor, path)
        wait_until(delivered, seconds=90, what=f"{path} is delivered")


def test_whatever_is_killed_or_stopped_each_referral_arrives_once(
    first_run: FirstRun, used_folder: Path, make_run: Runs
) -> None:
    """One test, for a killed worker's lease is waited for: 45 seconds."""
    run = make_run(used_folder)
    run.start()
    system = run.pharmacy_system
    visitor = receptionist_of(run, first_run)

    def send(address: str) -> str:
        return visitor.send_referral(address).url.removeprefix(run.url)

    # The pharmacy takes it and does not answer; the worker is killed in the middle.
    tell(system, "hang-after-processing", times=1, seconds=3)
    claimed = time.monotonic()
    cut_short = send(visitor.write_referral())
    wait_until(lambda: bool(received_by(system)), seconds=10, what="the pharmacy has it")
    os.kill(run.process_of("--queues send"), signal.SIGKILL)

    # No broker answers, and pressing Send does not wait for it.
    address = visitor.write_referral()
    os.kill(run.process_of("unixsocket:"), signal.SIGKILL)
    started = time.monotonic()
    sent = [send(address)]
    assert time.monotonic() - started < 5

    # The database goes away while Send is pressed: pressed again, it is sent once.
    address = visitor.write_referral()
    os.kill(run.process_of(" -D "), signal.SIGKILL)
    sent.append(send(address))
    silent_from = time.monotonic()
    wait_until_delivered(visitor, sent)
    is_early = is_delivered(visitor, cut_short)  # the lease of the killed worker has not ended
    assert not is_early or time.monotonic() - claimed > LEASE

    # A web server that could not enqueue does not try for a while: what is sent then waits.
    time.sleep(max(0, silent_from + SILENT_FOR - time.monotonic()))

    # Stopped in the middle of a burst: three are under way, with the one that was cut short four.
    addresses = [visitor.write_referral() for _ in range(6)]
    tell(system, "hang", seconds=60)
    before = len(received_by(system))
    burst = [send(address) for address in addresses]
    wait_until(
        lambda: len(received_by(system)) >= before + 3, seconds=10, what="some are being sent"
    )
    assert run.stop() < 5
    assert run.processes() == {}

    again = make_run(used_folder, port=run.port)
    again.start()
    time.sleep(max(0, claimed + LEASE - time.monotonic()))  # to look costs the web server work
    wait_until_delivered(visitor, [cut_short, *burst])
    check_each_was_processed_once(again.pharmacy_system, 1 + len(sent) + len(burst))
    assert again.stop() < 5
    assert again.processes() == {}
