"""Checking and sending: what is shown is what is sent, once, and twins are asked about."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import html5lib
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from accounts.wording import clock_time
from referrals import actions
from referrals import drafts as referrals_drafts
from referrals.models import referrals
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from referrals.states import State
from tests import factories
from tests.factories import acting
from tests.pages import text_of, would_send

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


def address(referral: Referral) -> str:
    return f"/referrals/{referral.pk}/send/"


def test_everything_that_will_be_sent_is_shown_and_can_be_changed(
    client: Client, by: Membership
) -> None:
    draft = factories.draft(by=by, complaint="Hurts.\nFor <3 days")
    page = text_of(client.get(address(draft)))
    for words in (
        *("Winifred Ashworth", "999 000 0018", "15 March 1984", "Female", "8 Tanners Row"),
        *(
            "TS18 1AB",
            "The patient",
            "07700 900 982",
            "Acute sore throat",
            "Hurts.\nFor &lt;3 days",
        ),
        *("Well Street Pharmacy", "4 Well Street, Westmere, WM1 3DE"),
    ):
        assert words in page
    assert page.count(f'href="/referrals/{draft.pk}/edit/#id_') == 16
    for group in ("emergency", "sore_throat_red_flags"):
        assert f'href="/referrals/{draft.pk}/edit/#id_q_{group}">Change' in page
    assert "You have not sent this referral yet." in page
    assert "already" not in page
    assert "Is this the right patient?" not in page


def test_other_questions_than_those_answered_lead_back_to_the_answers(
    client: Client, by: Membership
) -> None:
    draft = factories.draft(by=by, content_pack="2025.9")
    response = client.get(address(draft))
    assert response["Location"] == f"/referrals/{draft.pk}/edit/?because=other-questions"
    page = text_of(client.get(response["Location"]))
    assert "The clinical questions, or what follows from the answers, have changed" in page
    shown = would_send(page)
    assert (shown["q_emergency"], shown["q_sore_throat_red_flags"]) == ("none", "none")
    assert client.post(address(draft), {"version": draft.version})["Location"].endswith("questions")
    answers = {name: text for name, text in shown.items() if name and text}
    client.post(f"/referrals/{draft.pk}/edit/", answers)
    assert Referral.objects.get().details.content_pack == "2026.1"


def test_what_its_answers_stop_is_never_sent_from_here(client: Client, by: Membership) -> None:
    answers = {"q_emergency": "some", "q_sore_throat_red_flags": "none"}
    draft = factories.draft(by=by, answers=answers)
    for response in (
        client.get(address(draft)),
        client.post(address(draft), {"version": draft.version}),
    ):
        assert response["Location"] == f"/referrals/{draft.pk}/edit/?because=other-questions"
    assert Referral.objects.get().state == State.DRAFT
    assert not Message.objects.exists()


def test_a_pharmacy_that_closes_before_sending_leads_back_and_says_so(
    client: Client, by: Membership
) -> None:
    draft = factories.draft(by=by)
    Pharmacy.objects.update(paused_until=timezone.localdate() + timedelta(days=2))
    response = client.post(address(draft), {"version": draft.version})
    assert response["Location"] == f"/referrals/{draft.pk}/edit/"
    assert "not accepting referrals" in text_of(client.get(response["Location"]))
    assert not Message.objects.exists()


def test_what_is_unusual_stands_first(client: Client, by: Membership) -> None:
    to = factories.pharmacy(opening_hours="24/7")
    usual = factories.draft(by=by, to=to)
    assert "Look at these first" not in text_of(client.get(address(usual)))
    draft = factories.draft(
        by=by,
        nhs_number="",
        other_number="150 384 123 5",
        phone_owner="other",
        phone_owner_name="Ann Ashworth",
        birth_year="2023",
        reason="Sore throat (minor illness)",
    )
    page = text_of(client.get(address(draft)))
    first = page[page.index("Look at these first") : page.index("Send referral")]
    for words in (
        "This is a Scottish number (CHI number).",
        "The phone number is Ann Ashworth",
        "This will be sent as a minor illness: acute sore throat referrals are only for",
        "hours not known: phone first.",
    ):
        assert words in first


def test_pressing_send_sends_it_and_leads_to_where_it_is(client: Client, by: Membership) -> None:
    draft = factories.draft(by=by)
    response = client.post(address(draft), {"version": draft.version})
    assert (response.status_code, response["Location"]) == (302, f"/referrals/{draft.pk}/")
    assert Referral.objects.get().state == State.SENDING
    assert Message.objects.count() == 1


def test_pressing_it_twice_or_going_back_sends_one(client: Client, by: Membership) -> None:
    draft = factories.draft(by=by)
    for _ in range(3):
        response = client.post(address(draft), {"version": draft.version})
        assert response["Location"] == f"/referrals/{draft.pk}/"
    assert client.get(address(draft))["Location"] == f"/referrals/{draft.pk}/"
    assert Message.objects.count() == 1


def test_a_page_of_before_is_told_that_something_else_was_sent(
    client: Client, by: Membership
) -> None:
    draft = factories.draft(by=by)
    changed = factories.details(pharmacy=draft.details.pharmacy, town="Saltby")
    referrals_drafts.save(draft.pk, changed, actor=acting(by, now=timezone.now()))
    client.post(address(draft), {"version": 2})
    response = client.post(address(draft), {"version": 1})
    assert response["Location"] == f"/referrals/{draft.pk}/?because=changed"


def test_a_page_that_shows_what_was_written_before_sends_nothing(
    client: Client, by: Membership
) -> None:
    draft = factories.draft(by=by)
    changed = factories.details(pharmacy=draft.details.pharmacy, town="Saltby")
    referrals_drafts.save(draft.pk, changed, actor=acting(by, now=timezone.now()))
    response = client.post(address(draft), {"version": 1})
    assert response.status_code == 422
    page = text_of(response)
    assert "This referral was changed in another window. Check it again, then send it" in page
    assert "Saltby" in page
    assert 'name="version" value="2"' in page
    assert not Message.objects.exists()
    assert client.post(address(draft), {"version": 2}).status_code == 302


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "1e3", "\x00"])
def test_a_version_that_is_none_is_asked_again(
    client: Client, by: Membership, version: str
) -> None:
    draft = factories.draft(by=by)
    response = client.post(address(draft), {"version": version})
    assert response.status_code == 422
    assert "Check it again, then send it" in text_of(response)
    assert not Message.objects.exists()


class TestAnotherOneForTheSamePatient:
    def test_the_page_says_when_where_to_and_by_whom_and_asks(
        self, client: Client, by: Membership
    ) -> None:
        colleague = factories.member(at=by.practice)
        colleague.user.given_name = "Ruth"
        colleague.user.save()
        earlier = factories.sent(by=colleague, to=factories.pharmacy(name="Vale Pharmacy"))
        draft = factories.draft(by=by)
        page = text_of(client.get(address(draft)))
        assert "This patient may already have been referred" in page
        assert earlier.sent_at
        assert re.search(
            "Ruth Doe referred Winifred Ashworth, born 15 March 1984, to Vale Pharmacy "
            rf"(yesterday )?at {clock_time(earlier.sent_at)}, for acute sore throat\.",
            page,
        )
        assert f'href="/referrals/{earlier.pk}/"' in page

        response = client.post(address(draft), {"version": 1})
        assert response.status_code == 422
        sentence = "Read what there was before, then confirm that this referral is to be sent"
        assert text_of(response).count(sentence) == 2
        assert Message.objects.count() == 1

        for known in ("", "0", "1", "x", str(uuid.uuid4()), f"{earlier.pk}"[:-1], "\x00" * 40_000):
            answer = {"version": 1, "again": "yes", "known": known}
            assert client.post(address(draft), answer).status_code == 422
        answer = {"version": 1, "again": "yes", "known": str(earlier.pk)}
        assert client.post(address(draft), answer).status_code == 302
        assert Message.objects.count() == 2

    def test_agreeing_to_one_is_not_agreeing_to_those_that_were_not_shown(
        self, client: Client, by: Membership
    ) -> None:
        draft = factories.draft(by=by)
        first = factories.sent(by=by)
        assert f'name="known" value="{first.pk}"' in text_of(client.get(address(draft)))
        second = factories.sent(by=factories.member(at=by.practice))
        answer = {"version": 1, "again": "yes", "known": str(first.pk)}
        response = client.post(address(draft), answer)
        assert response.status_code == 422
        both = would_send(text_of(response))["known"]
        assert both == f"{second.pk} {first.pk}"
        assert client.post(address(draft), answer | {"known": both}).status_code == 302

    def test_it_says_whether_the_earlier_one_has_arrived(
        self, client: Client, by: Membership
    ) -> None:
        factories.sent(by=by)
        Referral.objects.update(state=State.NOT_DELIVERED)
        assert "Not delivered" in text_of(client.get(address(factories.draft(by=by))))

    def test_a_twin_is_not_called_the_same_patient(self, client: Client, by: Membership) -> None:
        factories.sent(by=by, nhs_number="", given_name="Wilfred")
        page = text_of(client.get(address(factories.draft(by=by, nhs_number=""))))
        assert "Jane Doe referred Wilfred Ashworth, born 15 March 1984, to" in page
        assert "This may be a patient who has been referred already" in page
        assert "It may be another person, such as a twin." in page
        assert "this patient" not in page.lower()

    def test_one_sent_since_the_page_was_opened_is_asked_about_too(
        self, client: Client, by: Membership
    ) -> None:
        draft = factories.draft(by=by)
        assert "already" not in text_of(client.get(address(draft)))
        factories.sent(by=factories.member(at=by.practice))
        response = client.post(address(draft), {"version": 1})
        assert response.status_code == 422
        assert "This patient may already have been referred" in text_of(response)

    def test_nothing_of_another_practices_is_told(self, client: Client, by: Membership) -> None:
        factories.sent()
        factories.sent(family_name="Umber")
        page = text_of(client.get(address(factories.draft(by=by))))
        assert "already" not in page
        assert "Is this the right patient?" not in page


class TestTheSameNumberForAnother:
    """Both people stand beside each other, and the user says that they have checked."""

    @pytest.mark.parametrize("days", [0, 400])
    def test_the_page_compares_them_and_asks(
        self, client: Client, by: Membership, days: int
    ) -> None:
        at = timezone.now() - timedelta(days=days)
        colleague = factories.member(at=by.practice)
        before = factories.sent(
            by=colleague,
            at=at,
            to=factories.pharmacy(name="Vale Pharmacy"),
            family_name="Umber",
            birth_year="1951",
            sex="male",
            postcode="EX1 1AA",
        )
        draft = factories.draft(by=by)
        page = text_of(client.get(address(draft)))
        assert "Is this the right patient?" in page
        said = "The NHS number 999 000 0018 was used before, but the last name and date of birth"
        assert f"{said} are different. One of the two may have the wrong NHS number." in page
        assert compared(page) == {
            "First name": ("Winifred", "Winifred"),
            "Last name: different": ("Ashworth", "Umber"),
            "Date of birth: different": ("15 March 1984", "15 March 1951"),
            "Sex: different": ("Female", "Male"),
            "Address: different": (
                "8 Tanners Row, Westmere, TS18 1AB",
                "8 Tanners Row, Westmere, EX1 1AA",
            ),
        }
        assert "referred Winifred Umber, born 15 March 1951, to Vale Pharmacy" in page
        assert f'href="/referrals/{before.pk}/"' in page
        assert "this patient" not in page.lower()
        assert 'name="again"' not in page  # it stands there once

        response = client.post(address(draft), {"version": 1})
        assert response.status_code == 422
        sentence = "Check whose NHS number this is, then confirm that it is this patient&#39;s"
        assert text_of(response).count(sentence) == 2
        assert '<a href="#id_right_patient">' in text_of(response)
        for answer in (
            {"right_patient": "yes"},
            {"right_patient": "yes", "known_person": str(draft.pk)},
            {"again": "yes", "known_person": str(before.pk)},
            {"right_patient": "yes", "known": str(before.pk)},
        ):
            assert client.post(address(draft), {"version": 1} | answer).status_code == 422
        answer = {"version": "1", "right_patient": "yes", "known_person": str(before.pk)}
        assert client.post(address(draft), answer).status_code == 302

    def test_one_for_each_reason_needs_both_answers(self, client: Client, by: Membership) -> None:
        yesterday = timezone.now() - timedelta(hours=20)
        factories.sent(by=by, at=yesterday)
        factories.sent(by=by, family_name="Umber")
        draft = factories.draft(by=by)
        page = text_of(client.get(address(draft)))
        assert page.index("Is this the right patient?") < page.index("may already have been")
        shown = would_send(page)
        known = {name: shown[name] or "" for name in ("known", "known_person")}
        for box in ("again", "right_patient"):
            answer = {"version": 1, box: "yes"} | known
            assert client.post(address(draft), answer).status_code == 422
        both = {"version": 1, "again": "yes", "right_patient": "yes"} | known
        assert client.post(address(draft), both).status_code == 302

    def test_one_for_another_since_the_page_was_opened_is_asked_about(
        self, client: Client, by: Membership
    ) -> None:
        draft = factories.draft(by=by)
        assert "Is this the right patient?" not in text_of(client.get(address(draft)))
        factories.sent(by=factories.member(at=by.practice), family_name="Umber")
        response = client.post(address(draft), {"version": 1})
        assert response.status_code == 422
        assert "Is this the right patient?" in text_of(response)

    def test_what_is_written_in_it_is_no_markup(self, client: Client, by: Membership) -> None:
        factories.sent(by=by, family_name="<b>Umber</b>")
        page = text_of(client.get(address(factories.draft(by=by))))
        assert "<b>" not in page
        assert "&lt;b&gt;Umber" in page


class TestOneThatWasStopped:
    """Of it anything may be missing: it is told as far as it is known, and is nobody else's."""

    WHO: ClassVar = {
        "nhs_number": "999 000 0018",
        "given_name": "Winifred",
        "family_name": "Ashworth",
        "birth_day": "15",
        "birth_month": "March",
        "birth_year": "1984",
    }

    @pytest.mark.parametrize(
        ("lacks", "whom"),
        [
            ((), " for Winifred Ashworth, born 15 March 1984,"),
            (("family_name",), " for Winifred, born 15 March 1984,"),
            (("given_name", "family_name"), " for a patient, born 15 March 1984,"),
            (("birth_day",), " for Winifred Ashworth"),
            (("given_name", "family_name", "birth_day"), ""),
        ],
    )
    def test_an_unfinished_one_is_not_another_person(
        self, client: Client, by: Membership, lacks: tuple[str, ...], whom: str
    ) -> None:
        written = {name: text for name, text in self.WHO.items() if name not in lacks}
        factories.stopped(by=by, **written)
        page = text_of(client.get(address(factories.draft(by=by))))
        assert "Is this the right patient?" not in page
        assert "different" not in page
        assert "Answers stopped a referral before this one" in page
        assert re.search(rf"Jane Doe began a referral{whom} (yesterday )?at \S+, and the", page)

    def test_an_unfinished_one_hides_nobody(self, client: Client, by: Membership) -> None:
        factories.sent(by=by, at=timezone.now() - timedelta(days=3), family_name="Umber")
        factories.stopped(by=by, **self.WHO)
        page = text_of(client.get(address(factories.draft(by=by))))
        assert compared(page)["Last name: different"] == ("Ashworth", "Umber")
        assert "and the answers stopped it: it was not sent." in page

    @pytest.mark.parametrize("is_todays", [True, False])
    def test_todays_questions_alone_say_what_stopped_it(
        self, client: Client, by: Membership, is_todays: bool
    ) -> None:
        stopped = factories.stopped(by=by, **self.WHO)
        if not is_todays:
            stopped.write(replace(stopped.details, content_pack="2025.1"))
            stopped.save()
        page = text_of(client.get(address(factories.draft(by=by))))
        assert "and the answers stopped it: it was not sent." in page
        said = "Call 999. The answer to “has chest pain” was yes."
        assert (said in page) is is_todays

    @pytest.mark.parametrize("lacks", ["", "sex", "birth_year"])
    def test_another_name_is_told_without_the_sex_or_the_birth_too(
        self, client: Client, by: Membership, lacks: str
    ) -> None:
        written = {**self.WHO, "family_name": "Umber", "sex": "male"}
        written.pop(lacks, None)
        factories.stopped(by=by, **written)
        page = text_of(client.get(address(factories.draft(by=by))))
        assert "It has the same NHS number, but the last name is different." in page

    def test_one_without_a_first_name_may_be_a_twins(self, client: Client, by: Membership) -> None:
        written = {**self.WHO, "given_name": "", "nhs_number": ""}
        factories.stopped(by=by, **written)
        page = text_of(client.get(address(factories.draft(by=by))))
        assert "The last name and date of birth are the same, but only one has an NHS" in page


