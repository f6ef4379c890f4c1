"""The page on which a practice picks its pharmacies: with buttons alone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from accounts.models.sessions import Session
from accounts.roles import Role
from referrals.models.pharmacies import FullToday, Pharmacy
from tests import factories
from tests.pages import text_of

pytestmark = pytest.mark.django_db
USUAL = "/practice/settings/pharmacies/"


@pytest.fixture
def boss(client: Client) -> Membership:
    """An administrator who is signed in and has confirmed a moment ago who they are."""
    found = factories.member(role=Role.PRACTICE_ADMINISTRATOR)
    factories.confirmed(factories.sign_in(client, found.user))
    return found


def some(boss: Membership, *names: str) -> list[str]:
    assert boss.practice
    made = [factories.pharmacy(name=name) for name in names]
    factories.picked(boss.practice, *made)
    return [each.ods_code for each in made]


def picked(boss: Membership) -> list[str]:
    assert boss.practice_id
    return [each.ods_code for each in Pharmacy.objects.picked_by(boss.practice_id)]


def buttons(page: str) -> list[tuple[str, str]]:
    return re.findall(r'name="([\w-]+)" value="(\w+)">', page)


def test_one_is_found_and_added(client: Client, boss: Membership) -> None:
    found = factories.pharmacy(name="Nightingale's Pharmacy")
    assert "You have not chosen any yet" in text_of(client.get(USUAL))
    page = text_of(client.post(USUAL, {"search": "nightingales"}))
    assert "1 pharmacy for “nightingales”" in page
    assert ("add", found.ods_code) in buttons(page)
    page = text_of(client.post(USUAL, {"add": found.ods_code}, follow=True))
    assert "You have added the pharmacy" in page
    assert picked(boss) == [found.ods_code]
    page = text_of(client.post(USUAL, {"search": "nightingales"}))
    assert "Already in your list" in page
    assert ("add", found.ods_code) not in buttons(page)


def test_what_stands_in_the_search_does_not_stand_in_the_address(
    client: Client, boss: Membership
) -> None:
    page = text_of(client.post(USUAL, {"search": " Winifred\x00  <b> "}))
    assert "No pharmacies found for “Winifred &lt;b&gt;”" in page
    assert picked(boss) == []


@pytest.mark.usefixtures("boss")
def test_more_than_twenty_are_cut_off_and_it_says_so(client: Client) -> None:
    for _ in range(2 * Pharmacy.MANY + 1):
        factories.pharmacy(name="Everywhere Chemist")
    page = text_of(client.post(USUAL, {"search": "everywhere"}))
    assert "The first 20 pharmacies" in page
    assert "20 of 41 are shown." in page
    assert len([each for each in buttons(page) if each[0] == "add"]) == Pharmacy.MANY
    for more, shown in (("40", 40), ("60", 41)):
        assert ("find", more) in buttons(page)
        page = text_of(client.post(USUAL, {"search": "everywhere", "find": more}))
        assert len([each for each in buttons(page) if each[0] == "add"]) == shown
    assert "are shown" not in page


def test_they_are_moved_and_removed(client: Client, boss: Membership) -> None:
    first, second = some(boss, "First", "Second")
    page = text_of(client.get(USUAL))
    assert [each for each in buttons(page) if each[0] in {"up", "down", "remove"}] == [
        ("down", first),
        ("remove", first),
        ("up", second),
        ("remove", second),
    ]
    seen = f"{first} {second}"
    assert f'name="seen" value="{seen}"' in page
    page = text_of(client.post(USUAL, {"up": second, "seen": seen}, follow=True))
    assert "moved the pharmacy up" in page
    assert page.index("Second") < page.index("First")
    page = text_of(client.post(USUAL, {"down": first, "seen": seen}, follow=True))
    assert "Someone else has just changed the list" in page
    assert picked(boss) == [second, first]
    client.post(USUAL, {"down": second, "seen": f"{second} {first}"})
    assert picked(boss) == [first, second]
    page = text_of(client.post(USUAL, {"remove": first}, follow=True))
    assert "removed the pharmacy from the list" in page
    assert picked(boss) == [second]


def test_one_that_is_not_offered_any_more_says_why(client: Client, boss: Membership) -> None:
    (code,) = some(boss, "Gone")
    Pharmacy.objects.filter(ods_code=code).update(closed_on=timezone.localdate())
    page = text_of(client.get(USUAL))
    assert "Not offered</strong> Closed on" in page
    assert ("remove", code) in buttons(page)


def test_with_ten_there_is_nothing_to_add(client: Client, boss: Membership) -> None:
    codes = some(boss, *(f"P{number}" for number in range(10)))
    page = text_of(client.get(USUAL))
    assert "You have 10, and cannot have more" in page
    found = text_of(client.post(USUAL, {"search": "pharmacy"}))
    assert not [name for name, _ in buttons(found) if name == "add"]
    answer = client.post(USUAL, {"add": factories.pharmacy().ods_code})
    assert answer.status_code == 422
    assert "You have 10 usual pharmacies, and cannot have more" in text_of(answer)
    assert picked(boss) == codes


@pytest.mark.parametrize("code", ["", "NONE", "\x00", "x" * 5000, "é"])
@pytest.mark.parametrize("action", ["add", "remove", "up", "down", "full", "not-full"])
def test_odd_codes_do_nothing(client: Client, boss: Membership, action: str, code: str) -> None:
    codes = some(boss, "First", "Second")
    answer = client.post(USUAL, {action: code, "seen": f"{codes[0]} {codes[1]}"})
    assert answer.status_code in {302, 422}
    assert picked(boss) == codes


def test_another_practice_s_list_is_left_alone(client: Client, boss: Membership) -> None:
    other = factories.member(role=Role.PRACTICE_ADMINISTRATOR)
    theirs = some(other, "First", "Second")
    assert boss.practice_id != other.practice_id
    for action in ("remove", "up", "down"):
        more: dict[str, Any] = {"practice": other.practice_id, "seen": " ".join(theirs)}
        client.post(USUAL, {action: theirs[1], **more})
    assert picked(other) == theirs
    assert "First" not in text_of(client.get(USUAL))


def test_any_pharmacy_is_found_and_said_to_be_full_today(client: Client, boss: Membership) -> None:
    (usual,), other = some(boss, "Mine"), factories.pharmacy(name="Beacon Chemist").ods_code
    page = text_of(client.post(USUAL, {"search": "beacon"}))
    assert [code for name, code in buttons(page) if name == "full"] == [usual, other]
    assert "Full today</h2>" not in page
    page = text_of(client.post(USUAL, {"full": other}, follow=True))
    assert "nobody at your practice can choose what stands under Full today." in page
    # What is full is listed, without a search, with the button that ends it.
    listed = page.split("Full today</h2>")[1].split("</form>")[0]
    assert "Beacon Chemist" in listed
    assert ("not-full", other) in buttons(listed)
    page = text_of(client.post(USUAL, {"search": "beacon"}))
    assert "Not offered</strong> Full today" in page
    assert ("not-full", other) in buttons(page)
    page = text_of(client.post(USUAL, {"not-full": other}, follow=True))
    assert "can be chosen again" in page
    assert "Full today</h2>" not in page
    assert ("full", other) in buttons(text_of(client.post(USUAL, {"search": "beacon"})))


def test_what_another_practice_or_another_day_calls_full_is_not_listed(
    client: Client, boss: Membership
) -> None:
    assert boss.practice
    (code,) = some(boss, "Mine")
    pharmacy, today = Pharmacy.objects.get(ods_code=code), timezone.localdate()
    FullToday.objects.create(practice=factories.practice(), pharmacy=pharmacy, on=today)
    yesterday = today - timedelta(days=1)
    FullToday.objects.create(practice=boss.practice, pharmacy=pharmacy, on=yesterday)
    assert "Full today</h2>" not in text_of(client.get(USUAL))


def test_without_having_confirmed_nothing_is_done(client: Client, boss: Membership) -> None:
    code, _ = some(boss, "First", "Second")
    Session.objects.update(confirmed_at=timezone.now() - timedelta(minutes=11))
    answer = client.post(USUAL, {"remove": code})
    assert answer["Location"].startswith("/account/confirm/")
    assert len(picked(boss)) == 2


def test_its_queries_do_not_grow(
    client: Client, boss: Membership, django_assert_num_queries: Any
) -> None:
    for names in ((), map(str, range(9))):
        some(boss, *names)
        with django_assert_num_queries(3):  # session, list, what is full today
            client.get(USUAL)
        with django_assert_num_queries(4):  # and the search
            client.post(USUAL, {"search": "well"})


def test_what_is_picked_comes_first_in_a_referral(client: Client, boss: Membership) -> None:
    factories.pharmacy(name="Near Pharmacy")
    code, _ = some(boss, "Picked First", "Picked Second")
    page = text_of(client.get("/referrals/new/", follow=True))
    order = [page.index(name) for name in ("Picked First", "Picked Second", "Near Pharmacy")]
    assert order == sorted(order)
    Pharmacy.objects.filter(ods_code=code).update(endpoint="")
    assert "Picked First" not in text_of(client.get("/referrals/new/", follow=True))
