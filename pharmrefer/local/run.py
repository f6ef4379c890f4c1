"""What ``make run`` starts, in which order, and what it tells the person who typed it."""

import contextlib
import errno
import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pharmrefer.local import ROOT, VAR, LocalError, postgres, valkey
from pharmrefer.local.children import dies_with_us
from pharmrefer.local.installation import (
    DATABASE,
    SOCKETS_FOLDER,
    Secrets,
    database_url,
    keep_secrets,
    new_sockets_folder,
    postgres_folder,
    reachable,
    remembered_folder,
    throw_away,
)
from pharmrefer.local.privilege import runner
from pharmrefer.local.supervisor import Program, StopAskedError, Supervisor
from pharmrefer.provision import provision

DEFAULT_PORT = 8000
REGION = ROOT / "pharmrefer" / "demo" / "region.json"


def say(news: str) -> None:
    """Print a line at once; a terminal that has gone is no reason to stop what runs."""
    with contextlib.suppress(OSError):
        print(news, flush=True)


@contextlib.contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold the installation's lock; its file names the process that has it.

    Raises:
        LocalError: another process holds it.
    """
    try:
        # Others may pass through, for PostgreSQL may have to run as nobody, but not look.
        var.mkdir(mode=0o711, exist_ok=True)
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


def is_running(var: Path) -> bool:
    """Say whether somebody holds the installation's lock."""
    try:
        with (var / "running").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def chosen_port() -> int:
    """Read ``PORT`` and see that it is free.

    Raises:
        LocalError: it is no port, or another program uses it.
    """
    text = os.environ.get("PORT", "") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LocalError(f"PORT is {text!r}: give a number from 1 to 65535, as in PORT=8123.")
    # A browser that finds somebody else at localhost's other address would talk to them.
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, int(text)))
        except OSError as error:
            if error.errno in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}:
                continue  # no IPv6 here
            raise LocalError(
                f"Port {text} cannot be used ({error.strerror}): "
                "choose another one, as in PORT=8123 make run."
            ) from error
    return int(text)


def answers(port: int, path: str) -> bool:
    """Say whether a program of ours answers an address with success."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def given(name: str) -> bool:
    """Say whether a setting comes from the person who typed make run."""
    return name in os.environ or f"{name}_FILE" in os.environ


def start_postgres(supervisor: Supervisor, sockets: Path) -> tuple[Secrets, dict[str, str]]:
    """Start the embedded PostgreSQL; return the installation's secrets and its addresses."""
    folder, note = postgres_folder(VAR)
    if note:
        say(note)
    binaries = reachable(postgres.choose_binaries(folder / "data"), folder)
    cluster = postgres.Cluster(folder, sockets, binaries, runner())
    kept = keep_secrets(VAR, cluster_exists=cluster.exists())
    if cluster.exists():
        cluster.clear_stale_lock()
    else:
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
    if not given("DATABASE_URL"):
        kept, urls = start_postgres(supervisor, sockets)
    elif given("DATABASE_OWNER_URL"):
        kept, urls = keep_secrets(VAR, cluster_exists=False), {}
    else:
        raise LocalError(
            "DATABASE_URL is set but DATABASE_OWNER_URL, the role for migrations, is not: "
            "set both, or neither to have a database started for you."
        )
    if not given("BROKER_URL"):
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


def environment_of_programs(kept: Secrets, urls: dict[str, str], port: int) -> dict[str, str]:
    """Return what the programs are told: what was given to us, and what we made."""
    ours = {**urls, "PUBLIC_URL": f"http://localhost:{port}"}
    keys = {"SECRET_KEY": kept.secret_key, "FIELD_KEYS": kept.field_keys}
    ours |= {name: text for name, text in keys.items() if not given(name)}
    overridden = {f"{name}_FILE" for name in ours}
    passed_on = {name: text for name, text in os.environ.items() if name not in overridden}
    return passed_on | ours


