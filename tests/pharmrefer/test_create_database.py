"""What an installer types once, and what is wrong said in a sentence."""

import os
import subprocess
import sys

import pytest
from psycopg.conninfo import conninfo_to_dict

from pharmrefer.local import ROOT

ADMIN = "postgresql://postgres:a-password-for-tests@/postgres?host=/nowhere"
OWNER = "postgresql://new_owner:a-password-for-tests@/new?host=/nowhere"
APPLICATION = "postgresql://new_app:a-password-for-tests@/new?host=/nowhere"


def create(**urls: str) -> "subprocess.CompletedProcess[str]":
    given = {"DATABASE_ADMIN_URL": ADMIN, "DATABASE_OWNER_URL": OWNER, "DATABASE_URL": APPLICATION}
    wanted = given | urls
    return subprocess.run(
        [sys.executable, "-m", "pharmrefer.create_database"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | {name: url for name, url in wanted.items() if url},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("urls", "words"),
    [
        ({"DATABASE_ADMIN_URL": ""}, "DATABASE_ADMIN_URL is not set"),
        ({"DATABASE_OWNER_URL": ""}, "DATABASE_OWNER_URL is not set"),
        ({"DATABASE_URL": "postgresql://new_app:short@/new"}, "DATABASE_URL has a weak password"),
        ({"DATABASE_URL": "postgresql://new_app@/new"}, "DATABASE_URL has no password"),
        ({"DATABASE_URL": APPLICATION.replace("/new?", "/old?")}, "name different databases"),
        ({"DATABASE_URL": OWNER}, "must name three roles"),
        ({"DATABASE_ADMIN_URL": OWNER}, "must name three roles"),
        ({}, "No such file or directory"),
    ],
)
def test_what_is_wrong_is_said_and_no_password_shown(urls: dict[str, str], words: str) -> None:
    refused = create(**urls)
    assert refused.returncode == 1
    assert refused.stderr.startswith("pharmrefer: ")
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "a-password" not in refused.stderr


def test_it_needs_no_database_of_ours_and_may_run_again() -> None:
    admin = conninfo_to_dict(os.environ["DATABASE_ADMIN_URL"])
    here = f"host={admin['host']}"
    urls = {
        "DATABASE_ADMIN_URL": f"postgresql://{admin['user']}:{admin['password']}@/postgres?{here}",
        "DATABASE_OWNER_URL": OWNER.replace("host=/nowhere", here),
        "DATABASE_URL": APPLICATION.replace("host=/nowhere", here),
    }
    for _ in range(2):
        assert create(**urls).stdout == "new is there, with new_owner and new_app\n"
