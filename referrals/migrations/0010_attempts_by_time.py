"""What came of the last minutes' attempts is asked each minute, for the status page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0009_stopped_before")]
    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["started_at"], name="attempt_started"),
        ),
    ]
