"""An event of the audit has a reason."""

from django.db import migrations


class Migration(migrations.Migration):
    """The chain binds values, and not what their columns are called."""

    dependencies = [("accounts", "0024_shared_login_indicators")]
    operations = [migrations.RenameField("auditevent", "because", "reason")]
