"""A connection that is of no use any more is given up, and limits stand behind a pooler too."""

import os
import shutil
import socket
from collections.abc import Iterator

import psycopg
import pytest
from django.db import DataError, NotSupportedError, OperationalError, connections
from psycopg.conninfo import conninfo_to_dict

from pharmrefer.local.privilege import runner
from pharmrefer.local.supervisor import Program, start_process
from pharmrefer.postgres.base import DatabaseWrapper
from pharmrefer.provision import LIMITS, login, provision
from tests.pharmrefer.local.harness import free_port, wait_until
from tests.running import private


@pytest.fixture
def ours() -> Iterator[DatabaseWrapper]:
    """A connection of its own, as each thread of the web server has one."""
    made = connections.create_connection("default")
    assert isinstance(made, DatabaseWrapper)
    made.inc_thread_sharing()
    yield made
    made.close()


def backend(connection: DatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_connection_that_was_cut_is_made_anew_for_the_next_request(
    ours: DatabaseWrapper,
) -> None:
    first = backend(ours)
    assert ours.is_usable()
    assert backend(ours) == first
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", [first])
    wait_until(lambda: not ours.is_usable(), seconds=5, what="the end of it is noticed")
    ours.close_if_unusable_or_obsolete()  # as at the start of each request
    assert backend(ours) != first
    assert ours.is_usable()


@pytest.mark.django_db
def test_one_that_is_closed_is_not_usable(ours: DatabaseWrapper) -> None:
    assert not ours.is_usable()
    backend(ours)
    assert ours.connection
    ours.connection.close()
    assert not ours.is_usable()


def as_owner(statement: str) -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute(statement)


@pytest.fixture
def table() -> Iterator[str]:
    """A table that the application may read; its owner changes it while it is read."""
    as_owner("CREATE TABLE changing (value varchar(5))")
    as_owner(f"GRANT SELECT ON changing TO {login(os.environ['DATABASE_URL']).role}")
    yield "changing"
    as_owner("DROP TABLE changing")


@pytest.mark.django_db
def test_a_column_of_another_type_costs_a_connection_one_statement(
    ours: DatabaseWrapper, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    def read() -> None:
        with ours.cursor() as cursor:
            cursor.execute(f"SELECT value FROM {table} WHERE value <> %s", ["x"])  # noqa: S608

    for _ in range(8):  # so often that the statement is planned once and kept
        read()
    first = backend(ours)
    as_owner(f"ALTER TABLE {table} ALTER value TYPE text")
    with pytest.raises(NotSupportedError):
        read()
    assert "is given up" in caplog.text
    ours.close_if_unusable_or_obsolete()  # as at the end of each request
    read()
    assert backend(ours) != first


@pytest.mark.django_db
def test_what_people_typed_costs_no_connection(ours: DatabaseWrapper) -> None:
    first = backend(ours)
    with pytest.raises(DataError), ours.cursor() as cursor:
        cursor.execute("SELECT %s::text::integer", ["x"])
    ours.close_if_unusable_or_obsolete()
    assert backend(ours) == first


@pytest.mark.django_db
def test_a_role_without_limits_has_them_for_the_connection_and_the_log_says_so(
    ours: DatabaseWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    role = login(os.environ["DATABASE_URL"]).role
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(f"ALTER ROLE {role} RESET lock_timeout")
        try:
            assert limits_of(ours) == LIMITS
            assert f"ALTER ROLE {role} SET lock_timeout = '5s'" in caplog.text
        finally:
            provision(
                os.environ["DATABASE_ADMIN_URL"],
                database="pharmrefer",
                owner=login(os.environ["DATABASE_OWNER_URL"]),
                application=login(os.environ["DATABASE_URL"]),
            )
    assert caplog.text.count("ALTER ROLE") == 1


def limits_of(connection: DatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'current_setting({name!r})' for name in LIMITS)}")
        return dict(zip(LIMITS, cursor.fetchone(), strict=True))


POOLER = """
[databases]
pharmrefer = host={host} port={port} dbname={dbname} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
logfile = {folder}/log
pidfile = {folder}/pid
"""


@pytest.fixture
def behind_a_pooler() -> Iterator[DatabaseWrapper]:
    """A connection through PgBouncer, whose own change with each transaction."""
    parts = conninfo_to_dict(os.environ["DATABASE_URL"])
    with private() as folder:
        runner().own(folder)
        listen = free_port()
        given = {"port": 5432, **parts, "listen": listen, "folder": folder}
        (folder / "ini").write_text(POOLER.format(**given))
        (folder / "ini").chmod(0o644)
        pooler = Program(
            "pgbouncer",
            [str(shutil.which("pgbouncer")), str(folder / "ini")],
            ready=lambda: False,
            runner=runner(),
        )
        with (folder / "output").open("wb") as output:
            process = start_process(pooler, output.fileno())
        made = connections.create_connection("default")
        assert isinstance(made, DatabaseWrapper)
        made.settings_dict = made.settings_dict | {
            "HOST": "127.0.0.1",
            "PORT": str(listen),
        }
        made.inc_thread_sharing()
        try:
            wait_until(lambda: takes_connections(listen), seconds=20, what="PgBouncer listens")
            yield made
        finally:
            made.close()
            process.terminate()
            process.wait(timeout=20)


def takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.django_db
@pytest.mark.needs("pgbouncer")
def test_behind_a_pooler_limits_stand_and_statements_are_found(
    behind_a_pooler: DatabaseWrapper,
) -> None:
    address = {"host": "127.0.0.1", "port": behind_a_pooler.settings_dict["PORT"]}
    backends = set()
    with psycopg.connect(**address, user="any", dbname="pharmrefer", autocommit=True) as other:
        for number in range(16):
            other.execute("BEGIN" if number % 2 else "SELECT 1")  # it holds one by turns
            assert limits_of(behind_a_pooler) == LIMITS
            backends.add(backend(behind_a_pooler))
            if number % 2:
                other.execute("SELECT 1")
                other.execute("COMMIT")
    assert behind_a_pooler.connection
    assert behind_a_pooler.connection.prepare_threshold is None


@pytest.mark.django_db
@pytest.mark.needs("pgbouncer")
def test_an_address_that_a_pooler_refuses_is_in_the_log(
    behind_a_pooler: DatabaseWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    options = behind_a_pooler.settings_dict["OPTIONS"] | {"options": "-c work_mem=8MB"}
    behind_a_pooler.settings_dict = behind_a_pooler.settings_dict | {"OPTIONS": options}
    with pytest.raises(OperationalError):
        behind_a_pooler.ensure_connection()
    assert "unsupported startup parameter: options" in caplog.text
