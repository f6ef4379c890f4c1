"""Creates PharmRefer's database and its two roles; what it finds, it leaves as it is.

The *owner* owns every table and is used for migrations only. The *application* role has no DDL,
so that what is append-only stays so even when the application is turned against itself. Which
rights the application gets is the migrations' matter. The limits of statements are the roles'
own: behind a pooler, no connection can bring or set any.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

# Of the application: a statement, a wait for a lock, a transaction in which nothing happens.
LIMITS = {
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "15s",
}
OWNER_LIMITS = {"lock_timeout": "5s"}  # a migration may take its time, but hold up nobody


@dataclass(frozen=True)
class Login:
    role: str
    password: str


def login(url: str) -> Login:
    parts = conninfo_to_dict(url)
    return Login(str(parts.get("user", "")), str(parts.get("password", "")))


def provision(admin: str, *, database: str, owner: Login, application: Login) -> None:
    """Create both roles and the database.

    ``admin`` is a libpq connection string or URL of a role with CREATEROLE and CREATEDB.
    """
    with psycopg.connect(admin, autocommit=True) as connection:
        for role, limits in ((owner, OWNER_LIMITS), (application, LIMITS)):
            _create_role(connection, role)
            _limit(connection, role, limits)
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if not found.fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(database), sql.Identifier(owner.role)
                )
            )
        # Nobody but these two may connect.
        connection.execute(
            sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database))
        )
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                sql.Identifier(database), sql.Identifier(application.role)
            )
        )


def _create_role(connection: psycopg.Connection, role: Login) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.role])
    verb = "ALTER" if found.fetchone() else "CREATE"
    connection.execute(
        sql.SQL(
            "{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}"
        ).format(sql.SQL(verb), sql.Identifier(role.role), sql.Literal(role.password))
    )


def _limit(connection: psycopg.Connection, role: Login, limits: dict[str, str]) -> None:
    # What an operator has chosen stays.
    found = connection.execute(
        "SELECT split_part(unnest(setconfig), '=', 1) FROM pg_db_role_setting "
        "JOIN pg_roles ON pg_roles.oid = setrole WHERE rolname = %s",
        [role.role],
    )
    chosen = {name for (name,) in found}
    for name in limits.keys() - chosen:
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(role.role), sql.Identifier(name), sql.Literal(limits[name])
            )
        )
