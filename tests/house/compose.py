"""Reads docker-compose.yml and the Dockerfile, and plays them without a container engine."""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pharmrefer.local import BUILD, ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("pharmrefer:")}
ONE_SHOT = {name for name, service in SERVICES.items() if service["restart"] == "no"}
INSTALLING = (ROOT / "docs" / "installing.md").read_text()
PROGRAMS = Path(sys.executable).parent
SECRETS = "/run/secrets/"


def documented(words: str) -> str:
    """Return the block of commands in docs/installing.md that holds ``words``."""
    (block,) = [text for text in re.findall(r"```sh\n(.*?)```", INSTALLING, re.S) if words in text]
    return str(block).replace("\\\n", " ")


def command(service: str) -> list[str]:
    """Return a service's command line."""
    given = SERVICES[service]["command"]
    return shlex.split(given) if isinstance(given, str) else list(given)


def environment(service: str) -> dict[str, str]:
    """Return a service's variables, as they are written."""
    return dict(SERVICES[service].get("environment", {}))


def interpolate(text: str, given: dict[str, str]) -> str:
    """Put in what .env says, as Compose does; fail where a value is required and missing."""

    def value(found: "re.Match[str]") -> str:
        name, operator, rest = found.groups()
        assert name in given or operator == ":-", f"{name}: {rest}"
        return given.get(name, rest)

    return re.sub(r"\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}", value, text)


def seconds(text: str) -> float:
    """Read a duration such as 40s."""
    assert text.endswith("s"), text
    return float(text[:-1])


def instructions() -> list[list[tuple[str, str]]]:
    """Return the Dockerfile's instructions, stage by stage; the first of a stage is FROM."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M)
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    stages: list[list[tuple[str, str]]] = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, " ".join(rest.split())))
    return stages


def copy_context(folder: Path) -> None:
    """Copy what .dockerignore lets into a build: it lists what may enter, then exceptions."""
    everything, *lines = (ROOT / ".dockerignore").read_text().splitlines()[1:]
    assert everything == "*"
    for line in lines:
        path = line.removeprefix("!")
        if line.startswith("!"):
            _copy(ROOT / path, folder / path)
        elif not line.startswith("**/"):
            (folder / path).unlink()
    for line in (line for line in lines if line.startswith("**/")):
        for found in [*folder.rglob(line.removeprefix("**/"))]:
            shutil.rmtree(found)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def build_image(context: Path, folder: Path) -> None:
    """Play the Dockerfile's first stage in ``folder``.

    What it installs is what the tests run on: it must not be touched, so there is no ``.venv``.
    """
    folder.mkdir()
    for word, rest in instructions()[0]:
        if word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                is_folder = target.endswith("/")
                into = folder / target / Path(source).name if is_folder else folder / target
                _copy(context / source, into)
        elif word == "RUN":
            _run(rest, folder)


def _run(script: str, folder: Path) -> None:
    if script == "python -m pharmrefer.local.install image":
        for needed in ("production", "assets"):
            assert (folder / "requirements" / f"{needed}.txt").exists()
        assert (folder / "pharmrefer" / "local" / "install.py").exists()
        shutil.copytree(BUILD / "static", folder / "build" / "static")
        (folder / "build" / "assets").mkdir()
        (folder / "build" / "install.lock").touch()
        return
    assert script.startswith(("word() ", "rm -r build/", "python -m compileall ")), script
    subprocess.run(
        ["sh", "-euc", script.replace(" .venv/lib", "")],
        cwd=folder,
        env={"PATH": f"{PROGRAMS}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
    )


# A container as far as it can be had without an engine: nothing can be written but what stands
# for /tmp, and the user is 10001, who has no name here.
CONTAINER = """
mount --bind "$1" "$1" && mount --bind "$2" "$2"
mount -o remount,bind,ro "$2" && mount -o remount,bind,ro / && cd "$2"
! touch "$2/written" "$2/../written" 2>/dev/null || exit 99
shift 2; exec unshare --user --map-user=10001 --map-group=10001 -- "$@"
"""


@dataclass
class Containers:
    """Our services, as Compose would start them, on this machine's own addresses."""

    image: Path
    folder: Path
    given: dict[str, str]  # what .env says
    addresses: dict[str, str]  # what stands in for what a container would find
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def here(self, service: str, text: str) -> str:
        """Say where something of a container is on this machine."""
        text = interpolate(text, self.given)
        if text.startswith("/tmp/"):
            text = text.replace("/tmp", str(self._tmp(service)), 1)
        for there, here in self.addresses.items():
            text = text.replace(there, here)
        return text

    def _tmp(self, service: str) -> Path:
        folder = self.folder / service
        folder.mkdir(exist_ok=True)
        return folder

    def _environment(self, service: str) -> dict[str, str]:
        tmp = str(self._tmp(service))
        written = {name: self.here(service, text) for name, text in environment(service).items()}
        image = {"PATH": f"{PROGRAMS}:/usr/bin:/bin", "HOME": tmp, "TMPDIR": tmp}
        return image | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"} | written

    def start(self, service: str, arguments: Sequence[str] = ()) -> "subprocess.Popen[bytes]":
        """Start a service with its own command line, or with another one in its place."""
        words = [self.here(service, word) for word in arguments or command(service)]
        with (self.folder / f"{service}.log").open("ab") as log:
            process = subprocess.Popen(
                [
                    *("unshare", "--mount", "sh", "-euc", CONTAINER, "sh"),
                    *(str(self._tmp(service)), str(self.image)),
                    *words,
                ],
                env=self._environment(service),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self.running.append(process)
        return process

    def run(self, service: str, arguments: Sequence[str] = ()) -> str:
        """Run a service that ends, or another command in its place; return what it printed."""
        code = self.start(service, arguments).wait(timeout=60)
        printed = (self.folder / f"{service}.log").read_text()
        assert code == 0, printed
        return printed

    def is_healthy(self, service: str) -> bool:
        """Run a service's health check, and say what came of it."""
        kind, *words = SERVICES[service]["healthcheck"]["test"]
        assert kind == "CMD"
        try:
            asked = subprocess.run(
                [self.here(service, word) for word in words],
                cwd=self.image,
                env=self._environment(service),
                timeout=seconds(SERVICES[service]["healthcheck"]["timeout"]),
                check=False,
                capture_output=True,
            )
        except subprocess.TimeoutExpired:
            return False
        return asked.returncode == 0

    def wait_until_healthy(self, service: str, process: "subprocess.Popen[bytes]") -> None:
        """Ask now and then, as Compose does, for as long as a service may take to start."""
        deadline = time.monotonic() + seconds(SERVICES[service]["healthcheck"]["start_period"])
        while not self.is_healthy(service):
            log = (self.folder / f"{service}.log").read_text()
            assert process.poll() is None, f"{service} has ended: {log}"
            assert time.monotonic() < deadline, f"{service} is not healthy: {log}"
            time.sleep(0.5)

    def kill(self) -> None:
        """End what a failing test has left."""
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
