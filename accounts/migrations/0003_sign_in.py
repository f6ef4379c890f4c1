"""What people sign in with, how often they may try, and the sessions that come of it."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_practices_and_people")]
    operations = [
        migrations.CreateModel(
            name="Throttle",
            fields=[
                ("subject", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("tries", models.PositiveIntegerField()),
                ("tried_at", models.DateTimeField(db_default=Now())),
                (
                    "allowed_at",
                    models.DateTimeField(help_text="empty while tries are free", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Activation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user", models.ForeignKey(on_delete=models.CASCADE, to="accounts.user")),
                ("code_hash", models.BinaryField(max_length=32)),
                (
                    "link_hash",
                    models.BinaryField(
                        help_text="empty where no link was sent",
                        max_length=32,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "needs_password",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="it is worth nothing before the password",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PasswordLink",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="accounts.user",
                    ),
                ),
                ("key_hash", models.BinaryField(max_length=32, unique=True)),
                ("session_epoch", models.PositiveIntegerField()),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Authenticator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The human-readable name of this device.", max_length=64
                    ),
                ),
                (
                    "confirmed",
                    models.BooleanField(default=True, help_text="Is this device ready for use?"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        help_text="The date and time when this device was initially created in the system.",
                        null=True,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The most recent date and time this device was used.",
                        null=True,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="authenticators", to="accounts.user"
                    ),
                ),
                ("sealed_secret", models.BinaryField()),
                (
                    "refused_step",
                    models.BigIntegerField(
                        db_default=-1,
                        help_text="of the latest code that was refused because it was too early",
                    ),
                ),
                (
                    "refused_before",
                    models.BigIntegerField(
                        db_default=0,
                        help_text="the steps before that one, too: a bit for each, the nearest first",
                    ),
                ),
                (
                    "last_step",
                    models.BigIntegerField(
                        default=-1, help_text="of the last code that was accepted"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Passkey",
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
                        on_delete=models.CASCADE, related_name="passkeys", to="accounts.user"
                    ),
                ),
                ("name", models.CharField(max_length=64)),
                ("credential_id", models.BinaryField(max_length=1023, unique=True)),
                ("public_key", models.BinaryField()),
                (
                    "sign_count",
                    models.BigIntegerField(
                        help_text="of its uses, as it says; 0 where it counts none"
                    ),
                ),
                (
                    "transports",
                    models.CharField(blank=True, help_text="how browsers reach it", max_length=60),
                ),
                (
                    "is_backed_up",
                    models.BooleanField(help_text="its device copies it to the person's others"),
                ),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "disabled_at",
                    models.DateTimeField(help_text="when a copy of it was seen", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                (
                    "subject",
                    models.CharField(
                        help_text="purpose, and whose row",
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("challenge", models.BinaryField(max_length=32)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PendingLogIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_hash", models.BinaryField(max_length=32, unique=True)),
                ("user", models.ForeignKey(on_delete=models.CASCADE, to="accounts.user")),
                ("session_epoch", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField()),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("code", "enter a code from the authenticator"),
                            ("activation", "enter an activation code: there is no authenticator"),
                            ("password", "choose a password"),
                            ("set_up", "set up an authenticator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("next_path", models.CharField(blank=True, max_length=1000)),
                (
                    "activation",
                    models.ForeignKey(
                        null=True, on_delete=models.CASCADE, to="accounts.activation"
                    ),
                ),
                (
                    "authenticator",
                    models.ForeignKey(
                        null=True, on_delete=models.SET_NULL, to="accounts.authenticator"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_hash", models.BinaryField(max_length=32, unique=True)),
                ("user", models.ForeignKey(on_delete=models.CASCADE, to="accounts.user")),
                ("session_epoch", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField()),
                (
                    "authenticator",
                    models.ForeignKey(
                        null=True, on_delete=models.CASCADE, to="accounts.authenticator"
                    ),
                ),
                (
                    "passkey",
                    models.ForeignKey(null=True, on_delete=models.CASCADE, to="accounts.passkey"),
                ),
                (
                    "new_authenticator",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="+",
                        to="accounts.authenticator",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(
                        help_text="when password and code were last given to confirm; not to sign in",
                        null=True,
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(on_delete=models.CASCADE, to="accounts.membership"),
                ),
                ("has_chosen", models.BooleanField(db_default=True, default=True)),
                ("can_switch", models.BooleanField(db_default=False, default=False)),
                ("is_asked", models.BooleanField(db_default=False, default=False)),
                ("last_seen_at", models.DateTimeField()),
                ("address", models.GenericIPAddressField(null=True)),
                ("browser", models.CharField(db_default="", max_length=200)),
                (
                    "device",
                    models.CharField(
                        db_default="",
                        default="",
                        help_text="the browser, once known",
                        max_length=30,
                    ),
                ),
                (
                    "beside_since",
                    models.DateTimeField(
                        help_text="since when another machine has been in use at the same time",
                        null=True,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LoggedOut",
            fields=[
                ("session_number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
