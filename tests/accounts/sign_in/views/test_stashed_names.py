"""Names of apps and passkeys whose form comes too late: carried along, and in their box again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models.people import User
from accounts.models.sessions import LONGEST_PATH, Session
from tests import factories
from tests.factories import PASSWORD
from tests.pages import text_of
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
ADD, NEW_PASSKEY = "/account/authenticators/add/", "/account/passkeys/new/"
NAME = "Desk 2 & 3 <left>"
IN_THE_BOX = 'value="Desk 2 &amp; 3 &lt;left&gt;"'


def next_of(response: Any) -> str:
    assert response.status_code == 302
    return str(parse_qs(urlsplit(response["Location"]).query)["next"][0])


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("address", [ADD, NEW_PASSKEY])
def test_who_confirms_anew_finds_the_name_in_its_box(
    client: Client, user: User, address: str
) -> None:
    Session.objects.update(confirmed_at=timezone.now() - timedelta(minutes=10))
    leads_to = client.post(address, {"name": NAME, "answer": ""})["Location"]
    there = next_of(client.get(leads_to))
    code = code_for(user.authenticators.get().secret)
    answer = {"password": PASSWORD, "code": code, "next": there}
    response = client.post("/account/confirm/", answer)
    assert response["Location"] == leads_to
    page = text_of(client.get(leads_to))
    assert IN_THE_BOX in page
    assert "There is a problem" not in page


ENDS: dict[str, Callable[[], object]] = {
    "locked": lambda: Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=15)),
    "idle": lambda: Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=1)),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_new_name_is_kept_across_lock_and_log_in(
    client: Client, user: User, here: Session, how: str
) -> None:
    ENDS[how]()
    address = f"/account/authenticators/{user.authenticators.get().pk}/rename/"
    response = client.post(address, {"name": NAME})
    there = next_of(response)
    assert response["Location"].startswith("/unlock/" if how == "locked" else "/log-in/")
    assert ("whose=" in response["Location"]) is (how == "idle")
    here.delete()
    factories.sign_in(client, user)
    assert IN_THE_BOX in text_of(client.get(there))
    assert client.post(there, {"name": "Phone"})["Location"] == "/account/"
    assert user.authenticators.get().name == "Phone"


@pytest.mark.usefixtures("here")
def test_a_form_of_before_another_log_in_keeps_its_name() -> None:
    browser = factories.strict_browser()
    factories.confirmed(factories.sign_in(browser, factories.active_person()))
    response = browser.post(ADD, {"name": NAME}, headers={"referer": "https://testserver/"})
    assert IN_THE_BOX in text_of(browser.get(response["Location"]))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "origin",
    [
        "https://testserver:8443",
        "http://testserver",
        "https://forms.testserver",
        "https://testserver.example",
        "https://xn--testserver",
        "https://[::1",
        "null",
        "",
    ],
)
@pytest.mark.parametrize("header", ["origin", "referer"])
def test_what_another_port_or_subdomain_has_written_is_shown_to_nobody(
    origin: str, header: str
) -> None:
    browser = factories.strict_browser()
    factories.confirmed(factories.sign_in(browser, factories.active_person()))
    response = browser.post(ADD, {"name": NAME}, headers={header: origin} if origin else {})
    if "Location" in response:  # to the form, afresh
        assert NAME not in response["Location"]
        response = browser.get(response["Location"])
    assert NAME not in text_of(response)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", ["é" * 30, "\N{PILL}" * 30, "x" * 100_000, "\x00 \x07"])
def test_a_name_that_is_too_long_is_kept_as_far_as_there_is_room(client: Client, name: str) -> None:
    Session.objects.update(confirmed_at=None)
    leads_to = client.post(ADD, {"name": name})["Location"]
    assert len(leads_to) <= LONGEST_PATH
    assert name.startswith(parse_qs(urlsplit(leads_to).query)["name"][0])
    there = next_of(client.get(leads_to))
    Session.objects.update(confirmed_at=timezone.now())
    text_of(client.get(there))


@pytest.mark.usefixtures("here")
def test_nothing_is_kept_where_nothing_was_typed_or_nobody_knows_whose_it_was(
    client: Client,
) -> None:
    Session.objects.update(confirmed_at=None)
    assert (
        client.post(ADD)["Location"]
        == "/account/confirm/?next=%2Faccount%2Fauthenticators%2Fadd%2F"
    )
    client.cookies[settings.SESSION_COOKIE_NAME] = "nobody's"
    assert NAME.split(maxsplit=1)[0] not in client.post(ADD, {"name": NAME})["Location"]
