"""A connection that the server has closed is noticed before it is used again."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections

from pharmrefer.postgres.base import DatabaseWrapper
from tests.pharmrefer.local.harness import wait_until


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
