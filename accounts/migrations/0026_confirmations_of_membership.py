"""What an administrator confirms in the access review is a membership."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0025_audit_reason")]
    operations = [
        migrations.RenameIndex(
            "confirmation",
            old_name="confirmations_of_a_place",
            new_name="confirmations_of_membership",
        )
    ]
