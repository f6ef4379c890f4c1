"""Who did what with a referral stands in the access log, which was called looks and deeds."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The trigger and the application's rights go along with the table."""

    dependencies = [("referrals", "0008_evidence")]
    operations = [
        migrations.RemoveIndex("look", "look_at_a_referral"),
        migrations.RenameModel("Look", "AccessLogEntry"),
        migrations.RenameField("accesslogentry", "deed", "action"),
        migrations.AddIndex(
            "accesslogentry",
            models.Index(
                fields=["referral", "person", "action", "at"], name="access_to_a_referral"
            ),
        ),
        migrations.RenameIndex(
            "accesslogentry", old_name="look_of_a_person", new_name="access_of_a_person"
        ),
        migrations.AlterField(
            "accesslogentry",
            "referral",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="access_log",
                to="referrals.referral",
            ),
        ),
    ]
