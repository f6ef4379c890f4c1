"""The page on which an administrator hands over a member's drafts without seeing into them."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership, MembershipQuerySet, Practice, User
from accounts.models.sessions import Session
from accounts.roles import Role
from referrals import drafts
from referrals.models.referrals import Referral
from tests import factories
from tests.mails import mailed
from tests.pages import text_of, would_send

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return factories.practice()


@pytest.fixture
def boss(client: Client, practice: Practice) -> Membership:
    """An administrator who is signed in and has confirmed a moment ago who they are."""
    found = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
    factories.confirmed(factories.sign_in(client, found.user))
    return found


@pytest.fixture
def leaver(practice: Practice) -> Membership:
    """A member whose last day is today."""
    found = factories.member(at=practice)
    Membership.objects.filter(pk=found.pk).update(ends_on=timezone.localdate())
    return found


@pytest.fixture
def heir(practice: Practice) -> Membership:
    return factories.member(at=practice)


def page_of(member: Membership) -> str:
    return f"/referrals/hand-over/{member.pk}/"


@pytest.mark.usefixtures("boss")
def test_who_goes_on_working_keeps_theirs(client: Client, heir: Membership) -> None:
    factories.draft(by=heir)
    other = factories.member(at=heir.practice)
    page = text_of(client.get(page_of(heir)))
    assert "Jane Doe still works here" in page
    assert "<select" not in page
    answer = client.post(page_of(heir), {"to": str(other.pk)})
    assert answer.status_code == 422
    assert Referral.objects.get().author == heir.user
    assert "hand-over" not in text_of(client.get(f"/people/{heir.pk}/"))


@pytest.mark.usefixtures("boss")
def test_at_a_closed_practice_nothing_can_be_sent(
    client: Client, leaver: Membership, heir: Membership
) -> None:
    factories.draft(by=leaver)
    assert "can finish, send or delete them" in text_of(client.get(page_of(leaver)))
    Practice.objects.update(closed_on=timezone.localdate())
    assert "can finish or delete them" in text_of(client.get(page_of(leaver)))
    client.post(page_of(leaver), {"to": str(heir.pk)})
    assert "can finish or delete it" in "".join(mailed(heir.user).values())


@pytest.mark.usefixtures("boss")
def test_how_many_there_are_is_told_and_nothing_in_them(
    client: Client, leaver: Membership, heir: Membership
) -> None:
    drafts = [factories.draft(by=leaver) for _ in range(3)]
    page = text_of(client.get(page_of(leaver)))
    assert "has 3 drafts at Larkfield Surgery" in page
    assert "kept for 7 days" in page
    assert f'<option value="{heir.pk}">Jane Doe, {heir.user.email}</option>' in page
    assert f'value="{leaver.pk}"' not in page
    for secret in ("Ashworth", "Winifred", str(drafts[0].pk), drafts[0].reference):
        assert secret not in page


def test_they_move_to_the_colleague_who_is_chosen(
    client: Client, boss: Membership, leaver: Membership, heir: Membership
) -> None:
    draft = factories.draft(by=leaver)
    Membership.objects.filter(pk=leaver.pk).update(off_at=timezone.now())
    odd = {"author": str(boss.user_id), "number": str(boss.pk), "practice": "1"}
    answer = client.post(page_of(leaver), {"to": str(heir.pk), **odd})
    assert answer["Location"] == f"/people/{leaver.pk}/?because=handed-over"
    assert "now in your colleague&#39;s list" in text_of(client.get(answer["Location"]))
    assert Referral.objects.get().author == heir.user
    factories.sign_in(client, heir.user)
    assert "Ashworth" in text_of(client.get("/referrals/"))
    page = text_of(client.get(f"/referrals/{draft.pk}/edit/"))
    assert would_send(page)["family_name"] == "Ashworth"


@pytest.mark.usefixtures("boss")
def test_without_drafts_there_is_nothing_to_choose(
    client: Client, leaver: Membership, heir: Membership
) -> None:
    page = text_of(client.get(page_of(leaver)))
    assert "has no drafts at Larkfield Surgery" in page
    assert '<select class="nhsuk-select' not in page
    answer = client.post(page_of(leaver), {"to": str(heir.pk)})
    assert answer["Location"] == f"/people/{leaver.pk}/?because=no-drafts"


@pytest.mark.usefixtures("leaver")
def test_without_colleagues_it_says_whom_to_invite(client: Client, boss: Membership) -> None:
    factories.draft(by=boss)
    Membership.objects.filter(pk=boss.pk).update(ends_on=timezone.localdate())
    Membership.objects.exclude(pk=boss.pk).update(off_at=timezone.now())
    page = text_of(client.get(page_of(boss)))
    assert "Nobody else here can send referrals" in page


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("to", ["", "0", "x", "\x00", "9" * 30, "theirs", "leaver", "²"])
def test_nobody_else_can_be_chosen(client: Client, leaver: Membership, to: str) -> None:
    draft = factories.draft(by=leaver)
    named = {"theirs": str(factories.member().pk), "leaver": str(leaver.pk)}
    answer = client.post(page_of(leaver), {"to": named.get(to, to)})
    assert answer.status_code == 422
    assert "Choose a colleague" in text_of(answer)
    assert Referral.objects.get().author == draft.author


@pytest.mark.usefixtures("boss")
def test_who_leaves_at_that_moment_cannot_be_chosen_any_more(
    client: Client, leaver: Membership, heir: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.draft(by=leaver)
    read = drafts.who_may_have_them

    def leave_once_read(member: Membership, *, now: datetime) -> MembershipQuerySet:
        found = read(member, now=now)
        len(found)  # reads it
        User.objects.filter(pk=heir.user_id).update(is_active=False)
        return found

    monkeypatch.setattr(drafts, "who_may_have_them", leave_once_read)
    answer = client.post(page_of(leaver), {"to": str(heir.pk)})
    assert answer.status_code == 422
    assert "They cannot send referrals at your practice" in text_of(answer)
    assert Referral.objects.get().author == leaver.user


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.usefixtures("boss")
def test_another_practice_s_person_is_not_there(
    client: Client, heir: Membership, method: str
) -> None:
    other = factories.member()
    factories.draft(by=other)
    for number in (other.pk, 0, 10**30):
        answer = getattr(client, method)(f"/referrals/hand-over/{number}/", {"to": str(heir.pk)})
        assert answer.status_code == 404
    assert Referral.objects.get().author == other.user


def test_drafts_at_another_practice_stay(
    client: Client, boss: Membership, leaver: Membership, heir: Membership
) -> None:
    there = Membership.objects.create(
        user=leaver.user, practice=factories.practice(name="Highfield Surgery"), role=Role.STAFF
    )
    elsewhere = factories.draft(by=there)
    factories.draft(by=leaver)
    assert "has 1 draft at" in text_of(client.get(page_of(leaver)))
    client.post(page_of(leaver), {"to": str(heir.pk)})
    assert Referral.objects.get(pk=elsewhere.pk).author == leaver.user
    assert Referral.objects.filter(author=heir.user, practice=boss.practice).count() == 1


@pytest.mark.usefixtures("boss")
def test_a_choice_that_comes_too_late_is_kept(
    client: Client, leaver: Membership, heir: Membership
) -> None:
    factories.draft(by=leaver)
    Session.objects.update(confirmed_at=timezone.now() - timedelta(minutes=11))
    leads_to = client.post(page_of(leaver), {"to": str(heir.pk)})["Location"]
    assert parse_qs(urlsplit(leads_to).query).keys() == {"kept"}
    Session.objects.update(confirmed_at=timezone.now())
    assert f'<option value="{heir.pk}" selected>' in text_of(client.get(leads_to))
    assert Referral.objects.get().author == leaver.user


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("count", [1, 20])
def test_its_queries_do_not_grow(
    client: Client,
    practice: Practice,
    leaver: Membership,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(count):
        factories.draft(by=leaver)
        factories.member(at=practice)
    with django_assert_num_queries(4):
        client.get(page_of(leaver))


@pytest.mark.usefixtures("boss")
def test_the_person_s_page_leads_there_where_there_may_be_some(
    client: Client, leaver: Membership
) -> None:
    def leads_there() -> bool:
        return page_of(leaver) in text_of(client.get(f"/people/{leaver.pk}/"))

    assert leads_there()
    Membership.objects.filter(pk=leaver.pk).update(ends_on=None)
    assert not leads_there()
    Membership.objects.filter(pk=leaver.pk).update(off_at=timezone.now())
    assert leads_there()
