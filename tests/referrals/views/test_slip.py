"""The patient's slip: where to go, and nothing of why."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from referrals import delivery
from referrals.models.access_log import AccessLogEntry
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from referrals.transports import Answer
from referrals.verdicts import Reason, Verdict, VerdictKind
from tests import factories
from tests.delivering import just_before
from tests.pages import text_of

pytestmark = pytest.mark.django_db
ACCEPTED = Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True)
REFUSED = Verdict(VerdictKind.REFUSED, Reason.NOT_FOUND, may_have_arrived=False)
MESSAGE = 'FROM "referrals_message"'


@pytest.fixture
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


@pytest.fixture
def sent(by: Membership) -> Referral:
    return factories.sent(
        by=by,
        allergies="told",
        allergies_told="Penicillin",
        medicines="told",
        medicines_told="Cetirizine",
        requirements="Hard of hearing",
        tried="Lozenges",
    )


def finish(verdict: Verdict, body: bytes = b"") -> None:
    claimed = delivery.claim(Message.objects.get().pk, now=timezone.now())
    assert claimed
    delivery.finish(claimed, Answer(verdict, None, body), now=timezone.now())


def test_it_says_where_to_go_and_by_when_and_nothing_of_the_patient(
    client: Client, sent: Referral
) -> None:
    Pharmacy.objects.update(opening_hours="24/7")
    finish(ACCEPTED)
    page = text_of(client.get(f"/referrals/{sent.pk}/slip/"))
    for words in (
        *("Larkfield Surgery has sent a referral to this pharmacy.", "Well Street Pharmacy"),
        *("4 Well Street, Westmere, WM1 3DE", "01632 960 201", "Every day 24 hours"),
        *("Contact them by", sent.reference, "Phone 111", "In an emergency, phone 999."),
        f'data-printed="/referrals/{sent.pk}/printed/"',
    ):
        assert words in page
    for secret in (
        *(
            "Winifred",
            "Ashworth",
            "999 000 0018",
            "9990000018",
            "1984",
            "TS18",
            "Tanners",
            "throat",
        ),
        *("Penicillin", "Cetirizine", "hearing", "Lozenges", "900 982", "900982"),
    ):
        assert secret not in page


def test_of_one_on_its_way_it_says_that_it_has_not_arrived(client: Client, sent: Referral) -> None:
    page = text_of(client.get(f"/referrals/{sent.pk}/slip/"))
    assert "It has not arrived yet." in page
    assert "Phone the pharmacy before you go, and ask if it has arrived." in page
    assert "has sent a referral" not in page


def test_one_that_arrives_meanwhile_has_arrived(client: Client, sent: Referral) -> None:
    with just_before(MESSAGE, lambda: finish(ACCEPTED)):
        page = text_of(client.get(f"/referrals/{sent.pk}/slip/"))
    assert "has sent a referral" in page
    assert "It has not arrived yet." not in page


def test_one_that_fails_meanwhile_has_none(client: Client, sent: Referral) -> None:
    with just_before(MESSAGE, lambda: finish(REFUSED)):
        answer = client.get(f"/referrals/{sent.pk}/slip/")
    assert (answer.status_code, answer["Location"]) == (302, f"/referrals/{sent.pk}/")


def test_one_that_failed_has_none(client: Client, sent: Referral) -> None:
    finish(REFUSED)
    answer = client.get(f"/referrals/{sent.pk}/slip/")
    assert (answer.status_code, answer["Location"]) == (302, f"/referrals/{sent.pk}/")


def test_one_of_more_than_a_day_ago_has_none(client: Client, by: Membership) -> None:
    late = factories.sent(by=by, at=timezone.now() - timedelta(hours=24, minutes=1))
    answer = client.get(f"/referrals/{late.pk}/slip/")
    assert (answer.status_code, answer["Location"]) == (302, f"/referrals/{late.pk}/")


def test_a_draft_has_none(client: Client, by: Membership) -> None:
    draft = factories.draft(by=by)
    answer = client.get(f"/referrals/{draft.pk}/slip/")
    assert answer["Location"] == f"/referrals/{draft.pk}/"


@pytest.mark.usefixtures("by")
def test_another_practice_s_is_not_there(client: Client) -> None:
    anothers = factories.sent()
    assert client.get(f"/referrals/{anothers.pk}/slip/").status_code == 404


def test_that_it_is_printed_is_noted_like_any_print(client: Client, sent: Referral) -> None:
    client.get(f"/referrals/{sent.pk}/slip/")
    assert client.post(f"/referrals/{sent.pk}/printed/").status_code == 204
    noted = AccessLogEntry.objects.filter(referral=sent).values_list("action", flat=True)
    assert "printed" in noted


def test_the_number_of_queries_is_fixed(
    client: Client, sent: Referral, django_assert_num_queries: Any
) -> None:
    finish(ACCEPTED)
    with django_assert_num_queries(3):  # session, referral, message
        client.get(f"/referrals/{sent.pk}/slip/")
