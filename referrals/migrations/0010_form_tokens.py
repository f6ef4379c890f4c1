"""A draft knows the form that saved it last, by its token, and which of its saves that was."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("referrals", "0009_access_log")]
    operations = [
        migrations.RenameField("referral", "saved_window", "saved_form_id"),
        migrations.RenameField("referral", "saved_turn", "saved_sequence"),
    ]
