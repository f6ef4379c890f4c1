"""Which referrals were one before their answers stopped it: the check page says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0008_stopped")]
    operations = [
        migrations.AddField(
            model_name="referral", name="begun_as", field=models.UUIDField(null=True)
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("begun_as__isnull", False)),
                fields=["begun_as"],
                name="referral_begun_as",
            ),
        ),
    ]
