"""What is said of an email address that cannot be used; the database is not changed."""

from django.core.validators import RegexValidator
from django.db import migrations, models

TAKEN = "Someone already has this email address"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_evidence")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="email",
            field=models.EmailField(
                max_length=254,
                unique=True,
                error_messages={"unique": TAKEN},
                validators=[
                    RegexValidator(
                        r"\A[a-z0-9._@'+-]+\Z",
                        "Enter an email address with only letters, digits and . _ ' + -",
                    )
                ],
            ),
        ),
        migrations.AlterConstraint(
            model_name="user",
            name="one_person_one_mailbox",
            constraint=models.UniqueConstraint(
                models.Func(
                    models.F("email"),
                    models.Value(r"\+[^@]*@"),
                    models.Value("@"),
                    function="regexp_replace",
                    output_field=models.CharField(),
                ),
                name="one_person_one_mailbox",
                violation_error_message=TAKEN,
            ),
        ),
    ]
