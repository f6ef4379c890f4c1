"""What browsers and password managers do with every page by themselves: focus, menu, user names."""

import re
from datetime import timedelta
from typing import Any

import html5lib
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.sessions import Session, Step
from accounts.roles import Role
from pharmrefer.local import ROOT
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def elements(response: Any, name: str) -> list[Any]:
    page = html5lib.parse(response.content, namespaceHTMLElements=False)
    return list(page.iter(name))


def fields(response: Any) -> list[Any]:
    """Return the inputs of a page that people see or browsers fill in."""
    return [each for each in elements(response, "input") if each.get("type") != "hidden"]


def opened(client: Client, at: Any) -> Any:
    """Return a browser's person, who is signed in, locked or at a step of logging in."""
    if isinstance(at, Step):
        user = factories.active_person() if at == Step.CODE else factories.person()
        factories.begin_log_in(client, user, at)
        return user
    user = factories.active_person()
    if at:
        session = factories.sign_in(client, user)
        if at == "confirmed":
            factories.confirmed(session)
    if at == "locked":
        Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=15))
    return user


@pytest.mark.parametrize(
    ("address", "at"),
    [
        ("/account/confirm/", "in"),
        ("/account/password/", "confirmed"),
        ("/unlock/", "locked"),
        ("/activate/password/", Step.PASSWORD),
    ],
)
def test_a_form_that_asks_for_a_password_says_whose(client: Client, address: str, at: Any) -> None:
    user = opened(client, at)
    every = fields(client.get(address))
    password = next(index for index, each in enumerate(every) if each.get("type") == "password")
    name = every[password - 1]
    assert (name.get("type"), name.get("autocomplete")) == ("text", "username")
    assert (name.get("value"), name.get("tabindex")) == (user.email, "-1")
    assert "readonly" in name.attrib


def test_the_form_that_unlocks_in_place_says_whose(client: Client) -> None:
    user = opened(client, "locked")
    every = fields(client.post("/session/unlock/", {"password": "four loud herons"}))
    assert [each.get("autocomplete") for each in every] == ["username", "current-password"]
    assert every[0].get("value") == user.email


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_form_asks_for_a_password_without_a_user_name(template: Any) -> None:
    text = template.read_text()
    if "password_input(form[" in text:
        assert "username_of(" in text or 'form["user_name"]' in text
    assert not re.search(r'type="hidden"[^>]*autocomplete="username"', text)


@pytest.mark.parametrize(
    ("address", "at", "first"),
    [
        ("/log-in/", None, "user_name"),
        ("/log-in/code/", Step.CODE, "code"),
        ("/log-in/activation/", Step.ACTIVATION, "activation_code"),
        ("/activate/", None, "user_name"),
        ("/activate/password/", Step.PASSWORD, "password"),
        ("/password/forgotten/", None, "user_name"),
        ("/account/confirm/", "in", "password"),
        ("/account/password/", "confirmed", "password"),
        ("/unlock/", "locked", "password"),
    ],
)
def test_the_first_field_has_the_focus_unless_something_is_wrong(
    client: Client, address: str, at: Any, first: str
) -> None:
    opened(client, at)
    focused = [
        each.get("name") for each in fields(client.get(address)) if "autofocus" in each.attrib
    ]
    assert focused == [first]
    wrong = client.post(address)
    assert wrong.status_code == 422
    assert not [each for each in fields(wrong) if "autofocus" in each.attrib]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_nothing_that_people_write_is_sent_to_a_spelling_service(template: Any) -> None:
    for tag in re.findall(r"<(?:textarea|input)\b.*", template.read_text()):
        if not re.search(r'type="(hidden|radio|checkbox|email)"', tag):
            assert 'spellcheck="false"' in tag or "_attributes(" in tag, tag


def test_a_touch_keyboard_begins_with_a_capital_where_one_belongs(client: Client) -> None:
    membership = factories.member(role=Role.PRACTICE_ADMINISTRATOR)
    session = factories.sign_in(client, membership.user)
    factories.confirmed(session)
    page = client.get("/referrals/new/", follow=True)
    capitals = {each.get("name"): each.get("autocapitalize") for each in fields(page)}
    words = {
        "given_name",
        "family_name",
        "contact_name",
        "address_line_1",
        "address_line_2",
        "town",
        "interpreter",
        "phone_owner_name",
        "registered_at",
    }
    assert {name for name, kind in capitals.items() if kind == "words"} == words
    assert capitals["postcode"] == "characters"
    assert capitals["nhs_number"] is capitals["phone"] is None
    page = client.get("/people/invite/")
    capitals = {each.get("name"): each.get("autocapitalize") for each in fields(page)}
    assert (capitals["given_name"], capitals["email"]) == ("words", "none")
    page = factories.strict_browser().get("/activate/")
    login = {each.get("name"): each.get("autocapitalize") for each in fields(page)}
    assert login == {"user_name": "none", "activation_code": "characters"}


@pytest.mark.parametrize(
    ("role", "address", "current"),
    [
        (Role.PRACTICE_ADMINISTRATOR, "/referrals/", {"Referrals": "page"}),
        (Role.PRACTICE_ADMINISTRATOR, "/people/", {"People": "page"}),
        (Role.PRACTICE_ADMINISTRATOR, "/people/invite/", {"People": "true"}),
        (Role.PRACTICE_ADMINISTRATOR, "/practice/settings/notices/", {"Practice": "true"}),
        (Role.PRACTICE_ADMINISTRATOR, "/account/", {}),
        (Role.SERVICE_DESK, "/desk/", {"Service desk": "page"}),
        (Role.SERVICE_DESK, "/desk/addresses/", {"Allowed addresses": "page"}),
    ],
)
def test_the_menu_says_where_one_is(
    client: Client, role: Role, address: str, current: dict[str, str]
) -> None:
    user = factories.active_person(role=role)
    factories.confirmed(factories.sign_in(client, user))
    links = [
        each
        for each in elements(client.get(address), "a")
        if each.get("class") == "nhsuk-header__navigation-link"
    ]
    said = {each.text: each.get("aria-current") for each in links if each.get("aria-current")}
    assert (len(links) > 1, said) == (True, current)


def test_a_page_that_comes_back_afresh_says_so(client: Client) -> None:
    browser = factories.strict_browser()
    answer = {"user_name": "jane@example.org", "password": PASSWORD}
    response = browser.post("/log-in/", answer, headers={"referer": "https://testserver/log-in/"})
    page = browser.get(response["Location"]).content.decode()
    assert "That page was out of date, and nothing was sent." in page
    assert "That page was out of date" not in client.get("/log-in/").content.decode()
