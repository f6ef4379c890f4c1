"""``manage.py import_ods``: practices and pharmacies, from the files that ODS publishes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from referrals import csv_files, imports, ods

MOST_MALFORMED = 0.2  # of the lines: more than that is rather not an ODS file
SHOWN_IF_REFUSED = 5
BRING: dict[ods.Kind, Callable[[ods.Listing, imports.Run], imports.Changes]] = {
    ods.PRACTICES: imports.bring_practices,
    ods.PHARMACIES: imports.bring_pharmacies,
}


class Command(BaseCommand):
    """Reads the files, then writes what is new or different: all of it, or nothing.

    Malformed lines are named and left alone; they do not stop the others, nor fail the command.
    """

    requires_system_checks = ()  # they load every page: half of its start
    help = "Bring practices and pharmacies to what the Organisation Data Service's files say."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of the files or both."""
        parser.add_argument(
            "--practices", type=Path, metavar="FILE", help="epraccur.csv, as ODS publishes it"
        )
        parser.add_argument(
            "--pharmacies", type=Path, metavar="FILE", help="edispensary.csv, as ODS publishes it"
        )
        parser.add_argument(
            "--force", action="store_true", help="even if that closes or leaves out very many"
        )

    def handle(
        self, *, practices: Path | None, pharmacies: Path | None, force: bool, **_options: Any
    ) -> None:
        """Import, and say how many were added, changed, closed and reopened."""
        files = {ods.PRACTICES: practices, ods.PHARMACIES: pharmacies}
        listings = {
            kind: self._read(kind, file, force=force) for kind, file in files.items() if file
        }
        if not listings:
            raise CommandError("Give --practices FILE, --pharmacies FILE or both.")
        with transaction.atomic():
            changes = {
                kind: self._bring(kind, listing, force=force) for kind, listing in listings.items()
            }
        for kind, done in changes.items():
            self.stdout.write(
                f"{kind.plural}: {len(listings[kind].active):,} active in England; "
                f"{done.added:,} added, {done.changed:,} changed, {done.closed:,} closed, "
                f"{done.reopened:,} reopened, {len(listings[kind].faults):,} lines malformed"
            )

    def _read(self, kind: ods.Kind, file: Path, *, force: bool) -> ods.Listing:
        option = f"--{kind.plural} {file}"
        self.stdout.write(f"{kind.plural}: reading {file}")
        try:
            listing = ods.read(csv_files.read(file), kind)
        except csv_files.UnreadableError as error:
            raise CommandError(f"{option}: {error}") from error
        is_odd = len(listing.faults) > listing.rows * MOST_MALFORMED and not force
        if is_odd or not listing.active:
            self._name(listing.faults[:SHOWN_IF_REFUSED], option)
            raise CommandError(
                f"{option}: {len(listing.faults):,} of {listing.rows:,} lines are malformed, and "
                f"{len(listing.active):,} are active {kind.plural} in England. Give "
                f"{kind.file}.csv as ODS publishes it"
                + ("; or add --force." if listing.active else ".")
            )
        self._name(listing.faults, option)
        self.stdout.write(f"{kind.plural}: {listing.rows:,} lines read")
        return listing

    def _name(self, faults: list[csv_files.Fault], option: str) -> None:
        for fault in faults:
            self.stderr.write(f"{option}, {fault}")

    def _bring(self, kind: ods.Kind, listing: ods.Listing, *, force: bool) -> imports.Changes:
        run = imports.Run(
            today=timezone.localdate(),
            force=force,
            tell=lambda words: self.stdout.write(f"{kind.plural}: {words}"),
        )
        try:
            return BRING[kind](listing, run)
        except imports.RefusedError as error:
            raise CommandError(f"--{kind.plural}: {error} Nothing was changed.") from error
