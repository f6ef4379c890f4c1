"""``manage.py move_people``: transfer a practice's members to the practice that takes it over."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts import errors
from accounts.actor import at_console
from accounts.models.people import Membership, Practice
from accounts.people import practice_transfer
from accounts.people.practice_transfer import LONGEST_REASON
from accounts.roles import Role
from accounts.wording import written_date

SEEN_FOR = timedelta(days=30)  # members can open the old practice's referrals


class Command(BaseCommand):
    help = (
        "Give everyone who works at one practice the same role at another one, because theirs "
        "closes or becomes part of it, and a last day where they were."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("here", metavar="FROM_ODS", help="ODS code of the practice they leave")
        parser.add_argument("there", metavar="TO_ODS", help="ODS code of the one they go on at")
        parser.add_argument(
            "--reason",
            required=True,
            help=f"for the audit, of {LONGEST_REASON} characters or fewer; no patient data",
        )
        parser.add_argument(
            "--last-day",
            type=day,
            metavar="YYYY-MM-DD",
            help="on which they still see FROM_ODS; 30 days from today if it is not given",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and do nothing"
        )

    def handle(self, *, here: str, there: str, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        last_day = options["last_day"] or timezone.localdate(now) + SEEN_FOR
        left, taken = self._practice(here), self._practice(there)
        try:
            with transaction.atomic():
                moved = practice_transfer.move_people(
                    left,
                    taken,
                    last_day=last_day,
                    reason=" ".join(options["reason"].split()),
                    actor=at_console(now),
                )
                transaction.set_rollback(dry_run)
        except errors.Denied as error:
            raise CommandError(f"{error}. Nothing was changed.") from error
        self._say(moved, left, taken, today=timezone.localdate(now))
        if dry_run:
            self.stdout.write("This was a dry run: nothing was changed, and nobody was told.")

    def _practice(self, ods_code: str) -> Practice:
        practice = Practice.with_code(ods_code)
        if practice is None:
            raise CommandError(f"No practice has the ODS code {ods_code}. Nothing was changed.")
        return practice

    def _say(
        self, moved: practice_transfer.Moved, left: Practice, taken: Practice, *, today: date
    ) -> None:
        self._list(f"Added to {taken.name}", moved.added, today=today)
        self._list(
            f"At {taken.name} already, and left as they are", moved.there_already, today=today
        )
        self._list(f"With a last day at {left.name}", moved.ending, today=today)

    def _list(self, heading: str, memberships: list[Membership], *, today: date) -> None:
        self.stdout.write(f"{heading}: {len(memberships)}")
        for member in memberships:
            until = f", until {written_date(member.ends_on)}" if member.ends_on else ""
            off = "" if member.is_live(today=today) else ": TURNED OFF"
            self.stdout.write(f"  {member.user.email} ({Role(member.role).label}{until}){off}")


def day(text: str) -> date:
    # argparse turns the ValueError of any other text into its message.
    return date.fromisoformat(text)
