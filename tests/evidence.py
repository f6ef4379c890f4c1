"""The triggers by which the database, and nobody else, says when something has happened."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from django.db import ProgrammingError, connection, transaction

TABLES = (
    "accounts_auditevent",
    "accounts_case",
    "accounts_confirmation",
    "referrals_accesslogentry",
    "referrals_attempt",
    "referrals_contentpack",
    "referrals_timelineentry",
    "support_regionalcontent",
)
FOUND = "SELECT tgrelid::regclass::text, tgenabled::text FROM pg_trigger WHERE tgname = 'moment'"


def let_tests_say_when() -> None:
    """Switch the triggers off, as the tables' owner, having seen that a migration set them."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("SELECT pg_advisory_xact_lock(7261503115)")  # a run has several processes
        found = owner.execute(FOUND).fetchall()
        assert sorted(table for table, _ in found) == list(TABLES)
        for table, enabled in found:
            if enabled != "D":
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER moment".encode())


@contextmanager
def application_with_triggers(table: str) -> Iterator[psycopg.Connection]:
    """Connect as the application where a table's trigger is on, as it is outside of tests.

    Nothing of it stays, and no foreign key is asked for before that.
    """
    url = os.environ["DATABASE_OWNER_URL"]
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    role = psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_URL"])["user"]
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], dbname=name) as superuser:
        superuser.execute(f"ALTER TABLE {table} ENABLE TRIGGER moment".encode())
        superuser.execute(f'SET LOCAL ROLE "{role}"'.encode())
        yield superuser
        superuser.rollback()


def refused(statement: str) -> bool:
    """Try a statement as the application; say whether its role may not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege)
    return False


def insert(database: psycopg.Connection, table: str, row: Mapping[str, object], got: str) -> object:
    """Insert a row and return what stands in one of its columns then."""
    placeholders = ", ".join(["%s"] * len(row))
    statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({placeholders}) RETURNING {got}"  # noqa: S608
    found = database.execute(statement.encode(), list(row.values())).fetchone()
    assert found
    return found[0]
