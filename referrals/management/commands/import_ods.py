"""``manage.py import_ods``: practices and pharmacies, from the files that ODS publishes."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.files import spreadsheets
from accounts.files.spreadsheets import without_headings
from accounts.files.text_files import UnreadableError
from referrals import imports, ods
from referrals.management import files

MOST_MALFORMED = 0.2  # of the lines: more than that is rather not an ODS file
SHOWN_IF_REFUSED = 5
MOST_VALUES = 10  # named of a column
NOT_CLOSED = 3  # exit code: all was imported, but nothing was closed for not being in the file
BRING: dict[ods.OdsFile, Callable[[ods.Listing, imports.Run], imports.Changes]] = {
    ods.PRACTICES: imports.bring_practices,
    ods.PHARMACIES: imports.bring_pharmacies,
}


class Command(BaseCommand):
    """Reads the files, then writes what is new or different: all of it, or nothing.

    Malformed lines are named and left out; they do not stop the others. Only where a line has no
    readable ODS code, so that nothing absent can be closed, does the command end with NOT_CLOSED.
    """

    requires_system_checks = ()  # they load every page: half of its start
    help = "Bring practices and pharmacies to what the Organisation Data Service's files say."

    def add_arguments(self, parser: CommandParser) -> None:
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
        """Import the files in one transaction.

        Raises:
            CommandError: nothing was changed (exit code 1); or all was done but closing what is
                absent (exit code ``NOT_CLOSED``).
        """
        given = {ods.PRACTICES: practices, ods.PHARMACIES: pharmacies}
        listings = {
            kind: self._read(kind, file, force=force) for kind, file in given.items() if file
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
        if not_closed := [
            self._not_closed(kind, listings[kind].without_code, done.kept_open)
            for kind, done in changes.items()
            if listings[kind].without_code
        ]:
            raise CommandError("\n".join(not_closed), returncode=NOT_CLOSED)

    def _not_closed(self, kind: ods.OdsFile, lines: list[int], kept_open: dict[str, str]) -> str:
        named = ", ".join(f"{line:,}" for line in lines)
        one = len(lines) == 1
        said = [
            (
                f"--{kind.plural}: NOTHING WAS CLOSED FOR BEING ABSENT FROM THE FILE. "
                f"{'Line' if one else 'Lines'} {named} {'has' if one else 'have'} no ODS code that "
                f"can be read, and may be about any of the {kind.plural}. All else was imported."
            ),
            *(
                f"  still open, and on no line that can be read: {code} {name}"
                for code, name in kept_open.items()
            ),
            "Correct the file, or get it again from ODS, and import it again.",
        ]
        if not kept_open:
            said.insert(1, "  on this day nothing that is open was absent")
        return "\n".join(said)

    def _read(self, kind: ods.OdsFile, file: Path, *, force: bool) -> ods.Listing:
        option = f"--{kind.plural} {file}"
        self.stdout.write(f"{kind.plural}: reading {file}")
        try:
            text = spreadsheets.opened(files.read(file), without_headings, must_be_sure=False).text
        except UnreadableError as error:
            raise CommandError(f"{option}: {error}.") from error
        listing = ods.read(spreadsheets.table(text, without_headings).rows, kind)
        self._check_is_understood(kind, listing, option)
        is_odd = len(listing.faults) > listing.rows * MOST_MALFORMED and not force
        if is_odd or not listing.active:
            self._name(listing.faults[:SHOWN_IF_REFUSED], option)
            raise CommandError(
                f"{option}: {len(listing.faults):,} of {listing.rows:,} lines are malformed, and "
                f"{len(listing.active):,} are active {kind.plural} in England{_met(listing)}. Give "
                f"{kind.file}.csv as ODS publishes it"
                + ("; or add --force." if listing.active else ".")
            )
        for line in listing.headings:
            self.stdout.write(f"{kind.plural}: line {line:,} is a heading, and left out")
        self._name(listing.faults, option)
        self.stdout.write(f"{kind.plural}: {listing.rows:,} lines read")
        return listing

    def _check_is_understood(self, kind: ods.OdsFile, listing: ods.Listing, option: str) -> None:
        # Not even --force takes a file whose values are none that ODS files have.
        for column, values in listing.unknown.items():
            if values.total() > listing.rows * MOST_MALFORMED:
                raise CommandError(
                    f"{option}: {column} says {_counted(values)}, which no file of ODS's is known "
                    f"to say, on {values.total():,} of {listing.rows:,} lines. Nothing was "
                    f"changed. Give {kind.file}.csv as ODS publishes it; if this is it, ODS has "
                    "changed its files, and PharmRefer must learn that first."
                )

    def _name(self, faults: list[spreadsheets.Fault], option: str) -> None:
        for fault in faults:
            self.stderr.write(f"{option}, {fault}")

    def _bring(self, kind: ods.OdsFile, listing: ods.Listing, *, force: bool) -> imports.Changes:
        run = imports.Run(
            today=timezone.localdate(),
            force=force,
            tell=lambda words: self.stdout.write(f"{kind.plural}: {words}"),
        )
        try:
            return BRING[kind](listing, run)
        except imports.ImportRefusedError as error:
            raise CommandError(f"--{kind.plural}: {error} Nothing was changed.") from error


def _met(listing: ods.Listing) -> str:
    return "".join(f"; {column} says {_counted(values)}" for column, values in listing.met.items())


def _counted(values: Counter[str]) -> str:
    named = [f"“{value[:30]}” ({count:,})" for value, count in values.most_common(MOST_VALUES)]
    more = len(values) - len(named)
    return ", ".join(named) + (f" and {more:,} other values" if more > 0 else "")
