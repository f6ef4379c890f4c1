"""A person disputes a case: "this was not me". The column says so, and what guards it too."""

from django.db import migrations

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


class Migration(migrations.Migration):
    """The application's rights to a column go along with its name."""

    dependencies = [("accounts", "0022_locked_at")]
    operations = [
        migrations.RenameField("case", "objected_at", "disputed_at"),
        migrations.RunSQL([CASE_MOMENTS, CASE_IS_EVIDENCE], migrations.RunSQL.noop),
    ]
