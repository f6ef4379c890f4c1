"""Saving while a member types: cheap, never over another window's words, and its author's only."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from accounts.models.sessions import Session
from referrals.details import LONGEST_LINE, LONGEST_PASSAGE, Details
from referrals.models.content_packs import ContentPack
from referrals.models.referrals import Referral
from referrals.views.form_token import FormToken
from tests import factories
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def save(
    strict: Client, form_token: FormToken, version: int = 0, sequence: int = 1, **words: str
) -> Any:
    form = {"window": form_token.signed, "version": version, "turn": sequence} | words
    return strict.post(f"/referrals/{form_token.referral_id}/draft/", form)


def test_it_is_saved_incomplete_and_the_answer_says_when(strict: Client, by: Membership) -> None:
    form_token = factories.form_token(by, uuid.uuid4())
    response = save(strict, form_token, family_name="Ashw", birth_year="19", sex="female")
    answer = response.json()
    assert response.status_code == 200
    assert answer["version"] == 1
    assert answer["saved"].endswith(("am", "pm"))
    assert "no-store" in response["Cache-Control"]
    kept = Referral.objects.get()
    assert kept.details == Details(family_name="Ashw", birth_year="19", sex="female")
    assert (kept.pk, kept.is_complete) == (form_token.referral_id, False)
    assert (kept.author, kept.practice) == (by.user, by.practice)


def test_the_answer_brings_tokens_that_work(strict: Client, by: Membership) -> None:
    form_token = factories.form_token(by, uuid.uuid4())
    answer = save(strict, form_token, town="West").json()
    address = f"/referrals/{form_token.referral_id}/edit/"
    form = {
        "csrfmiddlewaretoken": answer["csrf"],
        "window": answer["window"],
        "version": 1,
        "turn": 1,
    }
    assert strict.post(address, form | {"town": "Westmere"}).status_code == 422
    assert Referral.objects.get().details.town == "Westmere"


def test_nothing_is_saved_of_an_empty_form(strict: Client, by: Membership) -> None:
    answer = save(strict, factories.form_token(by, uuid.uuid4())).json()
    assert (answer["saved"], answer["version"]) == ("", 0)
    assert not Referral.objects.exists()


def test_another_windows_words_are_not_overwritten(strict: Client, by: Membership) -> None:
    here = factories.form_token(by, uuid.uuid4())
    there = factories.form_token(by, here.referral_id)
    save(strict, here, town="West")
    save(strict, there, version=1, town="East")
    response = save(strict, here, version=1, sequence=2, town="North")
    assert response.status_code == 409
    answer = response.json()
    assert answer["version"] == 2
    assert answer["changed"].startswith("This referral was changed in another window at ")
    assert Referral.objects.get().details.town == "East"
    assert save(strict, here, version=2, sequence=3, town="North").status_code == 200


def test_one_that_was_deleted_says_so(strict: Client, by: Membership) -> None:
    response = save(strict, factories.form_token(by, uuid.uuid4()), version=1, town="North")
    assert response.status_code == 409
    said = "This referral was deleted in another window."
    assert response.json() == {"changed": said, "version": 0}


def test_one_that_was_sent_leads_to_it(strict: Client, by: Membership) -> None:
    sent = factories.sent(by=by)
    response = save(strict, factories.form_token(by, sent.pk), version=1, town="North")
    assert response.status_code == 409
    assert response.json() == {"sent": f"/referrals/{sent.pk}/?because=changed"}
    assert Referral.objects.get().details == sent.details


def test_one_that_was_stopped_leads_to_it_and_is_not_said_to_be_sent(
    strict: Client, by: Membership
) -> None:
    stopped = factories.stopped(by=by)
    response = save(strict, factories.form_token(by, stopped.pk), version=1, town="North")
    assert response.status_code == 409
    page = text_of(strict.get(response.json()["sent"]))
    assert "This referral had already been stopped by its answers" in page
    assert "been sent" not in page
    assert Referral.objects.get().details == stopped.details


def test_another_practices_is_not_there(strict: Client, by: Membership) -> None:
    draft = factories.draft()
    response = save(strict, factories.form_token(by, draft.pk), version=1, town="North")
    assert response.status_code == 404
    assert Referral.objects.get().details == draft.details


def test_a_colleagues_is_left_alone_and_what_was_typed_is_a_draft_of_its_own(
    strict: Client, by: Membership
) -> None:
    """A page of ours names it, so it was the person's own: it has been handed over since."""
    draft = factories.draft(by=factories.member(at=by.practice))
    form_token = factories.form_token(by, draft.pk)
    for town in ("North", "Northmere"):
        response = save(strict, form_token, version=1, town=town)
        copy = Referral.objects.exclude(pk=draft.pk).get()
        there = f"/referrals/{copy.pk}/edit/?because=handed-over"
        assert (response.status_code, response.json()) == (409, {"sent": there})
        assert (copy.author, copy.details) == (by.user, Details(town=town))
        assert Referral.objects.get(pk=draft.pk).details == draft.details
    assert "was handed to a colleague" in text_of(strict.get(there))


