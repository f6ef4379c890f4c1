"""What a process knows of the last reading: soon, and also without a database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from referrals import clock
from support import database
from support.models.readings import DayOfReadings, MinuteReading
from support.status import reading
from support.status.parts import (
    EMAIL,
    WEBSITE,
    PartReading,
    Parts,
    PartState,
    counted,
    to_json,
)
from support.status.reading import LastReading
from tests import status_readings
from tests.clinical_content import FIRST

NOW = datetime(2026, 11, 30, 9, 41, tzinfo=UTC)
WELL: Parts = {
    name: PartReading(state=PartState.WORKING, since=NOW - timedelta(hours=1))
    for name in (WEBSITE, EMAIL)
}


@pytest.fixture
def _read_anew() -> Iterator[None]:
    reading.read_again()
    yield
    status_readings.show()


def states(last: LastReading, now: datetime) -> list[PartState]:
    parts = last.parts_at(now)
    return [parts[WEBSITE].state, parts[EMAIL].state]


def test_a_fresh_one_says_what_works() -> None:
    assert states(LastReading(at=NOW, parts=WELL), NOW + timedelta(minutes=2)) == [
        *(PartState.WORKING, PartState.WORKING)
    ]


def test_an_old_one_says_nothing_of_now() -> None:
    last = LastReading(at=NOW, parts=WELL)
    assert states(last, NOW + timedelta(minutes=3)) == [PartState.NOT_KNOWN, PartState.NOT_KNOWN]


def test_without_a_database_the_website_does_not_work_and_nothing_else_is_known() -> None:
    since = NOW + timedelta(minutes=1)
    last = LastReading(at=NOW, parts=WELL, database_answers=False, away_since=since)
    assert states(last, NOW) == [PartState.NOT_WORKING, PartState.NOT_KNOWN]
    assert last.parts_at(NOW)[WEBSITE].since == since
    assert last.has_trouble(NOW)
    nothing = LastReading(database_answers=False)
    assert nothing.parts_at(NOW)[WEBSITE].state is PartState.NOT_WORKING


@pytest.mark.django_db
@pytest.mark.usefixtures("_read_anew")
def test_the_last_one_is_read_and_not_by_each_page(django_assert_num_queries: Any) -> None:
    now = clock.now()
    for minutes, state in ((1, PartState.SLOW), (0, PartState.WORKING)):
        parts = {EMAIL: PartReading(state=state, since=now)}
        MinuteReading.objects.create(at=now - timedelta(minutes=minutes), parts=to_json(parts))
    on = timezone.localdate(now)
    DayOfReadings.objects.create(on=on, minutes=to_json(counted({}, parts)))
    DayOfReadings.objects.create(on=on - timedelta(days=30), minutes="{}")
    found = reading.last()
    assert (found.at, found.parts) == (now, parts)
    assert found.pack
    assert found.pack.version == FIRST.version
    assert list(found.days) == [on]
    with django_assert_num_queries(0):
        assert reading.last() is found
    reading.read_again()
    with django_assert_num_queries(4):  # the time, a reading, the days, clinical content
        reading.last()


@pytest.mark.django_db
@pytest.mark.usefixtures("_read_anew")
def test_it_stands_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {EMAIL: PartReading(state=PartState.WORKING, since=clock.now())}
    MinuteReading.objects.create(at=clock.now(), parts=to_json(parts))
    before = reading.last()
    assert before.database_answers

    def away(_: object) -> None:
        raise database.AwayError

    with monkeypatch.context() as patch:
        patch.setattr(database, "ask", away)
        reading.read_again()
        without = reading.last()
        assert (without.database_answers, without.parts) == (False, parts)
        assert without.pack is before.pack is not None
        assert without.away_since
        reading.read_again()
        assert reading.last().away_since == without.away_since
    reading.read_again()
    assert reading.last() == before


@pytest.mark.django_db
@pytest.mark.usefixtures("_read_anew")
def test_one_that_a_newer_release_has_written_breaks_no_page(client: Client) -> None:
    now = clock.now()
    parts = {EMAIL: PartReading(state=PartState.WORKING, since=now)}
    MinuteReading.objects.create(at=now - timedelta(minutes=1), parts=to_json(parts))
    before = reading.last()
    MinuteReading.objects.create(at=now, parts='{"email": {"state": "new", "since": 1}}')
    reading.read_again()
    assert client.get("/status/").status_code == 200
    assert reading.last() is before
