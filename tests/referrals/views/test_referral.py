"""A referral's own page, and what it asks for by itself."""

import html
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from accounts.models.sessions import Session
from accounts.wording import in_a_sentence
from referrals import delivery
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from referrals.transports import Answer
from referrals.verdicts import Reason, Verdict, VerdictKind
from tests import factories
from tests.delivering import just_before
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


@pytest.fixture
def sent(by: Membership) -> Referral:
    return factories.sent(by=by)


def finish(verdict: Verdict, body: bytes = b"") -> None:
    claimed = delivery.claim(Message.objects.get().pk, now=timezone.now())
    assert claimed
    delivery.finish(claimed, Answer(verdict, None, body), now=timezone.now())


def test_it_says_what_was_sent_where_to_and_what_has_happened(
    client: Client, sent: Referral
) -> None:
    page = text_of(client.get(f"/referrals/{sent.pk}/"))
    assert f"<title>Referral {sent.reference} – PharmRefer</title>" in page  # no name in a history
    for words in (
        *("Saved", "It is about to be sent to Well Street Pharmacy", "If the patient gets worse"),
        *("4 Well Street, Westmere, WM1 3DE", "01632 960 201", "Mon to Fri 9am to 6pm"),
        *("Winifred Ashworth", "Acute sore throat", "Sent by the practice: Jane Doe"),
    ):
        assert words in page
    assert f'data-poll="/referrals/{sent.pk}/progress/"' in page
    assert f'<a href="/referrals/{sent.pk}/">Refresh the status</a>' in page
    assert "Change" not in page


def test_the_heading_has_the_focus_and_what_comes_next_is_beside_the_status(
    client: Client, sent: Referral
) -> None:
    finish(Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True))
    page = text_of(client.get(f"/referrals/{sent.pk}/"))
    assert re.search('<h1[^>]*tabindex="-1" autofocus>Winifred Ashworth</h1>', page)
    order = [page.index(words) for words in ("Delivered", "New referral", "Patient slip", "Tell ")]
    assert order == sorted(order)


def test_what_is_final_asks_for_nothing_more(client: Client, sent: Referral) -> None:
    finish(Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True))
    page = text_of(client.get(f"/referrals/{sent.pk}/"))
    assert "Delivered" in page
    assert "data-poll" not in page
    assert "Refresh the status" not in page


def test_the_patient_is_sent_to_the_pharmacy_only_once_it_has_arrived(
    client: Client, sent: Referral
) -> None:
    Pharmacy.objects.update(opening_hours="24/7")
    addresses = (f"/referrals/{sent.pk}/", f"/referrals/{sent.pk}/progress/")
    for address in addresses:
        page = client.get(address).content.decode()
        assert "Tell the patient" not in page
        assert "for the patient&#39;s record" not in page
        assert "Phone or visit them" not in page
        assert f'href="/referrals/{sent.pk}/slip/"' in page
    finish(Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True))
    for address in addresses:
        page = client.get(address).content.decode()
        for words in (
            *("Tell the patient", "Phone or visit them now, or at any time."),
            *(f"If they ask for a reference, it is {sent.reference}.", "phone 111, or 999"),
            *(f"Pharmacy First referral {sent.reference}: Acute sore throat. Sent to", "Copy<"),
            f'href="/referrals/{sent.pk}/slip/"',
        ):
            assert words in page


def test_after_24_hours_the_page_says_that_they_are_over(client: Client, by: Membership) -> None:
    late = factories.sent(by=by, at=timezone.now() - timedelta(hours=24, minutes=1))
    Message.objects.update(give_up_at=timezone.now() + timedelta(hours=1))
    finish(Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True))
    page = text_of(client.get(f"/referrals/{late.pk}/"))
    assert "The 24 hours for Well Street Pharmacy were over at" in page
    assert f"/referrals/{late.pk}/slip/" not in page
    assert "Phone them" not in page


def test_what_may_have_arrived_says_so_while_it_is_tried_again(
    client: Client, sent: Referral
) -> None:
    words = "Well Street Pharmacy may already have this referral"
    tried = Verdict(VerdictKind.RETRY, Reason.NO_ANSWER, may_have_arrived=True)
    finish(tried)
    assert words in text_of(client.get(f"/referrals/{sent.pk}/"))
    # The next attempt fails for sure: that says nothing of the first one.
    Message.objects.update(next_attempt_at=timezone.now())
    Pharmacy.objects.update(not_before=None)
    finish(Verdict(VerdictKind.RETRY, Reason.BUSY, may_have_arrived=False))
    page = text_of(client.get(f"/referrals/{sent.pk}/"))
    assert "Trying again" in page
    assert words in page
    assert words in client.get(f"/referrals/{sent.pk}/progress/").content.decode()


def test_what_has_not_arrived_for_sure_does_not_say_that_it_may_have(
    client: Client, sent: Referral
) -> None:
    finish(Verdict(VerdictKind.RETRY, Reason.BUSY, may_have_arrived=False))
    assert "may already have" not in text_of(client.get(f"/referrals/{sent.pk}/"))
    # An attempt that is being made is not known yet, which is not as if it were unknown.
    Message.objects.update(next_attempt_at=timezone.now())
    Pharmacy.objects.update(not_before=None)
    assert delivery.claim(Message.objects.get().pk, now=timezone.now())
    page = text_of(client.get(f"/referrals/{sent.pk}/"))
    assert "Sending it to" in page
    assert "may already have" not in page


