"""Which pack is in force on a day, and what the database lets nobody do to one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from accounts.models.people import Membership
from accounts.roles import Role
from referrals import content_packs
from referrals.clinical.packs import Pack
from referrals.models.content_packs import ContentPack
from tests import evidence, factories
from tests.clinical_content import FIRST
from tests.evidence import refused
from tests.factories import acting

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
A_DAY = timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def operators() -> tuple[Membership, Membership]:
    return factories.member(role=Role.OPERATOR), factories.member(role=Role.OPERATOR)


def version(name: str, *, starts_on: date = TODAY, ends_on: date = TODAY, **changes: Any) -> Pack:
    changes |= {"version": name, "starts_on": starts_on, "ends_on": ends_on}
    return msgspec.structs.replace(FIRST, **changes)


@pytest.fixture
def live(operators: tuple[Membership, Membership]) -> Callable[..., ContentPack]:
    """Loads a pack and makes it live."""
    loader, confirmer = operators

    def make(name: str, *, now: Any = NOW, **changes: Any) -> ContentPack:
        row = content_packs.load(version(name, **changes), loader.user, acting(now=now))
        return content_packs.confirm(row.pk, acting(confirmer, now=now))

    return make


def in_force(day: date) -> str:
    found = ContentPack.in_force(day)
    return found.version if found else ""


def test_the_latest_first_day_is_in_force_and_then_the_latest_confirmed(
    live: Callable[..., ContentPack],
) -> None:
    long_ago, far = TODAY - 10 * A_DAY, TODAY + 10 * A_DAY
    live("c", starts_on=long_ago, ends_on=far)
    live("a", starts_on=TODAY, ends_on=TODAY + A_DAY, now=NOW + timedelta(seconds=1))
    live("b", starts_on=TODAY, ends_on=TODAY, now=NOW + timedelta(seconds=2))
    assert in_force(TODAY - A_DAY) == "c"
    assert in_force(TODAY) == "b"
    assert in_force(TODAY + A_DAY) == "a"
    assert in_force(TODAY + 2 * A_DAY) == "c"


def test_one_that_waits_is_in_force_on_no_day(operators: tuple[Membership, Membership]) -> None:
    before = in_force(TODAY)
    content_packs.load(version("waits"), operators[0].user, acting(now=NOW))
    assert in_force(TODAY) == before
    assert ContentPack.of_version("waits") is None


def test_a_pack_is_found_by_its_version_once_it_has_ended(
    live: Callable[..., ContentPack], django_assert_num_queries: Any
) -> None:
    row = live("ended", starts_on=TODAY, ends_on=TODAY)
    assert row.pack.version == "ended"
    assert in_force(TODAY + 4000 * A_DAY * 20) == ""
    with django_assert_num_queries(1):  # and no content: it was read before
        assert ContentPack.of_version("ended") == row.pack
    assert ContentPack.of_version("never was") is None


def test_what_is_in_force_takes_one_query_once_it_was_read(
    live: Callable[..., ContentPack], django_assert_num_queries: Any
) -> None:
    live("here", starts_on=TODAY, ends_on=TODAY)
    assert in_force(TODAY) == "here"
    with django_assert_num_queries(1):
        assert in_force(TODAY) == "here"


@pytest.mark.parametrize("column", ["version", "content", "sha256", "starts_on", "ends_on"])
def test_what_a_pack_says_never_changes(column: str, live: Callable[..., ContentPack]) -> None:
    live("live")
    assert refused(f"UPDATE referrals_contentpack SET {column} = {column}")  # noqa: S608


def test_one_that_was_confirmed_stays_so(live: Callable[..., ContentPack]) -> None:
    live("live")
    for what in ("confirmed_at = now()", "confirmed_at = NULL", "confirmed_by_id = NULL"):
        assert refused(f"UPDATE referrals_contentpack SET {what} WHERE version = 'live'")  # noqa: S608
    assert refused("DELETE FROM referrals_contentpack WHERE version = 'live'")
    assert refused("TRUNCATE referrals_contentpack")


def test_nobody_confirms_alone_not_even_in_the_database(
    operators: tuple[Membership, Membership],
) -> None:
    loader, _ = operators
    row = content_packs.load(version("waits"), loader.user, acting(now=NOW))
    where = f"WHERE id = {row.pk}"
    confirmed = f"confirmed_at = now(), confirmed_by_id = {loader.user_id}"
    assert refused(f"UPDATE referrals_contentpack SET {confirmed} {where}")  # noqa: S608
    assert refused(f"UPDATE referrals_contentpack SET confirmed_at = now() {where}")  # noqa: S608


def test_none_is_added_that_is_live_already_or_is_nobody_s() -> None:
    user = factories.active_person(role=Role.OPERATOR)
    row = "'{}', '{{}}', 'x', '2026-01-01', '2026-01-01', now(), now()"
    columns = "version, content, sha256, starts_on, ends_on, loaded_at"
    added = f"INSERT INTO referrals_contentpack ({columns}"
    assert refused(f"{added}, confirmed_at, loaded_by_id) VALUES ({row.format(1)}, {user.pk})")
    assert refused(f"{added}) VALUES ({row.format(2).removesuffix(', now()')})")


def test_the_moments_are_the_database_s() -> None:
    row = {"version": "x", "content": "{}", "sha256": "", "starts_on": TODAY, "ends_on": TODAY}
    row |= {"loaded_by_id": 1, "loaded_at": LONG_AGO}
    with evidence.application_with_triggers("referrals_contentpack") as database:
        loaded_at = evidence.insert(database, "referrals_contentpack", row, "loaded_at")
        assert loaded_at != LONG_AGO
        confirmed = database.execute(
            "UPDATE referrals_contentpack SET confirmed_by_id = 2, confirmed_at = %s"
            " WHERE version = 'x' RETURNING confirmed_at >= loaded_at",
            [LONG_AGO],
        )
        assert confirmed.fetchone() == (True,)