@pytest.mark.parametrize("token", ["", "x", "\x00", "a:b:c", "W10:1abc:def"])
def test_without_a_token_of_ours_nothing_is_saved(
    strict: Client, by: Membership, token: str
) -> None:
    address = f"/referrals/{uuid.uuid4()}/draft/"
    assert strict.post(address, {"window": token, "town": "North"}).status_code == 403
    assert not Referral.objects.exists()
    assert by.pk


def test_a_token_is_for_one_referral_and_not_for_ever(
    strict: Client, by: Membership, settings: Any
) -> None:
    form_token = factories.form_token(by, uuid.uuid4())
    form = {"window": form_token.signed, "town": "North"}
    assert strict.post(f"/referrals/{uuid.uuid4()}/draft/", form).status_code == 403
    Session.objects.update(created_at=timezone.now() + timedelta(hours=1))
    settings.SESSION_LONGEST = timedelta(seconds=-1)
    assert save(strict, form_token, town="North").status_code == 403
    assert not Referral.objects.exists()


@pytest.mark.parametrize(("away", "status"), [(15, 423), (60, 401)])
def test_what_comes_too_late_is_kept_and_the_page_is_told(
    strict: Client, by: Membership, away: int, status: int
) -> None:
    Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=away))
    form_token = factories.form_token(by, uuid.uuid4())
    assert save(strict, form_token, town="North").status_code == status
    assert Referral.objects.get().details.town == "North"


def test_what_is_typed_after_another_user_has_logged_in_goes_to_its_author(
    strict: Client, by: Membership
) -> None:
    form_token = factories.form_token(by, uuid.uuid4())
    factories.sign_in(strict, factories.member().user)
    assert save(strict, form_token, town="North").status_code == 401
    assert Referral.objects.get().author == by.user


@pytest.mark.parametrize(
    "words",
    [
        {"given_name": "x" * 100_000, "complaint": "y" * 100_000},
        {"given_name": "\x00\x01\ud800", "complaint": "a\x00\r\nb\x07"},
        {"sex": "<script>", "pathway": "x" * 500, "birth_day": "9" * 400},
        {"version": "-1", "turn": "9" * 30, "town": "x"},
        {"version": "\x00", "turn": "٣", "town": "x"},
    ],
)
def test_whatever_is_typed_is_kept_within_bounds_and_can_be_shown(
    strict: Client, by: Membership, words: dict[str, str]
) -> None:
    form_token = factories.form_token(by, uuid.uuid4())
    sent = {"window": form_token.signed} | words
    form = {name: [text.encode("utf-8", "surrogatepass")] for name, text in sent.items()}
    assert strict.post(f"/referrals/{form_token.referral_id}/draft/", form).status_code == 200
    for kept in Referral.objects.all():
        assert len(kept.details.complaint) <= LONGEST_PASSAGE
        assert len(kept.details.given_name) <= LONGEST_LINE
        assert "\x00" not in kept.details.complaint
    page = text_of(strict.get(f"/referrals/{form_token.referral_id}/edit/"))
    assert "There is a problem" not in page
    text_of(strict.get("/referrals/"))


def test_it_keeps_the_session_awake(strict: Client, by: Membership) -> None:
    earlier = timezone.now() - timedelta(minutes=10)
    Session.objects.update(last_seen_at=earlier)
    save(strict, factories.form_token(by, uuid.uuid4()), town="North")
    assert Session.objects.get().last_seen_at > earlier


def test_it_is_cheap(strict: Client, by: Membership, django_assert_num_queries: Any) -> None:
    form_token, pharmacy = factories.form_token(by, uuid.uuid4()), factories.pharmacy().ods_code
    ContentPack.in_force(timezone.localdate())  # its content is read once in a process
    # Session, content pack, savepoint, none there, made, locked, noted, released.
    with django_assert_num_queries(8):
        save(strict, form_token, sequence=1, pharmacy=pharmacy)
    with django_assert_num_queries(7):  # session, pack, savepoint, locked, changed, noted, released
        save(strict, form_token, sequence=2, town="North")
    with django_assert_num_queries(5):
        save(strict, form_token, sequence=3, town="North")
