"""The regional content that counts now, for every page: read every few seconds, not by each.

Where the database does not answer, the last that was read stands.
"""

import logging
from time import monotonic

import msgspec

from support import database
from support.models.regional_content import RegionalContent
from support.region import content
from support.region.content import Region

logger = logging.getLogger(__name__)

READ_EVERY = 5.0  # seconds: another process's page is that late at most


def _newest() -> tuple[int, str] | None:
    return RegionalContent.objects.order_by("-pk").values_list("pk", "content").first()


class _LastRead:
    """What this process has read last."""

    def __init__(self) -> None:
        self.region = content.NOTHING
        self.version: int | None = None  # it has read nothing yet
        self.due_at = 0.0

    def refresh(self, now: float) -> None:
        self.due_at = now + READ_EVERY  # first: one that fails is not tried by every page
        try:
            found = database.ask(_newest)
        except database.AwayError as error:
            logger.warning("regional content cannot be read: %s", error)
            return
        self.take(found)

    def take(self, found: tuple[int, str] | None) -> None:
        version, text = found or (0, "")
        if version == self.version:
            return
        self.version = version
        try:
            self.region = content.from_json(text) if text else content.NOTHING
        except msgspec.ValidationError as error:
            # A newer release has saved it: this one's pages go on with what they have.
            logger.warning("regional content %s cannot be read: %s", version, error)


_last_read = _LastRead()


def current() -> Region:
    """Return what counts now; what the database is asked for it does not grow with pages."""
    now = monotonic()
    if now >= _last_read.due_at:
        _last_read.refresh(now)
    return _last_read.region


def read_again() -> None:
    """Let the next page ask for it: it was changed just now, in this process."""
    _last_read.due_at = 0.0


def service_desk_email() -> str:
    """Return where the service desk is written to, or "": the setting SERVICE_DESK_ADDRESS."""
    region = current()
    if _last_read.version is not None:
        return region.service_desk.email
    _last_read.take(_newest())  # however long it takes: what is said to nobody is lost
    return _last_read.region.service_desk.email
