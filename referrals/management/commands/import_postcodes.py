"""``manage.py import_postcodes``: where postcodes are, so that the nearest pharmacy comes first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.files.text_files import UnreadableError
from referrals import grid_references, imports
from referrals.grid_references import GridReference, NotTheDirectoryError
from referrals.management import files


class Command(BaseCommand):
    """Reads what the Office for National Statistics publishes; docs/routes.md says where."""

    requires_system_checks = ()  # they load every page: half of its start
    help = (
        "Load grid references from CSV files of the ONS Postcode Directory. Do it again as often."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="CSV of the ONSPD")

    def handle(self, *, files: list[Path], **_options: Any) -> None:
        with transaction.atomic():
            done = imports.bring_postcodes(
                self._read(files), tell=lambda words: self.stdout.write(f"postcodes: {words}")
            )
        self.stdout.write(
            f"postcodes: {done.read:,} read, {done.changed:,} new or changed; "
            f"{done.pharmacies:,} pharmacies have another place"
        )

    def _read(self, paths: list[Path]) -> Iterator[GridReference]:
        for path in paths:
            try:
                with files.lines(path) as opened:
                    yield from grid_references.read(opened)
            except (UnreadableError, NotTheDirectoryError) as error:
                raise CommandError(f"FILE {path}: {error}.") from error
