"""Answers that stop a referral: they are recorded whatever else has become of it, and only once."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models.people import Membership
from referrals import actions, drafts, stops
from referrals.details import Details
from referrals.drafts import BaseVersion
from referrals.models.referrals import Referral, StaleError, TimelineEntry
from referrals.states import State
from tests import factories
from tests.factories import acting

pytestmark = pytest.mark.django_db
NOW = timezone.now()
CHEST_PAIN = {"q_emergency": "some", "q_emergency_chest_pain": "yes"}
COLLAPSED = {"q_emergency": "unsure"}
HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def by() -> Membership:
    return factories.member()


def record(referral_id: uuid.UUID, by: Membership, *, version: int = 1, **changes: Any) -> Referral:
    """Stop it, on a page that was opened on a version of it."""
    found = stops.record(
        referral_id,
        Details(**{"answers": CHEST_PAIN} | changes),
        base=BaseVersion(version, HERE),
        is_complete=False,
        actor=acting(by, now=NOW),
    )
    return Referral.objects.get(pk=found)


def test_the_draft_itself_is_stopped(by: Membership) -> None:
    draft = factories.draft(by=by)
    stopped = record(draft.pk, by)
    assert (stopped.pk, stopped.state) == (draft.pk, State.STOPPED)
    assert (stopped.details.answers, stopped.begun_as) == (CHEST_PAIN, draft.pk)
    assert TimelineEntry.objects.get().referral == stopped


def changed_elsewhere(draft: Referral, by: Membership) -> None:
    base, saltby = BaseVersion(1, THERE), factories.details(town="Saltby")
    drafts.save(draft.pk, saltby, base=base, actor=acting(by, now=NOW))


def sent_elsewhere(draft: Referral, by: Membership) -> None:
    actions.send(draft, draft.details, known=(), actor=acting(by, now=NOW))


def stopped_elsewhere(draft: Referral, by: Membership) -> None:
    record(draft.pk, by, answers=COLLAPSED)


def deleted_elsewhere(draft: Referral, by: Membership) -> None:
    drafts.discard(draft, by=by)


def handed_over(draft: Referral, by: Membership) -> None:
    draft.author = factories.member(at=by.practice).user
    draft.save()


def saved_later_by_the_same_page(draft: Referral, by: Membership) -> None:
    base, saltby = BaseVersion(1, HERE, 5), factories.details(town="Saltby")
    drafts.save(draft.pk, saltby, base=base, actor=acting(by, now=NOW))


@pytest.mark.parametrize(
    ("meanwhile", "state"),
    [
        (changed_elsewhere, State.DRAFT),
        (sent_elsewhere, State.SENDING),
        (stopped_elsewhere, State.STOPPED),
        (deleted_elsewhere, None),
        (handed_over, State.DRAFT),
        (saved_later_by_the_same_page, State.DRAFT),
    ],
)
def test_where_the_draft_cannot_be_written_the_answers_stand_by_themselves(
    by: Membership, meanwhile: Any, state: State | None
) -> None:
    draft = factories.draft(by=by)
    meanwhile(draft, by)
    before = {each.pk: (each.state, each.details) for each in Referral.objects.all()}
    for _ in range(2):  # pressed twice
        stopped = record(draft.pk, by)
    assert stopped.pk != draft.pk
    assert (stopped.state, stopped.author) == (State.STOPPED, by.user)
    assert (stopped.details.answers, stopped.begun_as) == (CHEST_PAIN, draft.pk)
    others = Referral.objects.exclude(pk=stopped.pk)
    assert {each.pk: (each.state, each.details) for each in others} == before
    assert getattr(others.filter(pk=draft.pk).first(), "state", None) == state


def test_each_other_answer_of_one_page_is_recorded_and_the_same_one_once(by: Membership) -> None:
    draft = factories.draft(by=by)
    found = {
        record(draft.pk, by, answers=answers).pk
        for answers in (CHEST_PAIN, COLLAPSED, CHEST_PAIN, COLLAPSED)
    }
    found |= {record(draft.pk, by, town=town).pk for town in ("Saltby", "Saltby")}
    assert len(found) == Referral.objects.count() == 3
    assert {each.begun_as for each in Referral.objects.all()} == {draft.pk}


def test_another_window_sends_it_before_that_or_not_at_all(by: Membership) -> None:
    """One transaction locks the row, reads and writes it, and stops it."""
    draft = factories.draft(by=by)
    read_before = Referral.objects.get(pk=draft.pk)
    with CaptureQueriesContext(connection) as queries:
        record(draft.pk, by)
    said = [each["sql"] for each in queries]
    lock = next(at for at, sql in enumerate(said) if "FOR NO KEY UPDATE" in sql)
    move = next(at for at, sql in enumerate(said) if "WITH moved" in sql)
    name = said[0].removeprefix("SAVEPOINT ")
    assert 0 < lock < move < said.index(f"RELEASE SAVEPOINT {name}")
    with pytest.raises(StaleError):
        actions.send(read_before, read_before.details, known=(), actor=acting(by, now=NOW))


def test_a_practice_that_has_closed_may_still_record_one(by: Membership) -> None:
    assert by.practice
    by.practice.closed_on = timezone.localdate(NOW)
    by.practice.save()
    assert record(uuid.uuid4(), by, version=0).state == State.STOPPED


@pytest.mark.parametrize(
    "typed",
    [
        {"nhs_number": "", "birth_month": "March"},
        {"nhs_number": "", "birth_day": "15/3/1984", "birth_month": "", "birth_year": ""},
        {"nhs_number": "999 000 0018", "family_name": ""},
        {"given_name": "", "sex": "", "postcode": "??"},
        {"nhs_number": ""},
        {"family_name": ""},
        {"birth_year": ""},
        {"birth_year": "", "family_name": ""},
    ],
)
def test_it_is_found_by_as_much_of_the_patient_as_is_known(
    by: Membership, typed: dict[str, str]
) -> None:
    details = factories.details(answers=CHEST_PAIN, **typed)
    names = ("nhs_number", "given_name", "family_name", "birth_day", "birth_month", "birth_year")
    written = {name: getattr(details, name) for name in (*names, "sex", "postcode")}
    stopped = record(uuid.uuid4(), by, version=0, **written)
    draft = factories.draft(by=by)
    found = draft.earlier(draft.details, now=NOW)
    assert [each.id for each in found.lately] == [stopped.pk]
    assert (found.stopped, found.differs) == ([], None)


@pytest.mark.parametrize("typed", [{}, {"birth_year": "1984"}, {"family_name": "Ashworth"}])
def test_who_is_not_known_is_nobody(by: Membership, typed: dict[str, str]) -> None:
    stopped = record(uuid.uuid4(), by, version=0, nhs_number="999 000 0081", **typed)
    assert (stopped.nhs_number_hash, stopped.person_hash) == (None, None)


def test_what_can_be_read_is_stored_as_in_any_referral_and_the_rest_as_typed(
    by: Membership,
) -> None:
    stopped = record(
        uuid.uuid4(),
        by,
        version=0,
        nhs_number="150 384 1235",
        birth_day="1st",
        birth_month="Sept",
        birth_year="1984",
        phone="07700 900982",
        postcode="not known",
    )
    assert stopped.details == Details(
        other_number="150 384 1235",
        birth_day="1",
        birth_month="9",
        birth_year="1984",
        phone="+447700900982",
        postcode="not known",
        answers=CHEST_PAIN,
    )


def test_copies_of_copies_know_every_stop(by: Membership) -> None:
    first = record(uuid.uuid4(), by, version=0)
    found = [first]
    for complaint in ("Cough", "Fever"):
        copy = stops.start_again(found[-1], acting(by, now=NOW))
        found.append(record(copy, by, complaint=complaint))
    last = Referral.objects.get(pk=stops.start_again(found[-1], acting(by, now=NOW)))
    told = last.earlier(factories.details(), now=NOW)
    assert {each.id for each in told.stopped} == {each.pk for each in found}
    assert told.lately == []
    assert not factories.draft(by=by).earlier(factories.details(), now=NOW).all
