"""Runs several programs together: starts, watches, restarts, and leaves no orphan behind.

Children die with us even if we are killed, their orphans become our children, and each has a
process group of its own, so that Ctrl-C reaches us alone and we decide the order in which things
end.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pharmrefer.local import LocalError
from pharmrefer.local.children import adopt_orphans, dies_with_us
from pharmrefer.local.privilege import Runner

LARGEST_LOG = 5_000_000  # bytes; an older log is kept once beside it
LONGEST_SILENCE = 90.0  # seconds; a worker touches its file every 5, the rescuer every 10
STOP_WITHIN = 3.0  # seconds for programs, before they are killed
STOP_SERVERS_WITHIN = 1.5  # seconds for what the programs depend on


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    stop_signal: signal.Signals = signal.SIGTERM
    runner: Runner = field(default_factory=Runner)
    folder: Path = Path("/")
    is_server: bool = False  # others depend on it: it stops last
    health_file: Path | None = None  # which it touches once it works; gone before it starts


def start_process(program: Program, log: int) -> "subprocess.Popen[bytes]":
    # In a process group of its own; it is told to stop if we die.
    return subprocess.Popen(
        program.runner.command(program.command),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=dict(program.environment),
        cwd=program.folder,
        user=program.runner.account,
        group=program.runner.group,
        extra_groups=program.runner.groups,
        process_group=0,
        preexec_fn=dies_with_us(program.stop_signal),  # noqa: PLW1509  we have one thread
    )


@dataclass
class Child:
    program: Program
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    start_at: float | None = None  # time.monotonic() when it is to be started again
    starts: list[float] = field(default_factory=list)
    is_ready: bool = False


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1].strip().removeprefix("pharmrefer: ") if lines else "it printed nothing"


def _is_wedged(program: Program) -> bool:
    try:
        touched = program.health_file.stat().st_mtime if program.health_file else None
    except FileNotFoundError:
        return False  # it has been tidied away
    return touched is not None and time.time() - touched > LONGEST_SILENCE


class StopAskedError(Exception):
    """A signal arrived while something was being started."""


class Supervisor:
    """Starts programs one by one, then watches them until SIGINT, SIGTERM or SIGHUP."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        """Write each program's output to ``logs``/<name>.log and news to ``say``."""
        self._logs = logs
        self.say = say
        self._children: list[Child] = []
        self._stop_asked = False
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        adopt_orphans()
        signal.signal(signal.SIGINT, self._ask_to_stop)
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(signal.SIGHUP, self._ask_to_stop)

    def _ask_to_stop(self, *_: object) -> None:
        self._stop_asked = True

    def start(self, program: Program, *, within: float = 30) -> None:
        self.wait_until_ready(self.launch(program), within=within)

    def launch(self, program: Program) -> Child:
        log = self._logs / f"{program.name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        child = Child(program, log)
        self._children.append(child)
        self._launch(child)
        return child

    def wait_until_ready(self, child: Child, *, within: float = 30) -> None:
        """Wait until what was launched is ready.

        Raises:
            LocalError: it ended, or was not ready in time; with the last line it printed.
            StopAskedError: a signal arrived meanwhile.
        """
        name = child.program.name
        deadline = time.monotonic() + within
        while not child.program.ready():
            self.check_stop_asked()
            self._reap()
            if child.process is None:
                raise LocalError(f"{name} ended at once: {_last_line(child.log)}")
            if time.monotonic() > deadline:
                raise LocalError(
                    f"{name} was not ready within {within:.0f} s: {_last_line(child.log)}"
                )
            time.sleep(0.02)
        child.is_ready = True

    def check_stop_asked(self) -> None:
        if self._stop_asked:
            raise StopAskedError

    def run(
        self, name: str, commands: Sequence[Sequence[str]], environment: dict[str, str]
    ) -> None:
        """Run ``commands`` side by side to their end, with their output in ``name``.log.

        Raises:
            LocalError: one of them failed; with the last line that was printed.
            StopAskedError: a signal arrived meanwhile.
        """
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            running = [
                start_process(
                    Program(name, command, lambda: True, environment, folder=Path.cwd()),
                    output.fileno(),
                )
                for command in commands
            ]
        while any(process.poll() is None for process in running):
            self.check_stop_asked()
            time.sleep(0.01)
        if any(process.returncode for process in running):
            raise LocalError(f"{name} failed (see {log}): {_last_line(log)}")

    def watch(self) -> None:
        while not self._stop_asked:
            self._reap()
            for child in self._children:
                self._tend(child)
            time.sleep(0.1)

    def stop(self) -> None:
        for servers, seconds in ((False, STOP_WITHIN), (True, STOP_SERVERS_WITHIN)):
            stopping = [child for child in self._children if child.program.is_server is servers]
            for child in stopping:
                if child.process:
                    child.process.send_signal(child.program.stop_signal)
            deadline = time.monotonic() + seconds
            while any(child.process for child in stopping) and time.monotonic() < deadline:
                self._reap()
                time.sleep(0.01)
            for child in stopping:
                self._kill_group(child)
        self._kill_descendants()

    def _launch(self, child: Child) -> None:
        child.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # may have been tidied away
        if child.program.health_file:
            child.program.health_file.unlink(missing_ok=True)
        with child.log.open("ab") as log:
            child.process = start_process(child.program, log.fileno())
        child.starts.append(time.monotonic())
        child.start_at = None
        child.is_ready = False

    def _reap(self) -> None:
        # Adopted orphans too.
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for child in self._children:
                if child.process and child.process.pid == pid:
                    child.process.returncode = os.waitstatus_to_exitcode(status)
                    self._kill_group(child)

    def _plan_restart(self, child: Child) -> None:
        # At once, or later if it keeps ending (at most 10 s).
        recent = [start for start in child.starts if start > time.monotonic() - 60]
        delay = min(0.25 * 2 ** (len(recent) - 1), 10.0) if len(recent) > 1 else 0.0
        child.starts = recent
        child.start_at = time.monotonic() + delay
        self.say(
            f"{child.program.name} ended unexpectedly and is being started again "
            f"(see {child.log}): {_last_line(child.log)}"
        )

    def _tend(self, child: Child) -> None:
        if child.process is None:
            if child.start_at is None:
                self._plan_restart(child)
            elif time.monotonic() >= child.start_at:
                self._launch(child)
        elif not child.is_ready and child.program.ready():
            child.is_ready = True
            self.say(f"{child.program.name} is running again.")
        elif child.is_ready and _is_wedged(child.program):
            self.say(f"{child.program.name} does not answer any more.")
            child.process.kill()
            child.is_ready = False

    def _kill_group(self, child: Child) -> None:
        if child.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        if child.process.returncode is None:
            child.process.wait()
        child.process = None

    def _kill_descendants(self) -> None:
        # What had moved to a process group of its own was left to us.
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            self._reap()
            children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
            if not children:
                return
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.01)
