"""Support codes: rows that live for an hour."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_refusals_by_address"),
        ("support", "0001_regional_content"),
    ]

    operations = [
        migrations.CreateModel(
            name="SupportCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "page",
                    models.CharField(
                        blank=True, help_text="the route's name, if known", max_length=80
                    ),
                ),
                (
                    "said",
                    models.CharField(blank=True, help_text="of Topic or Ended", max_length=30),
                ),
                (
                    "who_asks",
                    models.CharField(
                        choices=[
                            ("signed_in", "Logged in"),
                            ("locked", "Logged in, and the screen is locked"),
                            ("code", "Logging in: the password was right, and a code is asked for"),
                            ("activation", "Logging in: an activation code is asked for"),
                            ("password", "Activating the account: a password is to be chosen"),
                            ("set_up", "Setting up an authenticator app"),
                            ("nobody", "Not logged in"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "user_name",
                    models.CharField(blank=True, help_text="as typed, unchecked", max_length=254),
                ),
                ("address", models.GenericIPAddressField(null=True)),
                ("browser", models.CharField(max_length=200)),
                (
                    "has_cookies",
                    models.BooleanField(
                        help_text="whether the browser sends back what it was given"
                    ),
                ),
                ("has_scripts", models.BooleanField()),
                (
                    "figures",
                    models.TextField(
                        blank=True,
                        help_text="JSON of support.connection.figures.Figures; empty if not measured",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
            ],
        ),
    ]
