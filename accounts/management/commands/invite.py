"""``manage.py invite``: create an account, such as a practice's first administrator."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.actor import at_console
from accounts.models.people import Practice
from accounts.people import new_accounts
from accounts.roles import Role


class Command(BaseCommand):
    """E-mails a link, and prints the activation code, which is stored nowhere else.

    ``manage.py new_activation_code`` prints another one.
    """

    help = (
        "Create a login for one person, email them an activation link, and print their one-time "
        "activation code, which does the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's own email address: their username")
        parser.add_argument("--given-name", required=True)
        parser.add_argument("--family-name", required=True)
        parser.add_argument("--job-role", required=True, help="for example, Receptionist")
        parser.add_argument("--role", required=True, choices=[role.value for role in Role])
        parser.add_argument("--practice", metavar="ODS_CODE", help="for practice roles only")

    def handle(self, *, role: str, practice: str | None, **options: Any) -> None:
        person = new_accounts.NewPerson(
            email=options["email"],
            given_name=options["given_name"],
            family_name=options["family_name"],
            job_role=options["job_role"],
            role=Role(role),
            practice=self._practice(Role(role), practice),
        )
        try:
            with transaction.atomic():
                now = timezone.now()
                user = new_accounts.invite(person, at_console(now))
                code = new_accounts.issue_activation(user, at_console(now))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(
            f"We are emailing them an activation link. {user.email} can activate the account "
            f"within a day with it or {code}"
        )

    def _practice(self, role: Role, ods_code: str | None) -> Practice | None:
        if role.is_in_a_practice != (ods_code is not None):
            raise CommandError(
                f"--role {role} needs --practice with the practice's ODS code."
                if role.is_in_a_practice
                else f"--role {role} belongs to no practice: leave out --practice."
            )
        if ods_code is None:
            return None
        practice = Practice.with_code(ods_code)
        if practice is None:
            raise CommandError(f"No practice has the ODS code {ods_code}: load practices first.")
        return practice
