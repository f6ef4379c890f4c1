"""Find what was refused at an address lately: refusals only, so other entries cost nothing more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_mail_sent"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("event", "factor:refused")),
                fields=["address", "-at"],
                name="audit_refused_from_there",
            ),
        ),
    ]