def test_what_failed_tells_whom_to_phone_and_the_patient_nothing(
    client: Client, sent: Referral
) -> None:
    finish(Verdict(VerdictKind.REFUSED, Reason.NOT_FOUND, may_have_arrived=False))
    page = text_of(client.get(f"/referrals/{sent.pk}/"))
    assert "Not delivered: phone the pharmacy on 01632 960 201" in page
    for shown in (page, client.get(f"/referrals/{sent.pk}/progress/").content.decode()):
        assert "Tell the patient" not in shown
        assert "/slip/" not in shown
        assert "01632 960 201" in shown


def test_progress_is_the_same_words_and_says_when_it_is_final(
    client: Client, sent: Referral
) -> None:
    page = client.get(f"/referrals/{sent.pk}/progress/").content.decode()
    parts = ["status", "slip", "tell", "timeline"]
    assert re.findall('data-part="([a-z]+)"', page) == parts
    assert "Saved" in page
    finish(Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True))
    page = client.get(f"/referrals/{sent.pk}/progress/").content.decode()
    assert re.findall('data-part="([a-z]+)"', page) == [*parts, "final"]
    assert "Delivered" in page


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(client: Client, sent: Referral) -> None:
    earlier = timezone.now() - timedelta(minutes=10)
    Session.objects.update(last_seen_at=earlier)
    client.get(f"/referrals/{sent.pk}/progress/")
    assert Session.objects.get().last_seen_at == earlier
    client.get(f"/referrals/{sent.pk}/")
    assert Session.objects.get().last_seen_at > earlier


def test_a_colleague_sees_it_and_nobody_from_another_practice_does(
    client: Client, by: Membership
) -> None:
    colleagues = factories.sent(by=factories.member(at=by.practice))
    assert client.get(f"/referrals/{colleagues.pk}/").status_code == 200
    anothers = factories.sent()
    for path in ("", "progress/", "edit/", "send/"):
        response = client.get(f"/referrals/{anothers.pk}/{path}")
        assert response.status_code == 404
        assert "Ashworth" not in response.content.decode()


def test_a_draft_has_only_the_page_on_which_it_is_checked(client: Client, by: Membership) -> None:
    draft = factories.draft(by=by)
    response = client.get(f"/referrals/{draft.pk}/")
    assert response["Location"] == f"/referrals/{draft.pk}/send/"


@pytest.mark.usefixtures("by")
def test_an_odd_address_is_not_there(client: Client) -> None:
    for path in ("1/", "x/", "0" * 40 + "/", "%00/", "00000000-0000-0000-0000-000000000000/"):
        assert client.get(f"/referrals/{path}").status_code == 404


def test_of_several_messages_the_latest_counts(client: Client, sent: Referral) -> None:
    finish(Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True))
    now, later = timezone.now(), Message.objects.get()
    Message.objects.update(delivered_at=now - timedelta(days=9))
    later.pk, later.delivered_at, later.sealed_receipt = uuid.uuid4(), now, None
    later.created_at += timedelta(minutes=1)
    later.save(force_insert=True)
    page = text_of(client.get(f"/referrals/{sent.pk}/"))
    assert f"received it {in_a_sentence(now, now=now)}." in page


MESSAGE = 'FROM "referrals_message"'
VERDICTS = {
    "Delivered": Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True),
    "Not delivered": Verdict(VerdictKind.REFUSED, Reason.NOT_FOUND, may_have_arrived=False),
}
HAPPENED = {"Delivered": "Received by the pharmacy's system", "Not delivered": "Not delivered<"}


@pytest.mark.parametrize("path", ["", "progress/"])
@pytest.mark.parametrize("query", [MESSAGE, 'FROM "referrals_timelineentry"'])
@pytest.mark.parametrize("heading", VERDICTS)
def test_what_happens_while_the_page_is_made_is_told_as_it_is(
    client: Client, sent: Referral, path: str, query: str, heading: str
) -> None:
    with just_before(query, lambda: finish(VERDICTS[heading])):
        page = html.unescape(client.get(f"/referrals/{sent.pk}/{path}").content.decode())
    assert "Trying again" not in page
    assert (f">{heading}" in page) == (HAPPENED[heading] in page)


@pytest.mark.parametrize("heading", VERDICTS)
def test_what_happens_just_before_its_message_is_read_is_told_at_once(
    client: Client, sent: Referral, heading: str
) -> None:
    with just_before(MESSAGE, lambda: finish(VERDICTS[heading])):
        page = text_of(client.get(f"/referrals/{sent.pk}/"))
    assert f">{heading}" in page
    assert "data-poll" not in page
    assert ("Tell the patient" in page) == (heading == "Delivered")


def test_an_attempt_that_begins_meanwhile_is_not_as_if_it_were_unknown(
    client: Client, sent: Referral
) -> None:
    finish(Verdict(VerdictKind.RETRY, Reason.BUSY, may_have_arrived=False))
    Message.objects.update(next_attempt_at=timezone.now())
    Pharmacy.objects.update(not_before=None)
    message = Message.objects.get().pk
    with just_before('FROM "referrals_attempt"', lambda: delivery.claim(message)):
        page = text_of(client.get(f"/referrals/{sent.pk}/"))
    assert "may already have" not in page


def test_the_number_of_queries_is_fixed(
    client: Client, sent: Referral, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(
        6
    ):  # session, referral, its questions, that it is seen, message, timeline
        client.get(f"/referrals/{sent.pk}/")
    with django_assert_num_queries(4):
        client.get(f"/referrals/{sent.pk}/progress/")
