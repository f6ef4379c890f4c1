"""Referrals from the first draft on, and the timeline of each."""

import uuid

from django.db import migrations, models
from django.db.models.functions import Now

from referrals.models.referrals import new_reference


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_pharmacies")]
    operations = [
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("practice", models.ForeignKey(on_delete=models.PROTECT, to="accounts.practice")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("sending", "sending"),
                            ("delivered", "delivered"),
                            ("not_delivered", "not_delivered"),
                            ("not_confirmed", "not_confirmed"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, help_text="counts what has been saved"),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "reference",
                    models.CharField(default=new_reference, max_length=20, unique=True),
                ),
                (
                    "journey_id",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="kept in later referrals (BaRS)"
                    ),
                ),
                ("sealed_details", models.BinaryField()),
                ("is_complete", models.BooleanField(db_default=True)),
                ("saved_at", models.DateTimeField(db_default=Now())),
                ("saved_form_id", models.UUIDField(null=True)),
                ("saved_sequence", models.PositiveIntegerField(db_default=0)),
                (
                    "pharmacy",
                    models.ForeignKey(null=True, on_delete=models.PROTECT, to="referrals.pharmacy"),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True, on_delete=models.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                ("nhs_number_hash", models.BinaryField(max_length=32, null=True)),
                ("person_hash", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["practice", "-sent_at", "-id"], name="referral_latest"),
                    models.Index(
                        fields=["practice", "nhs_number_hash"], name="referral_nhs_number"
                    ),
                    models.Index(fields=["practice", "person_hash"], name="referral_person"),
                    models.Index(
                        condition=models.Q(("state", "draft")),
                        fields=["practice", "author"],
                        name="referral_drafts",
                    ),
                    models.Index(
                        condition=models.Q(("state", "draft")),
                        fields=["saved_at"],
                        name="referral_old_drafts",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["not_delivered", "not_confirmed"])),
                        fields=["practice", "-sent_at"],
                        name="referral_needs_action",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at", None), ("state", "draft")),
                            models.Q(
                                models.Q(("state", "draft"), _negated=True),
                                ("pharmacy__isnull", False),
                                ("sent_at__isnull", False),
                                ("sent_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_sent_is_complete",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TimelineEntry",
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
                        on_delete=models.CASCADE, related_name="timeline", to="referrals.referral"
                    ),
                ),
                ("practice", models.ForeignKey(on_delete=models.PROTECT, to="accounts.practice")),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("submitted", "Sent by the practice"),
                            ("delivered", "Received by the pharmacy's system"),
                            ("gave_up", "Not delivered"),
                            ("lost_track", "Not confirmed: the pharmacy may already have it"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=models.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
    ]
