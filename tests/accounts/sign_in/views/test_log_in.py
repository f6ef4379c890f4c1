"""The pages of logging in: status, words, cookies, and where they lead."""

from datetime import timedelta
from http.cookies import Morsel
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.people import new_accounts
from accounts.sign_in import activation, log_in
from accounts.web import access
from tests import factories
from tests.factories import PASSWORD, acting
from tests.pages import text_of
from tests.tools import code_for

pytestmark = pytest.mark.django_db


def cookie(client: Client, name: str) -> "Morsel[Any]":
    return client.cookies[name]


def give_password(client: Client, user: User, *, next_path: str = "") -> None:
    answer = {"user_name": user.email, "password": PASSWORD, "next": next_path}
    response = client.post("/log-in/", answer)
    assert (response.status_code, response["Location"]) == (302, "/log-in/code/")


def give_code(client: Client, user: User) -> Any:
    code = code_for(user.authenticators.get().secret)
    return client.post("/log-in/code/", {"code": code})


def test_the_log_in_page_asks_for_user_name_and_password(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/log-in/")
    assert response.status_code == 200
    page = text_of(response)
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page


def test_the_token_of_forms_is_for_this_host_over_https_and_not_for_scripts(client: Client) -> None:
    client.get("/log-in/")
    token = cookie(client, "__Host-csrftoken")
    assert token["secure"]
    assert token["httponly"]
    assert (token["samesite"], token["path"], token["domain"]) == ("Lax", "/", "")


def test_a_wrong_password_is_said_at_the_field_and_on_top_and_never_sent_back(
    client: Client, user: User
) -> None:
    response = client.post("/log-in/", {"user_name": user.email, "password": "my wrong password"})
    assert response.status_code == 422
    page = text_of(response)
    assert page.count("The username or password is not right") == 2
    assert '<a href="#id_password">' in page
    assert "<title>Error: Log in" in page
    assert f'value="{user.email}"' in page
    assert "my wrong password" not in page
    assert "__Host-log-in" not in client.cookies


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, ["Enter your username", "Enter your password"]),
        ({"user_name": "", "password": "x"}, ["Enter your username"]),
        ({"user_name": "x" * 300, "password": "x"}, ["Username must be 254 characters or fewer"]),
        ({"user_name": "a\x00b", "password": "x"}, ["not right"]),
        ({"user_name": "a", "password": "x" * 300}, ["Password must be 256 characters or fewer"]),
        ({"user_name": "a\r\nSet-Cookie: b", "password": b"\xff\xfe\xed\xa0\x80"}, []),
        ({"user_name": "<script>'\"&", "password": "x"}, ["not right"]),
    ],
)
def test_bad_input_gets_words_and_never_an_error(
    client: Client, answer: dict[str, Any], words: list[str]
) -> None:
    response = client.post("/log-in/", answer)
    assert response.status_code == 422
    page = text_of(response)
    assert "<script>'" not in page
    for sentence in words:
        assert page.count(sentence) == 2


def test_a_right_password_leads_to_the_code_and_opens_nothing_else(
    client: Client, user: User
) -> None:
    give_password(client, user)
    assert user.email in text_of(client.get("/log-in/code/"))
    assert client.get("/account/")["Location"] == "/log-in/?next=%2Faccount%2F&because=needed"
    assert not Session.objects.exists()


@pytest.mark.needs("oathtool")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("<{}>;", "{0} {1}"),
        ("\u202a{}\u202c", "\u202a{0}\u00a0{1}\u202c"),
        ("mailto:{}", "{0}\u2013{1}."),
        ("Jane Doe <{}>", "\u200b{0}\u00ad{1}\ufeff"),
    ],
)
def test_what_came_along_when_it_was_pasted_is_no_wrong_try(
    client: Client, user: User, name: str, number: str
) -> None:
    answer = {"user_name": name.format(user.email), "password": PASSWORD}
    assert client.post("/log-in/", answer)["Location"] == "/log-in/code/"
    code = code_for(user.authenticators.get().secret)
    wide = code.translate({ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)})
    for typed in ("1234567", "12345a"):  # can be none
        assert client.post("/log-in/code/", {"code": typed}).status_code == 422
    answer = {"code": number.format(wide[:3], wide[3:])}
    assert client.post("/log-in/code/", answer)["Location"] == "/"
    assert not AuditEvent.objects.filter(event=Event.FACTOR_REFUSED).exists()


