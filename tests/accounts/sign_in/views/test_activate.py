"""The first log-in, page by page."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.credentials import Authenticator
from accounts.models.sessions import Session, Step
from accounts.models.throttle import Throttle
from accounts.people import new_accounts
from accounts.roles import Role
from support.region.content import AppDevice, Approval, ApprovedApp, Region
from tests import factories
from tests.factories import PASSWORD, acting
from tests.pages import text_of, would_send
from tests.regional_content import shown
from tests.tools import code_for

pytestmark = pytest.mark.django_db


def secret_on(page: str) -> str:
    return "".join(re.findall(r'<span class="app-group">(\w{4})</span>', page))


@pytest.mark.needs("oathtool")
def test_from_the_code_to_the_session(client: Client) -> None:
    user = factories.person()
    code = new_accounts.issue_activation(user, acting(now=timezone.now()))
    text_of(client.get("/activate/"))
    response = client.post("/activate/", {"user_name": user.email, "activation_code": code})
    assert response["Location"] == "/activate/password/"
    assert 'autocomplete="new-password"' in text_of(client.get("/activate/password/"))
    response = client.post("/activate/password/", {"password": PASSWORD})
    assert response["Location"] == "/activate/authenticator/"
    secret = secret_on(text_of(client.get("/activate/authenticator/")))
    response = client.post("/activate/authenticator/", {"code": code_for(secret)})
    assert response["Location"] == "/"
    session = Session.objects.get()
    assert session.user == user
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_set_up_page_says_what_an_app_asks_for(client: Client) -> None:
    practice = factories.practice(name="Mill Lane Medical Centre")
    user = factories.person(at=practice)
    factories.begin_log_in(client, user, Step.SET_UP)
    page = text_of(client.get("/activate/authenticator/"))
    assert f'class="app-copied">{user.email}<' in page.replace("<wbr>", "")
    for words in (
        "PharmRefer",
        "Mill Lane Medical Centre",
        "12 Larkfield Road, Westmere",
        "WM1 2AB",
        "Scan this barcode with your authenticator app, or copy the 3 values into it",
        "If you are asked for a code length, choose 6",
        "Keep this device safe: you will need a code each time you log in",
    ):
        assert words in page
    assert secret_on(page) == Authenticator.objects.get().secret
    # In the page and nowhere else: no picture of its own, no address, nothing to cache.
    assert re.search(r"<svg [^>]*viewBox=", page)
    assert client.get("/activate/authenticator/")["Cache-Control"] == "no-store"


def test_an_address_breaks_after_its_at_and_dots_only(client: Client) -> None:
    user = factories.person(email="mary-ann.o'neil+gp@larkfield.example")
    factories.begin_log_in(client, user, Step.SET_UP)
    page = text_of(client.get("/activate/authenticator/"))
    broken = "mary-ann.<wbr>o&#39;neil+gp@<wbr>larkfield.<wbr>example"
    assert page.count(f"<dd>{broken}</dd>") == 1
    assert page.count(f'<span id="account-name" class="app-copied">{broken}</span>') == 1


def test_the_steps_of_approved_apps_come_first_and_the_chosen_ones_stay(client: Client) -> None:
    on = {AppDevice.SUPPLIED_DESKTOP: Approval.SUPPORTED}
    factories.begin_log_in(client, factories.person(), Step.SET_UP)
    with shown(Region(apps=(ApprovedApp(name="2FAST", on=on),))):
        page = text_of(client.get("/activate/authenticator/"))
        assert re.findall('id="app-(.*?)-hint">(.*?)<', page) == [
            ("twofast", "Approved for work computers"),
            ("microsoft-authenticator", "Not approved here"),
        ]
        assert would_send(page)["app"] == "twofast"
        wrong = client.post("/activate/authenticator/", {"code": "1", "app": "other"})
    assert would_send(text_of(wrong))["app"] == "other"


@pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.OPERATOR])
def test_who_is_in_no_practice_sees_none(client: Client, role: Role) -> None:
    factories.begin_log_in(client, factories.person(role=role), Step.SET_UP)
    assert "Your practice" not in text_of(client.get("/activate/authenticator/"))


def test_a_reload_shows_the_same_secret_and_a_new_set_up_another(client: Client) -> None:
    user = factories.person()
    factories.begin_log_in(client, user, Step.SET_UP)
    first = secret_on(text_of(client.get("/activate/authenticator/")))
    wrong = client.post("/activate/authenticator/", {"code": "000000"})
    assert wrong.status_code == 422
    assert secret_on(text_of(wrong)) == first
    malformed = client.post("/activate/authenticator/", {"code": "12345"})
    assert 'value="12345"' in text_of(malformed)
    assert secret_on(text_of(client.get("/activate/authenticator/"))) == first
    factories.begin_log_in(client, user, Step.SET_UP)
    assert secret_on(text_of(client.get("/activate/authenticator/"))) != first


def test_a_secret_that_the_browser_sends_is_not_taken(client: Client) -> None:
    factories.begin_log_in(client, factories.person(), Step.SET_UP)
    secret = Authenticator.objects.get().secret
    client.post("/activate/authenticator/", {"code": "123456", "secret": "A" * 32})
    assert Authenticator.objects.get().secret == secret


def test_a_set_up_that_was_begun_elsewhere_since_says_so(client: Client) -> None:
    user = factories.person()
    factories.begin_log_in(client, user, Step.SET_UP)
    Authenticator.objects.all().delete()
    response = client.get("/activate/authenticator/")
    assert response["Location"] == "/log-in/?because=again"
    assert "ended somewhere else" in text_of(client.get(response["Location"]))


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "Enter a password"),
        ("short", "Password must be 12 characters or more"),
        ("password1234", "Password must not be a common one"),
        ("y" * 300, "Password must be 256 characters or fewer"),
    ],
)
def test_a_password_that_is_refused_is_said_and_not_sent_back(
    client: Client, password: str, words: str
) -> None:
    user = factories.person()
    factories.begin_log_in(client, user, Step.PASSWORD)
    response = client.post("/activate/password/", {"password": password})
    assert response.status_code == 422
    page = text_of(response)
    assert page.count(words) == 2
    assert f'value="{password}"' not in page
    user.refresh_from_db()
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    "password", [" leading and trailing ", "ключ от старого дома", "häuser am Fluss " * 10]
)
def test_a_password_is_kept_exactly_as_it_was_typed(client: Client, password: str) -> None:
    user = factories.person()
    factories.begin_log_in(client, user, Step.PASSWORD)
    client.post("/activate/password/", {"password": password})
    user.refresh_from_db()
    assert user.check_password(password)
    assert not user.check_password(password.strip() + "!")


@pytest.mark.parametrize("sign", ["\u2013", "\u00a0", "\u200b", "\u00ad", "\uff0d"])
def test_a_code_that_was_pasted_is_no_wrong_try_and_one_that_can_be_none_neither(
    client: Client, sign: str
) -> None:
    user = factories.person()
    code = new_accounts.issue_activation(user, acting(now=timezone.now()))
    typed = {"user_name": f"<{user.email}>", "activation_code": f"{code[:-1]}U"}
    for _ in range(6):  # more than there are tries
        response = client.post("/activate/", typed)
        assert "must be 12 letters and digits, without the letter U" in text_of(response)
    typed["activation_code"] = f"\u200e{code.replace('-', sign)}."
    assert client.post("/activate/", typed)["Location"] == "/activate/password/"
    assert not Throttle.objects.filter(tries__gt=0).exists()


def test_a_wrong_activation_code_is_said_and_what_was_typed_is_kept(client: Client) -> None:
    answer = {"user_name": "jane@nhs.example", "activation_code": "7kqm 2xrw 9tpd"}
    response = client.post("/activate/", answer)
    assert response.status_code == 422
    page = text_of(response)
    assert "The username or activation code is not right" in page
    assert Throttle.objects.filter(subject__startswith="activation:").count() == 1
    assert 'value="7kqm 2xrw 9tpd"' in page
    assert 'value="jane@nhs.example"' in page


@pytest.mark.parametrize("code", ["", "x", "\x00" * 12, "7KQM-2XRW-9TPD-7KQM", "é" * 11, "x" * 500])
def test_anything_may_be_typed(client: Client, code: str) -> None:
    answer = {"user_name": "jane@nhs.example", "activation_code": code}
    response = client.post("/activate/", answer)
    assert response.status_code == 422
    text_of(response)
    assert not Throttle.objects.exists()  # what cannot be a code costs no try


def test_the_pages_ask_the_database_as_often_as_ever(
    client: Client, django_assert_num_queries: Any
) -> None:
    user = factories.person()
    with django_assert_num_queries(0):
        client.get("/activate/")
    factories.begin_log_in(client, user, Step.PASSWORD)
    with django_assert_num_queries(2):
        client.get("/activate/password/")
    factories.begin_log_in(client, user, Step.SET_UP)
    with django_assert_num_queries(2):
        client.get("/activate/authenticator/")
