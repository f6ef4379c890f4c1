"""Practices, the people who work at them, and what is confirmed of that in an access review."""

from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models.functions import Lower, Now

ROLES = [
    ("staff", "Practice staff"),
    ("practice_administrator", "Practice administrator"),
    ("service_desk", "Service desk"),
    ("operator", "Operator"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_database_roles")]
    operations = [
        migrations.CreateModel(
            name="IntegratedCareBoard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ods_code", models.CharField(max_length=10, unique=True)),
                ("name", models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="Practice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ods_code", models.CharField(max_length=10, unique=True)),
                ("name", models.CharField(max_length=100)),
                (
                    "address",
                    models.CharField(help_text="in one line, without the postcode", max_length=300),
                ),
                ("postcode", models.CharField(max_length=8)),
                ("phone", models.CharField(max_length=30)),
                (
                    "phone_override",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="in place of what ODS has",
                        max_length=30,
                    ),
                ),
                (
                    "phone_changed_on",
                    models.DateField(
                        blank=True,
                        help_text="when there was last another number on record",
                        null=True,
                    ),
                ),
                (
                    "icb",
                    models.ForeignKey(on_delete=models.PROTECT, to="accounts.integratedcareboard"),
                ),
                (
                    "closed_on",
                    models.DateField(
                        blank=True, help_text="may be announced: a later day", null=True
                    ),
                ),
                ("from_ods", models.BooleanField(db_default=False)),
                (
                    "call_back_phone",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="for pharmacists",
                        max_length=30,
                    ),
                ),
                (
                    "notices_email",
                    models.EmailField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="where copies of notices go",
                        max_length=254,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "email",
                    models.EmailField(
                        error_messages={"unique": "Somebody has this e-mail address already"},
                        max_length=254,
                        unique=True,
                        validators=[
                            RegexValidator(
                                "\\A[a-z0-9._@'+-]+\\Z",
                                "Use an e-mail address of letters, digits and . _ ' + - only",
                            )
                        ],
                    ),
                ),
                (
                    "email_changed_at",
                    models.DateTimeField(blank=True, help_text="by somebody else", null=True),
                ),
                (
                    "email_before",
                    models.EmailField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="until it was last changed",
                        max_length=254,
                    ),
                ),
                ("given_name", models.CharField(max_length=100)),
                ("family_name", models.CharField(max_length=100)),
                (
                    "job_role",
                    models.CharField(help_text="as it goes into a referral", max_length=100),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "locked_at",
                    models.DateTimeField(
                        blank=True, help_text="after too many wrong codes in a row", null=True
                    ),
                ),
                ("authenticator_reset_at", models.DateTimeField(blank=True, null=True)),
                (
                    "home_practice",
                    models.ForeignKey(
                        blank=True,
                        help_text="whose administrators look after the account; empty: those who made it",
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="accounts.practice",
                    ),
                ),
                ("session_epoch", models.PositiveIntegerField(default=0)),
                (
                    "active_on",
                    models.DateField(blank=True, help_text="the last day of some use", null=True),
                ),
                (
                    "active_hours",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="of that day: a bit for each"
                    ),
                ),
                (
                    "active_days",
                    models.PositiveIntegerField(
                        db_default=0, default=0, help_text="of some use in a row, up to that day"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("locked_at__isnull", False)),
                        fields=["locked_at"],
                        name="people_locked",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", Lower("email"))),
                        name="user_email_is_lower_case",
                    ),
                    models.UniqueConstraint(
                        models.Func(
                            models.F("email"),
                            models.Value("\\+[^@]*@"),
                            models.Value("@"),
                            function="regexp_replace",
                            output_field=models.CharField(),
                        ),
                        name="one_person_one_mailbox",
                        violation_error_message="Somebody has this e-mail address already",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="former_addresses",
                        to="accounts.user",
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("left_at", models.DateTimeField(help_text="when it was changed")),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="memberships", to="accounts.user"
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=models.PROTECT, to="accounts.practice"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=ROLES,
                        max_length=30,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=Now())),
                (
                    "ends_on",
                    models.DateField(
                        blank=True, help_text="the last day on which it counts", null=True
                    ),
                ),
                (
                    "off_at",
                    models.DateTimeField(blank=True, help_text="when it was turned off", null=True),
                ),
                (
                    "accepted_at",
                    models.DateTimeField(
                        blank=True,
                        db_default=Now(),
                        help_text="by its owner; empty: never yet",
                        null=True,
                    ),
                ),
                (
                    "offered_role",
                    models.CharField(
                        blank=True,
                        choices=ROLES,
                        db_default="",
                        default="",
                        help_text="what they become once they accept",
                        max_length=30,
                    ),
                ),
                ("offered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "offered_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="empty for an operator at a console",
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("user"),
                        models.F("practice"),
                        name="one_membership_a_practice",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("practice__isnull", False),
                                ("role__in", ["staff", "practice_administrator"]),
                            ),
                            models.Q(
                                ("practice__isnull", True),
                                ("role__in", ["service_desk", "operator"]),
                            ),
                            _connector="OR",
                        ),
                        name="practice_roles_have_a_practice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_at__isnull", False),
                            models.Q(
                                ("off_at__isnull", False),
                                models.Q(("offered_role", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="nobody_is_in_before_they_accept",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.PROTECT,
                        related_name="confirmations",
                        to="accounts.membership",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=ROLES,
                        help_text="what they were then",
                        max_length=30,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="+", to="accounts.user"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["membership", "-id"], name="confirmations_of_membership")
                ],
            },
        ),
    ]
