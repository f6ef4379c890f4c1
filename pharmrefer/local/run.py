"""The commands behind make: what they tell the person who typed them, and how they end."""

import contextlib
import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from pharmrefer.local import VAR, LocalError, postgres
from pharmrefer.local.installation import (
    SOCKETS_FOLDER,
    database_url,
    keep_secrets,
    new_sockets_folder,
    remembered_folder,
    throw_away,
)
from pharmrefer.local.programs import (
    REGION,
    Ports,
    environment_of_programs,
    given,
    manage,
    start_everything,
)
from pharmrefer.local.supervisor import StopAskedError, Supervisor

DEFAULT_PORT = 8000


def say(news: str) -> None:
    # A terminal that has gone is no reason to stop what runs.
    with contextlib.suppress(OSError):
        print(news, flush=True)


@contextlib.contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold the installation's lock, whose file names the process; raise LocalError if held."""
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
    try:
        with (var / "running").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def chosen_ports() -> Ports:
    """Read ``PORT`` and see that it is free; the pharmacy system gets the next one that is."""
    text = os.environ.get("PORT", "") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LocalError(f"PORT is {text!r}: give a number from 1 to 65535, as in PORT=8123.")
    port = int(text)
    if reason := why_taken(port):
        raise LocalError(
            f"Port {port} cannot be used ({reason}): choose another one, as in PORT=8123 make run."
        )
    following = range(port + 1, min(port + 100, 65536))
    other = next((each for each in following if not why_taken(each)), None)
    if other is None:
        raise LocalError(f"No port after {port} is free: choose a lower one, as in PORT=8123.")
    return Ports(port, other)


def why_taken(port: int) -> str:
    # A browser that finds another program at localhost's other address would talk to that.
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError as error:
            if error.errno in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}:
                continue  # no IPv6 here
            return str(error.strerror)
    return ""


def say_codes(codes: str) -> None:
    say("\n  To log in for the first time, activate an account. Each code works once, for a day:\n")
    for line in codes.splitlines():
        say(f"    {line}")


def run() -> None:
    postgres.forget_libpq_variables()
    with only_one(VAR):
        ports = chosen_ports()
        (VAR / "running").write_text(f"process {os.getpid()}, http://localhost:{ports.web}\n")
        supervisor = Supervisor(VAR / "log", say)
        sockets = new_sockets_folder(VAR)
        try:
            say("Starting PharmRefer ...")
            new_codes = start_everything(supervisor, sockets, ports)
            say(f"\n  PharmRefer is running: http://localhost:{ports.web}")
            if not given("DATABASE_URL"):
                say(f"  The pharmacies' system:  http://localhost:{ports.pharmacy}")
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
    urls["BROKER_URL"] = "redis://nobody"  # codes enqueue nothing
    environment = environment_of_programs(kept, urls, port=0)
    say_codes(manage(environment, "load_demonstration", str(REGION), "--new-codes"))


def reset() -> None:
    with only_one(VAR):
        throw_away(VAR)
    say("Everything that make run kept has been thrown away; make run starts afresh.")
