"""``manage.py reset_authenticator``: as a case, where only one member is on duty."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import errors
from accounts.actor import at_console
from accounts.models.cases import Case
from accounts.models.people import User
from accounts.service_desk import cases


class Command(BaseCommand):
    help = (
        "Remove a user's authenticators and passkeys, log them out everywhere, and print a "
        "one-time activation code, which works for an hour after their password. We tell them and "
        "their administrators."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's username")
        parser.add_argument(
            "--reason", required=True, help="what the audit and the service desk see; no patient"
        )

    def handle(self, *, email: str, reason: str, **_options: Any) -> None:
        user = User.with_name(email)
        if user is None:
            raise CommandError(f"Nobody has the username {email}.")
        if not reason.strip() or len(reason) > Case.LONGEST_REASON:
            raise CommandError(f"--reason must have 1 to {Case.LONGEST_REASON} characters.")
        try:
            code = cases.reset_at_console(user, reason.strip(), at_console(timezone.now()))
        except errors.Denied as error:
            raise CommandError(f"{error}.") from error
        self.stdout.write(
            f"The authenticators of {user.email} are removed. Call them back on a number that you "
            f"have from elsewhere, and give them this code, which works for an hour: {code}"
        )
