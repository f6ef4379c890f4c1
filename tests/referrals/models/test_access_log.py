"""The access log: one row for what a member does, however often, and nobody takes it away."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from accounts.errors import Denied
from accounts.models.people import Membership
from accounts.origin import Origin
from referrals import drafts
from referrals.models.access_log import AccessAction, AccessLogEntry
from referrals.models.referrals import Referral
from tests import factories
from tests.factories import ORIGIN, acting

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MINUTE = timedelta(minutes=1)


@pytest.fixture
def by() -> Membership:
    return factories.member()


@pytest.fixture
def sent(by: Membership) -> Referral:
    return factories.sent(by=by)


def note(referral: Referral, by: Membership, **more: Any) -> None:
    usual: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
    AccessLogEntry.note(
        referral, more.pop("action", AccessAction.VIEWED), acting(by, **usual | more)
    )


def moments(action: AccessAction = AccessAction.VIEWED) -> list[Any]:
    return list(
        AccessLogEntry.objects.filter(action=action).order_by("at").values_list("at", flat=True)
    )


def test_it_says_who_did_what_when_and_from_where(sent: Referral, by: Membership) -> None:
    note(sent, by)
    entry = AccessLogEntry.objects.get(action=AccessAction.VIEWED)
    assert (entry.referral, entry.practice, entry.person) == (sent, by.practice, by.user)
    assert (entry.at, entry.address, entry.browser) == (NOW, "192.0.2.7", "Firefox, in tests")


def test_an_unknown_address_is_none(sent: Referral, by: Membership) -> None:
    note(sent, by, origin=Origin(None, ""))
    assert AccessLogEntry.objects.get(action=AccessAction.VIEWED).address is None


def test_again_within_five_minutes_is_the_same_look(sent: Referral, by: Membership) -> None:
    for minutes in (0, 1, 4, 5, 6, 10):
        note(sent, by, now=NOW + minutes * MINUTE)
    assert moments() == [NOW, NOW + 5 * MINUTE, NOW + 10 * MINUTE]


def test_a_clock_that_was_ahead_hides_nothing(sent: Referral, by: Membership) -> None:
    note(sent, by, now=NOW + 3 * MINUTE)
    note(sent, by)
    assert moments() == [NOW, NOW + 3 * MINUTE]


def test_another_person_another_action_and_another_referral_are_others(
    sent: Referral, by: Membership
) -> None:
    note(sent, by)
    note(sent, factories.member(at=by.practice))
    note(sent, by, action=AccessAction.PRINTED)
    note(factories.sent(by=by), by)
    assert len(moments()) == 3
    assert len(moments(AccessAction.PRINTED)) == 1


def test_what_is_written_in_a_draft_counts_once_an_hour(by: Membership) -> None:
    draft = factories.draft(by=by)
    begun = AccessLogEntry.objects.get().at
    for minutes, town in ((1, "North"), (59, "East"), (61, "South"), (62, "West")):
        now, written = begun + minutes * MINUTE, factories.details(town=town)
        drafts.save(draft.pk, written, actor=acting(by, now=now))
    assert moments(AccessAction.CHANGED) == [begun, begun + 61 * MINUTE]


def test_saving_the_same_again_and_saving_nothing_change_nothing(by: Membership) -> None:
    draft = factories.draft(by=by)
    later = AccessLogEntry.objects.get().at + 70 * MINUTE
    drafts.save(draft.pk, draft.details, actor=acting(by, now=later))
    assert len(moments(AccessAction.CHANGED)) == 1


def test_what_was_kept_too_late_is_noted_too(by: Membership) -> None:
    draft, there = factories.draft(by=by), Origin("192.0.2.9", "Edge")
    now = timezone.now() + 70 * MINUTE
    base = drafts.BaseVersion(1, draft.pk)
    written = factories.details(town="East")
    drafts.stash(draft.pk, written, base=base, actor=acting(by, now=now, origin=there))
    assert AccessLogEntry.objects.latest("pk").browser == "Edge"


def test_what_was_refused_was_not_changed(sent: Referral, by: Membership) -> None:
    before = AccessLogEntry.objects.count()
    with pytest.raises(Denied):
        drafts.save(
            sent.pk, factories.details(town="East"), actor=acting(by, now=NOW + 99 * MINUTE)
        )
    assert AccessLogEntry.objects.count() == before


def test_a_deleted_draft_leaves_who_wrote_it(by: Membership) -> None:
    draft = factories.draft(by=by)
    drafts.discard(draft, by=by)
    old = factories.draft(by=by)
    Referral.objects.update(saved_at=NOW - timedelta(days=8))
    drafts.forget_old(now=NOW)
    assert not Referral.objects.exists()
    assert {entry.referral_id for entry in AccessLogEntry.objects.all()} == {draft.pk, old.pk}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE referrals_accesslogentry SET at = at",
        "UPDATE referrals_accesslogentry SET person_id = person_id",
        "DELETE FROM referrals_accesslogentry",
        "TRUNCATE referrals_accesslogentry",
        "ALTER TABLE referrals_accesslogentry DISABLE TRIGGER ALL",
    ],
)
def test_the_application_can_neither_change_nor_delete_any(sent: Referral, statement: str) -> None:
    note(sent, factories.member(at=sent.practice))
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
