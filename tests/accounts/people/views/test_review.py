"""The page on which an administrator says who still works in the practice."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership, Practice, User
from accounts.models.reviews import REVIEW_EVERY, Confirmation
from accounts.models.sessions import Session
from accounts.roles import Role
from tests import factories
from tests.pages import link_to, text_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LONG_AGO = NOW - REVIEW_EVERY - timedelta(days=1)
REVIEW, SAVE = "/people/review/", "/people/review/save/"


@pytest.fixture
def practice() -> Practice:
    return factories.practice()


@pytest.fixture
def boss(client: Client, practice: Practice) -> Membership:
    """An administrator who is signed in and has confirmed a moment ago who they are."""
    found = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
    factories.confirmed(factories.sign_in(client, found.user))
    return found


def colleague(practice: Practice, family: str = "Hill", **user: Any) -> Membership:
    made = factories.member(at=practice)
    User.objects.filter(pk=made.user_id).update(family_name=family, **user)
    return made


def answers(client: Client, **said: str) -> dict[str, str]:
    """Return what the page sends when these answers are chosen in it, as who_1="off"."""
    page = text_of(client.get(REVIEW))
    hidden = dict(re.findall(r'type="hidden" name="(seen-\d+|page)" value="([^"]+)"', page))
    return hidden | {name.replace("_", "-"): word for name, word in said.items()}


def words_of(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


class TestPage:
    """``/people/review/``."""

    def test_everybody_who_can_log_in_with_what_tells_of_leavers(
        self, client: Client, boss: Membership, practice: Practice
    ) -> None:
        quiet = colleague(practice, "Quiet", last_login=LONG_AGO)
        colleague(practice, "Busy", last_login=NOW)
        factories.person(at=practice, given_name="Ida", family_name="Invited")
        off = colleague(practice, "Gone")
        Membership.objects.filter(pk=off.pk).update(off_at=NOW)
        factories.member()
        Membership.objects.filter(pk=quiet.pk).update(created_at=LONG_AGO)
        last = Confirmation.objects.create(
            membership=quiet, role=quiet.role, by=boss.user, at=LONG_AGO
        )
        page = text_of(client.get(REVIEW))
        words = words_of(page)
        assert "Gone" not in words
        assert "4 people Name" in words
        assert f"{practice.name}, {practice.ods_code}. Everyone who can log in" in words
        assert "1 person has not been confirmed for 90 days" in words
        day = f"{last.at.astimezone(timezone.get_default_timezone()):%-d %B %Y}"
        assert (
            f"Jane Quiet {quiet.user.email} Role Practice staff Authenticator set up "
            f"Last logged in {day} Not for 90 days "
            f"Last confirmed To confirm {day} by Jane Doe (role: practice staff) Jane Quiet"
        ) in words
        assert "Ida Invited" in words
        assert "Practice staff No authenticator Last logged in Never logged in" in words
        assert words.index("Jane Quiet") < words.index("Jane Busy")
        assert " checked" not in page

    def test_oneself_another_administrator_confirms_if_there_is_one(
        self, client: Client, boss: Membership, practice: Practice
    ) -> None:
        page = text_of(client.get(REVIEW))
        assert "You are the only administrator: you confirm yourself" in page
        assert re.findall(r'type="radio" value="(\w+)"', page) == ["here"]
        other = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        page = text_of(client.get(REVIEW))
        assert "This is you. Another administrator confirms you" in page
        assert f'name="who-{boss.pk}"' not in page
        assert page.count(f'name="who-{other.pk}"') == 2

    @pytest.mark.usefixtures("boss")
    def test_fifty_at_a_time_those_who_are_due_first(
        self, client: Client, practice: Practice
    ) -> None:
        many(practice, 120)
        page = text_of(client.get(REVIEW))
        assert page.count("<tr ") == 51  # and the headings
        assert "Page 1 of 3" in page
        page = text_of(client.get(f"{REVIEW}?page=3"))
        assert page.count("<tr ") == 22
        assert "Jane Doe" in page  # who is not due
        assert "Next page" not in page
        for odd in ("0", "-1", "99", "x", "9" * 50, "²"):
            assert client.get(f"{REVIEW}?page={odd}").status_code == 200

    @pytest.mark.parametrize("count", [0, 60])
    @pytest.mark.usefixtures("boss")
    def test_its_queries_do_not_grow(
        self, client: Client, practice: Practice, count: int, django_assert_num_queries: Any
    ) -> None:
        many(practice, count)
        # Session, who is due, how many, a page of them, their confirmations.
        with django_assert_num_queries(5):
            client.get(REVIEW)

    @pytest.mark.usefixtures("boss")
    def test_while_anybody_is_due_home_and_list_say_so(
        self, client: Client, practice: Practice, django_assert_num_queries: Any
    ) -> None:
        for address, queries in (("/people/", 5), ("/referrals/", 3)):
            Membership.objects.update(created_at=NOW)
            assert "not been confirmed" not in text_of(client.get(address))
            Membership.objects.update(created_at=LONG_AGO)
            page = text_of(client.get(address))
            assert "1 person has not been confirmed for 90 days." in page
            assert f'<a href="{REVIEW}">Review who has access</a>' in page
            colleagues = [colleague(practice) for _ in range(2)]
            Membership.objects.update(created_at=LONG_AGO)
            with django_assert_num_queries(queries):
                page = text_of(client.get(address))
            assert "3 people have not been confirmed for 90 days." in page
            Membership.objects.filter(pk__in=[each.pk for each in colleagues]).delete()

    def test_staff_are_not_told(self, client: Client) -> None:
        factories.sign_in(client, factories.active_person())
        Membership.objects.update(created_at=LONG_AGO)
        assert "not been confirmed" not in text_of(client.get("/referrals/"))


def many(practice: Practice, count: int) -> None:
    users = [
        User(email=f"p{n}@larkfield.example", given_name="Pat", family_name=f"Z{n:03}")
        for n in range(count)
    ]
    User.objects.bulk_create(users)
    made = [
        Membership(user=each, practice=practice, role=Role.STAFF, created_at=LONG_AGO)
        for each in users
    ]
    Membership.objects.bulk_create(made)


class TestSave:
    """``/people/review/save/``."""

    def test_what_was_chosen_is_done_and_the_rest_stays_open(
        self, client: Client, boss: Membership, practice: Practice
    ) -> None:
        stays, leaves, open_ = (colleague(practice, name) for name in ("Abel", "Baker", "Cole"))
        Membership.objects.update(created_at=LONG_AGO)
        sent = answers(client, **{f"who_{stays.pk}": "here", f"who_{leaves.pk}": "off"})
        page = text_of(client.post(SAVE, sent, follow=True))
        assert "Saved. People you did not answer for are still on this list." in page
        assert "2 people have not been confirmed" in page
        assert "Baker" not in page
        assert words_of(page).count("by Jane Doe (role: practice staff)") == 1
        assert [each.membership for each in Confirmation.objects.all()] == [stays]
        leaves.refresh_from_db()
        assert leaves.off_at
        open_.refresh_from_db()
        assert open_.off_at is None
        assert boss.off_at is None

    @pytest.mark.usefixtures("boss")
    def test_who_was_confirmed_when_stands_on_the_person_s_page(
        self, client: Client, practice: Practice, django_assert_num_queries: Any
    ) -> None:
        member = colleague(practice)
        address = f"/people/{member.pk}/"
        assert "Access confirmed Never" in words_of(text_of(client.get(address)))
        with django_assert_num_queries(7) as few:
            client.get(address)
        for days in range(7):
            Confirmation.objects.create(
                membership=member,
                role=member.role,
                by=colleague(practice, f"Boss-{days}").user,
                at=NOW - timedelta(days=1000 - days * 100),
            )
        with django_assert_num_queries(len(few) + 1):  # how many there are
            page = text_of(client.get(address))
        assert "1 to 5 of 7" in page
        who = r"by Jane (Boss-\d) \(role: practice staff\)"
        assert re.findall(who, words_of(page)) == [f"Boss-{each}" for each in (6, 5, 4, 3, 2)]
        page = text_of(client.get(link_to(page, "Next page")))
        assert re.findall(who, words_of(page)) == ["Boss-1", "Boss-0"]

    @pytest.mark.usefixtures("boss")
    @pytest.mark.parametrize("word", ["", "OFF", "delete"])
    def test_without_any_answer_it_asks_for_one(
        self, client: Client, practice: Practice, word: str
    ) -> None:
        member = colleague(practice)
        answer = client.post(SAVE, answers(client, **{f"who_{member.pk}": word}))
        assert answer.status_code == 422
        page = text_of(answer)
        assert "Say for at least one person whether they still work here" in page
        assert "<title>Error: " in page
        assert not Confirmation.objects.exists()

    @pytest.mark.usefixtures("boss")
    def test_where_a_user_was_changed_meanwhile_nothing_is_saved_and_no_choice_is_lost(
        self, client: Client, practice: Practice
    ) -> None:
        stays, changed = colleague(practice, "Abel"), colleague(practice, "Baker")
        sent = answers(client, **{f"who_{stays.pk}": "here", f"who_{changed.pk}": "here"})
        Membership.objects.filter(pk=changed.pk).update(role=Role.PRACTICE_ADMINISTRATOR)
        answer = client.post(SAVE, sent)
        assert answer.status_code == 422
        page = text_of(answer)
        assert "Nothing was saved. Someone else has changed or confirmed Jane Baker" in page
        assert f'name="who-{stays.pk}" type="radio" value="here" checked' in page
        assert 'value="practice_administrator-0"' in page
        assert not Confirmation.objects.exists()
        sent |= dict(re.findall(r'name="(seen-\d+)" value="([^"]+)"', page))
        assert client.post(SAVE, sent).status_code == 302
        assert Confirmation.objects.count() == 2

    @pytest.mark.usefixtures("boss")
    def test_a_refused_page_of_many_shows_the_same_people(
        self, client: Client, practice: Practice
    ) -> None:
        many(practice, 120)
        before = re.findall(r'name="(seen-\d+)"', text_of(client.get(f"{REVIEW}?page=2")))
        sent = dict.fromkeys(before, "staff-0") | {"page": "2"}
        done = [Membership.objects.get(pk=name.partition("-")[2]) for name in before[:10]]
        for each in done:  # by another administrator: the pages of what is due have moved on
            Confirmation.objects.create(membership=each, role=each.role, by=each.user, at=NOW)
        page = text_of(client.post(SAVE, sent))
        assert sorted(re.findall(r'name="(seen-\d+)"', page)) == sorted(before)

    @pytest.mark.parametrize("word", ["here", "off"])
    @pytest.mark.usefixtures("boss")
    def test_a_number_from_another_practice_does_nothing(
        self, client: Client, practice: Practice, word: str
    ) -> None:
        mine, stranger = colleague(practice), factories.member()
        sent = answers(client, **{f"who_{mine.pk}": "here", f"who_{stranger.pk}": word})
        for seen in ("", "staff-0"):
            answer = client.post(SAVE, sent | {f"seen-{stranger.pk}": seen})
            assert answer.status_code == 422
            page = text_of(answer)
            assert "not one of your people" in page
            assert stranger.user.email not in page
        stranger.refresh_from_db()
        assert stranger.off_at is None
        assert not Confirmation.objects.exists()

    def test_one_s_own_place_cannot_be_turned_off(self, client: Client, boss: Membership) -> None:
        answer = client.post(SAVE, answers(client, **{f"who_{boss.pk}": "off"}))
        assert answer.status_code == 422
        assert "You cannot do this to yourself" in text_of(answer)
        boss.refresh_from_db()
        assert boss.off_at is None

    @pytest.mark.usefixtures("boss")
    @pytest.mark.parametrize("number", ["", "x", "-1", "²", "٣", "9" * 18, "9" * 400, "1\x00"])
    def test_odd_numbers_do_nothing(self, client: Client, number: str) -> None:
        answer = client.post(SAVE, {f"who-{number}": "off", f"seen-{number}": "staff-0"})
        assert answer.status_code == 422
        text_of(answer)
        assert not Membership.objects.exclude(off_at=None).exists()

    @pytest.mark.parametrize("late", ["not confirmed", "locked", "over"])
    def test_too_late_no_choice_is_lost(
        self, client: Client, boss: Membership, practice: Practice, late: str
    ) -> None:
        members = [colleague(practice) for _ in range(49)]
        said = {f"who_{each.pk}": "here" for each in members[1:]}
        sent = answers(client, **said, **{f"who_{members[0].pk}": "off"})
        changes: dict[str, dict[str, Any]] = {
            "not confirmed": {"confirmed_at": None},
            "locked": {"last_seen_at": timezone.now() - timedelta(minutes=16)},
            "over": {"last_seen_at": timezone.now() - timedelta(hours=2)},
        }
        Session.objects.update(**changes[late])
        there = client.post(SAVE, sent)["Location"]
        if late != "not confirmed":
            (there,) = parse_qs(urlsplit(there).query)["next"]
        assert not Confirmation.objects.exists()
        factories.sign_in(client, boss.user)
        assert client.get(there)["Location"].startswith("/account/confirm/")
        factories.confirmed(Session.objects.latest("pk"))
        page = text_of(client.get(there))
        assert page.count('value="here" checked') == 48
        assert f'name="who-{members[0].pk}" type="radio" value="off" checked' in page
        other = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
        factories.confirmed(factories.sign_in(client, other.user))
        assert " checked" not in text_of(client.get(there))

    @pytest.mark.usefixtures("boss")
    def test_opened_by_itself_it_is_the_same_page(self, client: Client) -> None:
        assert "Review who has access" in text_of(client.get(SAVE))
