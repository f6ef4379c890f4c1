"""Thirty days in minutes: London's days, and what there is no reading of."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from support.status.days import DayShown, last_days
from support.status.parts import WEBSITE, Minutes, PartState

LONDON = ZoneInfo("Europe/London")


def shown(now: str, days: dict[date, Minutes] | None = None) -> list[DayShown]:
    return list(last_days(days or {}, WEBSITE, now=datetime.fromisoformat(now), zone=LONDON))


def test_today_is_the_last_of_thirty() -> None:
    found = shown("2026-11-30T00:30:00+00:00")
    assert [found[0].on, found[-1].on, len(found)] == [date(2026, 11, 1), date(2026, 11, 30), 30]
    assert shown("2026-07-01T23:30:00+00:00")[-1].on == date(2026, 7, 2)  # British Summer Time


@pytest.mark.parametrize(
    ("on", "minutes"),
    [
        (date(2026, 10, 24), 24 * 60),
        (date(2026, 10, 25), 25 * 60),  # the clocks go back
        (date(2026, 10, 26), 24 * 60),
    ],
)
def test_a_day_may_have_an_hour_more(on: date, minutes: int) -> None:
    assert {day.on: day.not_read for day in shown("2026-11-05T12:00:00+00:00")}[on] == minutes


def test_a_day_may_have_an_hour_less() -> None:
    found = {day.on: day.not_read for day in shown("2026-04-05T12:00:00+00:00")}
    assert found[date(2026, 3, 29)] == 23 * 60


def test_minutes_without_a_reading_are_not_good_ones() -> None:
    states = {PartState.WORKING: 1400, PartState.SLOW: 10, PartState.NOT_WORKING: 5}
    yesterday = date(2026, 11, 29)
    found = shown("2026-11-30T12:00:00+00:00", {yesterday: {WEBSITE: states}})[-2]
    assert (found.on, found.trouble, found.read, found.not_read) == (yesterday, 15, 1415, 25)
    assert found.has_gap


def test_of_today_only_what_has_passed_counts() -> None:
    today = {date(2026, 11, 30): {WEBSITE: {PartState.WORKING: 9}}}
    assert shown("2026-11-30T00:11:00+00:00", today)[-1].not_read == 0
    assert not shown("2026-11-30T00:12:30+00:00", today)[-1].has_gap
    assert shown("2026-11-30T00:30:00+00:00", today)[-1].not_read == 18
