"""The overview of a practice's settings, as its administrator sees it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership, Practice
from accounts.roles import Role
from referrals.models.pharmacies import Pharmacy
from tests import factories
from tests.pages import text_of

pytestmark = pytest.mark.django_db
SETTINGS = "/practice/settings/"
CALL_BACK, NOTICES = f"{SETTINGS}call-back/", f"{SETTINGS}notices/"
EACH = {
    CALL_BACK: ("phone", "01632 960 999", "call_back_phone"),
    NOTICES: ("email", "larkfield.desk@larkfield.example", "notices_email"),
}
each_page = pytest.mark.parametrize("address", EACH)


@pytest.fixture
def boss(client: Client) -> Membership:
    """An administrator who is signed in and has confirmed a moment ago who they are."""
    found = factories.member(role=Role.PRACTICE_ADMINISTRATOR)
    factories.confirmed(factories.sign_in(client, found.user))
    return found


def practice_of(boss: Membership) -> Practice:
    assert boss.practice_id
    return Practice.objects.get(pk=boss.practice_id)


def words_of(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


class TestOverview:
    """``/practice/settings/``."""

    @pytest.mark.usefixtures("boss")
    def test_nothing_set_yet(self, client: Client) -> None:
        words = words_of(text_of(client.get(SETTINGS)))
        assert "None yet. The pharmacies that you used last come first" in words
        assert "01632 960 101 The number on record." in words
        assert "Only your administrators get notices" in words

    def test_what_is_set_and_what_of_it_is_not_offered(
        self, client: Client, boss: Membership
    ) -> None:
        practice, today = practice_of(boss), timezone.localdate()
        made = [factories.pharmacy(name=f"Pharmacy {letter}") for letter in "ABCDE"]
        factories.picked(practice, *reversed(made))
        factories.picked(factories.practice(), factories.pharmacy(name="Another's"))
        changes: list[dict[str, Any]] = [
            {"closed_on": today},
            {"endpoint": ""},
            {"offers_pharmacy_first": False},
            {"closed_on": today + timedelta(days=1)},
            {"dos_service_id": ""},
        ]
        for each, change in zip(made, changes, strict=True):
            Pharmacy.objects.filter(pk=each.pk).update(**change)
        Practice.objects.filter(pk=practice.pk).update(
            call_back_phone="01632 960 999", notices_email="desk@larkfield.example"
        )
        words = words_of(text_of(client.get(SETTINGS)))
        assert (
            "Pharmacy E Not offered PharmRefer cannot reach it now "
            "Pharmacy D "
            "Pharmacy C Not offered It does not offer Pharmacy First now "
            "Pharmacy B Not offered PharmRefer cannot reach it now "
            "Pharmacy A Not offered Closed on "
        ) in words
        assert "01632 960 999 Pharmacists phone it" in words
        assert "desk@larkfield.example It gets copies" in words
        assert "Another's" not in words

    def test_its_queries_do_not_grow(
        self, client: Client, boss: Membership, django_assert_num_queries: Any
    ) -> None:
        for count in (0, 10):
            factories.picked(practice_of(boss), *(factories.pharmacy() for _ in range(count)))
            with django_assert_num_queries(2):  # session, pharmacies
                client.get(SETTINGS)

    @pytest.mark.usefixtures("boss")
    def test_the_way_there_stands_on_each_page_of_administrators_alone(
        self, client: Client
    ) -> None:
        assert f'href="{SETTINGS}"' in text_of(client.get("/referrals/"))
        factories.sign_in(client, factories.active_person())
        assert f'href="{SETTINGS}"' not in text_of(client.get("/referrals/"))
