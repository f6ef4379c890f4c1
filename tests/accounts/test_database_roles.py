"""What the application's role may do in the migrated database, tried over a real connection."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors

pytestmark = pytest.mark.usefixtures("django_db_setup")


@pytest.fixture
def application() -> Iterator[psycopg.Connection]:
    """The application's connection, and a table that its owner made after the first migration."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("CREATE TABLE later (id bigserial, word text)")
        try:
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
                yield connection
        finally:
            owner.execute("DROP TABLE later")


def test_it_reads_and_writes_rows_of_tables_made_later(application: psycopg.Connection) -> None:
    application.execute("INSERT INTO later (word) VALUES ('a')")
    application.execute("UPDATE later SET word = 'b'")
    row = application.execute("SELECT id, word FROM later").fetchone()
    assert row == (1, "b")
    application.execute("DELETE FROM later")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own ()",
        "CREATE SCHEMA own",
        "DROP TABLE later",
        "ALTER TABLE later ADD COLUMN more text",
        "TRUNCATE later",
        "CREATE TRIGGER t BEFORE UPDATE ON later EXECUTE FUNCTION tsvector_update_trigger()",
        "CREATE EXTENSION citext",
        "SET ROLE pharmrefer_owner",
        "DELETE FROM django_migrations",
    ],
)
def test_it_can_change_no_structure(application: psycopg.Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        application.execute(statement)


def test_strangers_may_not_connect() -> None:
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        row = admin.execute(
            "SELECT has_database_privilege('pg_monitor', 'pharmrefer', 'CONNECT')"
        ).fetchone()
    assert row == (False,)
