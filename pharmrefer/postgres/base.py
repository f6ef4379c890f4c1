"""The database backend that ``pharmrefer.env`` names; Django finds it by this module's name."""

import logging
import select
from types import TracebackType
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

logger = logging.getLogger(__name__)

# What a connection remembers no longer fits (PostgreSQL manual, appendix A): a column has another
# type than when its statement was planned, or a planned statement is not there or there twice.
STALE = frozenset({"0A000", "26000", "42P05", "XX000"})

# Who really answers, and which of the limits that we ask for stand.
ASK = "SELECT pg_backend_pid(), name, setting FROM pg_settings WHERE name = ANY(%s)"


class _Errors(DatabaseErrorWrapper):
    """Sees every error that the database answers, before Django makes its own of it."""

    def __init__(self, wrapper: "DatabaseWrapper") -> None:
        super().__init__(wrapper)
        self._ours = wrapper

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        state = getattr(exc_value, "sqlstate", None)
        if state in STALE:
            logger.error("the connection to the database is given up: SQLSTATE %s", state)
            self._ours.is_stale = True
        super().__exit__(exc_type, exc_value, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """Knows when a connection is of no use any more, and sees that limits stand behind a pooler."""

    is_stale = False

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _Errors(self)

    def is_usable(self) -> bool:
        """Say whether the connection can be used, as far as this side knows.

        Django asks the server something at the start of each request; that is a seventh of a page.
        A server that has stopped or been restarted has closed the socket, or said farewell: there
        is something to read on a connection that should be silent. That costs a microsecond.
        """
        if self.is_stale or self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0)

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        # The words of the error are in no other log.
        try:
            connection: psycopg.Connection = super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            logger.error("no connection to the database: %s", str(error).strip())  # noqa: TRY400
            raise
        self.is_stale = False
        return connection

    def init_connection_state(self) -> None:
        super().init_connection_state()
        limits: dict[str, str] = self.settings_dict["LIMITS"]
        rows = self.connection.execute(ASK, [list(limits)]).fetchall()
        server = self.connection.info.backend_pid
        if any(process != server for process, _, _ in rows):
            # A pooler: what is planned on one of its connections is not there on the next.
            self.connection.prepare_threshold = None
        for _, name, setting in rows:
            if setting == "0":
                self._set(name, limits[name])

    def _set(self, name: str, limit: str) -> None:
        self.connection.execute("SELECT set_config(%s, %s, false)", [name, limit])
        logger.warning(
            "the database role %s has no %s, which behind a pooler no connection can set for "
            "itself: run python -m pharmrefer.create_database, or "
            "ALTER ROLE %s SET %s = '%s'",
            *(self.settings_dict["USER"], name, self.settings_dict["USER"], name, limit),
        )
