"""Changing one's password, by a user who has just given the old one."""

import pytest
from django.test import Client

from accounts.models.people import User
from accounts.roles import Role
from tests import factories
from tests.factories import PASSWORD
from tests.pages import text_of

pytestmark = pytest.mark.django_db
ADDRESS = "/account/password/"


@pytest.mark.usefixtures("here")
def test_the_new_one_logs_in_and_the_old_one_does_not(client: Client, user: User) -> None:
    other = Client(headers={"x-forwarded-proto": "https"})
    factories.sign_in(other, user)
    assert 'autocomplete="new-password"' in text_of(client.get(ADDRESS))
    response = client.post(ADDRESS, {"password": " four quiet herons "})
    assert response["Location"] == "/account/?because=password"
    assert "You have changed your password" in text_of(client.get(response["Location"]))
    assert other.get("/account/").status_code == 302
    fresh = Client(headers={"x-forwarded-proto": "https"})
    old = {"user_name": user.email, "password": PASSWORD}
    assert fresh.post("/log-in/", old).status_code == 422
    new = {"user_name": user.email, "password": " four quiet herons "}
    assert fresh.post("/log-in/", new)["Location"] == "/log-in/code/"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "Enter a password"),
        ("short", "Password must be 12 characters or more"),
        ("password1234", "Password must not be a common one"),
        ("y" * 300, "Password must be 256 characters or fewer"),
    ],
)
@pytest.mark.usefixtures("here")
def test_the_rules_are_those_of_activation(
    client: Client, user: User, password: str, words: str
) -> None:
    response = client.post(ADDRESS, {"password": password})
    assert response.status_code == 422
    page = text_of(response)
    assert page.count(words) == 2
    assert f'value="{password}"' not in page
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_who_can_do_more_needs_more(client: Client) -> None:
    powerful = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR)
    factories.confirmed(factories.sign_in(client, powerful))
    assert "15 characters or more" in text_of(client.get(ADDRESS))
    assert client.post(ADDRESS, {"password": "loud heron 12!"}).status_code == 422
