"""``manage.py verify_audit``: check the audit's hash chain."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import audit

LONGEST_WAIT = timedelta(minutes=1)  # the sealer comes every second


class Command(BaseCommand):
    """Exits with 1 where anything is wrong.

    Rows removed from the end leave no gap: note the head that this prints, or that the control
    worker logs, where the database's owner cannot change it, and give it next time.
    """

    help = "Look for gaps and changes in the audit, and say how long its newest rows have waited."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="NUMBER:HASH",
            help="of an earlier look or the log; it must still be there (may be given again)",
        )

    def handle(self, *, head: list[str], **_options: Any) -> None:
        report = audit.verify(heads=head, now=timezone.now())
        self.stdout.write(f"{report.sealed} events are sealed. Head: {report.head or 'none'}")
        seconds = report.waiting_for.total_seconds()
        self.stdout.write(f"{report.unsealed} are not sealed yet, the oldest for {seconds:.0f} s.")
        for fault in report.faults:
            self.stderr.write(fault)
        if report.waiting_for > LONGEST_WAIT:
            raise CommandError(
                "Nothing has been sealed for a while: see that the control worker runs."
            )
        if report.faults:
            raise CommandError(f"The audit is not whole: {len(report.faults)} faults.")
