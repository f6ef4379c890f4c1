"""What the application's role may do with every table that the owner creates from here on."""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def grant(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the application read and write rows, and nothing else; tables may narrow it further."""
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    defaults = "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"{defaults} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        f"{defaults} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        # Django made this table just now, before any migration: health needs to read it.
        f"GRANT SELECT ON django_migrations TO {role}",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    """The first of all: default privileges reach only tables that are created later.

    Any app with tables of its own must come after this one.
    """

    initial = True
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
