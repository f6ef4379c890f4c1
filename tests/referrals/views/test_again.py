"""A referral that its answers stop: it is kept, it says what to do, and a copy can be corrected."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from referrals import drafts
from referrals.drafts import BaseVersion
from referrals.forms import as_form_data
from referrals.models.access_log import AccessLogEntry
from referrals.models.messages import Message
from referrals.models.referrals import Referral, TimelineEntry
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


def stop(client: Client, **typed: str) -> Referral:
    """Press Continue with answers that stop it."""
    response = client.post(f"/referrals/{uuid.uuid4()}/edit/", typed)
    stopped = Referral.objects.get(state=State.STOPPED)
    assert response["Location"] == f"/referrals/{stopped.pk}/"
    return stopped


CHEST_PAIN = {"q_emergency": "some", "q_emergency_chest_pain": "yes"}


def whole(**changes: str) -> dict[str, str]:
    to = factories.pharmacy().ods_code
    written = as_form_data(factories.details(pharmacy=to)) | changes
    return {name: text for name, text in written.items() if isinstance(text, str)}


def test_an_emergency_is_recorded_at_once_whatever_else_is_missing(
    client: Client, by: Membership
) -> None:
    stopped = stop(client, **CHEST_PAIN)
    assert (stopped.sent_by, stopped.practice, stopped.pharmacy) == (by.user, by.practice, None)
    assert stopped.details.content_pack == "2026.1"
    assert not Message.objects.exists()
    page = text_of(client.get(f"/referrals/{stopped.pk}/"))
    assert "Call 999: this referral was not sent" in page
    assert "The answer to “has chest pain” was yes." in page
    assert "Stopped by the answers, not sent: Jane Doe" in page
    assert "Tell the patient" not in page


@pytest.mark.parametrize(
    "more",
    [
        {"search": "well"},
        {"search": "well", "find": "yes"},
        {"ask": "yes"},
        {"banner": "999 000 0018"},
        {"banner": "999 000 0018", "stop": "yes"},
    ],
)
@pytest.mark.usefixtures("by")
def test_nothing_comes_before_recording_it(client: Client, more: dict[str, str]) -> None:
    stopped = stop(client, **CHEST_PAIN, **more)
    assert stopped.details.nhs_number == ("9990000018" if "banner" in more else "")


@pytest.mark.usefixtures("by")
def test_what_is_pasted_is_looked_at_before_it_stops_anything(client: Client) -> None:
    pasted = {"banner": f"NHS number 999 000 0018\nDOB 01-Jan-{timezone.localdate().year}"}
    response = client.post(f"/referrals/{uuid.uuid4()}/edit/", pasted)
    assert response.status_code == 200
    assert would_send(text_of(response))["birth_month"]
    assert not Referral.objects.filter(state=State.STOPPED).exists()


class TestApart:
    """The draft cannot be written: the answers are recorded by themselves, and it is said so."""

    def post(self, client: Client, draft: Referral, by: Membership, **typed: str) -> str:
        form_token = factories.form_token(by, draft.pk).signed
        page = {"window": form_token, "version": "1", "turn": "0"} | CHEST_PAIN | typed
        for _ in range(2):
            location = client.post(f"/referrals/{draft.pk}/edit/", page)["Location"]
        stopped = Referral.objects.exclude(pk=draft.pk).get(state=State.STOPPED)
        assert location.startswith(f"/referrals/{stopped.pk}/?because=")
        return text_of(client.get(location))

    def test_it_was_changed_in_another_window(self, client: Client, by: Membership) -> None:
        draft = factories.draft(by=by)
        changed = factories.details(pharmacy=draft.details.pharmacy, town="Saltby")
        base = BaseVersion(1, uuid.uuid4())
        drafts.save(draft.pk, changed, base=base, actor=acting(by, now=timezone.now()))
        page = self.post(client, draft, by)
        assert "Call 999: this referral was not sent" in page
        assert "are recorded by themselves: the referral that you had on this page" in page
        draft = Referral.objects.get(pk=draft.pk)
        assert (draft.state, draft.details) == (State.DRAFT, changed)
        check = text_of(client.get(f"/referrals/{draft.pk}/send/"))
        assert "Jane Doe began this referral " in check
        assert "and the answers stopped it: it was not sent. Call 999. The answer to" in check

    def test_it_was_sent_in_another_window(self, client: Client, by: Membership) -> None:
        sent = factories.sent(by=by)
        page = self.post(client, sent, by)
        assert "Call 999: this referral was not sent" in page
        assert "has already been sent" in page
        assert "the pharmacy does not have them. Phone the pharmacy." in page
        assert Referral.objects.get(pk=sent.pk).state == State.SENDING

    def test_it_was_stopped_in_another_window(self, client: Client, by: Membership) -> None:
        draft = factories.draft(by=by)
        client.post(f"/referrals/{draft.pk}/edit/", {"q_emergency": "unsure", "version": "1"})
        page = self.post(client, draft, by)
        assert "The answer to “has chest pain” was yes." in page
        assert "changed, deleted, stopped or handed over in another window" in page

    def test_it_was_handed_to_a_colleague(self, client: Client, by: Membership) -> None:
        draft = factories.draft(by=factories.member(at=by.practice))
        page = self.post(client, draft, by)
        assert "Call 999: this referral was not sent" in page
        assert Referral.objects.get(pk=draft.pk).state == State.DRAFT

    def test_who_never_had_a_page_of_it_records_nothing(
        self, client: Client, by: Membership
    ) -> None:
        for draft in (factories.draft(), factories.draft(by=factories.member(at=by.practice))):
            response = client.post(f"/referrals/{draft.pk}/edit/", CHEST_PAIN)
            assert response.status_code == 404
        assert not Referral.objects.filter(state=State.STOPPED).exists()


def test_at_a_practice_that_has_closed_it_is_recorded(client: Client, by: Membership) -> None:
    assert by.practice
    by.practice.closed_on = timezone.localdate()
    by.practice.save()
    stopped = stop(client, **CHEST_PAIN)
    page = text_of(client.get(f"/referrals/{stopped.pk}/"))
    assert "Call 999: this referral was not sent" in page
    response = client.post(f"/referrals/{stopped.pk}/again/")
    assert response["Location"] == f"/referrals/{stopped.pk}/"  # no new one is begun there


@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        ({"q_emergency": "unsure"}, "Call 999"),
        ({"q_sore_throat_red_flags": "some", "q_sore_throat_quinsy": "yes"}, "GP today"),
        ({"q_sore_throat_red_flags": "some", "q_sore_throat_cancer": "yes"}, "GP appointment"),
        ({"birth_year": "2026", "birth_day": "1", "birth_month": "1"}, "GP today"),
    ],
)
@pytest.mark.usefixtures("by")
def test_each_stop_says_what_to_do(client: Client, typed: dict[str, str], heading: str) -> None:
    stopped = stop(client, **whole(**typed))
    page = text_of(client.get(f"/referrals/{stopped.pk}/"))
    assert f"{heading}: this referral was not sent" in page


@pytest.mark.usefixtures("by")
@pytest.mark.parametrize("is_complete", [True, False])
def test_the_practice_sees_it_in_its_list(client: Client, is_complete: bool) -> None:
    typed = whole(**CHEST_PAIN) if is_complete else {"family_name": "Ashworth", **CHEST_PAIN}
    stopped = stop(client, **typed)
    page = text_of(client.get("/referrals/"))
    assert f'<a href="/referrals/{stopped.pk}/">' in page
    assert "Ashworth" in page
    assert '<strong class="nhsuk-tag nhsuk-tag--red">Stopped</strong>' in page


def test_it_stays_as_it_was_and_a_copy_is_corrected(client: Client, by: Membership) -> None:
    stopped = stop(client, **whole(**CHEST_PAIN))
    for _ in range(2):  # pressed twice
        response = client.post(f"/referrals/{stopped.pk}/again/")
    copy = Referral.objects.get(state=State.DRAFT)
    assert response["Location"] == f"/referrals/{copy.pk}/edit/"
    shown = would_send(text_of(client.get(response["Location"])))
    assert shown["family_name"] == "Ashworth"
    assert shown["q_emergency"] == "some"
    corrected = {name: text for name, text in shown.items() if name and text} | {
        "q_emergency": "none"
    }
    del corrected["q_emergency_chest_pain"]
    response = client.post(f"/referrals/{copy.pk}/edit/", corrected)
    assert response["Location"] == f"/referrals/{copy.pk}/send/"
    page = text_of(client.get(response["Location"]))
    assert "Jane Doe began this referral for Winifred Ashworth, born 15 March 1984, " in page
    assert "and the answers stopped it: it was not sent." in page
    stopped.refresh_from_db()
    assert stopped.state == State.STOPPED
    assert stopped.details.answers["q_emergency"] == "some"
    assert AccessLogEntry.objects.filter(referral=copy, person=by.user).exists()


@pytest.mark.usefixtures("by")
def test_a_copy_is_shown_as_people_write(client: Client) -> None:
    typed = whole(nhs_number="150 384 1235", phone="+44 7700 900982", **CHEST_PAIN)
    response = client.post(f"/referrals/{stop(client, **typed).pk}/again/")
    shown = would_send(text_of(client.get(response["Location"])))
    assert shown["nhs_number"] == "150 384 1235"
    assert shown["phone"] == "07700 900 982"
    assert shown["q_emergency_chest_pain"] == "yes"


@pytest.mark.parametrize("typed", [{}, {"given_name": "Bob", "family_name": "Jones"}])
@pytest.mark.usefixtures("by")
def test_the_copys_check_page_says_that_there_was_a_stop_for_anybody(
    client: Client, typed: dict[str, str], django_assert_num_queries: Any
) -> None:
    stopped = stop(client, **CHEST_PAIN, **typed)
    edit = client.post(f"/referrals/{stopped.pk}/again/")["Location"]
    shown = would_send(text_of(client.get(edit)))
    kept = {name: shown[name] or "" for name in ("window", "version")}
    send = client.post(edit, whole() | kept)["Location"]
    with django_assert_num_queries(5):  # session, draft, pack, pharmacy, earlier ones
        page = text_of(client.get(send))
    whom = " for Bob Jones" if typed else ""
    when = r"(yesterday )?at \S+, and the answers stopped it"
    assert re.search(f"Jane Doe began this referral{whom} {when}", page)
    assert "Answers stopped a referral before this one" in page
    assert "It may be another person" not in page
    known = {"version": "2", "known": str(stopped.pk)}
    assert client.post(send, known).status_code == 422
    assert not Message.objects.exists()
    client.post(send, known | {"again": "yes"})
    assert Message.objects.exists()


@pytest.mark.usefixtures("by")
def test_nothing_of_it_is_written_in_or_deleted_any_more(client: Client) -> None:
    stopped = stop(client, **whole(**CHEST_PAIN))
    response = client.post(f"/referrals/{stopped.pk}/edit/", whole())
    assert response["Location"] == f"/referrals/{stopped.pk}/?because=changed"
    page = text_of(client.get(response["Location"]))
    assert "This referral had already been stopped by its answers" in page
    assert "been sent" not in page
    client.post(f"/referrals/{stopped.pk}/delete/")
    client.post(f"/referrals/{stopped.pk}/send/", {"version": stopped.version})
    assert Referral.objects.get().state == State.STOPPED
    assert TimelineEntry.objects.count() == 1
    assert not Message.objects.exists()


def test_another_practices_is_not_there_and_what_was_sent_is_not_copied(
    client: Client, by: Membership
) -> None:
    stopped = stop(client, **whole(**CHEST_PAIN))
    sent = factories.sent(by=by)
    assert client.post(f"/referrals/{sent.pk}/again/")["Location"] == f"/referrals/{sent.pk}/"
    factories.sign_in(client, factories.member().user)
    assert client.post(f"/referrals/{stopped.pk}/again/").status_code == 404
    assert not Referral.objects.filter(state=State.DRAFT).exists()


@pytest.mark.usefixtures("by")
def test_a_copy_that_was_sent_meanwhile_is_led_to(client: Client) -> None:
    stopped = stop(client, **whole(**CHEST_PAIN))
    response = client.post(f"/referrals/{stopped.pk}/again/")
    Referral.objects.filter(state=State.DRAFT).delete()
    again = client.post(f"/referrals/{stopped.pk}/again/")
    assert again["Location"] == response["Location"]
    assert Referral.objects.filter(state=State.DRAFT).count() == 1
