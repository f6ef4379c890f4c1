"""A PostgreSQL for one test run or one command: made in under a second, and gone afterwards.

``python -m pharmrefer.local.throwaway manage.py …`` runs a manage.py command with one.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

from pharmrefer.local import ROOT, LocalError, postgres
from pharmrefer.local.installation import DATABASE, Secrets, database_url, reachable
from pharmrefer.local.privilege import private_folder, runner
from pharmrefer.local.supervisor import Program, start_process
from pharmrefer.provision import provision


@contextlib.contextmanager
def cluster(*, durable: bool = False) -> Iterator[dict[str, str]]:
    """Run a PostgreSQL that forgets; yield the environment of an application that uses it.

    The database has both roles and no tables. Nothing is synced to disk, unless it is ``durable``,
    for those who measure.
    """
    postgres.forget_libpq_variables()
    folder = private_folder()
    kept = Secrets.new()
    try:
        binaries = reachable(postgres.choose_binaries(), folder)
        made = postgres.Cluster(folder, folder, binaries, runner(), throwaway=not durable)
        made.create(kept.superuser_password)
        program = Program(
            "postgres",
            made.command(),
            ready=lambda: made.answers(kept.superuser_password),
            stop_signal=signal.SIGQUIT,  # at once: there is nothing to keep
            runner=runner(),
        )
        with (folder / "log").open("wb") as log:
            process = start_process(program, log.fileno())
        try:
            made.wait(kept.superuser_password)
            admin = made.conninfo(postgres.SUPERUSER, kept.superuser_password)
            provision(admin, database=DATABASE, owner=kept.owner, application=kept.application)
            yield {
                "DATABASE_URL": database_url(kept.application, folder),
                "DATABASE_OWNER_URL": database_url(kept.owner, folder),
                "DATABASE_ADMIN_URL": admin,
                "SECRET_KEY": kept.secret_key,
                "FIELD_KEYS": kept.field_keys,
                "LOOKUP_KEY": kept.lookup_key,
                "BROKER_URL": "redis://127.0.0.1:9",  # nobody is there: nothing is enqueued
                "SOURCE_DOS_SERVICE_ID": "2000099999",
                "EMAIL_URL": "smtp+plain://127.0.0.1:9",  # nobody is there either
                "EMAIL_FROM": "PharmRefer <no-reply@pharmrefer.example>",
                "PUBLIC_URL": "https://pharmrefer.example",
            }
        finally:
            process.send_signal(program.stop_signal)
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    with cluster() as environment:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, check=False, env=os.environ | environment, cwd=ROOT
        ).returncode


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is removed
    try:
        sys.exit(main(sys.argv[1:]))
    except LocalError as error:
        sys.exit(f"pharmrefer: {error}")
