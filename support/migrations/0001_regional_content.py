"""Regional content. The application adds versions; none is changed or deleted.

When one was saved the database says. Both hold for every role but the table's owner.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

MOMENT = """
    CREATE OR REPLACE FUNCTION moment_of_a_version() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        IF NOT public.asked_by_the_owner(TG_RELID) THEN
            NEW.saved_at := clock_timestamp();
        END IF;
        RETURN NEW;
    END
    $$
"""
TRIGGER = (
    "CREATE OR REPLACE TRIGGER moment BEFORE INSERT ON support_regionalcontent "
    "FOR EACH ROW EXECUTE FUNCTION moment_of_a_version()"
)


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    revoke = f"REVOKE UPDATE, DELETE ON support_regionalcontent FROM {role}"
    for statement in (MOMENT, TRIGGER, revoke):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounts", "0008_email_messages")]
    operations = [
        migrations.CreateModel(
            name="RegionalContent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "content",
                    models.TextField(help_text="JSON, as support.region.content writes it"),
                ),
                ("saved_at", models.DateTimeField()),
                ("summary", models.CharField(help_text="what was changed", max_length=200)),
                (
                    "saved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
            ],
            options={"ordering": ["-pk"]},
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
