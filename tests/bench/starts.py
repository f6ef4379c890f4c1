"""How long ``make run`` takes until it runs: from a fresh clone, and again in the same folder."""

import tempfile
from pathlib import Path

from tests.pharmrefer.local.harness import MakeRun, copy_of_the_project


def measure() -> dict[str, float]:
    """Return seconds; the first are also the network's, over which packages come."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_the_project(Path(folder) / "project")
        return {"start_first_s": _start(copy), "start_again_s": _start(copy)}


def _start(folder: Path) -> float:
    run = MakeRun(folder)
    try:
        seconds = run.start()
        run.stop()
    finally:
        run.clean_up()
    return seconds
