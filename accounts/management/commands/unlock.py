"""``manage.py unlock``: unlock an account that was locked after too many wrong codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.actor import at_console
from accounts.models.people import User
from accounts.sign_in import lockout


class Command(BaseCommand):
    """Voids the password, which another person may know."""

    help = "Unlock a user who was locked after too many wrong codes; their password is void."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's user name")

    def handle(self, *, email: str, **_options: Any) -> None:
        user = User.with_name(email)
        if user is None:
            raise CommandError(f"Nobody has the user name {email}.")
        if user.locked_at is None:
            raise CommandError(f"{user.email} is not locked: there is nothing to unlock.")
        lockout.unlock_person(user, at_console(timezone.now()))
        self.stdout.write(
            f"{user.email} is unlocked. Their password is void: an e-mail is on its way to them, "
            "with a link to choose another one within a day."
        )
