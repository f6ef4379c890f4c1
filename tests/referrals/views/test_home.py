"""The practice's home: first what needs somebody, then drafts, then the latest."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Role
from referrals import actions
from referrals.details import Details
from referrals.models import Referral
from referrals.states import State
from tests import factories
from tests.factories import ORIGIN
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


def captions(page: str) -> list[str]:
    return [part.split("</caption>")[0].split(">")[1] for part in page.split("<caption")[1:]]


@pytest.mark.usefixtures("by")
def test_a_practice_without_referrals_is_told_so(client: Client) -> None:
    page = text_of(client.get("/referrals/"))
    assert "Your practice has sent no referrals yet." in page
    assert 'href="/referrals/new/"' in page
    assert captions(page) == []


def test_what_needs_somebody_comes_first_with_the_number_to_phone(
    client: Client, by: Membership
) -> None:
    for state in (State.NOT_DELIVERED, State.NOT_CONFIRMED, State.DELIVERED, State.SENDING):
        referral = factories.sent(by=by, given_name=state.name)
        Referral.objects.filter(pk=referral.pk).update(state=state)
    factories.draft(by=by, given_name="DRAFT")
    page = text_of(client.get("/referrals/"))
    assert captions(page) == [
        *("Phone the pharmacy about these", "Not sent yet", "Latest referrals"),
    ]
    urgent, drafts, latest = page.split("<caption")[1:]
    assert "NOT_DELIVERED" in urgent
    assert "NOT_CONFIRMED" in urgent
    assert "DELIVERED Ashworth" not in urgent.replace("NOT_DELIVERED", "")
    assert urgent.count("01632 960 201") == 2
    assert "DRAFT Ashworth" in drafts
    assert latest.count("Ashworth") == 4


def test_what_failed_a_week_ago_is_not_urgent_any_more(client: Client, by: Membership) -> None:
    factories.sent(by=by)
    Referral.objects.update(
        state=State.NOT_DELIVERED, sent_at=timezone.now() - timedelta(days=7, minutes=1)
    )
    assert captions(text_of(client.get("/referrals/"))) == ["Latest referrals"]


def test_only_the_practices_referrals_and_ones_own_drafts_are_there(
    client: Client, by: Membership
) -> None:
    factories.sent(by=factories.member(at=by.practice), given_name="Colleague")
    factories.draft(by=factories.member(at=by.practice), given_name="Draft")
    factories.sent(given_name="Another")
    page = text_of(client.get("/referrals/"))
    assert "Colleague Ashworth" in page
    assert "Draft Ashworth" not in page
    assert "Another Ashworth" not in page


def test_the_latest_come_first_and_no_more_than_fifty(client: Client, by: Membership) -> None:
    now, to = timezone.now(), factories.pharmacy()
    for number in range(52):
        factories.sent(by=by, to=to, at=now - timedelta(minutes=number), given_name=f"N{number:02}")
    page = text_of(client.get("/referrals/"))
    assert page.count("</tr>") == 51  # and the headings
    assert page.index("N00 Ashworth") < page.index("N01 Ashworth") < page.index("N49 Ashworth")
    assert "N50" not in page


def test_the_draft_that_was_begun_last_comes_first(client: Client, by: Membership) -> None:
    for number in range(2):
        factories.draft(by=by, given_name=f"N{number}")
    page = text_of(client.get("/referrals/"))
    assert page.index("N1 Ashworth") < page.index("N0 Ashworth")


def test_a_half_written_draft_says_so_and_leads_to_the_form(client: Client, by: Membership) -> None:
    whole = factories.draft(by=by, family_name="Whole")
    half = actions.save(
        uuid.uuid4(),
        Details(birth_year="9" * 10, birth_month="1", birth_day="1", pathway="none of them"),
        by=by,
        origin=ORIGIN,
        is_whole=False,
        now=timezone.now(),
    )
    page = text_of(client.get("/referrals/"))
    assert "Each is deleted 7 days after it was last changed." in page
    first, second = page.split("</thead>")[1].split("</tr>")[:2]
    assert "No name yet" in first
    assert "Not finished" in first
    assert f'href="/referrals/{half.pk}/edit/"' in first
    assert f'href="/referrals/{half.pk}/delete/"' in first
    assert f'href="/referrals/{whole.pk}/send/"' in second
    assert "Not finished" not in second


def test_the_draft_that_was_saved_last_comes_first(client: Client, by: Membership) -> None:
    first, _second = (factories.draft(by=by, given_name=f"N{number}") for number in range(2))
    Referral.objects.filter(pk=first.pk).update(saved_at=timezone.now() + timedelta(seconds=9))
    page = text_of(client.get("/referrals/"))
    assert page.index("N0 Ashworth") < page.index("N1 Ashworth")


def test_the_number_of_queries_does_not_grow(
    client: Client, by: Membership, django_assert_num_queries: Any
) -> None:
    for more in (1, 10):
        for _ in range(more):
            factories.sent(by=by)
            factories.draft(by=by)
        with django_assert_num_queries(2):  # session, all three lists
            client.get("/referrals/")


@pytest.mark.parametrize(
    ("role", "leads_to"),
    [
        (Role.STAFF, "/referrals/"),
        (Role.PRACTICE_ADMINISTRATOR, "/referrals/"),
        (Role.SERVICE_DESK, "/desk/"),
        (Role.OPERATOR, "/account/"),
    ],
)
def test_everybody_is_led_to_where_their_work_is(client: Client, role: Role, leads_to: str) -> None:
    factories.sign_in(client, factories.active_person(role=role))
    assert client.get("/")["Location"] == leads_to


def test_a_visitor_is_led_to_the_log_in_page(client: Client) -> None:
    assert client.get("/")["Location"] == "/log-in/"
