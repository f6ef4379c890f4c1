"""What the installer refuses, in a sentence, and what it does when something is half there."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pharmrefer.local import ROOT, LocalError, assets, install


@pytest.mark.parametrize(
    ("system", "machine", "libc"),
    [
        ("Darwin", "arm64", ("", "")),
        ("Linux", "x86_64", ("", "")),  # musl
        ("Linux", "x86_64", ("glibc", "2.17")),
        ("Linux", "riscv64", ("glibc", "2.40")),
    ],
)
def test_another_platform_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, libc: tuple[str, str]
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: libc)
    with pytest.raises(LocalError, match=r"runs on Linux with glibc 2.28 or newer") as refused:
        install.check_platform()
    assert "\n" not in str(refused.value)


def test_this_platform_will_do() -> None:
    install.check_platform()


def test_an_old_python_hands_over_to_a_newer_one_on_the_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed_over: list[list[str]] = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(shutil, "which", {"python3.12": "/p312"}.get)
    monkeypatch.setattr(os, "execv", lambda _path, command: handed_over.append(command))
    with pytest.raises(LocalError):  # the real execv does not return
        install.use_new_enough_python()
    assert handed_over[0][:3] == ["/p312", "-m", "pharmrefer.local.install"]


def test_an_old_python_alone_gets_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LocalError, match=r"needs Python 3\.11 or newer"):
        install.use_new_enough_python()


def test_a_package_that_is_not_what_was_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = (ROOT / "requirements" / "assets.txt").read_text()
    (tmp_path / "assets.txt").write_text(
        "\n".join(line.split(" \\")[0] for line in lock.splitlines() if "==" in line)
        + " --hash=sha256:"
        + "0" * 64
    )
    monkeypatch.setattr(install, "REQUIREMENTS", tmp_path)
    pip = install._start_pip("assets", "--target", str(tmp_path / "target"))
    with pytest.raises(LocalError, match=r"Installing requirements/assets\.txt failed"):
        install._finish_pip("assets", pip)
    assert not (tmp_path / "target").exists()


def test_a_python_without_venv_gets_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'ensurepip is not available' >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    monkeypatch.setattr(install, "VENV", tmp_path / "venv")
    monkeypatch.setattr(install, "VENV_PYTHON", tmp_path / "venv" / "bin" / "python")
    with pytest.raises(LocalError, match=r"apt install python3-venv.*ensurepip is not available"):
        install._create_venv()


def test_it_needs_nothing_but_the_standard_library() -> None:
    script = "import sys; import pharmrefer.local.install; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    foreign = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    assert foreign <= {"pharmrefer", "__main__"}


@pytest.mark.parametrize(
    ("servers", "wanted"),
    [(True, {"production", "servers", "assets"}), (False, {"production", "assets"})],
)
def test_the_image_gets_no_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, servers: bool, wanted: set[str]
) -> None:
    installed: list[dict[str, Path]] = []

    def pretend(missing: dict[str, Path]) -> None:
        installed.append(missing)
        for folder in missing.values():
            folder.mkdir(parents=True)

    monkeypatch.setattr(install, "VENV", tmp_path / "venv")
    monkeypatch.setattr(install, "BUILD", tmp_path / "build")
    monkeypatch.setattr(install, "_create_venv", lambda: None)
    monkeypatch.setattr(install, "_install_all", pretend)
    monkeypatch.setattr(assets, "unpack", lambda *_: None)
    install.install("production", servers=servers)
    assert [set(missing) for missing in installed] == [wanted]
