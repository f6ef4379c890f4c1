"""A referral that its answers stop: it is kept, it says what to do, and a copy can be corrected."""

import uuid

import pytest
from django.test import Client

from accounts.models.people import Membership
from referrals.forms import as_form_data
from referrals.models.access_log import AccessLogEntry
from referrals.models.messages import Message
from referrals.models.referrals import Referral, StaleError, TimelineEntry
from referrals.states import State
from tests import factories
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


@pytest.mark.parametrize("more", [{"search": "well"}, {"banner": "999 000 0018"}])
@pytest.mark.usefixtures("by")
def test_nothing_comes_before_recording_it(client: Client, more: dict[str, str]) -> None:
    stop(client, **CHEST_PAIN, **more, stop="yes")


@pytest.mark.usefixtures("by")
def test_where_another_window_saves_at_this_moment_the_form_is_shown_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(*_: object, **__: object) -> None:
        raise StaleError

    monkeypatch.setattr(Referral, "apply", stale)
    address = f"/referrals/{uuid.uuid4()}/edit/"
    assert client.post(address, CHEST_PAIN)["Location"] == address
    assert Referral.objects.get().state == State.DRAFT


@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        ({"q_emergency": "unsure"}, "Call 999"),
        ({"q_sore_throat_red_flags": "some", "q_sore_throat_quinsy": "yes"}, "GP today"),
        ({"q_sore_throat_red_flags": "some", "q_sore_throat_cancer": "yes"}, "GP appointment"),
        ({"birth_year": "2026", "birth_day": "1", "birth_month": "1"}, "GP appointment"),
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
    assert "Jane Doe began a referral for Winifred Ashworth" in page
    assert "the answers stopped: it was not sent" in page
    stopped.refresh_from_db()
    assert stopped.state == State.STOPPED
    assert stopped.details.answers["q_emergency"] == "some"
    assert AccessLogEntry.objects.filter(referral=copy, person=by.user).exists()


@pytest.mark.usefixtures("by")
def test_nothing_of_it_is_written_in_or_deleted_any_more(client: Client) -> None:
    stopped = stop(client, **whole(**CHEST_PAIN))
    response = client.post(f"/referrals/{stopped.pk}/edit/", whole())
    assert response["Location"].startswith(f"/referrals/{stopped.pk}/")
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
