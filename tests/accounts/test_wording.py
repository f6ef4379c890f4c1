"""Times as people here read them."""

from datetime import UTC, datetime

import pytest

from accounts.wording import clock_time, day


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 23, 9, 41, 5, tzinfo=UTC), "9:41am"),
        (datetime(2026, 11, 23, 0, 5, tzinfo=UTC), "12:05am"),
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "12:00pm"),
        (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "1:00pm"),  # summer time
    ],
)
def test_a_time_of_day(moment: datetime, words: str) -> None:
    assert clock_time(moment) == words


def test_a_time_to_the_second() -> None:
    assert clock_time(datetime(2026, 11, 23, 9, 41, 5, tzinfo=UTC), seconds=True) == "9:41:05am"


def test_a_date() -> None:
    assert day(datetime(2026, 8, 5, 23, 30, tzinfo=UTC)) == "6 August 2026"
