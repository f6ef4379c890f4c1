"""What a reading is taken from: rows alone, and so few that each minute costs the same."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models.mail import Trouble
from referrals.verdicts import Reason
from support.models.readings import WorkerSign
from support.status.judging import EmailSeen, PharmacySystemSeen, SendingSeen

SEND = "send"  # the queue
LOOK_BACK = timedelta(minutes=15)  # as long as one message waits for its next attempt at most
MOST_ATTEMPTS = 5000  # the newest
MOST_DUE = 1000  # the oldest
MOST_MAILS = 500  # those that are due first
MOST_SYSTEMS = 20  # those behind which most pharmacies are
TAKEN_UP = timedelta(seconds=60)
ABANDONED_AFTER = 45  # seconds: the lease of an attempt

# Where the pharmacy's system, or the way to it, is at fault. That it refuses one is not.
FAILURES = [
    Reason.NO_ANSWER,
    Reason.UNREADABLE,
    Reason.IN_PROGRESS,
    Reason.TIMEOUT,
    Reason.BUSY,
    Reason.UNAVAILABLE,
    Reason.FAILED,
    Reason.OUR_ACCESS,
    Reason.UNREACHABLE,
]
UNANSWERED = [Trouble.NO_ANSWER]
# That may be for its address or its words. An email is tried for three days, and in a region there
# are always some like that: they count only where none has gone out since.
REFUSED = [Trouble.BUSY, Trouble.REFUSED, Trouble.OUR_FAULT]

# A pharmacy whose messages are tried, or fail, holds up its own only.
_UNTAKEN = """
    WITH due AS (
        SELECT pharmacy_id, next_attempt_at FROM referrals_message
        WHERE next_attempt_at <= %(now)s AND give_up_at > %(now)s
          AND (lease_until IS NULL OR lease_until <= %(now)s)
        ORDER BY next_attempt_at LIMIT %(most)s
    ), tried AS (
        SELECT pharmacy_id FROM (
            SELECT message_id FROM referrals_attempt WHERE started_at > %(taken_up)s
            ORDER BY started_at DESC LIMIT %(most)s
        ) AS newest JOIN referrals_message AS message ON message.id = message_id
    )
    SELECT coalesce(extract(epoch FROM %(now)s - min(next_attempt_at)), 0)::float
    FROM due JOIN referrals_pharmacy AS pharmacy ON pharmacy.id = pharmacy_id
    WHERE pharmacy.failures = 0 AND pharmacy_id NOT IN (SELECT pharmacy_id FROM tried)
    """
_EMAIL = """
    WITH last AS (
        SELECT max(sent_at) AS sent_at FROM accounts_mail WHERE sent_at IS NOT NULL
    ), waiting AS (
        SELECT next_try_at, tries, trouble = ANY(%(unanswered)s) AS is_unanswered,
            trouble = ANY(%(refused)s)
                AND created_at > coalesce((SELECT sent_at FROM last), '-infinity') AS is_refused
        FROM accounts_mail WHERE next_try_at IS NOT NULL ORDER BY next_try_at LIMIT %(most)s
    )
    SELECT
        coalesce(extract(epoch FROM %(now)s - min(next_try_at)), 0)::float,
        count(*) FILTER (WHERE is_unanswered),
        count(*) FILTER (WHERE is_refused),
        coalesce(max(tries) FILTER (WHERE is_unanswered OR is_refused), 0),
        (SELECT sent_at FROM last)
    FROM waiting
    """
_SYSTEMS = """
    WITH hosts AS (
        SELECT host, count(*) AS pharmacies FROM (
            SELECT lower(split_part(endpoint, '/', 3)) AS host
            FROM referrals_pharmacy
            WHERE endpoint <> '' AND offers_pharmacy_first
              AND (closed_on IS NULL OR closed_on > %(now)s::date)
        ) AS each GROUP BY host ORDER BY pharmacies DESC, host LIMIT %(most_systems)s
    ), newest AS (
        SELECT message_id, started_at, finished_at, outcome, reason FROM referrals_attempt
        WHERE started_at > %(since)s ORDER BY started_at DESC LIMIT %(most)s
    ), attempts AS (
        SELECT pharmacy_id, started_at, finished_at,
            lower(split_part(endpoint, '/', 3)) AS host,
            outcome = 'accepted' AS is_accepted,
            finished_at IS NOT NULL AND outcome <> 'accepted' AND reason = ANY(%(failures)s)
                AS is_failed,
            extract(epoch FROM coalesce(finished_at, %(now)s) - started_at)::float AS seconds
        FROM newest JOIN referrals_message AS message ON message.id = message_id
        JOIN referrals_pharmacy AS pharmacy ON pharmacy.id = pharmacy_id
    ), by_pharmacy AS (
        SELECT DISTINCT ON (pharmacy_id) host, is_failed FROM attempts
        WHERE is_accepted OR is_failed ORDER BY pharmacy_id, started_at DESC
    ), pharmacies AS (
        SELECT host, count(*) AS tried, count(*) FILTER (WHERE is_failed) AS failing
        FROM by_pharmacy GROUP BY host
    ), counted AS (
        SELECT host,
            count(*) FILTER (WHERE is_accepted) AS accepted,
            count(*) FILTER (WHERE is_failed) AS failed,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (
                WHERE is_accepted OR finished_at IS NULL AND seconds < %(abandoned)s
            ) AS seconds,
            max(finished_at) FILTER (WHERE is_accepted) AS accepted_at
        FROM attempts GROUP BY host
    )
    SELECT host, coalesce(tried, 0), coalesce(failing, 0), coalesce(accepted, 0),
        coalesce(failed, 0), seconds, accepted_at, hosts.pharmacies
    FROM hosts LEFT JOIN pharmacies USING (host) LEFT JOIN counted USING (host)
    ORDER BY hosts.pharmacies DESC, host
    """


def _rows(query: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def sending(now: datetime) -> SendingSeen:
    parameters = {"now": now, "taken_up": now - TAKEN_UP, "most": MOST_DUE}
    [(untaken,)] = _rows(_UNTAKEN, parameters)
    sign = WorkerSign.objects.filter(pk=SEND).values_list("at", flat=True).first()
    return SendingSeen(untaken, sign)


def email(now: datetime) -> EmailSeen:
    parameters = {"now": now, "most": MOST_MAILS, "unanswered": UNANSWERED, "refused": REFUSED}
    [(waiting, *seen)] = _rows(_EMAIL, parameters)
    return EmailSeen(max(waiting, 0.0), *seen)


def systems(now: datetime) -> dict[str, PharmacySystemSeen]:
    """Return what was seen of each, by host, that behind which most pharmacies are first."""
    parameters = {
        "now": now,
        "since": now - LOOK_BACK,
        "most": MOST_ATTEMPTS,
        "most_systems": MOST_SYSTEMS,
        "failures": FAILURES,
        "abandoned": ABANDONED_AFTER,
    }
    return {host: PharmacySystemSeen(*seen) for host, *seen in _rows(_SYSTEMS, parameters)}
