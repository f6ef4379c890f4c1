"""A reading a minute is written down, once, and its minute is counted into its day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from support.models.readings import DayOfReadings, MinuteReading
from support.status import recording
from support.status.parts import (
    EMAIL,
    SENDING,
    WEBSITE,
    PartState,
    minutes_from_json,
    parts_from_json,
)
from tests import evidence, factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 9, 41, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_at_the_website(settings: Any) -> None:
    settings.STATUS_CHECK_URL = "http://127.0.0.1:9"


def test_a_minute_is_read_once() -> None:
    assert [recording.record(now=NOW + timedelta(seconds=each)) for each in (0, 20, 40, 60)] == [
        *(True, False, False),
        True,
    ]
    assert [row.at.minute for row in MinuteReading.objects.order_by("at")] == [41, 42]


def test_what_it_says_is_kept_and_counted() -> None:
    factories.pharmacy(endpoint="https://a.example/r4")
    recording.sign("send")
    recording.record()
    recording.record(now=datetime.now(UTC) + timedelta(minutes=1))
    said = parts_from_json(MinuteReading.objects.latest("at").parts)
    assert set(said) == {WEBSITE, SENDING, EMAIL, "system:a.example"}
    counted = [minutes_from_json(day.minutes) for day in DayOfReadings.objects.all()]
    assert sum(day[SENDING].get(PartState.WORKING, 0) for day in counted) == 2
    assert sum(day[EMAIL].get(PartState.NOT_KNOWN, 0) for day in counted) == 2


def test_a_state_goes_on_from_the_minute_before_and_begins_anew_after_a_gap() -> None:
    def since() -> datetime:
        return parts_from_json(MinuteReading.objects.latest("at").parts)[EMAIL].since

    recording.record(now=NOW)
    recording.record(now=NOW + timedelta(minutes=1))
    assert since() == NOW
    recording.record(now=NOW + timedelta(minutes=20))
    assert since() == NOW + timedelta(minutes=20)


def test_a_system_keeps_its_number_over_a_gap() -> None:
    def number() -> int:
        return parts_from_json(MinuteReading.objects.latest("at").parts)["system:b.example"].number

    factories.pharmacy(endpoint="https://b.example/r4")
    recording.record(now=NOW)
    assert number() == 1
    for _ in range(2):  # behind which there are more pharmacies
        factories.pharmacy(endpoint="https://a.example/r4")
    recording.record(now=NOW + timedelta(hours=1))
    assert number() == 1


def test_another_scheduler_is_not_counted_twice() -> None:
    minute = NOW.replace(second=0)
    assert recording._store(minute, {})
    assert not recording._store(minute, {})


def test_a_minute_belongs_to_the_day_in_london() -> None:
    recording.record(now=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert [day.on for day in DayOfReadings.objects.all()] == [date(2026, 7, 2)]


def test_after_a_month_it_is_forgotten() -> None:
    recording.record(now=NOW - timedelta(days=33))
    recording.record(now=NOW - timedelta(days=30))
    recording.record(now=NOW)
    assert MinuteReading.objects.count() == 2
    assert DayOfReadings.objects.count() == 2


def test_a_reading_costs_the_same_whatever_there_is() -> None:
    counted = []
    for minutes in range(3):
        with CaptureQueriesContext(connection) as queries:
            recording.record(now=NOW + timedelta(minutes=minutes))
        counted.append(len(queries))
        for number in range(3):
            factories.sent(to=factories.pharmacy(endpoint=f"https://{minutes}{number}.example"))
            factories.unsent_mail("a@b.example")
    first, second, third = counted
    assert second == third < first  # which has begun the day


def test_the_application_changes_no_reading() -> None:
    assert evidence.refused("UPDATE support_minutereading SET parts = ''")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM support_minutereading")
