"""Referrals: what is sealed opens only where it belongs, and what is sent is whole."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from referrals.models.referrals import Referral, hash_of_nhs_number, hash_of_person
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_patient_is_found_only_with_the_key() -> None:
    """Otherwise every NHS number could be tried by anyone who reads the database."""
    details = factories.details()
    found = hash_of_nhs_number(details.nhs_number), hash_of_person(details)
    with override_settings(LOOKUP_KEY="another"):
        assert hash_of_nhs_number(details.nhs_number) != found[0]
        assert hash_of_person(details) != found[1]


def test_what_is_written_in_one_does_not_open_in_another() -> None:
    by = factories.member()
    one, another = factories.draft(by=by), factories.draft(by=by, town="Saltby")
    Referral.objects.filter(pk=one.pk).update(sealed_details=another.sealed_details)
    with pytest.raises(Exception, match="does not open"):
        _ = Referral.objects.get(pk=one.pk).details


@pytest.mark.parametrize("lacks", ["sent_at", "pharmacy", "sent_by"])
def test_what_is_sent_says_when_where_to_and_by_whom(lacks: str) -> None:
    factories.sent()
    with pytest.raises(IntegrityError, match="what_is_sent_is_complete"), transaction.atomic():
        Referral.objects.update(**{lacks: None})


def test_earlier_ones_for_the_same_patient_are_told_the_latest_first() -> None:
    by, now = factories.member(), timezone.now()
    sent = {
        hours: factories.sent(by=by, at=now - timedelta(hours=hours)) for hours in (3, 1, 2, 25)
    }
    found = factories.draft(by=by).earlier(factories.details(), now=now)
    assert [each.id for each in found.lately] == [sent[1].pk, sent[2].pk, sent[3].pk]
    assert found.differs is None
    others = sent[1].earlier(factories.details(), now=now)
    assert [each.id for each in others.lately] == [sent[2].pk, sent[3].pk]


@pytest.mark.parametrize("days", [0.5, 3, 900])
def test_the_latest_with_the_number_for_another_name_is_told_once_with_whatever_date(
    days: float,
) -> None:
    by, now = factories.member(), timezone.now()
    for more, name in ((2, "Ashworth"), (1, "Oldham"), (0, "Umber")):
        factories.sent(by=by, at=now - timedelta(days=days + more), family_name=name)
    draft = factories.draft(by=by)
    with CaptureQueriesContext(connection) as queries:
        found = draft.earlier(draft.details, now=now)
    assert len(queries) == 1
    assert found.differs
    assert found.differs.details.family_name == "Umber"
    assert found.lately == []
    assert found.all == [found.differs]


def test_the_latest_with_the_number_is_one_that_was_complete() -> None:
    by, now = factories.member(), timezone.now()
    factories.sent(by=by, at=now - timedelta(days=9), family_name="Umber")
    stopped = factories.stopped(by=by, nhs_number="9990000018", family_name="Oldham")
    draft = factories.draft(by=by)
    with CaptureQueriesContext(connection) as queries:
        found = draft.earlier(draft.details, now=timezone.now())
    assert len(queries) == 1
    assert found.differs
    assert found.differs.details.family_name == "Umber"
    assert [each.id for each in found.lately] == [stopped.pk]


@pytest.mark.parametrize("is_sent", [False, True])
def test_whom_a_row_is_visible_to_is_what_the_database_says(is_sent: bool) -> None:
    by = factories.member()
    people = [by, factories.member(at=by.practice), factories.member()]
    referral = factories.sent(by=by) if is_sent else factories.draft(by=by)
    for each in people:
        found = Referral.objects.visible_to(user=each.user_id, practice=each.practice_id or 0)
        assert (
            referral.is_visible_to(each)
            == found.exists()
            == (Referral.find(referral.pk, person=each) is not None)
        )
    assert [referral.is_visible_to(each) for each in people] == [True, is_sent, False]
