"""``manage.py load_region``: whom to ask, approved apps and notices, from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.actor import at_console
from accounts.models.people import User
from referrals import content_packs
from support.region import files, versions
from support.region.sections import differences


class Command(BaseCommand):
    """Checks the file, shows what it changes, and saves it as a new version."""

    requires_system_checks = ()  # they load every page: half of its start
    help = "Load regional content, as in docs/region.md, in place of all that there is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="in TOML")
        parser.add_argument("--by", metavar="EMAIL", help="the operator who loads it: yourself")
        parser.add_argument(
            "--dry-run", action="store_true", help="check it and show what it changes, no more"
        )

        parser.add_argument(
            "--if-none", action="store_true", help="only where there is no regional content yet"
        )

    def handle(
        self, *, file: Path, by: str | None, dry_run: bool, if_none: bool, **_options: Any
    ) -> None:
        if if_none and versions.newest():
            return
        actor = at_console(timezone.now())
        loader = self._operator(by) if by else None
        try:
            region = files.read(file)
        except files.RegionFileError as error:
            raise CommandError(f"{file} cannot be used:\n{error}") from error
        changed = differences(versions.region_of(versions.newest()), region)
        for each in changed:
            self.stdout.write(each.line)
        if dry_run or not changed:
            self.stdout.write("Nothing is saved." if changed else "It changes nothing.")
            return
        row = versions.load(region, loader, actor)
        self.stdout.write(f"Saved as version {row.pk}. Pages show it within 5 seconds.")

    def _operator(self, email: str) -> User:
        operator = content_packs.operator(email, today=timezone.localdate())
        if operator is None:
            raise CommandError(f"--by {email}: no operator has this email address.")
        return operator.user
