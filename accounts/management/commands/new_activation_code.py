"""``manage.py new_activation_code``: for somebody who did not use theirs in time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import actions
from accounts.models import User, fold_user_name
from accounts.origin import console


class Command(BaseCommand):
    """Prints a new code; with it the person chooses a password and sets up an authenticator."""

    help = "Print a new one-time activation code for somebody; an earlier one is void."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose."""
        parser.add_argument("email", help="the person's user name")

    def handle(self, *, email: str, **_options: Any) -> None:
        """Print it, or say that nobody has the name."""
        user = User.objects.filter(email=fold_user_name(email)).first()
        if user is None:
            raise CommandError(f"Nobody has the user name {email}: make a login with invite.")
        code = actions.issue_activation(user, by=None, origin=console(), now=timezone.now())
        self.stdout.write(f"{user.email} activates the account within a day with {code}")
