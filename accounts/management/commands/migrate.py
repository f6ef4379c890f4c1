"""``manage.py migrate``, which needs the owner's role: the application's has no DDL."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def execute(self, *args: Any, **options: Any) -> str | None:
        if "owner" not in settings.DATABASES:
            raise CommandError(
                "DATABASE_OWNER_URL is not set: migrations need the URL of the role that owns "
                "the tables, as in postgresql://pharmrefer_owner:password@host/pharmrefer."
            )
        return super().execute(*args, **options)
