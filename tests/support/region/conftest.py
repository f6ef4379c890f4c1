"""Operators and what they have saved."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from accounts.roles import Role
from support.region import versions
from support.region.content import Region, SupportContact
from tests import factories, regional_content
from tests.factories import acting

Save = Callable[[Region], int]


@pytest.fixture
def operator() -> Membership:
    return factories.member(role=Role.OPERATOR)


@pytest.fixture
def signed_in(client: Client, operator: Membership) -> Client:
    """A browser of an operator who has just confirmed who they are."""
    factories.confirmed(factories.sign_in(client, operator.user))
    return client


@pytest.fixture
def save(operator: Membership) -> Save:
    """Save all of it as another version; return its number."""

    def saved(region: Region) -> int:
        return versions.load(region, operator.user, acting(operator, now=timezone.now())).pk

    return saved


@pytest.fixture
def desk(save: Save) -> int:
    """The number of a version in which the service desk has a phone."""
    return save(Region(service_desk=SupportContact(name="The desk", phone="01632 960 400")))


@pytest.fixture(autouse=True)
def _as_other_tests_have_it() -> Iterator[None]:
    yield
    regional_content.show()
