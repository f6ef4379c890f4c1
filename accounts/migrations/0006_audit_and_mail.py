"""The audit with its chain of seals, and mail that waits to go out."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_service_desk")]
    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("event", models.CharField(max_length=40)),
                ("factor", models.CharField(max_length=20)),
                (
                    "reason",
                    models.CharField(help_text="why, in a word or two of our own", max_length=100),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        help_text="to whom",
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        help_text="if somebody else",
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                ("address", models.GenericIPAddressField(null=True)),
                ("browser", models.CharField(max_length=200)),
            ],
            options={
                "indexes": [models.Index(fields=["person", "-id"], name="audit_of_a_person")],
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event", models.OneToOneField(on_delete=models.PROTECT, to="accounts.auditevent")),
                ("chain_hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("to", models.EmailField(max_length=254)),
                (
                    "sealed_words",
                    models.BinaryField(help_text="empty once it has been sent, or is of no use"),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "expires_at",
                    models.DateTimeField(
                        help_text="when it would be of no use any more", null=True
                    ),
                ),
                ("tries", models.PositiveIntegerField(default=0)),
                (
                    "next_try_at",
                    models.DateTimeField(help_text="empty when there is none", null=True),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "trouble",
                    models.CharField(
                        db_default="",
                        default="",
                        help_text="why it has not gone out",
                        max_length=20,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["to", "created_at"], name="mail_of_an_address"),
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)),
                        fields=["created_at"],
                        name="mail_unsent",
                    ),
                    models.Index(
                        condition=models.Q(("next_try_at__isnull", False)),
                        fields=["next_try_at"],
                        name="mail_due",
                    ),
                ],
            },
        ),
    ]
