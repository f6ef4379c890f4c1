"""When pharmacies take referrals, and where they are; what a search finds them by."""

import django.db.models.deletion
from django.contrib.postgres.indexes import GistIndex
from django.db import migrations, models
from django.db.models import Func, Value
from django.db.models.functions import Concat, Replace, Upper

WORDS = Concat(
    *(Value(" "), "name", Value(" "), "address", Value(" "), "postcode", Value(" ")),
    *(Replace("postcode", Value(" "), Value("")), Value(" "), "ods_code", Value(" ")),
)


def replaced(text: Func, pattern: str, by: str) -> Func:
    return Func(
        *(text, Value(pattern), Value(by), Value("g")),
        function="regexp_replace",
        output_field=models.TextField(),
    )


# By hand, without Django's second index of a text key, for LIKE: 80 MB for all of Britain.
POSTCODES = """
    CREATE TABLE referrals_postcode (
        code varchar(7) PRIMARY KEY, easting integer NOT NULL, northing integer NOT NULL
    )
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0006_content_packs")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(POSTCODES, "DROP TABLE referrals_postcode")],
            state_operations=[
                migrations.CreateModel(
                    name="Postcode",
                    fields=[
                        (
                            "code",
                            models.CharField(
                                help_text="without its space",
                                max_length=7,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("easting", models.IntegerField(help_text="metres")),
                        ("northing", models.IntegerField(help_text="metres")),
                    ],
                ),
            ],
        ),
        migrations.AddField(
            "pharmacy",
            "easting",
            models.IntegerField(blank=True, help_text="metres", null=True),
        ),
        migrations.AddField(
            "pharmacy",
            "northing",
            models.IntegerField(blank=True, help_text="metres", null=True),
        ),
        migrations.AddIndex(
            "pharmacy",
            GistIndex(
                Func(*("easting", "northing"), function="point", output_field=models.TextField()),
                name="pharmacy_point",
            ),
        ),
        migrations.AlterField(
            "pharmacy",
            "opening_hours",
            models.CharField(
                blank=True,
                help_text="as OpenStreetMap writes them; other words are shown, and not known",
                max_length=300,
            ),
        ),
        migrations.AddField(
            "pharmacy",
            "closures",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="days, as in 2026-12-24 to 2026-12-28, 2027-01-02",
                max_length=300,
            ),
        ),
        migrations.AddField(
            "pharmacy",
            "paused_until",
            models.DateField(
                blank=True, help_text="from this day on it takes referrals again", null=True
            ),
        ),
        migrations.AddField(
            "pharmacy",
            "prescriber_hours",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="when a prescriber is there, written as opening_hours",
                max_length=300,
            ),
        ),
        # The name stays, so that what ran before goes on finding pharmacies by it.
        migrations.RemoveField("pharmacy", "search_words"),
        migrations.AddField(
            "pharmacy",
            "search_words",
            models.GeneratedField(
                db_persist=True,
                expression=replaced(
                    replaced(Upper(WORDS), "['\u2018\u2019`]", ""), "[^[:alnum:]]+", " "
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.CreateModel(
            name="FullToday",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField()),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="accounts.practice",
                    ),
                ),
                (
                    "pharmacy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="referrals.pharmacy"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("practice", "pharmacy"), name="full_once")
                ],
            },
        ),
    ]
