"""What reaches the log when something fails: where, never what a user typed."""

import logging
import os

import pytest

from pharmrefer.logs import LineFormatter

FORMATTER = LineFormatter("{levelname} {message}", style="{")


def fail_three_times() -> None:
    try:
        try:
            os.environ["FAMILY, GIVEN"]
        except KeyError as problem:
            raise ValueError("Key (nhs_number)=(9990000018) already exists") from problem
    except ValueError:
        int("Mrs Example")


def test_an_exception_is_told_by_its_type_and_places_only() -> None:
    with pytest.raises(ValueError, match="Mrs Example") as failed:
        fail_three_times()
    record = logging.LogRecord("web", logging.ERROR, "", 0, "it failed", None, failed._excinfo)
    line = FORMATTER.format(record)
    assert "ValueError at " in line
    assert "because of ValueError at " in line
    assert "because of KeyError at " in line
    assert f"{__file__}:" in line
    for typed in ("9990000018", "Example", "FAMILY"):
        assert typed not in line


def test_a_line_says_when_in_utc() -> None:
    record = logging.LogRecord("web", logging.INFO, "", 0, "hello", None, None)
    record.created, record.msecs = 1_784_000_000.25, 250.0  # in summer, when London is ahead
    line = LineFormatter("{asctime} {message}", style="{").format(record)
    assert line == "2026-07-14T03:33:20.250+00:00 hello"


def test_nobody_writes_a_line_of_their_own() -> None:
    record = logging.LogRecord("web", logging.INFO, "", 0, "hello\r\nERROR all is lost", None, None)
    assert FORMATTER.format(record) == "INFO hello\\r\\nERROR all is lost"
