"""Keys are rotated by real processes: killed, several at once, and beside others who write."""

import base64
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.test import override_settings

from accounts import encryption
from accounts.models.credentials import Authenticator
from pharmrefer.local import ROOT
from pharmrefer.provision import login, provision
from tests.referrals.rotation_keys import AFTER, BEFORE, DURING

SLOWLY = """
import sys, time, django
django.setup()
from django.core.management import call_command
from accounts import encryption
from referrals import rotation
rotation.AT_ONCE, reseal, count = 10, encryption.reseal, 0
def slowly(sealed, *, belongs_to):
    global count
    count += 1
    if count == {stop_at}:
        print("in the middle", flush=True)
        time.sleep(60)
    time.sleep(0.01)
    return reseal(sealed, belongs_to=belongs_to)
encryption.reseal = slowly
print("ready", flush=True)
sys.stdin.readline()
call_command("rotate_secrets")
"""
ROWS = 60
HELD = "1 held by others"
SECRETS = [b"%d" % n for n in range(ROWS)]
Running = subprocess.Popen[str]


@dataclass(frozen=True)
class Database:
    """A database that other processes see, unlike what a test writes in its transaction."""

    environment: dict[str, str]
    user: int

    def begin(self, *command: str) -> Running:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rotate(self) -> str:
        """Run the command to its end."""
        with self.begin("manage.py", "rotate_secrets") as running:
            said, complained = running.communicate(timeout=60)
        assert running.returncode == 0, complained
        return said

    def connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.environment["DATABASE_URL"])

    @property
    def owner(self) -> str:
        return Authenticator(user_id=self.user).owner

    def rows(self) -> dict[int, bytes]:
        with self.connect() as connection:
            found = connection.execute("SELECT id, sealed_secret FROM accounts_authenticator")
            return dict(found.fetchall())

    def opened(self) -> list[bytes]:
        """Return what is sealed, in order; the old key is gone."""
        with override_settings(FIELD_KEYS=AFTER):
            return [
                encryption.unseal(value, belongs_to=self.owner)
                for _, value in sorted(self.rows().items())
            ]


def elsewhere(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path="/rotation"))


@pytest.fixture(scope="module")
def migrated() -> Database:
    urls = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    owner, application = login(urls["DATABASE_OWNER_URL"]), login(urls["DATABASE_URL"])
    provision(
        os.environ["DATABASE_ADMIN_URL"], database="rotation", owner=owner, application=application
    )
    environment = dict(os.environ) | {name: elsewhere(url) for name, url in urls.items()}
    keys = ",".join(f"{n}:{base64.b64encode(key).decode()}" for n, key in DURING.items())
    environment |= {"FIELD_KEYS": keys, "DJANGO_SETTINGS_MODULE": "pharmrefer.settings"}
    make = (
        "import django; django.setup(); from tests import factories; print(factories.person().pk)"
    )
    for command in (["manage.py", "migrate", "--verbosity=0"], ["-c", make]):
        made = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return Database(environment, int(made.stdout))


@pytest.fixture
def database(migrated: Database) -> Database:
    """Sixty authenticators, which the old key has sealed."""
    with override_settings(FIELD_KEYS=BEFORE):
        rows = [
            (f"app {n}", migrated.user, encryption.seal(b"%d" % n, belongs_to=migrated.owner))
            for n in range(ROWS)
        ]
    with migrated.connect() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_authenticator")
        cursor.executemany(
            "INSERT INTO accounts_authenticator "
            "(name, user_id, sealed_secret, confirmed, last_step, created_at) "
            "VALUES (%s, %s, %s, true, -1, now())",
            rows,
        )
    return migrated


def with_new_key(rows: dict[int, bytes]) -> dict[int, bytes]:
    return {pk: value for pk, value in rows.items() if value[0] == 2}


def heard(stream: IO[str] | None, words: str) -> str:
    """Wait for a line with these words."""
    assert stream
    return next(line for line in stream if words in line)


def let_go(*several: Running) -> None:
    """Let them begin at one moment."""
    for running in several:
        heard(running.stdout, "ready")
    for running in several:
        assert running.stdin
        running.stdin.write("go\n")
        running.stdin.flush()


def test_killed_in_the_middle_it_goes_on_where_it_was(database: Database) -> None:
    with database.begin("-c", SLOWLY.format(stop_at=25)) as running:
        try:
            let_go(running)
            heard(running.stdout, "in the middle")
        finally:
            running.kill()
    done = with_new_key(database.rows())
    assert len(done) == 20, "two whole batches, and nothing of the third"
    assert "sealed_secret: 40 changed; 60 with key 2\n" in database.rotate()
    after = database.rows()
    assert {pk: after[pk] for pk in done} == done, "what was done is not done again"
    assert database.opened() == SECRETS


def test_two_at_once_share_the_work(database: Database) -> None:
    both = [database.begin("-c", SLOWLY.format(stop_at=0)) for _ in range(2)]
    try:
        let_go(*both)
        said = [running.communicate(timeout=60)[0] for running in both]
    finally:
        for running in both:
            running.kill()
    assert [running.returncode for running in both] == [0, 0]
    found = re.findall(r"sealed_secret: ([0-9]+) changed; 60 with key 2\n", "".join(said))
    first, second = map(int, found)
    assert first + second == ROWS
    assert first
    assert second
    assert database.opened() == SECRETS


def test_what_a_user_writes_meanwhile_is_kept(database: Database) -> None:
    """They hold the row when its turn comes, and their program has the old key only."""
    row = sorted(database.rows())[7]
    with override_settings(FIELD_KEYS=BEFORE):
        written = encryption.seal(b"written meanwhile", belongs_to=database.owner)
    with database.connect() as other:
        other.execute(
            "UPDATE accounts_authenticator SET sealed_secret = %s WHERE id = %s", [written, row]
        )
        with database.begin("manage.py", "rotate_secrets") as running:
            try:
                heard(running.stderr, HELD)
                other.commit()
                said, _ = running.communicate(timeout=60)
            finally:
                running.kill()
    assert running.returncode == 0
    assert "sealed_secret: 60 changed; 60 with key 2\n" in said
    assert database.opened() == [*SECRETS[:7], b"written meanwhile", *SECRETS[8:]]


def test_what_a_user_deletes_meanwhile_is_gone(database: Database) -> None:
    row = sorted(database.rows())[7]
    with database.connect() as other:
        other.execute("DELETE FROM accounts_authenticator WHERE id = %s", [row])
        with database.begin("manage.py", "rotate_secrets") as running:
            try:
                heard(running.stderr, HELD)
                other.commit()
                said, _ = running.communicate(timeout=60)
            finally:
                running.kill()
    assert running.returncode == 0
    assert "sealed_secret: 59 changed; 59 with key 2\n" in said
