"""The database and its two roles."""

import os

import psycopg
import pytest

from pharmrefer.provision import login, provision

OWNER = login(os.environ["DATABASE_OWNER_URL"])
APPLICATION = login(os.environ["DATABASE_URL"])


def test_it_may_run_again_and_leaves_everything_as_it_is() -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE kept ()")
    admin = os.environ["DATABASE_ADMIN_URL"]
    provision(admin, database="pharmrefer", owner=OWNER, application=APPLICATION)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("DROP TABLE kept")


@pytest.mark.parametrize("url", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_neither_role_is_more_than_it_must_be(url: str) -> None:
    with psycopg.connect(os.environ[url]) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, False, False, False, False)
