"""Whether this process can do its work."""

import functools
import logging

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse

from accounts.encryption import CannotOpenError
from accounts.models.sessions import Session
from accounts.web import access
from pharmrefer.health import plain_text
from referrals import rotation

logger = logging.getLogger(__name__)


@functools.cache
def _migrations_in_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


@access.everyone
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database is there, fits the code and can be read, else 503 and why.

    Asked is what each page asks first, over a connection that pages use, and something sealed.

    The broker is not asked: by design nothing is lost without it, so its absence must not take
    the pages away.
    """
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return plain_text("the database does not answer", status=503)
    if missing := _migrations_in_code() - applied.keys():
        return plain_text(
            f"run manage.py migrate: {len(missing)} migrations are missing", status=503
        )
    try:
        Session.objects.with_key("")
        rotation.open_samples()
    except DatabaseError:
        logger.exception("the database answers, but not what pages ask")
        return plain_text("the database answers, but not what pages ask: see the log", status=503)
    except CannotOpenError as error:
        logger.exception("what is encrypted cannot be read")
        return plain_text(error.for_the_log, status=503)
    return plain_text("ready")
