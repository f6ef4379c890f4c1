"""The status page: open to everyone, in words, and of nobody's referrals."""

from datetime import timedelta
from typing import Any

import html5lib
import pytest
from django.test import Client
from django.utils import timezone

from accounts.wording import clock_time
from support.region.content import Notice, NoticeKind, PharmacySystem, Region
from support.status.parts import EMAIL, SENDING, WEBSITE, PartReading, PartState, counted
from support.status.reading import LastReading
from tests import regional_content, status_readings
from tests.pages import text_of

HOST = "api.systems.example:8443"
NOW = timezone.now()
PARTS = {
    WEBSITE: PartReading(state=PartState.WORKING, since=NOW),
    SENDING: PartReading(state=PartState.SLOW, since=NOW - timedelta(minutes=4)),
    EMAIL: PartReading(state=PartState.NOT_KNOWN, since=NOW),
    f"system:{HOST}": PartReading(state=PartState.NOT_WORKING, since=NOW, number=2),
    "system:b.example": PartReading(state=PartState.WORKING, since=NOW, number=1),
}


def reading(**changes: Any) -> LastReading:
    usual: dict[str, Any] = {"at": timezone.now(), "parts": PARTS}
    return LastReading(**usual | changes)


def words(client: Client, last: LastReading, address: str = "/status/") -> str:
    with status_readings.shown(last):
        page = text_of(client.get(address))
    (body,) = html5lib.parse(page, namespaceHTMLElements=False).iter("body")
    return " ".join("".join(body.itertext()).split())


def test_each_part_says_what_it_does_since_when_and_what_to_do(client: Client) -> None:
    page = words(client, reading())
    assert "Something is not working." in page
    assert f"The website Working Since {clock_time(NOW)} Pages open as usual." in page
    assert "Sending referrals Slow" in page
    assert (
        "Referrals sent now arrive later. PharmRefer keeps trying by itself: you need not send "
        "again." in page
    )
    assert "Email Not known" in page
    first, second = (
        page.index("Pharmacy system 1 Working"),
        page.index("Pharmacy system 2 Not work"),
    )
    assert first < second


@pytest.mark.parametrize("host", [HOST, "API.systems.example"])
def test_a_pharmacy_system_has_the_name_that_the_operator_gives_it(
    client: Client, host: str
) -> None:
    assert "systems.example" not in words(client, reading())
    with regional_content.shown(
        Region(pharmacy_systems=(PharmacySystem(host=host, name="PharmaWorks"),))
    ):
        page = words(client, reading())
    assert "PharmaWorks Not working" in page
    assert "systems.example" not in page
    assert "Pharmacy system 2" not in page


def test_the_operators_notices_are_shown_in_their_time(client: Client) -> None:
    hour = timedelta(hours=1)
    notices = (
        Notice(
            kind=NoticeKind.PLANNED_WORK,
            title="Work on <Sunday>",
            text="From 8am.\n\nTo 9am.",
            starts_at=NOW - hour,
            ends_at=NOW + hour,
        ),
        Notice(kind=NoticeKind.PROBLEM, title="Slow today", starts_at=NOW - hour),
        Notice(
            kind=NoticeKind.PROBLEM, title="Yesterday", starts_at=NOW - hour, ends_at=NOW - hour
        ),
    )
    with regional_content.shown(Region(notices=notices)):
        page = words(client, reading())
    assert "Planned work: Work on <Sunday> From 8am. To 9am. Until" in page
    assert page.index("Problem: Slow today") < page.index("Something is not working.")
    assert "Yesterday" not in page


def test_each_day_is_said_in_words(client: Client) -> None:
    today = timezone.localdate()
    minutes = counted(counted({}, PARTS), PARTS)
    days = {today: {}, today - timedelta(days=1): minutes}
    page = words(client, reading(days=days))
    on = f"{today - timedelta(days=1):%-d %B}"
    assert f"{on}: trouble for 2 minutes, no reading for 1438 minutes" in page
    assert f"Trouble on {on} (2 minutes). No readings on 29 days." in page
    assert f"{on}: no trouble" in page  # of the website


def test_a_day_of_which_nothing_was_known_is_not_a_day_without_trouble(client: Client) -> None:
    today = timezone.localdate()
    unknown = counted({}, PARTS)
    partly = counted(unknown, PARTS | {EMAIL: PartReading(state=PartState.WORKING, since=NOW)})
    yesterday, before = today - timedelta(days=1), today - timedelta(days=2)
    page = words(client, reading(days={yesterday: partly, before: unknown}))
    of_email = page[page.rindex("Email") :]
    assert f"{before:%-d %B}: not known" in of_email
    assert f"{yesterday:%-d %B}: no trouble, not known for 1 minute, no reading" in of_email
    assert "No trouble. Not known on 1 day. No readings on 28 days." in of_email


def test_there_may_be_none(client: Client) -> None:
    page = words(client, LastReading())
    assert "PharmRefer cannot tell what works at the moment. There is no reading yet." in page
    assert "The last 30 days" not in page


def test_an_old_reading_is_no_news(client: Client) -> None:
    page = words(client, reading(at=timezone.now() - timedelta(minutes=4)))
    assert "PharmRefer cannot tell what works at the moment." in page
    assert "There has been no new reading, so PharmRefer cannot tell. At the last" in page
    assert "At the last reading: not working." in page


def test_without_a_database_it_says_so_and_what_was_last_known(client: Client) -> None:
    at = timezone.now() - timedelta(minutes=9)
    page = words(client, reading(at=at, database_answers=False, away_since=timezone.now()))
    assert "PharmRefer cannot reach its database. You may not be able to log in" in page
    assert f"Last reading: {clock_time(at)} on" in page
    assert "The website Not working" in page
    assert "PharmRefer cannot tell without its database. At the last reading: working." in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/status/", "/status/paper-form/"])
def test_it_asks_the_database_nothing(
    client: Client, django_assert_num_queries: Any, address: str
) -> None:
    with status_readings.shown(reading()), django_assert_num_queries(0):
        assert client.get(address).status_code == 200


def test_every_page_says_where_it_is_and_whether_there_is_a_problem(client: Client) -> None:
    well = {name: PartReading(state=PartState.WORKING, since=NOW) for name in PARTS}
    assert "Status (opens in a new tab)" in words(client, reading(parts=well), "/log-in/")
    assert "Status: there is a problem (opens" in words(client, reading(), "/log-in/")
    assert "(opens in a new tab)" not in words(client, reading(), "/help/")
