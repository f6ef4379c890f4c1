"""PharmRefer's programs, each in a process of its own as make run starts them, for as long as a
test or a measurement takes."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from pharmrefer.local import ROOT, valkey
from pharmrefer.local.privilege import private_folder
from pharmrefer.local.supervisor import Program
from tests.pharmrefer.local.harness import wait_until


@contextlib.contextmanager
def private() -> Iterator[Path]:
    """Make a folder with a path short enough for sockets."""
    folder = private_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def broker(sockets: Path, folder: Path) -> Program:
    """Return the broker; ``broker_url`` says where it is."""
    return Program(
        "valkey",
        valkey.command(valkey.find_binary(), folder, sockets),
        ready=lambda: valkey.answers(sockets),
    )


def broker_url(sockets: Path) -> str:
    """Return the address of the broker whose socket is in a folder."""
    return f"redis+socket://{valkey.socket_path(sockets)}?virtual_host=0"


@contextlib.contextmanager
def running(
    programs: Iterable[Program], logs: Path
) -> "Iterator[dict[str, subprocess.Popen[bytes]]]":
    """Run programs as make run does until the end; yield their processes by name."""
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        waited_for = []
        for program in programs:
            if program.health_file:
                program.health_file.unlink(missing_ok=True)  # of one that ran before
            with (logs / f"{program.name}.log").open("wb") as output:
                processes[program.name] = subprocess.Popen(
                    program.command,
                    env=dict(program.environment),
                    cwd=ROOT,
                    stdout=output,
                    stderr=output,
                    process_group=0,
                )
            waited_for.append(program)
        for program in waited_for:
            process = processes[program.name]
            wait_until(
                lambda program=program: program.ready(),  # type: ignore[misc]
                seconds=30,
                what=f"{program.name} is ready ({process.poll()}): see {logs}",
            )
        yield processes
    finally:
        # Backwards: nobody is left without the broker, and complains of it.
        for process in reversed(processes.values()):
            process.terminate()
        for process in processes.values():
            process.wait(timeout=20)
