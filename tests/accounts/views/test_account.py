"""Your account: the page that tells people whom PharmRefer takes them for."""

from typing import Any

import pytest
from django.test import Client

from accounts.roles import Role
from tests import factories
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_it_says_who_where_and_as_what(client: Client) -> None:
    user = factories.active_person(at=factories.practice(name="Mill Lane & Sons"))
    factories.sign_in(client, user)
    page = text_of(client.get("/account/"))
    for words in (user.full_name, user.email, "Receptionist", "Practice staff"):
        assert words in page
    assert page.count("Mill Lane &amp; Sons") == 2  # on the page and in its header


@pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.OPERATOR])
def test_who_is_in_no_practice_is_shown_their_role(client: Client, role: Role) -> None:
    factories.sign_in(client, factories.active_person(role=role))
    page = text_of(client.get("/account/"))
    assert page.count(role.label) == 2
    assert "<dt" in page
    assert ">Practice<" not in page


def test_authenticators_are_listed_but_those_that_are_not_confirmed(client: Client) -> None:
    user = factories.active_person()
    user.authenticators.update(name="My phone")
    factories.authenticator(user, confirmed=False)
    factories.sign_in(client, user)
    page = text_of(client.get("/account/"))
    assert page.count("My phone, set up ") == 1
    assert "Authenticator app, set up" not in page


def test_its_queries_do_not_grow_with_authenticators(
    client: Client, django_assert_num_queries: Any
) -> None:
    user = factories.active_person()
    for _ in range(10):
        factories.authenticator(user)
    factories.sign_in(client, user)
    with django_assert_num_queries(2):
        client.get("/account/")
