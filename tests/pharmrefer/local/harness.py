"""A copy of the project in a folder of its own, and ``make run`` in it as a person types it."""

import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pharmrefer.local import ROOT

# Longer than a socket's path may be, with a space and letters beyond ASCII.
AWKWARD = "a folder with spaces and a näme that is much longer than any socket's path may be, 108"
INSTALLED = frozenset({".venv", "build"})
GENERATED = INSTALLED | {"var", ".git"}


def _is_open_to_all(folder: Path) -> bool:
    try:
        return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))
    except OSError:
        return False


# Root may have a Python of its own in its home: with that an ordinary user could not even start
# what root has installed, and would install it all again.
PATH = os.pathsep.join(
    name
    for name in os.environ["PATH"].split(os.pathsep)
    if os.geteuid() != 0 or _is_open_to_all(Path(name).resolve())
)


def wait_until(happens: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Wait for something to happen; return how many seconds it took."""
    started = looked = time.monotonic()
    while not happens():
        now = time.monotonic()
        assert now - started < seconds, f"not within {seconds} s: {what}"
        # To look may cost something, here or on a server: it must not keep a processor busy.
        time.sleep(min(max(0.02, 4 * (now - looked)), 0.5))
        looked = time.monotonic()
    return time.monotonic() - started


def copy_of_the_project(folder: Path) -> Path:
    """Copy what a fresh clone would hold: the files git knows, or all where there is no git."""
    names = []
    if shutil.which("git"):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    if not names:
        shutil.copytree(ROOT, folder, ignore=lambda _folder, names: GENERATED & set(names))
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def free_port() -> int:
    """Return a port that nobody uses now, nor is given by the system before it is used."""
    while True:
        # Below those that connections are given; the next few are its own too. Not by random,
        # which gives the same in each process of a test run.
        port = 12_000 + 5 * secrets.randbelow(4000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def fetch(url: str) -> bytes:
    """Return what an address answers, b"" if it does not."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=10) as response:
            return bytes(response.read())
    except OSError:
        return b""


@dataclass(frozen=True)
class _Process:
    parent: int
    started: int  # clock ticks since the machine started: tells a number that is used again
    command: str
    cwd: str


def _process_table() -> dict[int, _Process]:
    """Read every living process from /proc (proc(5)); zombies have ended and do not count."""
    table = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # The name, in brackets, may hold anything: count from behind it.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            cwd = str((entry / "cwd").readlink())
        except OSError:  # it has ended meanwhile; a zombie has no folder
            continue
        table[int(entry.name)] = _Process(int(fields[1]), int(fields[19]), command, cwd)
    return table


@dataclass
class MakeRun:
    """One ``make run``: what it starts is remembered, to see that all of it ends."""

    folder: Path
    account: str | None = None
    prefix: tuple[str, ...] = ()  # for example a mount namespace that hides something
    path: str = PATH
    home: Path | None = None
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    lines: list[str] = field(default_factory=list)
    _remembered: set[tuple[int, int]] = field(default_factory=set)

    def environment(self) -> dict[str, str]:
        """Return a person's environment: none of the test run's settings."""
        ours = {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "SECRET_KEY"}
        ours |= {"FIELD_KEYS", "LOOKUP_KEY", "BROKER_URL", "SOURCE_DOS_SERVICE_ID"}
        ours |= {"PUBLIC_URL", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}
        ours |= {"EMAIL_URL", "EMAIL_FROM"}
        kept = {name: text for name, text in os.environ.items() if name not in ours}
        home = {"HOME": str(self.home)} if self.home else {}
        return kept | home | self.settings | {"PORT": str(self.port), "PATH": self.path}

    def make(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a make command to its end."""
        process = self._popen(*arguments)
        output, errors = process.communicate(timeout=100)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def _popen(self, *arguments: str, output: int = subprocess.PIPE) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*self.prefix, "make", *arguments],
            cwd=self.folder,
            env=self.environment(),
            user=self.account,
            group=pwd.getpwnam(self.account).pw_gid if self.account else None,
            extra_groups=[] if self.account else None,
            stdout=output,
            stderr=output,
            text=True,
            process_group=0,
        )

    def launch_into(self, output: int) -> None:
        """Start it with everything it prints going to an open file."""
        self.process = self._popen("run", output=output)
        self._readers: list[threading.Thread] = []

    def launch(self) -> None:
        """Start it and do not wait."""
        self.process = self._popen("run")
        self._readers = [
            threading.Thread(target=self._read, args=[stream], daemon=True)
            for stream in (self.process.stdout, self.process.stderr)
        ]
        for reader in self._readers:
            reader.start()

    def start(self, *, within: float = 90) -> float:
        """Start it and wait until it says that it runs; return the seconds that took."""
        started = time.monotonic()
        self.launch()
        wait_until(
            lambda: self.said("is running:") or self.process.poll() is not None,
            seconds=within,
            what="make run says that it is running",
        )
        assert self.said("is running:"), self.lines
        took = time.monotonic() - started
        wait_until(lambda: self.said("Ctrl-C stops it"), seconds=5, what="everything is said")
        return took

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self.lines.append(line.rstrip("\n"))

    def said(self, words: str) -> bool:
        """Say whether a line with ``words`` has been printed."""
        return any(words in line for line in list(self.lines))

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.port}"

    @property
    def pharmacy_system(self) -> str:
        """Where it said that the pharmacies' system answers."""
        line = next(line for line in self.lines if "pharmacies' system:" in line)
        return line.split()[-1]

    def processes(self) -> dict[int, str]:
        """Return every living process that ``make run`` started: number and command line.

        Found by descent while make lives, and remembered, since orphans change their parent; and
        whatever else works in the project's folder or names it.
        """
        table = _process_table()
        folder = str(self.folder)
        wanted = {self.process.pid} | {
            pid for pid, entry in table.items() if folder in entry.command or folder == entry.cwd
        }
        while more := {pid for pid, entry in table.items() if entry.parent in wanted} - wanted:
            wanted |= more
        self._remembered |= {(pid, table[pid].started) for pid in wanted & table.keys()}
        return {
            pid: table[pid].command
            for pid, started in self._remembered
            if pid in table and table[pid].started == started
        }

    def survivors(self, *, within: float) -> dict[int, str]:
        """Wait until all that make run started has ended; return what has not."""
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not self.processes(), seconds=within, what="all have ended")
        return self.processes()

    def process_of(self, words: str) -> int:
        """Return the number of the oldest process whose command line holds ``words``."""
        return min(pid for pid, command in self.processes().items() if words in command)

    def stop(self, number: signal.Signals = signal.SIGTERM, *, within: float = 5) -> float:
        """Stop it as a service manager does, or as Ctrl-C does; return the seconds that takes."""
        self.processes()
        started = time.monotonic()
        if number == signal.SIGINT:  # a terminal signals the whole group in its foreground
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        self.process.wait(timeout=within)
        for reader in self._readers:
            reader.join(timeout=within)
        return time.monotonic() - started

    def clean_up(self) -> None:
        """Kill whatever is left, for when a test has failed."""
        if not hasattr(self, "process"):
            return
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True)
class FirstRun:
    """A project folder in which ``make run`` has been once, and what that was like."""

    folder: Path
    seconds: float  # until it ran
    seconds_to_stop: float
    survivors: dict[int, str]
    lines: list[str]


