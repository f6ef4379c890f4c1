"""Two addresses for machines: is the process alive, and can it do its work?"""

import functools
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse

from accounts.encryption import CannotOpenError
from accounts.models.sessions import Session
from accounts.web import access
from referrals import rotation

logger = logging.getLogger(__name__)


def by_any_name(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    # Load balancers ask by numbers, not by names.
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/health/"):
            request.META["HTTP_HOST"] = settings.PUBLIC_URL.netloc
        return get_response(request)

    return middleware


@functools.cache
def _migrations_in_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _text(message: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{message}\n", content_type="text/plain", status=status)


@access.everyone
def live(_request: HttpRequest) -> HttpResponse:
    return _text("alive")


@access.everyone
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database is there, fits the code and can be read, else 503 and why.

    What each page asks first is asked, over a connection that pages use, and a sealed value is
    opened. The broker is not asked: by design nothing is lost without it, so its absence must not
    take the pages away.
    """
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return _text("the database does not answer", status=503)
    if missing := _migrations_in_code() - applied.keys():
        return _text(f"run manage.py migrate: {len(missing)} migrations are missing", status=503)
    try:
        Session.objects.with_key("")
        rotation.open_samples()
    except DatabaseError:
        logger.exception("the database answers, but not what pages ask")
        return _text("the database answers, but not what pages ask: see the log", status=503)
    except CannotOpenError as error:
        logger.exception("what is encrypted cannot be read")
        return _text(error.for_the_log, status=503)
    return _text("ready")
