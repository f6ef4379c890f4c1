"""Reasons that writers and readers of the audit share; their words stand in rows for ever."""

import pytest

from accounts.models.audit import (
    LONGEST_AUDIT_REASON,
    WRONG_BY_PURPOSE,
    AuditReason,
    Remark,
    clock_off,
    seconds_off,
)
from accounts.models.sessions import Ended


@pytest.mark.parametrize("seconds", [-3600, -150, -1, 0, 90, 180])
def test_how_far_a_clock_is_off_is_read_as_it_was_written(seconds: int) -> None:
    assert seconds_off(clock_off(seconds)) == seconds


def test_rows_of_before_are_read_as_what_is_written_now() -> None:
    assert clock_off(90) == "clock +90 s"
    assert seconds_off("clock -150 s") == -150


@pytest.mark.parametrize("reason", [*AuditReason, Remark("clock"), Remark("clock fast s"), ""])
def test_nothing_else_is_of_a_clock(reason: str) -> None:
    assert seconds_off(reason) is None


def test_whatever_a_session_ends_by_itself_of_is_a_reason() -> None:
    assert [AuditReason(each).value for each in Ended] == Ended.values


def test_a_wrong_password_is_told_by_what_it_was_asked_for() -> None:
    assert {each: f"wrong, {each}" for each in WRONG_BY_PURPOSE} == WRONG_BY_PURPOSE


def test_each_reason_fits_its_column() -> None:
    assert max(map(len, AuditReason)) <= LONGEST_AUDIT_REASON
