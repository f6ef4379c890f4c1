"""What was seen of a shared login is an indicator, and no sign."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_disputed_at")]
    operations = [
        migrations.RemoveConstraint("sign", "one_sign_a_day"),
        migrations.RenameModel("Sign", "SharedLoginIndicator"),
        migrations.AddConstraint(
            "sharedloginindicator",
            models.UniqueConstraint(fields=("person", "kind", "day"), name="one_indicator_a_day"),
        ),
        migrations.AlterField(
            "sharedloginindicator",
            "person",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="shared_login_indicators",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