def test_a_pasted_user_name_has_its_own_tries_and_no_more(client: Client, user: User) -> None:
    for sign in ("", "\u200b", "\u00ad", "\u200e", "\u2060"):
        answer = {"user_name": f"{sign}<{user.email}>", "password": "a wrong one"}
        client.post("/log-in/", answer)
    answer = {"user_name": f"mailto:{user.email}", "password": PASSWORD}
    assert "Too many tries" in text_of(client.post("/log-in/", answer))


@pytest.mark.needs("oathtool")
def test_a_right_code_signs_in(client: Client, user: User) -> None:
    client.get("/log-in/")
    give_password(client, user)
    key, token = cookie(client, "__Host-log-in").value, cookie(client, "__Host-csrftoken").value
    response = give_code(client, user)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert cookie(client, "__Host-session").value not in {"", key}
    assert cookie(client, "__Host-log-in").value == ""
    assert cookie(client, "__Host-csrftoken").value != token
    assert user.full_name in text_of(client.get("/account/"))


@pytest.mark.needs("oathtool")
def test_the_cookies_are_for_this_host_over_https_and_not_for_scripts(
    client: Client, user: User
) -> None:
    give_password(client, user)
    held = [cookie(client, "__Host-log-in")]
    give_code(client, user)
    for morsel in [*held, cookie(client, "__Host-session")]:
        assert morsel["secure"]
        assert morsel["httponly"]
        assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Lax", "/", "")
        assert morsel["max-age"] in ("", 0)


def test_a_code_that_is_none_costs_no_try(client: Client, user: User) -> None:
    give_password(client, user)
    for _ in range(10):
        response = client.post("/log-in/code/", {"code": "12345x"})
        assert response.status_code == 422
        assert text_of(response).count("The code must be 6 digits, like 123 456") == 2


@pytest.mark.needs("oathtool")
def test_too_many_wrong_codes_are_said_with_the_time(client: Client, user: User) -> None:
    give_password(client, user)
    wrong = code_for(user.authenticators.get().secret, seconds_off=86_400)
    for _ in range(5):
        assert "not right" in text_of(client.post("/log-in/code/", {"code": wrong}))
    response = client.post("/log-in/code/", {"code": wrong})
    assert response.status_code == 422
    assert "Too many tries. You can try again at" in text_of(response)


@pytest.mark.needs("oathtool")
def test_it_leads_back_to_what_was_wanted(client: Client, user: User) -> None:
    give_password(client, user, next_path="/account/?a=b")
    assert give_code(client, user)["Location"] == "/account/?a=b"


@pytest.mark.needs("oathtool")
@pytest.mark.parametrize(
    "path",
    [
        *("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"),
        *("evil", "/" + "x" * 1000, "/\nx", "/é"),
    ],
)
def test_it_leads_nowhere_else(client: Client, user: User, path: str) -> None:
    give_password(client, user, next_path=path)
    assert give_code(client, user)["Location"] == "/"


def test_ten_minutes_later_it_begins_anew_and_says_why(client: Client, user: User) -> None:
    give_password(client, user, next_path="/account/")
    PendingLogIn.objects.update(expires_at=timezone.now())
    response = client.post("/log-in/code/", {"code": "123456"})
    mark = f"&whose={quote(access.sign_person(user.pk))}"
    assert response["Location"] == f"/log-in/?because=slow&next=%2Faccount%2F{mark}"
    assert cookie(client, "__Host-log-in").value == ""
    page = text_of(client.get(response["Location"]))
    assert "That took too long" in page
    assert 'value="/account/"' in page
    assert not PendingLogIn.objects.exists()


