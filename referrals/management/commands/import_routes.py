"""``manage.py import_routes``: how referrals reach pharmacies, from a table of ours."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.files import spreadsheets
from accounts.files.text_files import UnreadableError
from referrals import imports, routes
from referrals.management import files
from referrals.models.pharmacies import Pharmacy


class Command(BaseCommand):
    """Gives pharmacies what ODS lacks; docs/routes.md describes the file.

    Malformed lines are named and left alone; they do not stop the others, nor fail the command.
    """

    requires_system_checks = ()  # they load every page: half of its start
    help = "Give pharmacies their routes, from a CSV file or workbook as in docs/routes.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="as in docs/routes.md")

    def handle(self, *, file: Path, **_options: Any) -> None:
        try:
            opened = spreadsheets.opened(files.read(file), routes.is_heading)
            found = routes.read(spreadsheets.table(opened.text, routes.is_heading))
        except UnreadableError as error:
            raise CommandError(f"FILE {file}: {error}.") from error
        for note in opened.notes:
            self.stdout.write(f"routes: {note}.")
        self.stdout.write(f"routes: {len(found.by_line) + len(found.faults):,} lines read")
        with transaction.atomic():
            done = imports.bring_routes(
                found,
                today=timezone.localdate(),
                tell=lambda words: self.stdout.write(f"routes: {words}"),
            )
        for old, new in done.handed_on.items():
            self.stdout.write(f"routes: {old} has closed, and its DoS service id is {new}'s now")
        for fault in done.faults:
            self.stderr.write(f"{file}, {fault}")
        if unknown := found.unknown_hours:
            self.stdout.write(
                f"routes: hours of {len(unknown):,} lines are shown as they are, and not known to "
                f"PharmRefer (docs/routes.md). The first: {unknown[0]}"
            )
        self.stdout.write(
            f"routes: {done.added:,} added, {done.changed:,} changed, {done.taken_away:,} taken "
            f"away, {done.same:,} as they were, {len(done.faults):,} lines left alone"
        )
        self.stdout.write(f"{Pharmacy.objects.offered().count():,} pharmacies are offered")
