"""Whom most tests of accounts are about."""

import pytest
from django.test import Client

from accounts.models.people import User
from accounts.models.sessions import Session
from tests import factories


@pytest.fixture
def user() -> User:
    """A user with a password and an authenticator."""
    return factories.active_person()


@pytest.fixture
def here(client: Client, user: User) -> Session:
    """The session of the person, who has confirmed a moment ago who they are."""
    return factories.confirmed(factories.sign_in(client, user))
