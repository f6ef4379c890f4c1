"""Pharmacies, and those that a practice has picked."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models.functions import Concat, Replace, Upper


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounts", "0007_evidence")]
    operations = [
        migrations.CreateModel(
            name="Pharmacy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ods_code", models.CharField(max_length=10, unique=True)),
                ("name", models.CharField(max_length=100)),
                (
                    "address",
                    models.CharField(help_text="in one line, without the postcode", max_length=300),
                ),
                ("postcode", models.CharField(max_length=8)),
                ("phone", models.CharField(max_length=30)),
                (
                    "closed_on",
                    models.DateField(
                        blank=True, help_text="may be announced: a later day", null=True
                    ),
                ),
                ("from_ods", models.BooleanField(db_default=False)),
                ("dos_service_id", models.CharField(blank=True, max_length=40)),
                (
                    "endpoint",
                    models.CharField(
                        blank=True,
                        help_text="of the BaRS API behind which it is reached; /$process-message follows",
                        max_length=200,
                        validators=[
                            RegexValidator(
                                "\\A(https://[^\\s/?#@]+|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:\\d+)?)(/[^\\s?#]*)?\\Z",
                                "Begin with https://, and leave out ? and #.",
                            )
                        ],
                    ),
                ),
                ("secure_email", models.EmailField(blank=True, max_length=254)),
                (
                    "opening_hours",
                    models.CharField(blank=True, help_text="as people read them", max_length=300),
                ),
                ("offers_pharmacy_first", models.BooleanField(default=False)),
                ("is_distance_selling", models.BooleanField(default=False)),
                ("failures", models.PositiveIntegerField(default=0, help_text="in a row")),
                (
                    "failed_messages",
                    ArrayField(
                        base_field=models.UUIDField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        help_text="those that were counted",
                        size=None,
                    ),
                ),
                (
                    "not_before",
                    models.DateTimeField(blank=True, help_text="it is left in peace", null=True),
                ),
                (
                    "search_words",
                    models.GeneratedField(
                        db_persist=True,
                        expression=Replace(
                            Upper(Concat("name", models.Value(" "), "address")),
                            models.Value("'"),
                            models.Value(""),
                        ),
                        output_field=models.CharField(max_length=401),
                    ),
                ),
                (
                    "search_postcode",
                    models.GeneratedField(
                        db_persist=True,
                        expression=Replace("postcode", models.Value(" "), models.Value("")),
                        output_field=models.CharField(max_length=8),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["postcode"],
                        name="pharmacy_postcode",
                        opclasses=["varchar_pattern_ops"],
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UsualPharmacy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False, on_delete=models.CASCADE, to="accounts.practice"
                    ),
                ),
                ("pharmacy", models.ForeignKey(on_delete=models.CASCADE, to="referrals.pharmacy")),
                ("position", models.PositiveSmallIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "pharmacy"), name="picked_once"),
                    models.UniqueConstraint(
                        deferrable=models.Deferrable.DEFERRED,
                        fields=("practice", "position"),
                        name="one_usual_pharmacy_a_position",
                    ),
                ],
            },
        ),
    ]
