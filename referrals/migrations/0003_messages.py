"""Messages to pharmacies' systems, and every attempt to deliver one."""

import uuid

from django.db import migrations, models

REASONS = [
    ("accepted", "accepted"),
    ("duplicate", "duplicate"),
    ("no-answer", "no-answer"),
    ("unreadable", "unreadable"),
    ("in-progress", "in-progress"),
    ("timeout", "timeout"),
    ("busy", "busy"),
    ("unavailable", "unavailable"),
    ("failed", "failed"),
    ("our-access", "our-access"),
    ("not-understood", "not-understood"),
    ("not-found", "not-found"),
    ("conflict", "conflict"),
    ("refused", "refused"),
    ("no-route", "no-route"),
    ("our-fault", "our-fault"),
    ("unreachable", "unreachable"),
]


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_referrals")]
    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(help_text="X-Request-Id", primary_key=True, serialize=False),
                ),
                ("correlation_id", models.UUIDField(help_text="X-Correlation-Id: the case")),
                ("bundle_id", models.UUIDField()),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="messages", to="referrals.referral"
                    ),
                ),
                ("practice", models.ForeignKey(on_delete=models.PROTECT, to="accounts.practice")),
                ("pharmacy", models.ForeignKey(on_delete=models.PROTECT, to="referrals.pharmacy")),
                ("sealed_headers", models.BinaryField()),
                ("sealed_body", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("give_up_at", models.DateTimeField()),
                ("next_attempt_at", models.DateTimeField(null=True)),
                (
                    "enqueued_until",
                    models.DateTimeField(
                        help_text="the sweep does not enqueue it again before", null=True
                    ),
                ),
                ("attempts_made", models.PositiveIntegerField(default=0)),
                ("lease", models.UUIDField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "last_reason",
                    models.CharField(
                        blank=True,
                        choices=REASONS,
                        max_length=30,
                    ),
                ),
                ("delivered_at", models.DateTimeField(null=True)),
                (
                    "sealed_receipt",
                    models.BinaryField(help_text="the answer that accepted it", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_attempt_at__isnull", False)),
                        fields=["next_attempt_at"],
                        name="message_due",
                    ),
                    models.Index(
                        condition=models.Q(("next_attempt_at__isnull", False)),
                        fields=["pharmacy", "next_attempt_at"],
                        name="message_of_pharmacy",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="the lease", primary_key=True, serialize=False
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="attempts", to="referrals.message"
                    ),
                ),
                ("practice", models.ForeignKey(on_delete=models.PROTECT, to="accounts.practice")),
                ("number", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("unknown", "not known: the pharmacy may have it"),
                            ("accepted", "accepted"),
                            ("failed", "not accepted"),
                        ],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=REASONS,
                        max_length=30,
                    ),
                ),
                ("status", models.PositiveIntegerField(help_text="HTTP", null=True)),
                (
                    "code",
                    models.CharField(
                        blank=True, help_text="of the OperationOutcome", max_length=64
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("message"), models.F("number"), name="attempts_are_counted"
                    )
                ],
            },
        ),
    ]
