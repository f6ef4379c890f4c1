"""The readings of the status page. The application adds and forgets minutes; none is changed."""

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    schema_editor.execute(f"REVOKE UPDATE ON support_minutereading FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("support", "0002_support_codes")]
    operations = [
        migrations.CreateModel(
            name="MinuteReading",
            fields=[
                (
                    "at",
                    models.DateTimeField(
                        help_text="the minute, by the database's clock",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "parts",
                    models.TextField(help_text="JSON, as support.status.parts writes it"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DayOfReadings",
            fields=[
                (
                    "on",
                    models.DateField(help_text="in London", primary_key=True, serialize=False),
                ),
                (
                    "minutes",
                    models.TextField(help_text="JSON: how many, by part and state"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WorkerSign",
            fields=[
                (
                    "queue",
                    models.CharField(max_length=20, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
