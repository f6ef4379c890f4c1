"""What is evidence: the application's role can add to it, now, and take nothing back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models.audit import AuditEvent
from accounts.models.cases import Case, CaseKind, CaseState
from accounts.models.people import Membership, User
from accounts.roles import Role
from accounts.service_desk import cases, disputes
from tests import evidence, factories
from tests.evidence import refused
from tests.factories import ORIGIN, acting

pytestmark = pytest.mark.django_db
HOW: dict[str, Any] = {"origin": ORIGIN, "now": timezone.now()}
CALL = cases.Call(ticket="INC-20417", caller="Ida Hill", reason="New phone")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
AN_EVENT = {"event": "x", "factor": "", "reason": "", "browser": ""}
A_CASE = {"kind": "reset", "state": "waiting", "ticket": "", "caller": "", "reason": ""}
A_CASE |= {"phone": "", "email": "", "given_name": "", "family_name": "", "job_role": ""}


@pytest.fixture
def desk() -> Membership:
    return factories.member(role=Role.SERVICE_DESK)


@pytest.fixture
def boss() -> User:
    practice = factories.practice(ods_code="Z91001")
    return factories.active_person(role=Role.PRACTICE_ADMINISTRATOR, at=practice)


@pytest.fixture
def case(desk: Membership, boss: User) -> Case:
    """One that waits."""
    return cases.open_case(boss.pk, CaseKind.RESET, CALL, acting(desk, **HOW))[0]


class TestCaseRow:
    """Who called for whom, how that was checked, and what was done."""

    @pytest.mark.parametrize(
        "change",
        [
            "kind = 'unlock'",
            "practice_id = NULL",
            "ticket = 'other'",
            "caller = 'Nobody'",
            "reason = 'Another'",
            "by_id = NULL",
            "opened_at = opened_at - interval '1 day'",
            "email = 'else@nhs.example'",
            "given_name = 'Else'",
            "person_id = NULL",
        ],
    )
    @pytest.mark.usefixtures("case")
    def test_what_was_asked_never_changes(self, change: str) -> None:
        assert refused(f"UPDATE accounts_case SET {change}")  # noqa: S608

    @pytest.mark.usefixtures("case")
    def test_it_stays(self) -> None:
        assert refused("DELETE FROM accounts_case")
        assert refused("TRUNCATE accounts_case CASCADE")
        assert refused("ALTER TABLE accounts_case DISABLE TRIGGER evidence")
        assert refused("DROP TRIGGER evidence ON accounts_case")

    def test_an_approval_is_not_taken_back(self, case: Case) -> None:
        second = factories.member(role=Role.SERVICE_DESK)
        cases.approve(case.pk, acting(second, **HOW))
        assert refused("UPDATE accounts_case SET approved_at = NULL, approved_by_id = NULL")

    def test_one_that_was_refused_stays_so(self, case: Case, desk: Membership) -> None:
        cases.refuse(case.pk, acting(desk, **HOW))
        for change in (
            "state = 'waiting', ended_at = NULL, ended_by_id = NULL",
            "state = 'done'",
            "state = 'objected', disputed_at = now()",
            "ended_by_id = NULL",
            "phone = '0'",
        ):
            assert refused(f"UPDATE accounts_case SET {change}")  # noqa: S608
        case.refresh_from_db()
        assert case.state == CaseState.WITHDRAWN

    def test_what_was_done_can_only_be_disputed(self, case: Case, desk: Membership) -> None:
        second = factories.member(role=Role.SERVICE_DESK)
        cases.approve(case.pk, acting(second, **HOW))
        cases.carry_out(case.pk, acting(desk, **HOW))
        for change in (
            "state = 'waiting'",
            "state = 'objected', disputed_at = now(), ended_by_id = NULL",
            "done_at = now() - interval '8 days'",
            "approved_by_id = NULL",
        ):
            assert refused(f"UPDATE accounts_case SET {change}")  # noqa: S608
        disputes.dispute(case.pk, acting(**HOW))
        case.refresh_from_db()
        assert case.state == CaseState.DISPUTED
        assert refused("UPDATE accounts_case SET state = 'done', disputed_at = NULL")


def test_the_audit_says_of_a_case_at_which_practice_and_why(desk: Membership, boss: User) -> None:
    call = cases.Call(ticket="", caller="Ida", reason="New phone. " * 20)
    case = cases.open_case(boss.pk, CaseKind.RESET, call, acting(desk, **HOW))[0]
    reason = AuditEvent.objects.get(event="case:opened").reason
    assert reason.startswith(f"reset, case {case.pk}, Z91001: New phone. New phone.")
    assert len(reason) == 100


def test_of_a_case_at_no_practice_it_says_why() -> None:
    other = factories.active_person(role=Role.OPERATOR)
    cases.reset_at_console(other, "Nobody on duty", acting(**HOW))
    event = AuditEvent.objects.get(event="case:opened")
    assert event.reason == f"reset, case {Case.objects.get().pk}: Nobody on duty"


class TestMoments:
    """Whatever the application says, the database says when."""

    @pytest.mark.parametrize(
        ("table", "row", "column"),
        [
            (
                "accounts_auditevent",
                {"event": "x", "factor": "", "reason": "", "browser": ""},
                "at",
            ),
            ("accounts_confirmation", {"membership_id": 1, "by_id": 1, "role": "staff"}, "at"),
            ("accounts_case", A_CASE, "opened_at"),
        ],
    )
    @pytest.mark.parametrize("said", [LONG_AGO, datetime(2090, 1, 1, tzinfo=UTC)])
    def test_a_row_says_when_it_was_written(
        self, table: str, row: dict[str, object], column: str, said: datetime
    ) -> None:
        with evidence.application_with_triggers(table) as application:
            at = evidence.insert(application, table, row | {column: said}, column)
        assert isinstance(at, datetime)
        assert abs(at - timezone.now()) < timedelta(minutes=1)

    def test_what_happens_to_a_case_happens_now(self) -> None:
        columns = ("approved_at", "done_at", "disputed_at", "ended_at")
        with evidence.application_with_triggers("accounts_case") as application:
            row = A_CASE | {"opened_at": LONG_AGO}
            number = evidence.insert(application, "accounts_case", row, "id")
            said = ", ".join(f"{each} = '2020-01-01'" for each in columns)
            statement = f"UPDATE accounts_case SET {said} WHERE id = %s"  # noqa: S608
            statement += f" RETURNING {', '.join(columns)}"
            found = application.execute(statement.encode(), [number]).fetchone()
        assert found
        assert all(abs(at - timezone.now()) < timedelta(minutes=1) for at in found)

    def test_the_owner_s_restored_rows_stay_as_they_were(self) -> None:
        row = AN_EVENT | {"at": LONG_AGO}
        with evidence.application_with_triggers("accounts_auditevent") as database:
            database.execute("SET LOCAL ROLE NONE")
            assert evidence.insert(database, "accounts_auditevent", row, "at") == LONG_AGO
