"""The practice's home: first what needs action, then drafts, then the latest."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from accounts.prepared import Prepared
from accounts.roles import Role
from referrals import delivery
from referrals import drafts as referrals_drafts
from referrals.details import Details
from referrals.models.messages import Message
from referrals.models.referrals import Referral, new_reference
from referrals.states import State
from referrals.transports import Answer
from referrals.verdicts import Reason, Verdict, VerdictKind
from referrals.views import home
from tests import factories
from tests.delivering import just_before
from tests.factories import acting
from tests.pages import link_to, text_of, walk

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
    assert "Your practice has not sent any referrals yet." in page
    assert 'href="/referrals/new/"' in page
    assert captions(page) == []


def test_what_needs_action_comes_first_with_the_number_to_phone(
    client: Client, by: Membership
) -> None:
    for state in (State.NOT_DELIVERED, State.NOT_CONFIRMED, State.DELIVERED, State.SENDING):
        referral = factories.sent(by=by, given_name=state.name)
        Referral.objects.filter(pk=referral.pk).update(state=state)
    factories.draft(by=by, given_name="DRAFT")
    page = text_of(client.get("/referrals/"))
    assert captions(page) == [
        *("Needs action: phone the pharmacy (2)", "Not sent yet (1)", "Latest referrals (4)"),
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
    assert captions(text_of(client.get("/referrals/"))) == ["Latest referrals (1)"]


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
    assert captions(page) == ["Latest referrals (1 to 50 of 52)"]
    assert page.count("</tr>") == 51  # and the headings
    assert page.index("N00 Ashworth") < page.index("N01 Ashworth") < page.index("N49 Ashworth")
    assert "N50" not in page


LISTS = {
    "/referrals/urgent/": State.NOT_DELIVERED,
    "/referrals/drafts/": State.DRAFT,
    "/referrals/sent/": State.DELIVERED,
}


def many(by: Membership, state: State, *, count: int) -> list[str]:
    """Have so many in one state, the latest first, a minute between any two; return their names."""
    to, at = factories.pharmacy(), timezone.now() - timedelta(minutes=1)
    one = factories.draft(by=by) if state == State.DRAFT else factories.sent(by=by, to=to, at=at)
    made = []
    for number in range(count):
        copy = Referral.objects.get(pk=one.pk)
        copy.pk, copy.reference = uuid.uuid4(), new_reference()
        copy.state, copy.saved_at = state, at - timedelta(minutes=number)
        copy.sent_at = None if state == State.DRAFT else copy.saved_at
        copy.write(factories.details(given_name=f"N{number:04}"))
        made.append(copy)
    Referral.objects.filter(pk=one.pk).update(practice=factories.practice())
    Referral.objects.bulk_create(made)
    return [f"N{number:04}" for number in range(count)]


def names(page: str) -> list[str]:
    return re.findall(r">(N\d{4}) Ashworth</a>", page)


@pytest.mark.parametrize(("address", "state"), LISTS.items())
def test_every_one_is_reached_from_home_and_none_is_shown_twice(
    client: Client, by: Membership, address: str, state: State
) -> None:
    made = many(by, state, count=163)
    page = text_of(client.get("/referrals/"))
    assert "(1 to 50 of 163)</caption>" in page
    assert re.search(f'href="{address}">See all 163 [a-z ]+</a>', page)
    visited = list(walk(client, address))
    assert [name for page in visited for name in names(page)] == made
    said = ["1 to 50 of 163", "51 to 100 of 163", "101 to 150 of 163", "151 to 163 of 163"]
    assert [captions(page)[0] for page in visited] == said


def test_what_needs_action_is_complete_where_it_fits(client: Client, by: Membership) -> None:
    many(by, State.NOT_CONFIRMED, count=50)
    page = text_of(client.get("/referrals/"))
    assert "Needs action: phone the pharmacy (50)" in captions(page)
    assert "See all" not in page
    assert "Pages" not in text_of(client.get("/referrals/urgent/"))


def test_sent_ones_are_counted_only_so_far_and_still_all_there(
    client: Client, by: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.COUNTED == 1000
    monkeypatch.setattr(home, "COUNTED", 100)
    monkeypatch.setattr(home, "BEGINNINGS", Prepared(home._beginnings))
    made = many(by, State.DELIVERED, count=103)
    page = text_of(client.get("/referrals/"))
    assert captions(page) == ["Latest referrals (1 to 50 of more than 100)"]
    visited = list(walk(client, link_to(page, "See all sent referrals")))
    assert [name for page in visited for name in names(page)] == made
    said = [captions(page)[0] for page in visited]
    assert said == [
        *("1 to 50 of more than 100", "51 to 100 of more than 100", "3 of more than 100")
    ]


@pytest.mark.parametrize("address", LISTS)
def test_a_list_is_its_practices_and_drafts_are_their_authors_alone(
    client: Client, by: Membership, address: str
) -> None:
    colleague = factories.member(at=by.practice)
    many(factories.member(), LISTS[address], count=60)
    many(colleague, State.DRAFT, count=60)
    page = text_of(client.get(address))
    assert names(page) == []
    assert "There are none at the moment." in page


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    "asked",
    ["", "2", "after", "after.", "after.1", "after.x.y", "before.1.1", "after.1.1.1", "\x00",
     f"after.{'9' * 18}.{uuid.UUID(int=0)}", f"after.{'9' * 19}.{uuid.UUID(int=0)}"],
)  # fmt: skip
def test_an_address_that_asks_for_no_page_shows_the_first(
    client: Client, by: Membership, address: str, asked: str
) -> None:
    made = many(by, LISTS[address], count=51)
    response = client.get(address, {"page": asked})
    assert response.status_code == 200
    assert names(text_of(response)) == made[:50]


def test_a_page_whose_rows_have_gone_leads_to_what_is_left(client: Client, by: Membership) -> None:
    made = many(by, State.DRAFT, count=51)
    rest = link_to(text_of(client.get("/referrals/drafts/")), "Next page")
    assert names(text_of(client.get(rest))) == made[50:]
    Referral.objects.order_by("saved_at")[0].delete()
    assert names(text_of(client.get(rest))) == made[:50]


def test_what_is_sent_meanwhile_moves_no_page(client: Client, by: Membership) -> None:
    made = many(by, State.DELIVERED, count=101)
    rest = link_to(text_of(client.get("/referrals/sent/")), "Next page")
    factories.sent(by=by)
    page = text_of(client.get(rest))
    assert names(page) == made[50:100]
    assert captions(page) == ["52 to 101 of 102"]


def test_addresses_of_pages_say_moments_and_numbers_only(client: Client, by: Membership) -> None:
    many(by, State.DELIVERED, count=120)
    page = text_of(client.get("/referrals/sent/"))
    second = link_to(page, "Next page")
    for address in (second, link_to(text_of(client.get(second)), "Previous page")):
        assert re.fullmatch(
            r"/referrals/sent/\?page=(after|before)\.\d{16}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            address,
        )


@pytest.mark.parametrize("address", LISTS)
def test_the_queries_of_a_list_do_not_grow(
    client: Client, by: Membership, address: str, django_assert_num_queries: Any
) -> None:
    many(by, LISTS[address], count=3)
    with django_assert_num_queries(2):  # session, rows
        client.get(address)
    many(by, LISTS[address], count=160)
    with django_assert_num_queries(3):  # and how many
        page = text_of(client.get(address))
    with django_assert_num_queries(4):  # and how many before
        client.get(link_to(page, "Next page"))


def test_the_draft_that_was_begun_last_comes_first(client: Client, by: Membership) -> None:
    for number in range(2):
        factories.draft(by=by, given_name=f"N{number}")
    page = text_of(client.get("/referrals/"))
    assert page.index("N1 Ashworth") < page.index("N0 Ashworth")


def test_a_draft_says_whether_a_pharmacy_is_chosen(client: Client, by: Membership) -> None:
    for pharmacy, said in ((factories.pharmacy().ods_code, "Chosen"), ("", "–")):
        factories.draft(by=by, pharmacy=pharmacy)
        page = text_of(client.get("/referrals/"))
        assert f"Pharmacy </span><span>{said}</span>" in page.split("</thead>")[1].split("</tr>")[0]


def test_an_incomplete_draft_says_so_and_leads_to_the_form(client: Client, by: Membership) -> None:
    whole = factories.draft(by=by, family_name="Whole")
    half = referrals_drafts.save(
        uuid.uuid4(),
        Details(birth_year="9" * 10, birth_month="1", birth_day="1", pathway="none of them"),
        is_complete=False,
        actor=acting(by, now=timezone.now()),
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


@pytest.mark.parametrize("address", ["/referrals/", "/referrals/sent/"])
@pytest.mark.parametrize(
    ("verdict", "tag"),
    [
        (Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True), "Delivered"),
        (Verdict(VerdictKind.REFUSED, Reason.REFUSED, may_have_arrived=False), "Not delivered"),
    ],
)
def test_what_is_over_by_the_time_its_message_is_read_is_not_tried_again(
    client: Client, by: Membership, address: str, verdict: Verdict, tag: str
) -> None:
    factories.sent(by=by)
    claimed = delivery.claim(Message.objects.get().pk)
    assert claimed
    answer = Answer(verdict, None, b"")
    with just_before('FROM "referrals_message"', lambda: delivery.finish(claimed, answer)):
        page = text_of(client.get(address))
    assert re.findall(r"nhsuk-tag--\w+\">([^<]+)<", page) == [tag]
    assert ("01632 960 201" in page) == (tag == "Not delivered")


def test_the_number_of_queries_does_not_grow(
    client: Client, by: Membership, django_assert_num_queries: Any
) -> None:
    for more in (1, 10):
        for _ in range(more):
            factories.sent(by=by)
            factories.draft(by=by)
        with django_assert_num_queries(3):  # session, all three lists, what is on its way
            client.get("/referrals/")
    Referral.objects.exclude(state=State.DRAFT).update(state=State.NOT_DELIVERED)
    with django_assert_num_queries(2):
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
