"""``manage.py set_practice_phone``: override the number on which a practice is called back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.actor import at_console
from accounts.models.people import Practice
from accounts.people import practice_settings
from accounts.text import phones


class Command(BaseCommand):
    help = (
        "Set on what number the service desk calls a practice back, where the number in ODS is "
        "wrong or missing. For 14 days each case shows that it is new."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("practice", metavar="ODS_CODE")
        parser.add_argument("phone", help="the number; “ods” goes back to what ODS has")
        parser.add_argument("--reason", required=True, help="for the audit")

    def handle(self, *, practice: str, phone: str, reason: str, **_options: Any) -> None:
        found = Practice.with_code(practice)
        if found is None:
            raise CommandError(f"No practice has the ODS code {practice}: load practices first.")
        number = "" if phone.casefold() == "ods" else phone
        try:
            practice_settings.set_phone(found, number, reason, at_console(timezone.now()))
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The service desk calls {found} ({found.ods_code}) back on "
            f"{phones.shown(found.phone_on_record) or 'no number'}."
        )
