"""An account is locked, and a passkey is disabled: columns say so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_evidence")]
    operations = [
        migrations.RemoveIndex("user", "people_stopped"),
        migrations.RenameField("user", "stopped_at", "locked_at"),
        migrations.AddIndex(
            "user",
            models.Index(
                condition=models.Q(("locked_at__isnull", False)),
                fields=["locked_at"],
                name="people_locked",
            ),
        ),
        migrations.RenameField("passkey", "stopped_at", "disabled_at"),
    ]
