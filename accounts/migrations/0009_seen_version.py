"""Up to which version a user has seen what is new. Those who are there already have seen nothing."""

from django.db import migrations, models

import accounts.models.people


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_email_messages")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="seen_version",
            field=models.CharField(
                db_default="",
                default=accounts.models.people.running_version,
                help_text="up to which they know what is new",
                max_length=20,
            ),
        ),
    ]
