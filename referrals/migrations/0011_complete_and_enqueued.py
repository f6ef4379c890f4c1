"""A draft is complete, and a message is enqueued."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0010_form_tokens")]
    operations = [
        migrations.RenameField("referral", "is_whole", "is_complete"),
        migrations.RenameIndex(
            "referral", old_name="referral_needs_somebody", new_name="referral_needs_action"
        ),
        migrations.RemoveConstraint("referral", "what_is_sent_is_whole"),
        migrations.AddConstraint(
            "referral",
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
            ),
        ),
        migrations.RenameField("message", "rung_until", "enqueued_until"),
        migrations.AlterField(
            "message",
            "enqueued_until",
            models.DateTimeField(help_text="the sweep does not enqueue it again before", null=True),
        ),
    ]
