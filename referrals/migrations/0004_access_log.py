"""Who viewed, printed or wrote a referral."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0003_messages")]
    operations = [
        migrations.CreateModel(
            name="AccessLogEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.DO_NOTHING,
                        related_name="access_log",
                        to="referrals.referral",
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False, on_delete=models.PROTECT, to="accounts.practice"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("viewed", "Viewed"),
                            ("printed", "Printed"),
                            ("changed", "Draft written"),
                            ("given", "Draft handed to them"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("address", models.GenericIPAddressField(null=True)),
                ("browser", models.CharField(max_length=200)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["referral", "person", "action", "at"], name="access_to_a_referral"
                    ),
                    models.Index(fields=["practice", "person", "-at"], name="access_of_a_person"),
                ],
            },
        ),
    ]