@pytest.mark.parametrize(
    ("step", "address", "module", "does"),
    [
        (Step.CODE, "/log-in/code/", log_in, "sign_in"),
        (Step.SET_UP, "/activate/authenticator/", log_in, "sign_in"),
        (Step.PASSWORD, "/activate/password/", activation, "choose_password"),
        (Step.ACTIVATION, "/log-in/activation/", activation, "accept_activation"),
    ],
)
def test_a_log_in_that_ends_in_the_very_moment_says_so(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    step: Step,
    address: str,
    module: ModuleType,
    does: str,
) -> None:
    factories.begin_log_in(client, factories.person(), step)

    def gone(*_arguments: object, **_options: object) -> None:
        raise errors.Gone

    monkeypatch.setattr(module, does, gone)
    answer = {"code": "123456", "password": PASSWORD, "activation_code": "7KQM-2XRW-9TPD"}
    assert client.post(address, answer)["Location"] == "/log-in/?because=again"


def test_a_reason_that_is_none_is_not_shown(client: Client) -> None:
    page = text_of(client.get("/log-in/?because=<b>you+won</b>"))
    assert "you won" not in page


@pytest.mark.needs("oathtool")
def test_the_next_person_on_the_computer_ends_the_session_of_the_one_before(
    client: Client, user: User
) -> None:
    before = factories.sign_in(client, factories.active_person())
    give_password(client, user)
    give_code(client, user)
    assert not Session.objects.filter(pk=before.pk).exists()
    assert Session.objects.get().user == user


