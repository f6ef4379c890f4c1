"""A practice that closes: nothing new goes out, and nothing that is there is lost."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership, Practice
from accounts.models.sessions import Session
from accounts.roles import Role
from referrals import actions, delivery, drafts, policy
from referrals.models.messages import Message
from referrals.models.referrals import Referral
from referrals.states import State
from referrals.transports import Answer
from referrals.verdicts import Reason, Verdict, VerdictKind
from tests import factories
from tests.factories import ORIGIN, acting
from tests.pages import text_of, would_send

pytestmark = pytest.mark.django_db
CLOSED = "Larkfield Surgery closed on 31 March 2020. You can still see its referrals."


@pytest.fixture
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


def close(by: Membership, *, on: Any = "2020-03-31") -> None:
    Practice.objects.filter(membership=by).update(closed_on=on)


def form_of(client: Client, address: str, **changes: str) -> dict[str, str]:
    sent = would_send(text_of(client.get(address)))
    return {str(name): text or "" for name, text in sent.items() if name} | changes


class TestNotice:
    """Home, from a month before."""

    @pytest.mark.parametrize(
        ("days", "words"),
        [
            (31, ""),
            (30, "Larkfield Surgery closes on"),
            (1, "Larkfield Surgery closes on"),
            (0, "Larkfield Surgery closed on"),
            (-400, "Larkfield Surgery closed on"),
        ],
    )
    def test_it_says_so_and_what_to_do(
        self, client: Client, by: Membership, days: int, words: str
    ) -> None:
        close(by, on=timezone.localdate() + timedelta(days=days))
        page = text_of(client.get("/referrals/"))
        assert ("nhsuk-warning-callout" in page) is bool(words)
        assert words in page
        assert ("/referrals/new/" in page) is (days > 0)

    def test_a_closed_practice_needs_no_second_administrator(self, client: Client) -> None:
        boss = factories.member(role=Role.PRACTICE_ADMINISTRATOR)
        factories.sign_in(client, boss.user)
        words = "Your practice needs a second administrator"
        for address in ("/referrals/", "/people/"):
            close(boss, on=None)
            assert words in text_of(client.get(address))
            close(boss)
            assert words not in text_of(client.get(address))

    @pytest.mark.usefixtures("by")
    def test_an_open_practice_is_told_nothing(self, client: Client) -> None:
        assert "nhsuk-warning-callout" not in text_of(client.get("/referrals/"))


class TestBegun:
    """What was there before."""

    def test_what_was_sent_is_seen_and_goes_on_its_way(
        self, client: Client, by: Membership
    ) -> None:
        sent = factories.sent(by=by)
        close(by)
        assert "Winifred Ashworth" in text_of(client.get("/referrals/"))
        page = text_of(client.get(f"/referrals/{sent.pk}/"))
        assert CLOSED in page
        assert "Winifred Ashworth" in page
        assert "/referrals/new/" not in page
        claimed = delivery.claim(Message.objects.get().pk, now=timezone.now())
        assert claimed
        verdict = Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True)
        delivery.finish(claimed, Answer(verdict), now=timezone.now())
        assert Referral.objects.get().state == State.DELIVERED

    def test_a_draft_is_seen_changed_and_deleted_and_not_sent(
        self, client: Client, by: Membership
    ) -> None:
        draft = factories.draft(by=by)
        address = f"/referrals/{draft.pk}/send/"
        form = form_of(client, address)
        close(by)
        page = text_of(client.get(address))
        assert CLOSED in page
        assert "Winifred Ashworth" in page
        assert "Send referral" not in page
        answer = client.post(address, form)
        assert answer.status_code == 422
        assert text_of(answer).count(CLOSED) == 2  # the notice, and the problem
        assert not Message.objects.exists()
        edit = f"/referrals/{draft.pk}/edit/"
        assert CLOSED in text_of(client.get(edit))
        assert client.post(edit, form_of(client, edit, town="Saltby"))["Location"] == address
        assert Referral.objects.get().details.town == "Saltby"
        client.post(f"/referrals/{draft.pk}/delete/")
        assert not Referral.objects.exists()

    def test_sending_asks_the_day_here_whatever_the_clock_elsewhere_says(
        self, by: Membership
    ) -> None:
        close(by, on="2027-07-01")
        draft = factories.draft(by=by)
        first_minute = datetime(2027, 6, 30, 23, 1, tzinfo=UTC)  # 0:01 in London
        with pytest.raises(policy.ClosedError):
            actions.send(draft, draft.details, known=(), actor=acting(by, now=first_minute))
        minute_before = acting(by, now=first_minute - timedelta(minutes=2))
        actions.send(draft, draft.details, known=(), actor=minute_before)
        assert Message.objects.count() == 1


class TestNew:
    """What would be new."""

    def test_none_is_begun(self, client: Client, by: Membership) -> None:
        close(by)
        assert client.get("/referrals/new/")["Location"] == "/referrals/"
        assert client.get(f"/referrals/{uuid.uuid4()}/edit/")["Location"] == "/referrals/"

    def test_a_form_that_was_open_keeps_its_words_and_makes_no_draft(
        self, client: Client, by: Membership
    ) -> None:
        address = f"/referrals/{uuid.uuid4()}/edit/"
        form = form_of(client, address, family_name="Ashworth", complaint="Aches")
        close(by)
        for more in ({}, {"find": "yes", "search": "well"}):
            answer = client.post(address, form | more)
            page = text_of(answer)
            assert answer.status_code == 422
            assert CLOSED in page
            assert "What you typed is still on this page, and is not saved." in page
            assert would_send(page)["complaint"] == "Aches"
        assert not Referral.objects.exists()

    def test_the_page_that_saves_by_itself_is_told(self, client: Client, by: Membership) -> None:
        close(by)
        referral_id = uuid.uuid4()
        form_token = factories.form_token(by, referral_id).signed
        data = {"window": form_token, "version": "0", "turn": "1", "town": "West"}
        answer = client.post(f"/referrals/{referral_id}/draft/", data)
        assert answer.status_code == 409
        assert answer.json()["closed"].startswith(CLOSED)
        assert not Referral.objects.exists()

    def test_what_came_too_late_to_be_asked_about_is_kept(
        self, client: Client, by: Membership
    ) -> None:
        address = f"/referrals/{uuid.uuid4()}/edit/"
        form = form_of(client, address, family_name="Ashworth")
        close(by)
        Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
        assert "/log-in/" in client.post(address, form)["Location"]
        assert Referral.objects.get().details.family_name == "Ashworth"

    def test_in_another_practice_it_goes_on(self, by: Membership) -> None:
        close(by)
        there = Membership.objects.create(
            user=by.user, practice=factories.practice(name="Millbrook Practice"), role="staff"
        )
        draft = factories.draft(by=there)
        actions.send(draft, draft.details, known=(), actor=acting(there, now=timezone.now()))
        by.refresh_from_db()
        how: dict[str, Any] = {"origin": ORIGIN, "now": timezone.now()}
        with pytest.raises(policy.ClosedError):
            drafts.save(uuid.uuid4(), factories.details(), actor=acting(by, **how))
