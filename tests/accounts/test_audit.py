"""The audit: only added to, sealed into a chain, and whatever is done to it shows."""

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from accounts import audit
from accounts.models.audit import AuditEvent, AuditReason, AuditSeal, Event, Factor
from accounts.origin import Origin
from tests import factories
from tests.factories import ORIGIN, acting

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def note(**more: Any) -> None:
    origin, now = more.pop("origin", ORIGIN), more.pop("now", NOW)
    audit.note(Event.FACTOR_REFUSED, acting(now=now, origin=origin), **more)


def apart(do: Callable[[], Any]) -> Any:
    """Do it in a transaction of its own, over another connection, and keep what it did."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(do())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    return results[0]


def test_it_says_what_happened_to_whom_by_whom_and_from_where() -> None:
    user, by = factories.person(), factories.person()
    audit.note(
        Event.FACTOR_REFUSED,
        acting(now=NOW),
        factor=Factor.PASSWORD,
        reason=AuditReason.WRONG,
        person=user,
        by=by,
    )
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.factor, event.reason) == ("factor:refused", "password", "wrong")
    assert (event.person, event.by, event.at) == (user, by, NOW)
    assert (event.address, event.browser) == ("192.0.2.7", "Firefox, in tests")


@pytest.mark.parametrize("model", [AuditEvent, AuditSeal])
def test_the_application_can_neither_change_nor_delete_any_of_it(model: Any) -> None:
    note()
    audit.seal()
    table = model._meta.db_table
    column = model._meta.pk.column
    for statement in (
        f"UPDATE {table} SET {column} = {column}",  # noqa: S608
        f"DELETE FROM {table}",  # noqa: S608
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_note_is_undone_with_what_it_tells_of() -> None:
    with transaction.atomic():
        note()
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()


class TestSealing:
    """Each event gets a number and a hash, whoever wrote it and in whatever order."""

    def test_each_event_gets_its_place_once(self) -> None:
        for _ in range(3):
            note()
        assert (audit.seal(), audit.seal()) == (3, 0)
        note()
        assert audit.seal() == 1
        assert list(AuditSeal.objects.order_by("sequence").values_list("sequence", flat=True)) == [
            *range(1, 5)
        ]
        report = audit.verify(heads=[], now=NOW)
        assert (report.sealed, report.faults, report.unsealed) == (4, [], 0)

    def test_one_that_was_committed_later_than_its_number_says_is_found(self) -> None:
        note()
        late = AuditEvent.objects.get()
        for _ in range(2):
            note()
        AuditSeal.objects.create(
            sequence=1,
            event=AuditEvent.objects.latest("pk"),
            chain_hash=audit._chained(b"", 1, AuditEvent.objects.latest("pk")),
        )
        assert audit.seal() == 2
        assert AuditSeal.objects.get(event=late).sequence == 2
        assert audit.verify(heads=[], now=NOW).faults == []

    def test_what_is_far_behind_is_found_when_everything_is_looked_at(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(audit, "LATE", 1)
        for _ in range(5):
            note()
        last = AuditEvent.objects.latest("pk")
        AuditSeal.objects.create(sequence=1, event=last, chain_hash=audit._chained(b"", 1, last))
        assert audit.seal() == 0
        assert audit.seal(everything=True) == 4

    def test_many_are_sealed_in_several_goes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(audit, "MOST_AT_ONCE", 2)
        for _ in range(5):
            note()
        assert [audit.seal() for _ in range(4)] == [2, 2, 1, 0]
        assert audit.verify(heads=[], now=NOW).sealed == 5

    @pytest.mark.usefixtures("owner")
    def test_of_two_sealers_one_leaves_it_to_the_other(self) -> None:
        apart(note)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [audit.LOCK])
            assert apart(audit.seal) == 0
            cursor.execute("SELECT pg_advisory_unlock(%s)", [audit.LOCK])
        assert apart(audit.seal) == 1

    def test_its_queries_do_not_grow(self, django_assert_num_queries: Any) -> None:
        for _ in range(30):
            note()
        with django_assert_num_queries(6):  # lock, last, events, insert; and a savepoint
            audit.seal()


@pytest.fixture
def owner() -> Iterator[psycopg.Connection]:
    """An attacker who owns the database, and a chain of five events."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        try:
            for number in range(5):
                apart(partial(note, reason=f"number {number}"))
            assert apart(audit.seal) == 5
            yield connection
        finally:
            connection.execute("DELETE FROM accounts_auditseal")
            connection.execute("DELETE FROM accounts_auditevent")


def event_at(sequence: int) -> int:
    return AuditSeal.objects.get(sequence=sequence).event_id