def test_who_is_in_is_not_asked_again(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    assert client.get("/log-in/")["Location"] == "/"
    assert client.get("/log-in/?next=/account/%3Fa=b")["Location"] == "/account/?a=b"
    assert client.get("/log-in/?next=//evil.example")["Location"] == "/"


@pytest.mark.needs("oathtool")
def test_a_code_that_is_malformed_is_kept_and_one_that_is_refused_is_not(
    client: Client, user: User
) -> None:
    give_password(client, user)
    assert 'value="12345"' in text_of(client.post("/log-in/code/", {"code": "12345"}))
    wrong = code_for(user.authenticators.get().secret, seconds_off=86_400)
    assert wrong not in text_of(client.post("/log-in/code/", {"code": wrong}))


@pytest.mark.parametrize(
    ("step", "here", "address"),
    [
        (Step.CODE, "/log-in/code/", "/log-in/"),
        (Step.PASSWORD, "/activate/password/", "/activate/"),
    ],
)
@pytest.mark.parametrize(
    ("flash_code", "words"), [("slow", "That took too long"), ("again", "ended somewhere else")]
)
def test_why_a_log_in_ended_is_said_where_it_can_be_begun_anew(
    client: Client, step: Step, here: str, address: str, flash_code: str, words: str
) -> None:
    pending = factories.begin_log_in(client, factories.person(), step)
    if flash_code == "slow":
        PendingLogIn.objects.update(expires_at=timezone.now())
    else:
        User.objects.update(session_epoch=7)
    response = client.get(here)
    assert response["Location"] == f"{address}?because={flash_code}"
    assert words in text_of(client.get(response["Location"]))
    assert not PendingLogIn.objects.filter(pk=pending.pk).exists()


def test_a_log_in_whose_activation_was_replaced_says_that_it_ended(client: Client) -> None:
    user = factories.person()
    factories.begin_log_in(client, user, Step.SET_UP)
    new_accounts.issue_activation(user, acting(now=timezone.now()))
    assert client.get("/activate/authenticator/")["Location"] == "/log-in/?because=again"


@pytest.mark.parametrize("address", ["/log-in/", "/activate/", "/account/"])
def test_machines_may_ask_for_the_head_only(client: Client, user: User, address: str) -> None:
    if address == "/account/":
        factories.sign_in(client, user)
    response = client.head(address)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.needs("oathtool")
def test_a_dead_session_s_cookie_does_not_get_in_the_way(client: Client, user: User) -> None:
    give_password(client, user)
    client.cookies["__Host-session"] = "of yesterday"
    give_code(client, user)
    assert client.get("/account/").status_code == 200


def test_a_form_that_was_sent_too_late_leads_back_to_its_page(client: Client) -> None:
    assert client.post("/account/")["Location"] == "/log-in/?next=%2Faccount%2F&because=needed"


@pytest.mark.needs("oathtool")
def test_a_password_with_spaces_around_it_is_as_good(client: Client, user: User) -> None:
    user.set_password(" leading and trailing ")
    user.save()
    client.post("/log-in/", {"user_name": user.email, "password": " leading and trailing "})
    assert client.get("/log-in/code/").status_code == 200


@pytest.mark.needs("oathtool")
def test_the_button_pressed_twice_leads_in_as_well(client: Client, user: User) -> None:
    give_password(client, user)
    held = cookie(client, "__Host-log-in").value
    give_code(client, user)
    client.cookies["__Host-log-in"] = held
    response = give_code(client, user)
    assert response["Location"] == "/log-in/?because=again"
    assert client.get(response["Location"])["Location"] == "/"


def test_a_log_in_page_from_before_another_tab_s_log_in_leads_in(user: User) -> None:
    browser = factories.strict_browser()
    browser.get("/log-in/")
    browser.cookies["__Host-csrftoken"] = "x" * 32  # as it is after the other tab's
    factories.sign_in(browser, user)
    answer = {"user_name": user.email, "password": PASSWORD, "csrfmiddlewaretoken": "y" * 32}
    leading = {"next": "/account/", "whose": access.sign_person(user.pk)}
    response = browser.post(
        "/log-in/", answer | leading, headers={"referer": "https://testserver/"}
    )
    leads_to = f"/log-in/?{urlencode(leading)}&because=afresh"
    assert (response.status_code, response["Location"]) == (302, leads_to)
    assert browser.get(response["Location"])["Location"] == "/account/"


@pytest.mark.parametrize(
    "origin",
    ["https://testserver:8443", "https://forms.testserver", "null", "https://evil.example"],
)
def test_no_other_site_can_log_out(user: User, origin: str) -> None:
    browser = factories.strict_browser()
    factories.sign_in(browser, user)
    response = browser.post("/log-out/", headers={"origin": origin})
    assert (response["Location"], list(response.cookies)) == ("/", [])
    assert "Clear-Site-Data" not in response
    assert Session.objects.exists()


def test_a_cookie_that_was_not_sent_is_not_taken_away(client: Client) -> None:
    """As from another site: its session lives on."""
    response = client.post("/log-out/")
    assert response["Location"] == "/log-in/?because=out"
    assert not response.cookies


def test_a_cookie_without_its_session_goes(client: Client) -> None:
    client.cookies["__Host-session"] = "of a session that is no more"
    assert client.post("/log-out/").cookies["__Host-session"].value == ""


def test_the_oldest_page_can_log_out(user: User) -> None:
    browser = factories.strict_browser()
    factories.sign_in(browser, user)
    assert browser.post("/log-out/")["Location"] == "/log-in/?because=out"
    assert not Session.objects.exists()


class TestSession:
    """What happens to who is in."""

    def test_logging_out_ends_it_at_once_and_for_good(self, client: Client, user: User) -> None:
        factories.sign_in(client, user)
        key = cookie(client, "__Host-session").value
        response = client.post("/log-out/")
        assert response["Location"] == "/log-in/?because=out"
        gone = cookie(client, "__Host-session")
        assert (gone.value, gone["max-age"], gone["path"], gone["domain"]) == ("", 0, "/", "")
        assert gone["secure"]  # or browsers would not change a cookie of that name
        client.cookies["__Host-session"] = key
        assert client.get("/account/").status_code == 302

    def test_logging_out_ends_a_log_in_under_way_too(self, client: Client, user: User) -> None:
        factories.begin_log_in(client, user, Step.CODE)
        other = factories.begin_log_in(Client(), user, Step.CODE)
        held = client.cookies["__Host-log-in"].value
        factories.sign_in(client, factories.active_person())
        client.post("/log-out/")
        assert PendingLogIn.objects.get() == other
        assert client.cookies["__Host-log-in"].value == ""
        client.cookies["__Host-log-in"] = held
        assert client.get("/log-in/code/")["Location"] == "/log-in/?because=again"

    def test_a_link_cannot_log_anybody_out(self, client: Client, user: User) -> None:
        factories.sign_in(client, user)
        assert client.get("/log-out/")["Location"] == "/"
        assert Session.objects.exists()

    def test_who_was_away_too_long_is_told_and_led_back(self, client: Client, user: User) -> None:
        factories.sign_in(client, user)
        Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
        response = client.get("/account/")
        mark = f"&whose={quote(access.sign_person(user.pk))}"
        assert response["Location"] == f"/log-in/?next=%2Faccount%2F{mark}&because=idle"
        assert "was not used for a while" in text_of(client.get(response["Location"]))
        assert cookie(client, "__Host-session").value == ""
        assert not Session.objects.exists()

    def test_what_was_done_last_is_noted_at_most_once_a_minute(
        self, client: Client, user: User, django_assert_num_queries: Any
    ) -> None:
        factories.sign_in(client, user)
        with django_assert_num_queries(5):
            client.get("/account/")
        Session.objects.update(last_seen_at=timezone.now() - timedelta(seconds=50))
        with django_assert_num_queries(5):
            client.get("/account/")
        earlier = timezone.now() - timedelta(seconds=61)
        Session.objects.update(last_seen_at=earlier)
        with django_assert_num_queries(8):  # whether another machine is in use, and the hour
            client.get("/account/")
        assert Session.objects.get().last_seen_at > earlier

    @pytest.mark.parametrize("key", ["", "x", "x" * 5000, "\u00e9", "' OR 1=1 --"])
    def test_a_made_up_key_opens_nothing(self, client: Client, user: User, key: str) -> None:
        factories.sign_in(client, user)
        client.cookies["__Host-session"] = key
        assert client.get("/account/").status_code == 302


@pytest.mark.needs("oathtool")
def test_the_queries_of_logging_in_are_as_many_as_ever(
    client: Client, user: User, django_assert_num_queries: Any
) -> None:
    answer = {"user_name": user.email, "password": PASSWORD}
    with django_assert_num_queries(10):  # and a savepoint
        client.post("/log-in/", answer)
    with django_assert_num_queries(2):  # is there a passkey?
        client.get("/log-in/code/")
    code = code_for(user.authenticators.get().secret)
    with django_assert_num_queries(18):  # one for a browser that is not known
        client.post("/log-in/code/", {"code": code})


def test_the_activation_step_asks_for_the_code(client: Client) -> None:
    user = factories.person()
    factories.begin_log_in(client, user, Step.ACTIVATION)
    assert client.get("/log-in/code/")["Location"] == "/log-in/activation/"
    assert user.email in text_of(client.get("/log-in/activation/"))
    response = client.post("/log-in/activation/", {"activation_code": "7KQM-2XRW-9TPD"})
    assert response.status_code == 422
    assert "The activation code is not right" in text_of(response)


NOT_HERE = "You are not logged in here. If you were, someone has logged out"
HERE = {"referer": "https://testserver/account/", "host": "testserver"}


@pytest.mark.parametrize(
    ("address", "headers", "words"),
    [
        ("/", HERE, NOT_HERE),
        ("/account/", HERE, NOT_HERE),
        ("/session/?page=/account/", {}, NOT_HERE),
        ("/account/", {}, "Log in to open that page."),
        ("/account/", {"referer": "https://elsewhere.example/"}, "Log in to open that page."),
        ("/log-in/code/", HERE, "That login was finished or ended somewhere else."),
        ("/log-in/code/", {}, "Start here, with your username and password."),
        ("/activate/authenticator/", {}, "Start here, with your username and password."),
    ],
)
def test_the_log_in_page_says_why_a_user_is_led_to_it(
    client: Client, address: str, headers: dict[str, str], words: str
) -> None:
    """A colleague has logged in and out in another tab, which took the cookie along."""
    headers = {"x-forwarded-proto": "https", "host": "testserver"} | headers
    response = client.get(address, headers=headers)
    to = response.json()["address"] if "session" in address else response["Location"]
    assert words in text_of(client.get(to))


def test_who_has_only_just_come_is_told_nothing(client: Client) -> None:
    assert client.get("/")["Location"] == "/log-in/"


def test_a_key_of_a_session_that_is_no_more_is_a_reason_too(client: Client) -> None:
    client.cookies["__Host-session"] = "of a session that was cleared away"
    for address in ("/", "/account/"):
        assert NOT_HERE in text_of(client.get(client.get(address)["Location"]))
