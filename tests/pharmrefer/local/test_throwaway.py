"""The database for one command: there while it runs, gone afterwards, for any user."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pharmrefer.local import ROOT

ASK = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    print(connection.execute("SELECT current_user").fetchone()[0], connection.info.host)
"""


@pytest.mark.parametrize("exit_code", [0, 3])
def test_a_command_has_a_database_that_is_gone_afterwards(exit_code: int) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pharmrefer.local.throwaway", "-c"),
            f"{ASK}\nraise SystemExit({exit_code})",
        ],
        cwd=ROOT,
        env=os.environ | {"PGHOSTADDR": "127.0.0.1", "PGUSER": "somebody"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == exit_code, done.stderr
    role, folder = done.stdout.split()
    assert role == "pharmrefer_app"
    assert not Path(folder).exists()


def test_a_server_that_cannot_be_had_leaves_no_folder(tmp_path: Path, private: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pharmrefer.local.throwaway", "-c", ASK],
        cwd=ROOT,
        env=os.environ | {"PG_BIN": str(tmp_path), "TMPDIR": str(private)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stderr.startswith(f"pharmrefer: PG_BIN is {tmp_path}")
    assert "Traceback" not in done.stderr
    assert list(private.iterdir()) == []
