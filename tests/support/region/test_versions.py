"""Versions: only added, by one at a time, and a change that was not seen is not overwritten."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from msgspec import structs

from accounts.errors import Gone
from accounts.models.audit import AuditEvent, Event
from accounts.models.people import Membership
from accounts.roles import Role
from support.models.regional_content import RegionalContent
from support.region import content, current, versions
from support.region.content import NOTHING, Region, SupportContact
from support.region.sections import RegionSection
from support.region.versions import RegionChanged
from tests import evidence, factories, regional_content
from tests.factories import acting
from tests.support.region.conftest import Save
from tests.support.region.samples import DESK, FULL

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OTHER_PHONE = Region(service_desk=structs.replace(DESK, phone="01632 960 499"))


def change(section: RegionSection, wanted: Region, base: int, by: Membership) -> bool:
    return versions.change(section, wanted, base, acting(by, now=NOW))


def test_a_change_is_a_version_of_its_own_and_audited(save: Save, operator: Membership) -> None:
    base = save(FULL)
    assert change(RegionSection.SERVICE_DESK, OTHER_PHONE, base, operator)
    newest = versions.newest()
    assert newest
    assert versions.region_of(newest) == structs.replace(
        FULL, service_desk=OTHER_PHONE.service_desk
    )
    assert (newest.saved_by, newest.saved_at, newest.summary) == (
        *(operator.user, NOW),
        "Service desk",
    )
    noted = AuditEvent.objects.filter(event=Event.REGION_CHANGED).latest("pk")
    assert (noted.by, noted.reason) == (operator.user, f"version {newest.pk}: Service desk")
    assert RegionalContent.objects.count() == 2


def test_what_changes_nothing_is_no_version(save: Save, operator: Membership) -> None:
    base = save(FULL)
    assert not change(RegionSection.SERVICE_DESK, FULL, base, operator)
    assert RegionalContent.objects.count() == 1


def test_the_first_version_has_nothing_before_it(operator: Membership) -> None:
    assert change(RegionSection.SERVICE_DESK, FULL, 0, operator)
    newest = versions.newest()
    assert newest
    assert versions.region_of(newest) == Region(service_desk=DESK)
    assert versions.before(newest) == NOTHING


class TestMeanwhile:
    """Another operator saves between reading and saving."""

    @pytest.fixture
    def other(self) -> Membership:
        return factories.member(role=Role.OPERATOR)

    def test_of_the_same_section_the_second_is_told_by_whom(
        self, save: Save, operator: Membership, other: Membership
    ) -> None:
        base = save(FULL)
        change(RegionSection.SERVICE_DESK, OTHER_PHONE, base, other)
        change(RegionSection.ADMINISTRATOR, NOTHING, base, operator)  # not the one that counts
        with pytest.raises(RegionChanged) as refused:
            change(RegionSection.SERVICE_DESK, NOTHING, base, operator)
        assert refused.value.row.saved_by == other.user
        assert RegionalContent.objects.count() == 3

    def test_who_changed_it_is_found_without_reading_all_versions(
        self,
        save: Save,
        other: Membership,
        django_assert_num_queries: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for number in range(15):
            save(Region(administrator_helps_with=f"{number}"))
        change(RegionSection.SERVICE_DESK, FULL, save(NOTHING), other)
        read = []

        def noted(row: Any) -> Region:
            read.append(row)
            return content.from_json(row.content) if row else NOTHING

        monkeypatch.setattr(versions, "region_of", noted)
        with django_assert_num_queries(3), pytest.raises(RegionChanged) as refused:
            versions.check_unchanged(RegionSection.SERVICE_DESK, 0)
        assert refused.value.row.saved_by == other.user
        assert len(read) == 4  # nothing, the newest twice, and the one before

    def test_what_was_changed_and_changed_back_is_what_was_read(
        self, save: Save, operator: Membership
    ) -> None:
        base = save(FULL)
        save(OTHER_PHONE)
        save(FULL)
        assert change(RegionSection.SERVICE_DESK, OTHER_PHONE, base, operator)

    def test_of_another_section_both_stay(
        self, save: Save, operator: Membership, other: Membership
    ) -> None:
        base = save(FULL)
        change(RegionSection.SERVICE_DESK, OTHER_PHONE, base, other)
        assert change(RegionSection.ADMINISTRATOR, NOTHING, base, operator)
        region = versions.region_of(versions.newest())
        assert region.service_desk == OTHER_PHONE.service_desk
        assert region.administrator_helps_with == ""

    def test_the_first_two_are_told_of_each_other(
        self, operator: Membership, other: Membership
    ) -> None:
        change(RegionSection.SERVICE_DESK, FULL, 0, other)
        with pytest.raises(RegionChanged):
            change(RegionSection.SERVICE_DESK, OTHER_PHONE, 0, operator)

    def test_a_version_that_nobody_has_read_yet_is_not_gone_back_from(
        self, save: Save, operator: Membership, other: Membership
    ) -> None:
        first, base = save(FULL), save(OTHER_PHONE)
        change(RegionSection.ADMINISTRATOR, FULL, base, other)
        with pytest.raises(RegionChanged) as refused:
            versions.restore(first, base, acting(operator, now=NOW))
        assert refused.value.row.saved_by == other.user


def test_going_back_is_a_version_too(save: Save, operator: Membership) -> None:
    first, base = save(FULL), save(OTHER_PHONE)
    versions.restore(first, base, acting(operator, now=NOW))
    newest = versions.newest()
    assert newest
    assert newest.pk > base
    assert versions.region_of(newest) == FULL
    assert newest.summary == f"Back to version {first}"


@pytest.mark.usefixtures("desk")
def test_there_is_no_going_back_to_what_never_was(operator: Membership) -> None:
    with pytest.raises(Gone):
        versions.restore(999_999, 0, acting(operator, now=NOW))


@pytest.fixture
def someone_saves() -> Iterator[None]:
    """Another process is about to commit a version."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [versions.LOCK])
        yield
        other.rollback()


@pytest.mark.usefixtures("someone_saves")
def test_who_saves_waits_for_who_is_saving(operator: Membership) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
    with pytest.raises(OperationalError, match="lock timeout"):
        change(RegionSection.SERVICE_DESK, FULL, 0, operator)
    assert not RegionalContent.objects.exists()


def test_this_process_shows_a_change_at_once(
    operator: Membership, django_capture_on_commit_callbacks: object
) -> None:
    regional_content.show()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        change(RegionSection.SERVICE_DESK, FULL, 0, operator)
    assert current.current().service_desk == DESK
    assert current.service_desk_email() == DESK.email


def test_the_database_says_when_a_version_was_saved() -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    row = {"content": "{}", "saved_at": long_ago, "summary": "x"}
    with evidence.application_with_triggers("support_regionalcontent") as database:
        saved_at = evidence.insert(database, "support_regionalcontent", row, "saved_at")
    assert isinstance(saved_at, datetime)
    assert saved_at.year >= 2026


def test_reading_the_newest_costs_the_same_however_many_there_are(
    save: Save, django_assert_num_queries: object
) -> None:
    for name in ("a", "b", "c"):
        save(Region(service_desk=SupportContact(name=name, email="a@b.example")))
    with django_assert_num_queries(1):  # type: ignore[operator]
        newest = versions.newest()
        assert newest
        assert newest.saved_by
