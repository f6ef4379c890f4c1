"""``manage.py rescue``: the rescuer, which sends what is overdue without broker or workers."""

import logging
import signal
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection
from django.utils import timezone

from accounts import mail
from referrals import delivery

logger = logging.getLogger(__name__)

AT_ONCE = 4
MAIL_FOR = 10.0  # seconds until one that is told to end does so, and the e-mail that has begun


class Command(BaseCommand):
    """Looks every few seconds for messages that nobody has sent for two minutes, and sends them.

    E-mails too, beside them: a mail server that is slow holds up no referral.

    It needs the database and nothing else: where broker and workers are well, it has no work.
    """

    requires_system_checks = ()  # they load every page: half of its start
    help = "Deliver what is overdue, with the database alone. Runs until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how often to look, and whether to look once only."""
        parser.add_argument("--every", type=float, default=10.0, help="seconds between two looks")
        parser.add_argument("--once", action="store_true", help="look once, then end")

    def handle(self, *, every: float, once: bool, **_options: Any) -> None:
        """Look, send, and look again; whatever fails, it goes on.

        SIGTERM ends it when the attempts that have begun are over.
        """
        if not once:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        with ThreadPoolExecutor(AT_ONCE) as pool, ThreadPoolExecutor(1) as postman:
            mails: Future[None] | None = None
            while True:
                if mails is None or mails.done():
                    mails = postman.submit(_send_mails)
                try:
                    is_done = self._look(pool)
                except Exception:
                    logger.exception("looking for what is overdue failed")
                    close_old_connections()
                    is_done = True
                if is_done and once:
                    return
                if is_done:
                    time.sleep(every)

    def _look(self, pool: ThreadPoolExecutor) -> bool:
        """Give up what is out of time and send a few; say whether that was all."""
        delivery.give_up(now=timezone.now())
        few = delivery.overdue(now=timezone.now(), at_most=AT_ONCE)
        are_made = list(pool.map(_send, few))
        delivery.note_health()
        return not any(are_made)


def _send(message_id: UUID) -> bool:
    """Make one attempt, in a thread; say whether one was made."""
    try:
        return delivery.attempt(message_id, now=timezone.now()) is not None
    except Exception:
        logger.exception("message %s could not be rescued", message_id)
        return False
    finally:
        delivery.note_health()  # a round may take long
        connection.close()


def _send_mails() -> None:
    """Send the e-mails that are overdue, in a thread."""
    try:
        mail.send_due(within=MAIL_FOR, overdue=True)
    except Exception:
        logger.exception("e-mails could not be rescued")
    finally:
        connection.close()
