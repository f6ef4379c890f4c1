"""The settings of a practice that are a line of text, as its administrator changes them."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice
from accounts.models.sessions import Session
from accounts.roles import Role
from accounts.text import phones
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


class TestLines:
    """The call-back number, and the address for notices."""

    @each_page
    def test_it_is_changed_and_said(self, client: Client, boss: Membership, address: str) -> None:
        field, value, column = EACH[address]
        text_of(client.get(address))
        page = text_of(client.post(address, {field: value, "before": ""}, follow=True))
        assert value in page
        assert "You have changed the" in page
        assert phones.shown(getattr(practice_of(boss), column)) == value
        assert f'value="{value}"' in text_of(client.get(address))
        client.post(address, {field: "", "before": value})
        assert getattr(practice_of(boss), column) == ""

    @each_page
    def test_other_fields_are_none_of_the_form_s_business(
        self, client: Client, boss: Membership, address: str
    ) -> None:
        field, value, column = EACH[address]
        other = factories.practice()
        more = {"practice": other.pk, "practice_id": other.pk, "phone_": "x", "name": "Mine"}
        more |= {"phone": "01632 960 998", "ods_code": "Z1", "closed_on": "2020-01-01"}
        before = practice_of(boss)
        client.post(address, {**more, field: value, "before": ""})
        after = practice_of(boss)
        assert phones.shown(getattr(after, column)) == value
        for name in ("phone", "name", "ods_code", "closed_on"):
            assert getattr(after, name) == getattr(before, name)
        other.refresh_from_db()
        assert getattr(other, column) == ""

    @pytest.mark.parametrize(
        ("address", "typed", "words"),
        [
            (CALL_BACK, "12", "Enter the phone number with its area code, beginning with 0"),
            (CALL_BACK, "+33 1 23 45 67 89", "Enter a UK phone number, like 01632 960 001"),
            (CALL_BACK, "0901 234 5678", "others cost the caller more"),
            (CALL_BACK, "0" * 41, "Call-back number must be 40 characters or fewer"),
            (NOTICES, "desk", "Enter an email address, like"),
            (
                NOTICES,
                "a@b.example, c@d.example",
                "Enter an email address, like",
            ),
            (
                NOTICES,
                "a@b.example\nBcc: c@d.example",
                "Enter an email address, like",
            ),
            (NOTICES, f"{'x' * 250}@b.example", "Email address must be 254 characters or fewer"),
        ],
    )
    def test_what_is_wrong_stands_beside_it_and_nothing_is_lost(
        self, client: Client, boss: Membership, address: str, typed: str, words: str
    ) -> None:
        field, _, column = EACH[address]
        answer = client.post(address, {field: typed, "before": ""})
        assert answer.status_code == 422
        page = text_of(answer)
        assert page.count(words) == 2
        assert typed.split("\n", maxsplit=1)[0] in page
        assert getattr(practice_of(boss), column) == ""

    @each_page
    def test_what_another_user_has_set_meanwhile_is_shown_first(
        self, client: Client, boss: Membership, address: str
    ) -> None:
        field, value, column = EACH[address]
        Practice.objects.filter(pk=practice_of(boss).pk).update(**{column: "01632 960 111"})
        answer = client.post(address, {field: value, "before": ""})
        assert answer.status_code == 422
        page = text_of(answer)
        assert "Someone else has just changed it: it is 01632 960 111 now" in page
        assert f'value="{value}"' in page
        assert 'name="before" value="01632 960 111"' in page
        client.post(address, {field: value, "before": "01632 960 111"})
        assert phones.shown(getattr(practice_of(boss), column)) == value

    @each_page
    @pytest.mark.parametrize("late", ["not confirmed", "locked", "over"])
    def test_too_late_nothing_typed_is_lost(
        self, client: Client, boss: Membership, address: str, late: str
    ) -> None:
        field, value, column = EACH[address]
        now = timezone.now()
        changes: dict[str, dict[str, Any]] = {
            "not confirmed": {"confirmed_at": None},
            "locked": {"last_seen_at": now - timedelta(minutes=16)},
            "over": {"last_seen_at": now - timedelta(hours=2)},
        }
        Session.objects.update(**changes[late])
        there = client.post(address, {field: value, "before": ""})["Location"]
        assert getattr(practice_of(boss), column) == ""
        assert not Mail.objects.exists()
        if late != "not confirmed":
            (there,) = parse_qs(urlsplit(there).query)["next"]
        factories.confirmed(factories.sign_in(client, boss.user))
        assert f'value="{value}"' in text_of(client.get(there))

    @pytest.mark.usefixtures("boss")
    def test_the_page_says_that_the_service_desk_phones_another_number(
        self, client: Client
    ) -> None:
        page = text_of(client.get(CALL_BACK))
        assert "The service desk never phones this number" in page
        assert "is 01632 960 101" in page
