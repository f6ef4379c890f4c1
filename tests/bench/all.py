"""Measure everything, print a table, and write ``var/bench.json``: one flat object of figures."""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from pharmrefer.local import VAR
from pharmrefer.local.programs import answers, web
from pharmrefer.local.supervisor import Program
from referrals.models.pharmacies import Pharmacy
from tests import clinical_content, factories
from tests.bench import (
    deliveries,
    keystrokes,
    logins,
    pages,
    picker,
    received,
    rotation,
    starts,
    waiting,
)
from tests.bench.effort import IS_QUICK
from tests.bench.load import Served
from tests.pharmrefer.local.harness import free_port
from tests.running import private, running

PHARMACIES = 20
AT_MOST = {
    "login_page_cpu_ratio": 20.0,
    "set_up_cpu_ratio": 20.0,
    "home_cpu_ratio": 20.0,
    "new_referral_cpu_ratio": 25.0,
    "keystrokes_paste_s": 40.0,
    "keystrokes_typed_s": 55.0,
    "status_cpu_ratio": 20.0,
    "send_cpu_ratio": 25.0,
    "people_growth": 1.5,
    "desk_practice_growth": 1.5,
    "login_rest_cpu_ms": 10.0,
    "received_p95_s": 1.0,
    "healthy_p95_s": 2.0,
    "newcomer_p95_s": 5.0,
    "poison_wait_s": 5.0,
    "delivery_cpu_ms": 8.0,
    "rotation_of_10000_s": 30.0,
    "picker_ms": 100.0,
    "start_first_s": 60.0,
    "start_again_s": 10.0,
}
AT_LEAST = {"login_ratio": 6.0, "delivery_ratio": 0.25}


def main() -> None:
    """Measure; the environment is what tests/bench/__main__.py has started."""
    logging.disable(logging.INFO)  # what is measured logs in processes of its own
    port = settings.PUBLIC_URL.port
    assert port
    receiver_port = free_port()
    receiver = Program(
        "receiver",
        [sys.executable, "-m", "tests.bench.receiver", str(receiver_port)],
        ready=lambda: answers(receiver_port, "/health"),
    )
    site = web(dict(os.environ), port)  # one for all who measure it: to start takes seconds
    clinical_content.make_live()
    with private() as folder, running([receiver, site], folder) as processes:
        endpoint = f"http://127.0.0.1:{receiver_port}"
        pharmacies = [factories.pharmacy(endpoint=endpoint) for _ in range(PHARMACIES)]
        figures = _measured(folder, Served(port, processes[site.name].pid), pharmacies)
    for line in table(figures):
        print(line)
    if IS_QUICK or sys.argv[1:]:
        print("not written: these are not all figures, or not good ones")
        return
    file = VAR / "bench.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"written to {file}")


def _measured(folder: Path, site: Served, pharmacies: list[Pharmacy]) -> dict[str, float]:
    measures: dict[str, Callable[[], dict[str, float]]] = {
        "pages": lambda: pages.measure(folder, site, pharmacies),
        "logins": lambda: logins.measure(folder, site),
        "rotation": rotation.measure,
        "deliveries": lambda: deliveries.measure(folder, pharmacies),
        "received": lambda: received.measure(folder, site.port),
        "waiting": lambda: waiting.measure(folder, pharmacies),
        "picker": lambda: picker.measure(site),
    }
    if not IS_QUICK:  # journeys, and the tests of make run, see that these can be had
        measures["keystrokes"] = lambda: keystrokes.measure(site.port, pharmacies)
        measures["starts"] = starts.measure
    figures: dict[str, float] = {}
    for name in sys.argv[1:] or measures:
        print(f"measuring {name} …", flush=True)
        figures |= measures[name]()
    return {name: round(figure, 4) for name, figure in figures.items()}


def table(figures: dict[str, float]) -> Iterator[str]:
    """Yield a line for each figure, with the bound that it has to keep, if there is one."""
    for name, figure in figures.items():
        words = f"{name:<28}{figure:>12,.3f}"
        if name in AT_MOST:
            words += f"   at most {AT_MOST[name]:g}: {_verdict(figure <= AT_MOST[name])}"
        if name in AT_LEAST:
            words += f"   at least {AT_LEAST[name]:g}: {_verdict(figure >= AT_LEAST[name])}"
        yield words


def _verdict(is_kept: bool) -> str:
    return "reached" if is_kept else "NOT REACHED"
