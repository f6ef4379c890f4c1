"""``manage.py rescue``: the rescuer, which delivers what is overdue without broker or workers."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from referrals import delivery

AT_ONCE = 4


class Command(BaseCommand):
    """Looks every few seconds for messages that nobody has sent for two minutes, and sends them.

    It needs the database and nothing else: where broker and workers are well, it has no work.
    """

    requires_system_checks = ()  # they load every page: half of its start
    help = "Deliver what is overdue, with the database alone. Runs until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how often to look, and whether to look once only."""
        parser.add_argument("--every", type=float, default=10.0, help="seconds between two looks")
        parser.add_argument("--once", action="store_true", help="look once, then end")

    def handle(self, *, every: float, once: bool, **_options: Any) -> None:
        """Look, send, and look again; a database that is away is waited for."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while True:
                try:
                    delivery.give_up(now=timezone.now())
                    list(pool.map(_send, delivery.overdue(now=timezone.now())))
                    delivery.note_health()
                except DatabaseError as error:
                    self.stderr.write(f"the database does not answer: {type(error).__name__}")
                    close_old_connections()
                if once:
                    return
                time.sleep(every)


def _send(message_id: UUID) -> None:
    try:
        delivery.attempt(message_id, now=timezone.now())
    finally:
        connection.close()
