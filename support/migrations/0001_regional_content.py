"""Regional content. The application adds versions; none is changed or deleted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    schema_editor.execute(f"REVOKE UPDATE, DELETE ON support_regionalcontent FROM {role}")


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
