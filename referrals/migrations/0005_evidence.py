"""Timeline, attempts and access log are only added to, and say when by the database's clock.

Of an attempt it is written once what has come of it. All of this holds for every role but the
tables' owner.
"""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ATTEMPT_MOMENTS = """
    CREATE OR REPLACE FUNCTION moments_of_an_attempt() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        IF public.asked_by_the_owner(TG_RELID) THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'INSERT' THEN
            NEW.started_at := clock_timestamp();
            NEW.finished_at := NULL;
        ELSIF NEW.finished_at IS DISTINCT FROM OLD.finished_at THEN
            NEW.finished_at := clock_timestamp();
        END IF;
        RETURN NEW;
    END
    $$
"""
ATTEMPT_IS_EVIDENCE = """
    CREATE OR REPLACE FUNCTION attempt_is_evidence() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        IF public.asked_by_the_owner(TG_RELID)
            OR (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL)
            OR NEW IS NOT DISTINCT FROM OLD
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'what has come of an attempt does not change'
            USING ERRCODE = 'insufficient_privilege';
    END
    $$
"""
# No right is taken: who deletes a draft asks for its timeline too, and there is none.
TIMELINE_STAYS = """
    CREATE OR REPLACE FUNCTION timeline_stays() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
    BEGIN
        IF public.asked_by_the_owner(TG_RELID) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'a timeline is only added to'
            USING ERRCODE = 'insufficient_privilege';
    END
    $$
"""
OUTCOME = "finished_at, outcome, reason, status, code"
TRIGGER = "CREATE OR REPLACE TRIGGER {} BEFORE {} ON {} FOR EACH ROW EXECUTE FUNCTION {}()"


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Narrow what the application may do, by its rights and by triggers that it cannot touch."""
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    attempt, timeline = "referrals_attempt", "referrals_timelineentry"
    log = "referrals_accesslogentry"
    for statement in (
        *(ATTEMPT_MOMENTS, ATTEMPT_IS_EVIDENCE, TIMELINE_STAYS),
        TRIGGER.format("moment", "INSERT", log, "at_this_moment"),
        TRIGGER.format("moment", "INSERT", timeline, "at_this_moment"),
        TRIGGER.format("moment", "INSERT OR UPDATE", attempt, "moments_of_an_attempt"),
        TRIGGER.format("evidence", "UPDATE", attempt, "attempt_is_evidence"),
        TRIGGER.format("evidence", "DELETE", timeline, "timeline_stays"),
        f"REVOKE UPDATE, DELETE ON {log} FROM {role}",
        f"REVOKE UPDATE ON {timeline} FROM {role}",
        f"REVOKE UPDATE, DELETE ON {attempt} FROM {role}",
        f"GRANT UPDATE ({OUTCOME}) ON {attempt} TO {role}",
        f"REVOKE DELETE ON referrals_message FROM {role}",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0004_access_log")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
