"""``manage.py new_activation_code``: for a user who did not use theirs in time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import errors
from accounts.actor import at_console
from accounts.models.people import User
from accounts.people import new_accounts

REMEDY = (
    "Whoever has forgotten their password chooses another one on the log-in page; whom manage.py "
    "unlock lets in again is sent a link."
)


class Command(BaseCommand):
    """For a user who has a password the code is worth nothing without it."""

    help = (
        "Print a new one-time activation code for somebody, and e-mail an activation link to "
        "somebody who was never active; earlier ones are void."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's user name")

    def handle(self, *, email: str, **_options: Any) -> None:
        user = User.with_name(email)
        if user is None:
            raise CommandError(f"Nobody has the user name {email}: make a login with invite.")
        try:
            code = new_accounts.issue_activation(user, at_console(timezone.now()))
        except errors.Denied as error:
            raise CommandError(f"No code for {user.email}: {error}. {REMEDY}") from error
        if new_accounts.may_activate_by_link(user):
            mailed = "An e-mail with an activation link is on its way."
            self.stdout.write(
                f"{mailed} {user.email} activates the account within a day with it or with {code}"
            )
        else:
            mailed = "No link was e-mailed, for the account has been active before."
            self.stdout.write(
                f"{mailed} Give {user.email} this code yourself; it is for whoever has no "
                f"authenticator any more, after their password, within a day: {code}"
            )
