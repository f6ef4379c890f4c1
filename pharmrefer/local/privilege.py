"""Whom PostgreSQL runs as: it refuses to run as root, and make run may be started by root."""

import functools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pharmrefer.local import LocalError
from pharmrefer.local.children import dies_with_us

# A Unix socket's path fits in 108 bytes; PostgreSQL's own part of it is 15 of them.
LONGEST_SOCKET_FOLDER = 80


@dataclass(frozen=True)
class Runner:
    """How a program is started so that it does not run as root.

    ``prefix`` stands before the command; ``account`` is whom the child becomes. Both are empty
    where we are not root.
    """

    prefix: tuple[str, ...] = ()
    account: str | None = None

    def command(self, command: Sequence[str | Path]) -> list[str]:
        return [*self.prefix, *map(str, command)]

    @property
    def groups(self) -> list[int] | None:
        # None at all where the child changes its account.
        return [] if self.account else None

    @property
    def group(self) -> int | None:
        return pwd.getpwnam(self.account).pw_gid if self.account else None

    def own(self, folder: Path) -> None:
        # Root still gets in.
        folder.chmod(0o700)
        if self.account:
            entry = pwd.getpwnam(self.account)
            os.chown(folder, entry.pw_uid, entry.pw_gid)

    def can_reach(self, path: Path) -> bool:
        # Tried, not computed from the permissions: access lists and security modules count too.
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", path]).returncode == 0

    def run(self, command: Sequence[str | Path]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(command),
            check=False,
            user=self.account,
            group=self.group,
            extra_groups=self.groups,
            cwd="/",
            capture_output=True,
            text=True,
            process_group=0,  # Ctrl-C is ours to handle, not half of a set-up's
            preexec_fn=dies_with_us(),
        )

    def works(self) -> bool:
        try:
            return self.run(["/bin/sh", "-c", ":"]).returncode == 0
        except OSError:
            return False


@functools.cache
def runner() -> Runner:
    """Choose how to leave root: not at all, in a user namespace of its own, or as nobody.

    The namespace is tried first since it needs no change of ownership and reaches every path.
    The account within it must have a name, or initdb stops; every system has ``nobody``.
    """
    if os.geteuid() != 0:
        return Runner()
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise LocalError(
            "PostgreSQL refuses to run as root and this system has no account named nobody: "
            "run make run as an ordinary user."
        ) from None
    unshare = shutil.which("unshare")
    namespace = Runner(
        prefix=(
            unshare or "",
            "--user",
            f"--map-user={nobody.pw_uid}",
            f"--map-group={nobody.pw_gid}",
            "--",
        )
    )
    if unshare and namespace.works():
        return namespace
    if (dropped := Runner(account="nobody")).works():
        return dropped
    raise LocalError(
        "PostgreSQL refuses to run as root, and this root may neither make a user namespace nor "
        "become nobody: run make run as an ordinary user."
    )


def private_folder() -> Path:
    for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108  mkdtemp is private
        # PostgreSQL reads a comma as the end of a path.
        if len(os.fsencode(parent)) + 20 > LONGEST_SOCKET_FOLDER or "," in parent:
            continue
        if not (os.access(parent, os.W_OK | os.X_OK) and runner().can_reach(Path(parent))):
            continue
        folder = Path(tempfile.mkdtemp(prefix="pharmrefer-", dir=parent))
        runner().own(folder)
        return folder
    raise LocalError(
        f"No temporary directory can be used ({tempfile.gettempdir()}): "
        "set TMPDIR to a writable folder with a short path."
    )
