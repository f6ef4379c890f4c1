"""What the service desk's lists say of a case: its tag is true in every state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models.cases import Case, CaseKind, CaseState
from accounts.service_desk import presenters

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
HOUR = timedelta(hours=1)
WAITING = CaseState.WAITING


@pytest.mark.parametrize(
    ("said", "tag", "colour", "next_step"),
    [
        ({}, "Waiting for approval", "yellow", "Waiting for a colleague to approve"),
        (
            {"ready_at": NOW + HOUR},
            "Waiting for approval",
            "yellow",
            "Waiting for a colleague to approve. Without approval it can go ahead at 10:41am",
        ),
        ({"approved_at": NOW - HOUR}, "Approved", "blue", "Call them back and carry it out"),
        ({"ready_at": NOW - HOUR}, "Ready", "blue", "Call them back and carry it out"),
        ({"opened_at": NOW - Case.OPEN_FOR, "approved_at": NOW - HOUR}, "Expired", "grey", ""),
        ({"state": CaseState.DONE, "done_at": NOW}, "Done", "green", ""),
        ({"state": CaseState.REFUSED, "approved_at": NOW}, "Refused", "grey", ""),
        ({"state": CaseState.WITHDRAWN}, "Withdrawn", "grey", ""),
        ({"state": CaseState.DISPUTED}, "Stopped: it was not them", "red", ""),
        (
            {"state": CaseState.DISPUTED, "done_at": NOW - HOUR},
            "Done, then reported: it was not them",
            "red",
            "",
        ),
    ],
)
def test_the_tag_of_a_case(said: dict[str, Any], tag: str, colour: str, next_step: str) -> None:
    case = Case(**{"kind": CaseKind.RESET, "state": WAITING, "opened_at": NOW - 2 * HOUR, **said})
    row = presenters.case(case, now=NOW)
    assert (row.state, row.colour, row.next_step) == (tag, colour, next_step)


@pytest.mark.parametrize("state", CaseState)
def test_every_state_has_a_tag(state: CaseState) -> None:
    case = Case(kind=CaseKind.RESET, state=state, opened_at=NOW - HOUR)
    assert all(presenters.state_of(case, now=NOW))
