"""Where a view's subject is gone the middleware leads on, as the view declares."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from accounts.errors import Gone
from accounts.models.people import User
from accounts.models.sessions import Step
from accounts.people.views.people import to_person
from accounts.roles import Permission
from accounts.sign_in.views.account import to_account
from accounts.web import access
from pharmrefer import urls
from tests import factories

pytestmark = pytest.mark.django_db


def at(declare: Callable[..., Any], error: Exception) -> override_settings:
    """Return the project's addresses, and ``/gone/7/`` whose view raises ``error``."""

    @declare
    def view(_request: HttpRequest, **_: object) -> HttpResponse:
        raise error

    class Routes:
        urlpatterns = [path("gone/<int:number>/", view), *urls.urlpatterns]  # noqa: RUF012

    return override_settings(ROOT_URLCONF=Routes)


@pytest.mark.parametrize(
    ("lead", "address"),
    [(to_account, "/account/?because=again"), (to_person, "/people/7/?because=again")],
)
@pytest.mark.usefixtures("here")
def test_the_next_page_says_so(client: Client, lead: access.IfGone, address: str) -> None:
    with at(access.needs(Permission.ACCOUNT_OPEN, if_gone=lead), Gone()):
        response = client.post("/gone/7/")
    assert (response.status_code, response.headers["Location"]) == (302, address)


def test_during_a_log_in_it_begins_again(client: Client, user: User) -> None:
    factories.begin_log_in(client, user, Step.CODE)
    with at(access.during(Step.CODE), Gone()):
        response = client.post("/gone/7/")
    assert response.headers["Location"] == "/log-in/?because=again"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("lead", "error"), [(None, Gone()), (to_account, ValueError("of another kind"))]
)
def test_nothing_else_is_answered(
    client: Client, lead: access.IfGone | None, error: Exception
) -> None:
    declare = access.needs(Permission.ACCOUNT_OPEN, if_gone=lead)
    with at(declare, error), pytest.raises(type(error)):
        client.post("/gone/7/")
