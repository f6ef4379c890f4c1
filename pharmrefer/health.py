"""Two addresses for machines: is the process alive, and can it do its work?"""

import functools

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse

from accounts import access


@functools.cache
def _migrations_in_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _text(message: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{message}\n", content_type="text/plain", status=status)


@access.everyone
def live(_request: HttpRequest) -> HttpResponse:
    """Answer as long as the process does; asks nothing of anybody."""
    return _text("alive")


@access.everyone
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database is there and as new as the code, else 503 and why.

    The broker is not asked: by design nothing is lost without it, so its absence must not take
    the pages away.
    """
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return _text("the database does not answer", status=503)
    if missing := _migrations_in_code() - applied.keys():
        return _text(f"run manage.py migrate: {len(missing)} migrations are missing", status=503)
    return _text("ready")
