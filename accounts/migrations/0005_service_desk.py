"""Cases of the service desk, and the addresses that it allows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_shared_logins")]
    operations = [
        migrations.CreateModel(
            name="AllowedAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mailbox",
                    models.EmailField(
                        help_text="in lower case, without a tag", max_length=254, unique=True
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reset", "Reset authenticator"),
                            ("activation", "New activation code"),
                            ("unlock", "Unlock"),
                            ("administrator", "Make practice administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("objected", "Stopped: it was not them"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        help_text="empty for somebody who gets an account by it, until then",
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="cases",
                        to="accounts.user",
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        help_text="to which the account belongs",
                        null=True,
                        on_delete=models.PROTECT,
                        to="accounts.practice",
                    ),
                ),
                ("ticket", models.CharField(max_length=60)),
                ("caller", models.CharField(max_length=100)),
                ("reason", models.CharField(max_length=300)),
                (
                    "phone",
                    models.CharField(
                        help_text="on which the caller was called back", max_length=30
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        help_text="empty for an operator at a console",
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                (
                    "ready_at",
                    models.DateTimeField(
                        help_text="from when one member alone may carry it out; empty for never",
                        null=True,
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True, on_delete=models.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
                ("approved_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "disputed_at",
                    models.DateTimeField(help_text="when somebody said it was not them", null=True),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        help_text="who carried it out, refused or withdrew it",
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("given_name", models.CharField(blank=True, max_length=100)),
                ("family_name", models.CharField(blank=True, max_length=100)),
                ("job_role", models.CharField(blank=True, max_length=100)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "-id"], name="cases_of_a_person"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["opened_at"],
                        name="cases_waiting",
                    ),
                    models.Index(fields=["done_at"], name="cases_done"),
                ],
            },
        ),
    ]
