from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_owners_accept"),
    ]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="trouble",
            field=models.CharField(
                db_default="", default="", help_text="why it has not gone out", max_length=20
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["to", "created_at"], name="mail_of_an_address"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("sent_at__isnull", True)),
                fields=["created_at"],
                name="mail_unsent",
            ),
        ),
    ]
