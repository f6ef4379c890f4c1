"""``manage.py rescue``: the rescuer, which sends what is overdue without broker or workers."""

import logging
import signal
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection

from accounts import mail
from referrals import delivery
from referrals.lanes import Sender
from referrals.watchdog import Watchdog

logger = logging.getLogger(__name__)

MAIL_FOR = 10.0  # seconds that a round may take: after SIGTERM it is waited for


class Command(BaseCommand):
    """Looks every few seconds for messages that nobody has sent for two minutes, and sends them.

    E-mails go in a thread of their own: a slow mail server holds up no referral. It needs the
    database and nothing else: where broker and workers are well, it has no work.
    """

    requires_system_checks = ()  # they load every page: half of its start
    help = "Deliver what is overdue, with the database alone. Runs until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=10.0, help="seconds between two looks")
        parser.add_argument("--once", action="store_true", help="look until all is sent, then end")

    def handle(self, *, every: float, once: bool, **_options: Any) -> None:
        """Look, send and look again. SIGTERM ends it when the attempts that have begun are over."""
        sender, watchdog = Sender(), Watchdog()
        with ThreadPoolExecutor(1) as postman:
            if once:
                postman.submit(_send_mails)
                while _look(sender) and sender.rest():
                    pass
                delivery.note_health()
                return
            signal.signal(signal.SIGTERM, lambda *_: sys.exit())
            watchdog.ask = lambda: None  # its own rounds show that it works
            watchdog.start()
            mails: Future[None] | None = None
            try:
                while True:
                    if mails is None or mails.done():
                        mails = postman.submit(_send_mails)
                    if _look(sender):
                        sender.prove(watchdog.heard)
                    time.sleep(every)
            finally:
                sender.stop()


def _look(sender: Sender) -> bool:
    """Return False where looking failed; that has been logged."""
    try:
        delivery.give_up()
        for pharmacy_id in delivery.overdue():
            sender.drain(pharmacy_id)
    except Exception:
        logger.exception("looking for what is overdue failed")
        close_old_connections()
        return False
    return True


def _send_mails() -> None:
    try:
        mail.send_due(within=MAIL_FOR, overdue=True)
    except Exception:
        logger.exception("emails could not be rescued")
    finally:
        connection.close()
