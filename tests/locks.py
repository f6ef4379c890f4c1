"""Which rows a test's statements lock, in which order."""

from typing import Any

from django.db import connection


class CaptureLocks:
    """Notes statements that lock rows."""

    def __enter__(self) -> "CaptureLocks":
        self.found: list[str] = []
        self._around = connection.execute_wrapper(self._note)
        self._around.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._around.__exit__(None, None, None)

    def _note(self, execute: Any, sql: Any, *more: Any) -> Any:
        if "FOR NO KEY UPDATE" in sql:
            self.found.append(sql)
        return execute(sql, *more)