def manage(environment: dict[str, str], *arguments: str) -> str:
    """Run a manage.py command to its end and return what it prints; it goes into no log.

    Raises:
        LocalError: it failed; with its last words.
    """
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        process_group=0,  # Ctrl-C is for us
        preexec_fn=dies_with_us(signal.SIGTERM),
    )
    if done.returncode:
        words = (done.stderr.strip() or "it printed nothing").splitlines()[-1]
        raise LocalError(f"manage.py {arguments[0]} failed: {words}")
    return done.stdout


def start_everything(supervisor: Supervisor, sockets: Path, port: int) -> str:
    """Start servers, bring the database up to date, start the programs; return new codes."""
    kept, urls = start_servers(supervisor, sockets)
    environment = environment_of_programs(kept, urls, port)
    manage_py = [sys.executable, str(ROOT / "manage.py")]
    supervisor.run(
        "set-up",
        [[*manage_py, "migrate", "--no-input"], [*manage_py, "collectstatic", "--no-input"]],
        environment,
    )
    for name in ("DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE"):
        environment.pop(name, None)  # the programs have no business with it
    web = supervisor.launch(
        Program(
            "web",
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi"),
                *("--host", "127.0.0.1", "--port", str(port)),
                *("--workers", "2", "--blocking-threads", "2", "--respawn-failed-workers"),
                *("--workers-kill-timeout", "2"),  # a worker that is just starting misses SIGTERM
                "pharmrefer.wsgi:application",
            ],
            ready=lambda: answers(port, "/health/ready"),
            environment=environment,
            folder=ROOT,
        )
    )
    # Invented people only where the database is ours: nobody is treated there.
    is_ours = not given("DATABASE_URL")
    new_codes = manage(environment, "load_demonstration", str(REGION)) if is_ours else ""
    supervisor.wait_until_ready(web)
    return new_codes


def say_codes(codes: str) -> None:
    """Print activation codes, which are kept nowhere else."""
    say("\n  To log in for the first time, activate an account. Each code works once, for a day:\n")
    for line in codes.splitlines():
        say(f"    {line}")


def run() -> None:
    """Start everything, say where it is, watch it until a signal comes, stop all of it."""
    postgres.forget_libpq_variables()
    with only_one(VAR):
        port = chosen_port()
        (VAR / "running").write_text(f"process {os.getpid()}, http://localhost:{port}\n")
        supervisor = Supervisor(VAR / "log", say)
        sockets = new_sockets_folder(VAR)
        try:
            say("Starting PharmRefer ...")
            new_codes = start_everything(supervisor, sockets, port)
            say(f"\n  PharmRefer is running: http://localhost:{port}")
            if new_codes:
                say_codes(new_codes)
            say(f"\nCtrl-C stops it. What it keeps is in {VAR}, its logs in {VAR / 'log'}.")
            supervisor.watch()
        except StopAskedError:
            pass
        finally:
            say("Stopping PharmRefer ...")
            supervisor.stop()
            shutil.rmtree(sockets, ignore_errors=True)
        say("PharmRefer has stopped.")


def codes() -> None:
    """Print new activation codes for the invented people of what is running."""
    postgres.forget_libpq_variables()
    if given("DATABASE_URL"):
        raise LocalError(
            "DATABASE_URL is set, and invented people are only in a database of make run's own: "
            "use manage.py invite, or unset it."
        )
    if not is_running(VAR):
        raise LocalError("PharmRefer is not running from this folder: start it with make run.")
    kept = keep_secrets(VAR, cluster_exists=False)
    sockets = remembered_folder(VAR, SOCKETS_FOLDER)
    urls = {"DATABASE_URL": database_url(kept.application, sockets)} if sockets else {}
    environment = environment_of_programs(kept, urls, port=0)
    say_codes(manage(environment, "load_demonstration", str(REGION), "--new-codes"))


def reset() -> None:
    """Throw away what ``make run`` keeps, unless it is running."""
    with only_one(VAR):
        throw_away(VAR)
    say("Everything that make run kept has been thrown away; make run starts afresh.")
