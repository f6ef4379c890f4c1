"""Clinical content packs. The application adds and confirms them; it never changes what they say.

Nor does it delete one that was confirmed: referrals name it. All of this holds for every role but
the tables' owner.
"""

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

MOMENTS = """
    CREATE OR REPLACE FUNCTION moments_of_a_pack() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        IF public.asked_by_the_owner(TG_RELID) THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'INSERT' THEN
            NEW.loaded_at := clock_timestamp();
        ELSIF NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at THEN
            NEW.confirmed_at := clock_timestamp();
        END IF;
        RETURN NEW;
    END
    $$
"""
CONFIRMED_ONCE = """
    CREATE OR REPLACE FUNCTION pack_is_confirmed_once() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        IF public.asked_by_the_owner(TG_RELID) THEN
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        IF TG_OP = 'INSERT' AND NEW.loaded_by_id IS NOT NULL
            AND NEW.confirmed_at IS NULL AND NEW.confirmed_by_id IS NULL
        THEN
            RETURN NEW;
        ELSIF TG_OP = 'UPDATE' AND OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL
            AND NEW.confirmed_by_id <> OLD.loaded_by_id
        THEN
            RETURN NEW;
        ELSIF TG_OP = 'DELETE' AND OLD.confirmed_at IS NULL THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'a content pack is loaded by one operator and confirmed once by another'
            USING ERRCODE = 'insufficient_privilege';
    END
    $$
"""
TRIGGER = "CREATE OR REPLACE TRIGGER {} BEFORE {} ON {} FOR EACH ROW EXECUTE FUNCTION {}()"


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    pack = "referrals_contentpack"
    for statement in (
        *(MOMENTS, CONFIRMED_ONCE),
        TRIGGER.format("moment", "INSERT OR UPDATE", pack, "moments_of_a_pack"),
        TRIGGER.format("evidence", "INSERT OR UPDATE OR DELETE", pack, "pack_is_confirmed_once"),
        f"REVOKE UPDATE ON {pack} FROM {role}",
        f"GRANT UPDATE (confirmed_by_id, confirmed_at) ON {pack} TO {role}",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_evidence")]
    operations = [
        migrations.CreateModel(
            name="ContentPack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=40, unique=True)),
                (
                    "content",
                    models.TextField(help_text="JSON, as referrals.clinical.packs writes it"),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="its last day")),
                (
                    "loaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                ("loaded_at", models.DateTimeField()),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="accounts.user",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(help_text="empty while it waits", null=True),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("loaded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="confirmed_by_another",
                    )
                ],
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
