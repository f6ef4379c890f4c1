"""What ``make run`` starts, in which order, and what it tells the person who typed it."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from pharmrefer.local import ROOT, VAR, LocalError, postgres, valkey
from pharmrefer.local.installation import (
    DATABASE,
    Secrets,
    database_url,
    keep_secrets,
    postgres_folder,
    reachable,
    throw_away,
)
from pharmrefer.local.privilege import private_folder, runner
from pharmrefer.local.supervisor import Program, StopAskedError, Supervisor
from pharmrefer.provision import provision

DEFAULT_PORT = 8000


def say(news: str) -> None:
    """Print a line at once, also into a pipe."""
    print(news, flush=True)


@contextlib.contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold the installation's lock; its file names the process that has it.

    Raises:
        LocalError: another process holds it.
    """
    try:
        var.mkdir(exist_ok=True)
        lock = (var / "running").open("a+")
    except OSError as error:
        raise LocalError(f"{var} cannot be written ({error.strerror}): is it yours?") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise LocalError(
                f"PharmRefer is already running from this folder ({lock.read().strip()}): "
                "use that one, or stop it first with Ctrl-C where it was started."
            ) from None
        yield


def chosen_port() -> int:
    """Read ``PORT`` and see that it is free.

    Raises:
        LocalError: it is no port, or another program uses it.
    """
    text = os.environ.get("PORT", "") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LocalError(f"PORT is {text!r}: give a number from 1 to 65535, as in PORT=8123.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            raise LocalError(
                f"Port {text} cannot be used ({error.strerror}): "
                "choose another one, as in PORT=8123 make run."
            ) from error
    return int(text)


def new_sockets_folder(var: Path) -> Path:
    """Make a folder for this run's sockets; one that a killed run left is removed."""
    note = var / "sockets-are-in"
    if note.exists():
        shutil.rmtree(note.read_text(), ignore_errors=True)
    folder = private_folder()
    note.write_text(str(folder))
    return folder


def answers(url: str) -> bool:
    """Say whether an address answers with success."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def start_postgres(supervisor: Supervisor, sockets: Path) -> tuple[Secrets, dict[str, str]]:
    """Start the embedded PostgreSQL; return the installation's secrets and its addresses."""
    folder, note = postgres_folder(VAR)
    if note:
        say(note)
    binaries = reachable(postgres.choose_binaries(folder / "data"), folder)
    cluster = postgres.Cluster(folder, sockets, binaries, runner())
    kept = keep_secrets(VAR, cluster_exists=cluster.exists())
    if not cluster.exists():
        cluster.create(kept.superuser_password)
    supervisor.start(
        Program(
            "postgres",
            cluster.command(),
            ready=lambda: cluster.answers(kept.superuser_password),
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: it does not wait for clients
            runner=runner(),
            is_server=True,
        ),
        within=60,  # after a crash it first replays its log
    )
    provision(
        cluster.conninfo(postgres.SUPERUSER, kept.superuser_password),
        database=DATABASE,
        owner=kept.owner,
        application=kept.application,
    )
    urls = {
        "DATABASE_URL": database_url(kept.application, sockets),
        "DATABASE_OWNER_URL": database_url(kept.owner, sockets),
    }
    return kept, urls


def start_servers(supervisor: Supervisor, sockets: Path) -> tuple[Secrets, dict[str, str]]:
    """Start what ``DATABASE_URL`` and ``BROKER_URL`` do not name; return secrets and addresses."""
    if "DATABASE_URL" not in os.environ:
        kept, urls = start_postgres(supervisor, sockets)
    elif "DATABASE_OWNER_URL" in os.environ:
        kept, urls = keep_secrets(VAR, cluster_exists=False), {}
    else:
        raise LocalError(
            "DATABASE_URL is set but DATABASE_OWNER_URL, the role for migrations, is not: "
            "set both, or neither to have a database started for you."
        )
    if "BROKER_URL" not in os.environ:
        supervisor.start(
            Program(
                "valkey",
                valkey.command(valkey.find_binary(), VAR / "valkey", sockets),
                ready=lambda: valkey.answers(sockets),
                is_server=True,
            )
        )
        urls["BROKER_URL"] = f"redis+socket://{valkey.socket_path(sockets)}?virtual_host=0"
    return kept, urls


def start_everything(supervisor: Supervisor, sockets: Path, port: int) -> str:
    """Start servers, bring the database up to date, start the programs; return the address."""
    kept, urls = start_servers(supervisor, sockets)
    address = f"http://localhost:{port}"
    environment = {
        "SECRET_KEY": kept.secret_key,
        "PUBLIC_URL": address,
        **dict(os.environ),
        **urls,
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    supervisor.run(
        "set-up",
        [[*manage, "migrate", "--no-input"], [*manage, "collectstatic", "--no-input"]],
        environment,
    )
    del environment["DATABASE_OWNER_URL"]  # the programs have no business with it
    supervisor.start(
        Program(
            "web",
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi"),
                *("--host", "127.0.0.1", "--port", str(port)),
                *("--workers", "2", "--blocking-threads", "2", "--respawn-failed-workers"),
                *(
                    "--workers-kill-timeout",
                    "2",
                ),  # a worker that is just starting misses the signal
                "pharmrefer.wsgi:application",
            ],
            ready=lambda: answers(f"{address}/health/ready"),
            environment=environment,
            folder=ROOT,
        )
    )
    return address


def run() -> None:
    """Start everything, say where it is, watch it until a signal comes, stop all of it."""
    with only_one(VAR):
        port = chosen_port()
        (VAR / "running").write_text(f"process {os.getpid()}, http://localhost:{port}\n")
        supervisor = Supervisor(VAR / "log", say)
        sockets = new_sockets_folder(VAR)
        try:
            say("Starting PharmRefer ...")
            address = start_everything(supervisor, sockets, port)
            say(
                f"\n  PharmRefer is running: {address}\n\n"
                f"Ctrl-C stops it. What it keeps is in {VAR}, its logs in {VAR / 'log'}."
            )
            supervisor.watch()
        except StopAskedError:
            pass
        finally:
            say("Stopping PharmRefer ...")
            supervisor.stop()
            shutil.rmtree(sockets, ignore_errors=True)
        say("PharmRefer has stopped.")


def reset() -> None:
    """Throw away what ``make run`` keeps, unless it is running."""
    with only_one(VAR):
        throw_away(VAR)
    say("Everything that make run kept has been thrown away; make run starts afresh.")
