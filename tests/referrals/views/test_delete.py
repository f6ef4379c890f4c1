"""Deleting a draft: asked first, and by its author only."""

import pytest
from django.test import Client

from accounts.models.people import Membership
from referrals.models.referrals import Referral
from tests import factories
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(client: Client) -> Membership:
    membership = factories.member()
    factories.sign_in(client, membership.user)
    return membership


def test_it_asks_and_then_deletes_and_says_so(client: Client, by: Membership) -> None:
    draft = factories.draft(by=by)
    address = f"/referrals/{draft.pk}/delete/"
    assert f'href="{address}"' in text_of(client.get(f"/referrals/{draft.pk}/edit/"))
    page = text_of(client.get(address))
    assert "The referral for Winifred Ashworth has not been sent." in page
    assert Referral.objects.exists()
    response = client.post(address)
    assert not Referral.objects.exists()
    assert "The draft was deleted." in text_of(client.get(response["Location"]))


def test_a_form_that_was_never_saved_offers_nothing_to_delete(
    client: Client, by: Membership
) -> None:
    page = text_of(client.get(client.get("/referrals/new/")["Location"]))
    assert '<p id="draft-delete" hidden>' in page
    assert by.pk


@pytest.mark.parametrize("method", ["get", "post"])
def test_anybody_elses_is_not_there(client: Client, by: Membership, method: str) -> None:
    for draft in (factories.draft(), factories.draft(by=factories.member(at=by.practice))):
        response = getattr(client, method)(f"/referrals/{draft.pk}/delete/")
        assert response.status_code == 404
    assert Referral.objects.count() == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_was_sent_is_not_deleted(client: Client, by: Membership, method: str) -> None:
    sent = factories.sent(by=by)
    response = getattr(client, method)(f"/referrals/{sent.pk}/delete/")
    assert response["Location"] == f"/referrals/{sent.pk}/"
    assert Referral.objects.exists()
