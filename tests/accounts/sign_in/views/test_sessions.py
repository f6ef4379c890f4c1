"""Ending sessions from another one."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.sign_in import own_account
from tests import factories
from tests.factories import acting
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def browser() -> Client:
    return Client(headers={"x-forwarded-proto": "https"})


def test_one_is_ended_and_no_other(client: Client, user: User, here: Session) -> None:
    one, another = browser(), browser()
    ended, goes_on = factories.sign_in(one, user), factories.sign_in(another, user)
    address = f"/account/sessions/{ended.pk}/end/"
    assert "Log out A browser at 192.0.2.7?" in text_of(client.get(address))
    assert one.get("/account/").status_code == 200
    response = client.post(address)
    assert response["Location"] == "/account/?because=session"
    assert "That browser has been logged out" in text_of(client.get(response["Location"]))
    assert one.get("/session/").json()["address"].endswith("because=elsewhere")
    assert another.get("/account/").status_code == 200
    assert set(Session.objects.all()) == {here, goes_on}
    notes = AuditEvent.objects.filter(event="session:ended").order_by("pk")
    noted = list(notes.values_list("reason", flat=True))
    assert noted == ["elsewhere, by the person", "elsewhere"]
    assert client.post(address).status_code == 404


def test_who_comes_back_to_one_that_was_ended_is_told_why(
    client: Client, user: User, here: Session
) -> None:
    other = browser()
    ended = factories.sign_in(other, user)
    address = f"/account/sessions/{ended.pk}/end/"
    client.post(address)
    assert client.get(address).status_code == 404  # there is nothing left to end
    assert address not in text_of(client.get("/account/"))
    with pytest.raises(errors.Gone):  # it was on its way already
        own_account.change_password(ended, "four quiet herons", acting(now=timezone.now()))
    leads_to = other.get("/account/")["Location"]
    assert leads_to.endswith("&because=elsewhere")
    assert "You were logged out from another browser" in text_of(other.get(leads_to))
    assert set(Session.objects.all()) == {here}


@pytest.mark.parametrize("whose", ["somebody else's", "this one", "nobody's", "too big"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_another_of_theirs_is_not_there(
    client: Client, here: Session, whose: str, method: str
) -> None:
    numbers: dict[str, Callable[[], int]] = {
        "somebody else's": lambda: factories.sign_in(browser(), factories.active_person()).pk,
        "this one": lambda: here.pk,
        "nobody's": lambda: 0,
        "too big": lambda: 10**30,
    }
    number = numbers[whose]()
    before = set(Session.objects.all())
    assert getattr(client, method)(f"/account/sessions/{number}/end/").status_code == 404
    assert set(Session.objects.all()) == before


@pytest.mark.usefixtures("here")
def test_all_others_are_ended_and_say_why(client: Client, user: User) -> None:
    others = [browser(), browser()]
    for other in others:
        factories.sign_in(other, user)
    text_of(client.get("/account/sessions/end-others/"))
    assert others[0].get("/account/").status_code == 200
    response = client.post("/account/sessions/end-others/")
    assert response["Location"] == "/account/?because=others"
    assert "You have been logged out everywhere else" in text_of(client.get(response["Location"]))
    for other in others:
        assert other.get("/account/")["Location"].endswith("&because=elsewhere")
    assert client.get("/account/sessions/end-others/").status_code == 200  # confirmed still
    assert "Logged out everywhere else" in text_of(client.get("/account/"))
