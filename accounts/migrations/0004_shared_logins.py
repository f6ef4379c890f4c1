"""What hints at several people using one login, and who said that it is one person's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_sign_in")]
    operations = [
        migrations.CreateModel(
            name="SharedLoginIndicator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.CASCADE,
                        related_name="shared_login_indicators",
                        to="accounts.user",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("machines", "use on two machines at the same time"),
                            ("code", "one code on two machines"),
                            ("hours", "more hours of a day than one person works"),
                            ("days", "more days in a row than one person works"),
                        ],
                        max_length=20,
                    ),
                ),
                ("day", models.DateField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "kind", "day"), name="one_indicator_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.user",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="+", to="accounts.user"
                    ),
                ),
                ("day", models.DateField()),
            ],
        ),
    ]
