"""Who has looked at a referral: noted before it is shown, and told to administrators alone."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership, Practice
from accounts.roles import Role
from referrals.models.access_log import AccessAction, AccessLogEntry
from referrals.models.referrals import Referral, TimelineEntry
from tests import factories
from tests.factories import acting
from tests.pages import text_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0"


@pytest.fixture
def practice() -> Practice:
    return factories.practice()


@pytest.fixture
def boss(client: Client, practice: Practice) -> Membership:
    membership = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice)
    factories.sign_in(client, membership.user)
    return membership


@pytest.fixture
def sent(practice: Practice) -> Referral:
    return factories.sent(by=factories.member(at=practice))


def actions_noted(referral: Referral) -> list[tuple[str, int]]:
    found = AccessLogEntry.objects.filter(referral=referral).exclude(action=AccessAction.CHANGED)
    return list(found.order_by("pk").values_list("action", "person"))


def colleague_opens(sent: Referral, *, at: Any = NOW, **person: Any) -> Membership:
    """Let a member of the practice have looked at it."""
    user = factories.person(at=sent.practice, **person)
    member = user.memberships.get()
    AccessLogEntry.note(sent, AccessAction.VIEWED, acting(member, now=at))
    return member


@contextmanager
def unable_to_write_entries() -> Iterator[None]:
    """As where the database refuses it."""

    def refuse(execute: Callable[..., Any], sql: Any, *others: Any) -> Any:
        if "INSERT INTO referrals_accesslogentry" in sql:
            raise DatabaseError("no room left on device")
        return execute(sql, *others)

    with connection.execute_wrapper(refuse):
        yield


class TestNoting:
    """Opening and printing."""

    def test_opening_it_is_noted_with_the_browser(
        self, client: Client, boss: Membership, sent: Referral
    ) -> None:
        client.get(f"/referrals/{sent.pk}/", headers={"user-agent": EDGE})
        client.get(f"/referrals/{sent.pk}/")
        assert actions_noted(sent) == [("viewed", boss.user_id)]
        entry = AccessLogEntry.objects.get(action=AccessAction.VIEWED)
        assert (entry.address, entry.browser) == ("127.0.0.1", EDGE)

    @pytest.mark.usefixtures("boss")
    def test_what_a_page_asks_by_itself_lists_and_other_pages_are_no_look(
        self, client: Client, sent: Referral
    ) -> None:
        client.get(f"/referrals/{sent.pk}/progress/")
        client.get("/referrals/")
        client.get(f"/referrals/{sent.pk}/looks/")
        client.get(f"/referrals/{sent.pk}/send/")
        client.post(f"/referrals/{sent.pk}/")
        assert actions_noted(sent) == []

    @pytest.mark.usefixtures("boss")
    def test_nobody_sees_it_unless_that_is_noted(self, client: Client, sent: Referral) -> None:
        client.raise_request_exception = False
        with unable_to_write_entries():
            answer = client.get(f"/referrals/{sent.pk}/")
        assert answer.status_code == 500
        assert "Ashworth" not in answer.content.decode()

    def test_another_practice_s_is_neither_shown_nor_noted(
        self, client: Client, boss: Membership
    ) -> None:
        anothers = factories.sent()
        assert client.get(f"/referrals/{anothers.pk}/").status_code == 404
        assert client.post(f"/referrals/{anothers.pk}/printed/").status_code == 404
        assert not AccessLogEntry.objects.filter(person=boss.user).exists()

    def test_printing_is_noted(self, client: Client, boss: Membership, sent: Referral) -> None:
        for _ in range(2):
            assert client.post(f"/referrals/{sent.pk}/printed/").status_code == 204
        assert actions_noted(sent) == [("printed", boss.user_id)]

    @pytest.mark.usefixtures("boss")
    def test_nobody_prints_by_opening_an_address(self, client: Client, sent: Referral) -> None:
        assert client.get(f"/referrals/{sent.pk}/printed/").status_code == 405
        strict = Client(headers={"x-forwarded-proto": "https"}, enforce_csrf_checks=True)
        strict.cookies = client.cookies
        assert strict.post(f"/referrals/{sent.pk}/printed/").status_code == 403
        assert actions_noted(sent) == []

    def test_every_page_with_a_patient_tells_when_it_is_printed(
        self, client: Client, boss: Membership, sent: Referral
    ) -> None:
        draft = factories.draft(by=boss)
        for address in (
            f"/referrals/{sent.pk}/",
            f"/referrals/{draft.pk}/send/",
            f"/referrals/{draft.pk}/edit/",
        ):
            page = text_of(client.get(address))
            of = sent if "/send/" not in address and "/edit/" not in address else draft
            assert page.count(f'data-printed="/referrals/{of.pk}/printed/"') == 1, address

    def test_on_paper_it_says_who_has_opened_it(
        self, client: Client, boss: Membership, sent: Referral
    ) -> None:
        page = text_of(client.get(f"/referrals/{sent.pk}/"))
        assert f"Opened by {boss.user.full_name}, Larkfield Surgery, at" in page


class TestPage:
    """``/referrals/<id>/looks/``."""

    def test_it_is_reached_from_the_referral_and_names_no_patient(
        self, client: Client, boss: Membership, sent: Referral
    ) -> None:
        assert f'href="/referrals/{sent.pk}/looks/"' in text_of(
            client.get(f"/referrals/{sent.pk}/", headers={"user-agent": EDGE})
        )
        page = text_of(client.get(f"/referrals/{sent.pk}/looks/"))
        for words in (sent.reference, boss.user.email, "Jane Doe", "Viewed", "Edge on Windows"):
            assert words in page
        assert "Ashworth" not in page

    @pytest.mark.usefixtures("boss")
    def test_the_latest_comes_first_among_what_the_timeline_knows(
        self, client: Client, sent: Referral
    ) -> None:
        later = timezone.now() + timedelta(minutes=1)
        first = colleague_opens(sent, at=later, given_name="Ida")
        last = colleague_opens(sent, at=later + timedelta(minutes=1), given_name="Omar")
        first.user.memberships.update(off_at=NOW)  # who has left is still named
        by_itself: dict[str, Any] = {"event": "delivered", "by": None, "at": later}
        TimelineEntry.objects.create(referral=sent, practice=sent.practice, **by_itself)
        page = text_of(client.get(f"/referrals/{sent.pk}/looks/"))
        assert "Ida Doe" in page
        order = [page.index(words) for words in ("Omar Doe", "Ida Doe", "Sent by the practice")]
        assert order == sorted(order)
        assert page.index(last.user.email) < page.index(first.user.email)
        assert "Draft written" in page
        assert "Received by" not in page

    @pytest.mark.usefixtures("boss")
    def test_every_one_is_there_with_what_the_timeline_knows_between_them(
        self, client: Client, sent: Referral, django_assert_num_queries: Any
    ) -> None:
        member = colleague_opens(sent)
        address = f"/referrals/{sent.pk}/looks/"
        with django_assert_num_queries(4):  # session, referral, access log, timeline
            page = text_of(client.get(address))
        assert "Pages" not in page
        now = timezone.now()
        made = [
            AccessLogEntry(referral=sent, practice=sent.practice, person=member.user,
                           action=AccessAction.VIEWED, at=now + timedelta(minutes=5 * number),
                           browser="")
            for number in range(1, 449)  # and two of before
        ]  # fmt: skip
        AccessLogEntry.objects.bulk_create(made)
        told = [now + timedelta(minutes=5 * number + 1) for number in (448, 248, 50)]
        TimelineEntry.objects.bulk_create(
            TimelineEntry(
                referral=sent, practice=sent.practice, event="submitted", by=member.user, at=at
            )
            for at in told
        )
        rows, said = [], []
        for number in range(3):
            # and how many, how many before, and where the next page begins
            with django_assert_num_queries((6, 7, 6)[number]):
                page = text_of(client.get(address))
            rows.append(re.findall("<span>(Viewed|Sent by the practice)</span>", page))
            said += re.findall(r"latest first \(([^)]+)\)", page)
            address = next(iter(re.findall('href="([^"]+)">Next page', page)), "")
        assert [each.count("Viewed") for each in rows] == [200, 200, 49]
        assert [each.count("Sent by the practice") for each in rows] == [2, 1, 1]
        assert rows[0][0] == rows[0][-1] == rows[2][-2] == "Sent by the practice"
        assert said == ["1 to 202 of 454", "203 to 403 of 454", "404 to 454 of 454"]
        back = text_of(client.get(re.findall('href="([^"]+)">Previous page', page)[0]))
        assert re.findall("<span>(Viewed|Sent by the practice)</span>", back) == rows[1]

    def test_staff_are_not_let_in_and_see_no_link(self, client: Client, sent: Referral) -> None:
        staff = factories.member(at=sent.practice)
        factories.sign_in(client, staff.user)
        assert client.get(f"/referrals/{sent.pk}/looks/").status_code == 403
        assert client.get(f"/referrals/looks/{staff.pk}/").status_code == 403
        assert "/looks/" not in text_of(client.get(f"/referrals/{sent.pk}/"))

    def test_what_is_not_the_practice_s_is_not_there(
        self, client: Client, boss: Membership
    ) -> None:
        colleagues_draft = factories.draft(by=factories.member(at=boss.practice))
        for referral_id in (factories.sent().pk, colleagues_draft.pk, uuid.uuid4()):
            assert client.get(f"/referrals/{referral_id}/looks/").status_code == 404

    @pytest.mark.usefixtures("sent")
    def test_one_s_own_draft_has_one_too(self, client: Client, boss: Membership) -> None:
        draft = factories.draft(by=boss, given_name="")
        page = text_of(client.get(f"/referrals/{draft.pk}/looks/"))
        assert "Draft written" in page


class TestOfPerson:
    """``/referrals/looks/<number>/``."""

    def test_it_is_reached_from_the_person_and_leads_to_each_referral(
        self, client: Client, boss: Membership, sent: Referral
    ) -> None:
        member = colleague_opens(sent, given_name="Ida")
        member.user.memberships.update(off_at=NOW)
        draft = factories.draft(by=member)
        address = f"/referrals/looks/{member.pk}/"
        assert f'href="{address}"' in text_of(client.get(f"/people/{member.pk}/"))
        page = text_of(client.get(address))
        assert "Which referrals has Ida Doe looked at?" in page
        assert f'href="/referrals/{sent.pk}/looks/">{sent.reference}</a>' in page
        assert f"{draft.reference}, not sent" in page
        assert str(draft.pk) not in page
        assert "Ashworth" not in page
        assert "Nothing yet" in text_of(client.get(f"/referrals/looks/{boss.pk}/"))

    @pytest.mark.usefixtures("boss")
    def test_what_they_did_elsewhere_is_that_practice_s(
        self, client: Client, practice: Practice
    ) -> None:
        elsewhere = factories.sent()
        there = colleague_opens(elsewhere)
        here = Membership.objects.create(user=there.user, practice=practice, role=Role.STAFF)
        page = text_of(client.get(f"/referrals/looks/{here.pk}/"))
        assert elsewhere.reference not in page
        assert client.get(f"/referrals/looks/{there.pk}/").status_code == 404
        assert client.get(f"/referrals/looks/{'9' * 30}/").status_code == 404

    @pytest.mark.usefixtures("boss")
    def test_the_number_of_queries_is_fixed(
        self, client: Client, sent: Referral, django_assert_num_queries: Any
    ) -> None:
        member = colleague_opens(sent)
        for number in range(1, 6):
            now = NOW + timedelta(minutes=5 * number)
            AccessLogEntry.note(sent, AccessAction.VIEWED, acting(member, now=now))
            with django_assert_num_queries(3):  # session, person, access log
                client.get(f"/referrals/looks/{member.pk}/")

    @pytest.mark.usefixtures("boss")
    def test_it_counts_what_it_shows_and_leads_to_the_rest(
        self, client: Client, sent: Referral, django_assert_num_queries: Any
    ) -> None:
        member = colleague_opens(sent)
        gone = uuid.uuid4()
        AccessLogEntry.objects.bulk_create(
            AccessLogEntry(referral_id=sent.pk if number % 2 else gone, practice=sent.practice,
                           person=member.user, action=AccessAction.VIEWED,
                           at=NOW - timedelta(hours=number), browser="")
            for number in range(1, 500)
        )  # fmt: skip
        page = text_of(client.get(f"/referrals/looks/{member.pk}/"))
        assert "Latest first (1 to 200 of 251)" in page  # a deleted draft's are left out
        rest = re.findall('href="([^"]+)">Next page', page)[0]
        with django_assert_num_queries(5):
            page = text_of(client.get(rest))
        assert "Latest first (201 to 251 of 251)" in page
        assert page.count("</tr>") == 52
