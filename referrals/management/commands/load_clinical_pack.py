"""``manage.py load_clinical_pack``: clinical content from a folder, which another confirms."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from accounts.actor import at_console
from accounts.errors import Denied
from accounts.wording import written_date
from referrals import content_packs
from referrals.clinical import reading
from referrals.models.content_packs import ContentPack


class Command(BaseCommand):
    """Checks the pack, shows what it changes, and stores it: it waits until it is confirmed."""

    requires_system_checks = ()  # they load every page: half of its start
    help = "Load clinical content, as in docs/clinical-content.md, for another operator to confirm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="with pack.toml in it")
        parser.add_argument(
            "--by", required=True, metavar="EMAIL", help="the operator who loads it: yourself"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check it and show what it changes, no more"
        )

    def handle(self, *, folder: Path, by: str, dry_run: bool, **_options: Any) -> None:
        actor = at_console(timezone.now())
        loader = content_packs.operator(by, today=actor.today)
        if loader is None:
            raise CommandError(f"--by {by}: no operator has this email address.")
        try:
            pack = reading.read_pack(folder)
        except reading.PackError as error:
            raise CommandError(f"{folder} holds no pack that can be used:\n{error}") from error
        live = ContentPack.in_force(actor.today)
        against = f"against {live.version}, which is in force" if live else "none is in force"
        self.stdout.write(f"{pack.version}, {pack.sign_off}; what it changes ({against}):")
        for each in content_packs.changes(pack, today=actor.today):
            self.stdout.write(each.line)
        if dry_run:
            self.stdout.write("Nothing is stored.")
            return
        try:
            row = content_packs.load(pack, loader.user, actor)
        except Denied as error:
            raise CommandError(f"{error}.") from error
        self.stdout.write(_what_next(row))


def _what_next(row: ContentPack) -> str:
    if row.confirmed_at:
        return f"{row.version} was made live before; nothing is changed."
    page = f"{settings.PUBLIC_URL.geturl().rstrip('/')}{reverse('clinical:content')}"
    return (
        f"{row.version} is stored and waits. Another operator makes it live at {page}, in force "
        f"from {written_date(row.starts_on)} to {written_date(row.ends_on)}."
    )
