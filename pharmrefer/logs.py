"""How log lines look: one line an event, and no words of an exception.

An exception's message may quote what a user typed (PostgreSQL's do), so only its type and the
places in the code are written, and what it has ``for_the_log``. Line ends within a message are
escaped, so that nobody can write a log line of their own (OWASP ASVS 5.0, 16.4.1).
"""

import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType


class LineFormatter(logging.Formatter):
    def formatTime(  # noqa: N802  logging's own name
        self,
        record: logging.LogRecord,
        datefmt: str | None = None,  # noqa: ARG002
    ) -> str:
        # In UTC, whatever the machine or Django takes.
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")

    def formatException(  # noqa: N802  logging's own name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        # Of the error and its causes: the types and places, and no words.
        parts = []
        error = ei[1]
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            locations = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
            words = getattr(error, "for_the_log", "")
            parts.append(f"{type(error).__qualname__}{words and f' ({words})'} at {locations}")
            error = error.__cause__ or error.__context__
        return " because of ".join(parts)
