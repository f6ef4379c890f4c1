"""When the last e-mail went out is asked each minute, for the status page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_seen_version")]
    operations = [
        migrations.AddIndex(
            model_name="mail", index=models.Index(fields=["sent_at"], name="mail_sent")
        ),
    ]
