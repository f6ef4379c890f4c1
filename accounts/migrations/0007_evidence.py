"""What is evidence is only added to, and says when by the database's clock.

All of this holds for every role but the tables' owner, who may do anything: what the owner does to
the audit shows in its chain.
"""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BY_THE_OWNER = """
    CREATE OR REPLACE FUNCTION asked_by_the_owner(of oid) RETURNS boolean LANGUAGE sql STABLE
    SET search_path = pg_catalog AS $$
        SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = of
    $$
"""
AT = """
    CREATE OR REPLACE FUNCTION at_this_moment() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        IF NOT public.asked_by_the_owner(TG_RELID) THEN
            NEW.at := clock_timestamp();
        END IF;
        RETURN NEW;
    END
    $$
"""
CASE_MOMENTS = """
    CREATE OR REPLACE FUNCTION moments_of_a_case() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    DECLARE
        now timestamptz := clock_timestamp();
    BEGIN
        IF public.asked_by_the_owner(TG_RELID) THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'INSERT' THEN
            NEW.opened_at := now;
            RETURN NEW;
        END IF;
        IF NEW.approved_at IS DISTINCT FROM OLD.approved_at THEN
            NEW.approved_at := now;
        END IF;
        IF NEW.done_at IS DISTINCT FROM OLD.done_at THEN
            NEW.done_at := now;
        END IF;
        IF NEW.disputed_at IS DISTINCT FROM OLD.disputed_at THEN
            NEW.disputed_at := now;
        END IF;
        IF NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
            NEW.ended_at := now;
        END IF;
        RETURN NEW;
    END
    $$
"""
# While it waits it may be approved, and get the person whom it made; then it ends, once. After
# that somebody may say that what was done was not them, and nothing else.
CASE_IS_EVIDENCE = """
    CREATE OR REPLACE FUNCTION case_is_evidence() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        IF public.asked_by_the_owner(TG_RELID) OR NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
        IF OLD.state = 'waiting'
            AND (OLD.person_id IS NULL OR NEW.person_id IS NOT DISTINCT FROM OLD.person_id)
            AND (OLD.approved_at IS NULL OR NEW.approved_at IS NOT NULL)
        THEN
            RETURN NEW;
        END IF;
        IF OLD.state = 'done' AND NEW.state = 'objected'
            AND to_jsonb(NEW) - ARRAY['state', 'disputed_at']
                = to_jsonb(OLD) - ARRAY['state', 'disputed_at']
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'what has happened to a case does not change'
            USING ERRCODE = 'insufficient_privilege';
    END
    $$
"""
ONLY_ADDED_TO = ("accounts_auditevent", "accounts_auditseal", "accounts_confirmation")
OPEN_COLUMNS = (
    *("state", "person_id", "phone", "ready_at", "approved_by_id", "approved_at", "done_at"),
    *("disputed_at", "ended_at", "ended_by_id"),
)
TRIGGER = "CREATE OR REPLACE TRIGGER {} BEFORE {} ON {} FOR EACH ROW EXECUTE FUNCTION {}()"


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Narrow what the application may do, by its rights and by triggers that it cannot touch."""
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for statement in (
        *(BY_THE_OWNER, AT, CASE_MOMENTS, CASE_IS_EVIDENCE),
        TRIGGER.format("moment", "INSERT", "accounts_auditevent", "at_this_moment"),
        TRIGGER.format("moment", "INSERT", "accounts_confirmation", "at_this_moment"),
        TRIGGER.format("moment", "INSERT OR UPDATE", "accounts_case", "moments_of_a_case"),
        TRIGGER.format("evidence", "UPDATE", "accounts_case", "case_is_evidence"),
        f"REVOKE UPDATE, DELETE ON {', '.join(ONLY_ADDED_TO)} FROM {role}",
        f"REVOKE UPDATE, DELETE ON accounts_case FROM {role}",
        f"GRANT UPDATE ({', '.join(OPEN_COLUMNS)}) ON accounts_case TO {role}",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_audit_and_mail")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
