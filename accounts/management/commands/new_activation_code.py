"""``manage.py new_activation_code``: for a user who did not use theirs in time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import errors
from accounts.actor import at_console
from accounts.models.people import User
from accounts.people import new_accounts

REMEDY = (
    "To replace a forgotten password, they choose another one on the login page. To unlock the "
    "account, use manage.py unlock, which emails them a link."
)


class Command(BaseCommand):
    """For a user who has a password the code is worth nothing without it."""

    help = (
        "Print a new one-time activation code for a user, and email them an activation link if "
        "they have never been active. Earlier codes and links stop working."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's username")

    def handle(self, *, email: str, **_options: Any) -> None:
        user = User.with_name(email)
        if user is None:
            raise CommandError(f"Nobody has the username {email}: create a login with invite.")
        try:
            code = new_accounts.issue_activation(user, at_console(timezone.now()))
        except errors.Denied as error:
            raise CommandError(f"No code for {user.email}: {error}. {REMEDY}") from error
        if new_accounts.may_activate_by_link(user):
            mailed = "We are emailing them an activation link."
            self.stdout.write(
                f"{mailed} {user.email} can activate the account within a day with it or {code}"
            )
        else:
            mailed = "No link was emailed, because the account has been active before."
            self.stdout.write(
                f"{mailed} Give {user.email} this code yourself. They use it within a day, after "
                f"their password, to set up a new authenticator: {code}"
            )