def compared(page: str) -> dict[str, tuple[str, str]]:
    """Return the lines of the comparison: what stands in this referral, and in the one before."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    [body] = tree.iter("tbody")
    lines = [["".join(cell.itertext()) for cell in row] for row in body]
    return {
        name: (here.removeprefix("This referral "), there.removeprefix("Before "))
        for name, here, there in lines
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_anybody_elses_is_not_there(client: Client, by: Membership, method: str) -> None:
    colleague = factories.member(at=by.practice)
    for draft in (factories.draft(), factories.draft(by=colleague)):
        response = getattr(client, method)(address(draft), {"version": 1})
        assert response.status_code == 404
    assert getattr(client, method)(f"/referrals/{uuid.uuid4()}/send/").status_code == 404
    assert not Message.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_right_any_more_leads_back_to_the_form(
    client: Client, by: Membership, method: str
) -> None:
    draft = factories.draft(by=by)
    Pharmacy.objects.update(offers_pharmacy_first=False)
    response = getattr(client, method)(address(draft), {"version": 1})
    assert response["Location"] == f"/referrals/{draft.pk}/edit/"
    assert not Message.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_incomplete_leads_to_the_form(client: Client, by: Membership, method: str) -> None:
    draft = factories.draft(by=by)
    Referral.objects.update(is_complete=False)  # though nothing is wrong with it
    response = getattr(client, method)(address(draft), {"version": 1})
    assert response["Location"] == f"/referrals/{draft.pk}/edit/?because=unfinished"
    assert "This referral is not finished." in text_of(client.get(response["Location"]))
    assert not Message.objects.exists()


def test_what_was_sent_this_very_moment_leads_to_where_it_is(
    client: Client, by: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def come_too_late(*_: Any, **__: Any) -> None:
        raise referrals.StaleError

    monkeypatch.setattr(actions, "send", come_too_late)
    draft = factories.draft(by=by)
    response = client.post(address(draft), {"version": 1})
    assert (response.status_code, response["Location"]) == (302, f"/referrals/{draft.pk}/")


def test_a_message_that_cannot_be_made_is_said(
    client: Client, by: Membership, settings: Any
) -> None:
    settings.SOURCE_DOS_SERVICE_ID = ""
    draft = factories.draft(by=by)
    response = client.post(address(draft), {"version": 1})
    assert response.status_code == 422
    assert "could not turn this referral into a message. Phone the pharmacy" in text_of(response)


def test_the_number_of_queries_does_not_grow(
    client: Client, by: Membership, django_assert_num_queries: Any
) -> None:
    drafts = [factories.draft(by=by) for _ in range(2)]
    for draft, earlier in zip(drafts, (1, 6), strict=True):
        for _ in range(earlier):
            factories.sent(by=by, at=timezone.now() - timedelta(hours=1))
        factories.sent(by=by, family_name="Umber")
        with django_assert_num_queries(
            6
        ):  # session, draft, pack, pharmacy, earlier ones, their messages
            shown = would_send(text_of(client.get(address(draft))))
        known = {name: shown[name] or "" for name in ("known", "known_person")}
        answer = {"version": 1, "again": "yes", "right_patient": "yes"} | known
        # Session, draft, pack, pharmacy, savepoint and its end, lock, earlier ones, state, message.
        with django_assert_num_queries(10):
            sent = client.post(address(draft), answer)
        assert sent.status_code == 302
