"""What the tests of forms that come too late, or by themselves, have in common."""

import pytest
from django.test import Client

from accounts.models.people import Membership
from tests import factories

HEADERS = {
    "x-forwarded-proto": "https",
    "host": "testserver",
    "referer": "https://testserver/referrals/",
}


@pytest.fixture
def strict() -> Client:
    """A browser whose CSRF tokens are checked."""
    return Client(headers=HEADERS, enforce_csrf_checks=True)


@pytest.fixture
def by(strict: Client) -> Membership:
    """Who is signed in there."""
    membership = factories.member()
    factories.sign_in(strict, membership.user)
    return membership
