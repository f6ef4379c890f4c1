"""``manage.py unlock``: unlock an account that was locked after too many wrong codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.actor import at_console
from accounts.models.people import User
from accounts.sign_in import lockout


class Command(BaseCommand):
    """Voids the password, which another person may know."""

    help = "Unlock a user who was locked after too many wrong codes. Their password stops working."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's username")

    def handle(self, *, email: str, **_options: Any) -> None:
        user = User.with_name(email)
        if user is None:
            raise CommandError(f"Nobody has the username {email}.")
        if user.locked_at is None:
            raise CommandError(f"{user.email} is not locked: there is nothing to unlock.")
        lockout.unlock_person(user, at_console(timezone.now()))
        self.stdout.write(
            f"{user.email} is unlocked. Their password no longer works: we are emailing them a "
            "link to choose another one within a day."
        )