class TestVerifying:
    """The database's owner can do what they like: it shows."""

    @pytest.mark.usefixtures("owner")
    def test_a_whole_chain_is_complete(self) -> None:
        report = audit.verify(heads=[audit.head()], now=NOW)
        assert (report.sealed, report.faults, report.unsealed) == (5, [], 0)
        assert report.head == audit.head()

    @pytest.mark.parametrize(
        "change",
        [
            "reason = 'else'",
            "event = 'session:began'",
            "factor = 'passkey'",
            "at = at + interval '1 microsecond'",
            "address = '192.0.2.8'",
            "address = NULL",
            "browser = 'Chrome'",
        ],
    )
    def test_a_changed_event_shows(self, owner: psycopg.Connection, change: str) -> None:
        statement = f"UPDATE accounts_auditevent SET {change} WHERE id = {event_at(3)}"  # noqa: S608
        owner.execute(statement.encode())
        faults = audit.verify(heads=[], now=NOW).faults
        assert faults == [f"3: event {event_at(3)} was changed"]

    @pytest.mark.parametrize("column", ["by_id", "person_id", "id"])
    def test_another_person_shows(self, owner: psycopg.Connection, column: str) -> None:
        event, name = event_at(3), owner.info.dbname
        with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], dbname=name) as superuser:
            superuser.execute("SET session_replication_role = replica")  # no foreign keys
            statement = f"UPDATE accounts_auditevent SET {column} = 999999 WHERE id = {event}"  # noqa: S608
            superuser.execute(statement.encode())
            if column == "id":
                superuser.execute(
                    "UPDATE accounts_auditseal SET event_id = 999999 WHERE sequence = 3"
                )
        (fault,) = audit.verify(heads=[], now=NOW).faults
        assert fault.startswith("3: event ")

    def test_a_removed_event_shows(self, owner: psycopg.Connection) -> None:
        event = event_at(3)
        owner.execute("DELETE FROM accounts_auditseal WHERE sequence = 3")
        owner.execute("DELETE FROM accounts_auditevent WHERE id = %s", [event])
        faults = audit.verify(heads=[], now=NOW).faults
        assert faults[0] == "3 to 3 are missing"
        assert len(faults) == 2  # and what comes after does not fit

    def test_removing_it_and_numbering_the_others_anew_shows(
        self, owner: psycopg.Connection
    ) -> None:
        owner.execute("DELETE FROM accounts_auditseal WHERE sequence = 3")
        owner.execute("UPDATE accounts_auditseal SET sequence = 3 WHERE sequence = 4")
        owner.execute("UPDATE accounts_auditseal SET sequence = 4 WHERE sequence = 5")
        report = audit.verify(heads=[], now=NOW)
        assert report.faults == [f"{each}: event {event_at(each)} was changed" for each in (3, 4)]
        assert report.unsealed == 1

    def test_a_missing_event_shows_though_its_seal_is_there(
        self, owner: psycopg.Connection
    ) -> None:
        event = event_at(3)
        name = owner.info.dbname
        with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], dbname=name) as superuser:
            superuser.execute("SET session_replication_role = replica")  # no foreign keys
            superuser.execute("DELETE FROM accounts_auditevent WHERE id = %s", [event])
        assert audit.verify(heads=[], now=NOW).faults == [f"3: its event {event} is missing"]

    def test_what_is_cut_off_at_the_end_shows_to_who_has_noted_the_head(
        self, owner: psycopg.Connection
    ) -> None:
        head = audit.head()
        owner.execute("DELETE FROM accounts_auditseal WHERE sequence >= 4")
        assert audit.verify(heads=[], now=NOW).faults == []
        assert audit.verify(heads=[head], now=NOW).faults == [f"the chain does not have {head}"]

    @pytest.mark.usefixtures("owner")
    def test_a_chain_made_anew_without_the_key_shows(self) -> None:
        with override_settings(LOOKUP_KEY="another key " * 5):
            assert len(audit.verify(heads=[], now=NOW).faults) == 5

    @pytest.mark.usefixtures("owner")
    def test_the_age_of_what_is_not_sealed_is_told(self) -> None:
        apart(lambda: note(now=NOW - timedelta(seconds=90)))
        apart(note)
        report = audit.verify(heads=[], now=NOW)
        assert (report.unsealed, report.waiting_for) == (2, timedelta(seconds=90))


class TestCommand:
    """``manage.py verify_audit``."""

    def run(self, *arguments: str) -> tuple[str, str]:
        out, errors = StringIO(), StringIO()
        try:
            call_command("verify_audit", *arguments, stdout=out, stderr=errors)
        except CommandError as error:
            errors.write(str(error))
        return out.getvalue(), errors.getvalue()

    def test_a_whole_chain(self) -> None:
        note()
        audit.seal()
        said, wrong = self.run("--head", audit.head())
        assert f"1 events are sealed. Head: {audit.head()}" in said
        assert "0 are not sealed yet" in said
        assert wrong == ""

    def test_an_empty_one(self) -> None:
        assert self.run() == (
            "0 events are sealed. Head: none\n0 are not sealed yet, the oldest for 0 s.\n",
            "",
        )

    def test_what_is_wrong_ends_it_with_1(self) -> None:
        note()
        audit.seal()
        _, wrong = self.run("--head", "7:abcd")
        assert "the chain does not have 7:abcd" in wrong
        assert "The audit is not whole: 1 faults" in wrong

    def test_a_sealer_that_does_not_run_is_told(self) -> None:
        note(now=timezone.now() - timedelta(minutes=2))
        said, wrong = self.run()
        assert "the oldest for 120 s" in said
        assert "see that the control worker runs" in wrong


def test_an_origin_without_an_address_is_noted_too() -> None:
    note(origin=Origin(None, "manage.py, sam"))
    audit.seal()
    assert audit.verify(heads=[], now=NOW).faults == []
