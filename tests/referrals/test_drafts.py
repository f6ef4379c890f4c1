"""Drafts: saved incomplete, by several windows, and none of them overwrites another's."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import Denied, Gone
from accounts.models.audit import AuditEvent, Event
from accounts.models.mail import Mail
from accounts.models.people import Membership, User
from accounts.roles import Role
from referrals import actions, drafts
from referrals.details import Details
from referrals.drafts import BaseVersion, DraftChangedError
from referrals.models import referrals
from referrals.models.access_log import AccessAction, AccessLogEntry
from referrals.models.referrals import Referral
from referrals.policy import ColleaguesError
from referrals.states import State
from tests import factories
from tests.factories import acting
from tests.mails import mailed

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def by() -> Membership:
    return factories.member()


def save(
    referral_id: uuid.UUID,
    by: Membership,
    base: BaseVersion | None,
    *,
    now: datetime | None = None,
    **words: Any,
) -> Referral:
    return drafts.save(
        referral_id,
        Details(**words),
        base=base,
        is_complete=False,
        actor=acting(by, now=now or timezone.now()),
    )


def written() -> list[str]:
    return sorted(each.details.town for each in Referral.objects.all())


class TestSaving:
    def test_it_says_when_by_which_window_and_whether_it_is_complete(self, by: Membership) -> None:
        now, one = timezone.now(), uuid.uuid4()
        save(one, by, BaseVersion(0, HERE, 3), now=now, town="West")
        kept = Referral.objects.get()
        assert (kept.is_complete, kept.saved_at, kept.saved_form_id, kept.saved_sequence) == (
            *(False, now),
            *(HERE, 3),
        )
        later = now + timedelta(minutes=1)
        save(one, by, BaseVersion(1, HERE, 4), now=later, town="East")
        kept = Referral.objects.get()
        assert (kept.saved_at, kept.saved_sequence, kept.version) == (later, 4, 2)

    def test_of_nothing_no_draft_is_made(self, by: Membership) -> None:
        assert save(uuid.uuid4(), by, BaseVersion(0, HERE)).version == 0
        assert not Referral.objects.exists()

    def test_everything_may_be_deleted_from_one_that_is_there(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West").pk
        assert save(one, by, BaseVersion(1, HERE)).version == 2
        assert written() == [""]

    def test_what_becomes_whole_without_a_change_keeps_its_version(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West").pk
        now = timezone.now()
        drafts.save(one, Details(town="West"), base=BaseVersion(1, HERE), actor=acting(by, now=now))
        kept = Referral.objects.get()
        assert (kept.is_complete, kept.version) == (True, 1)
        # And typing the same again does not make it incomplete.
        save(one, by, BaseVersion(1, HERE), town="West")
        assert Referral.objects.get().is_complete

    def test_what_is_changed_after_it_was_complete_is_incomplete(self, by: Membership) -> None:
        draft = factories.draft(by=by)
        save(draft.pk, by, BaseVersion(1, HERE), town="West")
        assert not Referral.objects.get().is_complete


class TestTwoWindows:
    def test_one_never_overwrites_what_the_other_has_saved(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West").pk
        save(one, by, BaseVersion(1, THERE), town="East")
        with pytest.raises(DraftChangedError) as raised:
            save(one, by, BaseVersion(1, HERE), town="North")
        assert (raised.value.version, raised.value.at) == (2, Referral.objects.get().saved_at)
        assert written() == ["East"]
        save(one, by, BaseVersion(2, HERE), town="North")  # knowingly
        assert written() == ["North"]

    def test_both_begin_the_same_one(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West").pk
        with pytest.raises(DraftChangedError):
            save(one, by, BaseVersion(0, THERE), town="East")

    def test_the_same_words_stand_in_nobodys_way(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West").pk
        assert save(one, by, BaseVersion(0, THERE), town="West").version == 1

    def test_an_answer_that_got_lost_does_not_stop_its_own_window(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE, 1), town="West").pk
        save(one, by, BaseVersion(0, HERE, 2), town="Westmere")
        assert written() == ["Westmere"]

    def test_what_was_sent_earlier_and_comes_later_changes_nothing(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE, 2), town="Westmere").pk
        assert save(one, by, BaseVersion(0, HERE, 1), town="West").version == 1
        assert written() == ["Westmere"]

    def test_one_that_was_deleted_is_not_made_again_unknowingly(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West")
        drafts.discard(one, by=by)
        with pytest.raises(DraftChangedError) as raised:
            save(one.pk, by, BaseVersion(1, HERE), town="East")
        assert (raised.value.version, raised.value.at) == (0, None)
        save(one.pk, by, BaseVersion(0, HERE), town="East")
        assert written() == ["East"]


class TestKeeping:
    def stash(
        self, referral_id: uuid.UUID, by: Membership, base: BaseVersion, town: str
    ) -> uuid.UUID:
        details = Details(town=town)
        return drafts.stash(referral_id, details, base=base, actor=acting(by, now=timezone.now()))

    def test_it_goes_into_the_draft(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West").pk
        assert self.stash(one, by, BaseVersion(1, HERE), "East") == one
        assert written() == ["East"]

    def test_another_windows_words_and_these_both_stay(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West").pk
        save(one, by, BaseVersion(1, THERE), town="East")
        copies = {
            self.stash(one, by, BaseVersion(1, HERE), town) for town in ("North", "Northmere")
        }
        assert len(copies) == 1  # however often the button is pressed
        assert one not in copies
        assert written() == ["East", "Northmere"]

    def test_not_even_the_copy_is_overwritten(self, by: Membership) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West").pk
        save(one, by, BaseVersion(1, THERE), town="East")
        copy = self.stash(one, by, BaseVersion(1, HERE), "North")
        save(copy, by, BaseVersion(1, THERE), town="South")
        self.stash(one, by, BaseVersion(1, HERE), "Northmere")
        assert written() == ["East", "Northmere", "South"]

    def test_what_was_sent_is_left_alone(self, by: Membership) -> None:
        sent = factories.sent(by=by)
        with pytest.raises(Denied):
            self.stash(sent.pk, by, BaseVersion(1, HERE), "North")


class TestDeleting:
    def test_its_author_deletes_a_draft_once_or_twice(self, by: Membership) -> None:
        draft = factories.draft(by=by)
        for _ in range(2):
            drafts.discard(draft, by=by)
        assert not Referral.objects.exists()

    def test_nobody_else_does_and_what_was_sent_stays(self, by: Membership) -> None:
        with pytest.raises(Denied):
            drafts.discard(factories.draft(), by=by)
        with pytest.raises(Denied):
            drafts.discard(factories.sent(by=by), by=by)
        assert Referral.objects.count() == 2

    def test_after_7_days_without_a_change_it_is_deleted(self, by: Membership) -> None:
        now = timezone.now()
        _old, new, sent = factories.draft(by=by), factories.draft(by=by), factories.sent(by=by)
        Referral.objects.update(saved_at=now - timedelta(days=7, seconds=1))
        Referral.objects.filter(pk=new.pk).update(saved_at=now - timedelta(days=6, hours=23))
        drafts.forget_old(now=now)
        assert {each.pk for each in Referral.objects.all()} == {new.pk, sent.pk}


class TestHandingOver:
    @pytest.fixture
    def boss(self, by: Membership) -> Membership:
        return factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=by.practice)

    @pytest.fixture
    def heir(self, by: Membership) -> Membership:
        return factories.member(at=by.practice)

    def hand_over(self, by: Membership, to: Membership, boss: Membership) -> int:
        last_day = timezone.localdate() + timedelta(days=9)
        Membership.objects.filter(pk=by.pk).update(ends_on=last_day)
        return drafts.hand_over(by.pk, to.pk, acting(boss, now=NOW))

    def test_only_a_leaver_s_are_handed_over(
        self, by: Membership, heir: Membership, boss: Membership
    ) -> None:
        factories.draft(by=by)
        with pytest.raises(Denied, match="still works here"):
            drafts.hand_over(by.pk, heir.pk, acting(boss, now=NOW))
        Membership.objects.filter(pk=by.pk).update(off_at=NOW)
        assert drafts.hand_over(by.pk, heir.pk, acting(boss, now=NOW)) == 1

    def test_who_was_given_a_draft_stands_among_who_looked(
        self, by: Membership, heir: Membership, boss: Membership
    ) -> None:
        draft = factories.draft(by=by)
        self.hand_over(by, heir, boss)
        given = AccessLogEntry.objects.get(action=AccessAction.GIVEN)
        assert (given.referral_id, given.person, given.practice) == (
            draft.pk,
            heir.user,
            by.practice,
        )

    def test_all_of_them_are_the_colleagues_and_kept_for_long_again(
        self, by: Membership, heir: Membership, boss: Membership
    ) -> None:
        whole = factories.draft(by=by)
        half = save(uuid.uuid4(), by, BaseVersion(0, HERE, 3), town="West")
        Referral.objects.update(saved_at=NOW - timedelta(days=6))
        assert self.hand_over(by, heir, boss) == 2
        for before in (whole, half):
            now = Referral.objects.get(pk=before.pk)
            assert (now.author, now.version, now.saved_at) == (heir.user, before.version + 1, NOW)
            assert now.details == before.details  # sealed for referral and practice
            assert Referral.find(now.pk, person=heir)
            assert Referral.find(now.pk, person=by) is None
        drafts.forget_old(now=NOW + timedelta(days=6, hours=23))
        assert Referral.objects.count() == 2

    def test_nothing_but_them_is(self, by: Membership, heir: Membership, boss: Membership) -> None:
        sent = factories.sent(by=by)
        own = factories.draft(by=factories.member(at=by.practice))
        there = Membership.objects.create(
            user=by.user, practice=factories.practice(), role=Role.STAFF
        )
        elsewhere = factories.draft(by=there)
        before = {each.pk: (each.author_id, each.version) for each in Referral.objects.all()}
        assert set(before) == {sent.pk, own.pk, elsewhere.pk}
        assert self.hand_over(by, heir, boss) == 0
        after = {each.pk: (each.author_id, each.version) for each in Referral.objects.all()}
        assert after == before
        assert not AuditEvent.objects.filter(event=Event.DRAFTS_HANDED_OVER).exists()
        assert not Mail.objects.exists()

    def test_who_is_turned_off_has_some_too(
        self, by: Membership, heir: Membership, boss: Membership
    ) -> None:
        factories.draft(by=by)
        Membership.objects.filter(pk=by.pk).update(off_at=NOW)
        assert self.hand_over(by, heir, boss) == 1

    def test_the_administrator_may_have_them_and_give_their_own(
        self, by: Membership, boss: Membership
    ) -> None:
        factories.draft(by=by)
        assert self.hand_over(by, boss, boss) == 1
        assert self.hand_over(boss, by, boss) == 1
        assert Referral.objects.get().author == by.user

    @pytest.mark.parametrize(
        "how", ["themselves", "another practice's", "off", "last day over", "account off", "nobody"]
    )
    def test_only_a_colleague_who_may_send_gets_them(
        self, by: Membership, heir: Membership, boss: Membership, how: str
    ) -> None:
        draft = factories.draft(by=by)
        if how == "themselves":
            heir = by
        elif how == "another practice's":
            heir = factories.member()
        elif how == "off":
            Membership.objects.filter(pk=heir.pk).update(off_at=NOW)
        elif how == "last day over":
            yesterday = timezone.localdate(NOW) - timedelta(days=1)
            Membership.objects.filter(pk=heir.pk).update(ends_on=yesterday)
        elif how == "account off":
            User.objects.filter(pk=heir.user_id).update(is_active=False)
        else:
            heir.delete()
            heir.pk = 0
        assert heir not in drafts.who_may_have_them(by, now=NOW)
        with pytest.raises(Denied):
            self.hand_over(by, heir, boss)
        assert Referral.objects.get().author == draft.author

    def test_nobody_but_the_practices_administrators_hands_over(
        self, by: Membership, heir: Membership, boss: Membership
    ) -> None:
        factories.draft(by=by)
        for other in (heir, factories.member(role=Role.PRACTICE_ADMINISTRATOR)):
            with pytest.raises(Gone):
                self.hand_over(by, heir, other)
        Membership.objects.filter(pk=boss.pk).update(off_at=NOW)
        with pytest.raises(Gone):
            self.hand_over(by, heir, boss)
        assert Referral.objects.get().author == by.user

    def test_it_is_noted_and_both_are_told_without_a_word_about_patients(
        self, by: Membership, heir: Membership, boss: Membership
    ) -> None:
        draft = factories.draft(by=by)
        factories.draft(by=by)
        self.hand_over(by, heir, boss)
        noted = AuditEvent.objects.get(event=Event.DRAFTS_HANDED_OVER)
        assert (noted.person, noted.by, noted.reason) == (
            *(by.user, boss.user),
            f"2 to {heir.user_id}",
        )
        [(_, to_heir)] = mailed(heir.user).items()
        [(_, to_leaver)] = mailed(by.user).items()
        assert "2 drafts are in your PharmRefer list" in mailed(heir.user)
        assert "Your PharmRefer drafts at Larkfield Surgery were handed over" in mailed(by.user)
        assert Mail.objects.count() == 2
        for text in (to_heir, to_leaver):
            assert boss.user.full_name in text
            for word in ("Ashworth", "Winifred", str(draft.pk), draft.reference):
                assert word not in text

    def test_no_page_that_was_open_writes_in_them_any_more(
        self, by: Membership, heir: Membership, boss: Membership
    ) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE, 1), town="West").pk
        self.hand_over(by, heir, boss)
        for base in (BaseVersion(1, HERE, 2), BaseVersion(2, HERE, 2), None):
            with pytest.raises(ColleaguesError):
                save(one, by, base, town="North")
        self.hand_over(heir, by, boss)
        with pytest.raises(DraftChangedError):  # also once it is theirs again
            save(one, by, BaseVersion(1, HERE, 2), town="North")
        assert written() == ["West"]

    def test_what_is_typed_too_late_is_a_draft_of_its_own(
        self, by: Membership, heir: Membership, boss: Membership
    ) -> None:
        one = save(uuid.uuid4(), by, BaseVersion(0, HERE), town="West").pk
        self.hand_over(by, heir, boss)
        words = Details(town="North")
        copies = {
            drafts.stash(one, words, base=BaseVersion(1, HERE, sequence), actor=acting(by, now=NOW))
            for sequence in (2, 3)
        }
        [copy] = [Referral.objects.get(pk=each) for each in copies]
        assert (copy.author, copy.details) == (by.user, words)
        assert Referral.objects.get(pk=one).details == Details(town="West")

    def test_what_is_sent_at_that_moment_is_sent_and_stays(
        self, by: Membership, heir: Membership, boss: Membership
    ) -> None:
        draft, late = factories.draft(by=by), factories.draft(by=by, nhs_number="9990000034")
        actions.send(draft, draft.details, known=(), actor=acting(by, now=NOW))
        assert self.hand_over(by, heir, boss) == 1
        assert Referral.objects.get(pk=draft.pk).author == by.user
        with pytest.raises(referrals.StaleError):  # it was read before it was handed over
            actions.send(late, late.details, known=(), actor=acting(by, now=NOW))
        assert Referral.objects.get(pk=late.pk).state == State.DRAFT

    def test_it_asks_the_same_however_many_there_are(
        self, by: Membership, heir: Membership, boss: Membership, django_assert_num_queries: Any
    ) -> None:
        for count in (1, 5):
            for _ in range(count):
                factories.draft(by=by)
            with django_assert_num_queries(14):
                assert self.hand_over(by, heir, boss) == count


def test_old_code_still_stores_drafts_that_are_whole(by: Membership) -> None:
    """While a new version is put in place, both write."""
    columns = "id, practice_id, author_id, state, version, created_at, reference, journey_id"
    assert by.practice
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO referrals_referral ({columns}, sealed_details)"  # noqa: S608
            " VALUES (%s, %s, %s, 'draft', 1, now(), 'PR-1', %s, 'x')",
            [uuid.uuid4(), by.practice.pk, by.user.pk, uuid.uuid4()],
        )
    kept = Referral.objects.get()
    assert kept.is_complete
    assert timezone.now() - kept.saved_at < timedelta(minutes=1)