@dataclass(frozen=True)
class SecondRun:
    """A ``make run`` in a copy of the first one's folder, and how quickly it started."""

    run: MakeRun
    seconds: float


def secrets_of(folder: Path) -> str:
    """Return what make run keeps there from one run to the next."""
    return (folder / "var" / "secrets.json").read_text()


def copy_installed(
    first_run: FirstRun,
    folder: Path,
    *,
    links: frozenset[str] = INSTALLED,
    has_own_files: bool = False,
) -> Path:
    """Copy the project with what has been installed, but without any data.

    What ``links`` names is a symbolic link, and all other files are hard links unless their
    modes will change: to copy and remove twenty thousand files takes seconds.
    """
    folder.mkdir()
    for name in links:
        (folder / name).symlink_to(first_run.folder / name)
    copied = [path for path in first_run.folder.iterdir() if path.name not in links | {"var"}]
    subprocess.run(["cp", "-a" if has_own_files else "-al", *copied, folder], check=True)
    return folder


def copy_data(used: Path, folder: Path) -> None:
    """Copy what make run keeps: to make a database takes seconds of a processor."""
    subprocess.run(["cp", "-a", str(used / "var"), str(folder / "var")], check=True)


def copy_used(first_run: FirstRun, folder: Path) -> Path:
    """Copy the project with its data too."""
    copy_installed(first_run, folder)
    copy_data(first_run.folder, folder)
    return folder


class Runs:
    """Makes runs, and kills what a failing test left of them."""

    def __init__(self) -> None:
        self._made: list[MakeRun] = []

    def __call__(self, folder: Path, **options: Any) -> MakeRun:
        self._made.append(MakeRun(folder, **options))
        return self._made[-1]

    def clean_up(self) -> None:
        for run in self._made:
            run.clean_up()


def codes_in(lines: list[str]) -> dict[str, str]:
    """Return the activation codes that were printed, by user name."""
    found = [
        re.search(r"(\S+@\S+\.example) +([0-9A-Z]{4}(?:-[0-9A-Z]{4}){2})$", line) for line in lines
    ]
    return {match[1]: match[2] for match in found if match}
