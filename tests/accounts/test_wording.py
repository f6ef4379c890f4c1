"""Times as people here read them."""

from datetime import UTC, datetime

import pytest

from accounts.wording import clock_time, day, day_and_time, in_a_sentence, time_left


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


@pytest.mark.parametrize(
    ("moment", "listed", "in_words"),
    [
        (datetime(2026, 11, 23, 9, 41, tzinfo=UTC), "9:41am", "at 9:41am"),
        (
            datetime(2026, 11, 22, 23, 59, tzinfo=UTC),
            "yesterday at 11:59pm",
            "yesterday at 11:59pm",
        ),
        (
            datetime(2026, 8, 5, 23, 30, tzinfo=UTC),
            "6 August 2026 at 12:30am",
            "on 6 August 2026 at 12:30am",
        ),
    ],
)
def test_a_moment_says_no_more_than_is_needed(moment: datetime, listed: str, in_words: str) -> None:
    now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert day_and_time(moment, now=now) == listed
    assert in_a_sentence(moment, now=now) == in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(120, "2 minutes"), (105, "1 minute 45 seconds"), (60, "1 minute"), (1, "1 second")],
)
def test_time_that_is_left_is_said_in_words(seconds: int, words: str) -> None:
    assert time_left(seconds) == words
