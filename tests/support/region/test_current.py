"""What pages know of the region: the newest version, soon, and the last one without a database."""

import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from support import database
from support.database import AwayError
from support.models.regional_content import RegionalContent
from support.region import content, current
from support.region.content import Region, SupportContact
from tests import evidence, regional_content
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _read_anew() -> Any:
    current.read_again()
    yield
    regional_content.show()


def save(name: str) -> None:
    region = Region(service_desk=SupportContact(name=name, phone="01632 960 400"))
    RegionalContent.objects.create(content=content.to_json(region), saved_at=timezone.now())


def test_there_may_be_none() -> None:
    assert current.current() == content.NOTHING


def test_the_last_version_counts_once_it_is_time_to_ask(django_assert_num_queries: Any) -> None:
    save("The first")
    assert current.current().service_desk.name == "The first"
    save("The second")
    with django_assert_num_queries(0):
        assert current.current().service_desk.name == "The first"
    current.read_again()
    with django_assert_num_queries(1):
        assert current.current().service_desk.name == "The second"
        assert current.current().service_desk.name == "The second"


def test_it_stands_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    save("The first")
    current.current()
    asked = []

    def fail() -> None:
        asked.append(1)
        raise OperationalError("with words that are not for the log")

    monkeypatch.setattr(current, "_newest", fail)
    current.read_again()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert current.current().service_desk.name == "The first"
    assert len(asked) == 1  # a page that waits for it is enough
    assert caplog.messages == ["regional content cannot be read: OperationalError"]


def test_nobody_is_forgotten_because_a_new_process_got_no_answer_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = SupportContact(email="desk@region.example")
    text = content.to_json(Region(service_desk=desk))
    RegionalContent.objects.create(content=text, saved_at=timezone.now())

    def late(_: object) -> None:
        raise AwayError

    monkeypatch.setattr(current, "_last_read", current._LastRead())
    monkeypatch.setattr(database, "ask", late)
    assert current.current() == content.NOTHING
    assert current.service_desk_email() == desk.email


def test_one_that_a_newer_release_has_saved_breaks_no_page(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    save("The first")
    current.current()
    RegionalContent.objects.create(content='{"new": 1}', saved_at=timezone.now())
    for _ in range(3):
        current.read_again()
        assert "The first" in text_of(client.get("/help/"))
    [said] = [each for each in caplog.messages if "cannot be read" in each]
    assert "unknown field `new`" in said
    save("The third")
    current.read_again()
    assert current.current().service_desk.name == "The third"


@pytest.mark.parametrize("done", ["UPDATE {} SET summary = ''", "DELETE FROM {}"])
def test_the_application_changes_no_version(done: str) -> None:
    assert evidence.refused(done.format("support_regionalcontent"))
