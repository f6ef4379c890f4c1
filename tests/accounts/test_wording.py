"""Times as people here read them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts.wording import clock_time, day, day_and_time, in_a_sentence, time_left
from accounts.wording import moment as moment_of


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


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        ("00:59:59", "1:59:59am BST"),
        ("00:00:00", "1:00:00am BST"),
        ("01:00:00", "1:00:00am GMT"),
        ("01:59:59", "1:59:59am GMT"),
        # Just before and after, and whenever else: nothing that nobody needs.
        ("23:59:59", "12:59:59am"),
        ("02:00:00", "2:00:00am"),
    ],
)
def test_the_hour_that_comes_twice_says_which_of_the_two_it_is(hour: str, words: str) -> None:
    day_before = hour.startswith("23")
    moment = datetime.fromisoformat(f"2026-10-{24 if day_before else 25}T{hour}+00:00")
    assert clock_time(moment, seconds=True) == words
    assert clock_time(moment) == re.sub(r":\d\d(?=am)", "", words)


def test_a_time_on_the_day_on_which_the_clocks_go_forward_stays_short() -> None:
    assert clock_time(datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == "12:59am"
    assert clock_time(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == "2:00am"


def test_two_moments_that_the_clocks_tell_alike_are_told_apart_in_sentences() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    later = datetime(2026, 10, 26, 9, 0, tzinfo=UTC)
    assert in_a_sentence(first, now=second) == "at 1:30am BST"
    assert in_a_sentence(second, now=later) == "yesterday at 1:30am GMT"
    assert day_and_time(first, now=later + timedelta(days=9)) == "25 October 2026 at 1:30am BST"
    assert moment_of(first) == "1:30am BST on 25 October 2026"


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
