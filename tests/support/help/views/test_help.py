"""The help pages: open to everybody, and every refusal leads to the one that fits."""

import re
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urldefrag

import html5lib
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.people import User
from accounts.models.sessions import Step
from accounts.models.throttle import Limit, Throttle, subject_of_name
from accounts.sign_in import lockout
from accounts.topics import QUESTIONS, Topic
from accounts.wording import clock_time
from support.help import figures
from support.region.content import Region, SupportContact
from tests import factories
from tests.pages import text_of
from tests.regional_content import shown
from tests.tools import code_for

pytestmark = pytest.mark.django_db
TOPICS = [f"/help/{topic}/" for topic in Topic]
PAGES = ["/help/", *TOPICS]


def anchors(page: str) -> list[Any]:
    return list(html5lib.parse(page, namespaceHTMLElements=False).iter("a"))


def words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_open_to_everybody_and_asks_no_database(
    client: Client, django_assert_num_queries: Any, address: str
) -> None:
    with django_assert_num_queries(0):
        response = client.get(address)
    assert response.status_code == 200
    assert text_of(response).count("<h1>") == 1


def test_every_topic_is_on_the_list_under_the_title_of_its_page(client: Client) -> None:
    links = {link.get("href"): words(link) for link in anchors(text_of(client.get("/help/")))}
    assert set(QUESTIONS) == set(Topic)
    for topic in Topic:
        assert links[f"/help/{topic}/"] == topic.question
        page = text_of(client.get(f"/help/{topic}/"))
        assert f"<title>{topic.question} –" in page
        assert f"<h1>{topic.question}</h1>" in page


def test_every_link_leads_somewhere(client: Client) -> None:
    """Walk from /help/ as far as the links lead."""
    found: dict[str, str] = {}
    ahead = ["/help/"]
    while ahead:
        address = ahead.pop()
        if address in found:
            continue
        response = client.get(address, follow=True)
        assert response.status_code == HTTPStatus.OK, address
        is_page = response["Content-Type"].startswith("text/html")
        found[address] = page = text_of(response) if is_page else ""
        for link in anchors(page):
            target, fragment = urldefrag(link.get("href"))
            assert target.startswith(("/", "mailto:", "https://")) or not target, target
            if target.startswith("/"):
                ahead.append(target)
            if fragment:
                there = found.get(target or address) or text_of(client.get(target, follow=True))
                assert f'id="{fragment}"' in there, link.get("href")
    assert set(PAGES) <= set(found)


@pytest.mark.parametrize("address", ["/help/no-such-topic/", "/help/clock/x/", "/help/Clock/"])
def test_there_is_no_other_topic(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_nothing_can_be_sent_to_a_page(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
    browser = factories.strict_browser()
    assert browser.post(address)["Location"] == f"{address}?because=afresh"


def test_the_clock_page_shows_the_time_of_the_server(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.fromisoformat("2026-08-06T13:05:09+00:00")
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert '<p class="app-time">2:05:09pm</p>' in text_of(client.get("/help/clock/"))


def test_the_page_about_too_many_tries_has_the_figures_that_are_true(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = Limit(7, timedelta(minutes=2), timedelta(minutes=40))
    monkeypatch.setattr(figures, "PER_PERSON", limit)
    monkeypatch.setattr(lockout, "MOST_WRONG", 23)
    page = text_of(client.get("/help/too-many-tries/"))
    assert "After 7 wrong tries in a row you have to wait" in page
    assert "2 minutes at first, never more than 40 minutes." in page
    assert "<p>23 wrong codes in a row lock a login:" in page


class TestServiceDesk:
    """Whom to ask: data, never words of ours."""

    @pytest.mark.parametrize("address", TOPICS)
    def test_every_page_says_whom_to_ask(self, client: Client, address: str) -> None:
        desk = SupportContact(
            phone="01632 960400 <2>", email="help@servicedesk.example", hours="weekdays"
        )
        with shown(Region(service_desk=desk)):
            page = text_of(client.get(address))
        assert "<li>Phone: <strong>01632 960400 &lt;2&gt;</strong></li>" in page
        assert 'href="mailto:help@servicedesk.example"' in page
        assert "<li>Open: weekdays</li>" in page
        assert "Ask your practice administrator or the service desk" not in page

    @pytest.mark.parametrize("address", TOPICS)
    def test_it_is_said_where_nobody_is_known(self, client: Client, address: str) -> None:
        with shown(Region(service_desk=SupportContact(hours="weekdays"))):
            page = text_of(client.get(address))
        assert "Ask your practice administrator or the service desk" in page
        assert "weekdays" not in page
        assert "<h2" in page
        assert "Ask the service desk</h2>" not in page

    @pytest.mark.parametrize("missing", ["phone", "email", "hours"])
    def test_any_of_them_may_be_left_out(self, client: Client, missing: str) -> None:
        labels = {"phone": "Phone", "email": "Email", "hours": "Open"}
        desk = SupportContact(**{name: "x@y.example" for name in labels if name != missing})
        with shown(Region(service_desk=desk)):
            page = text_of(client.get("/help/clock/"))
        for name, label in labels.items():
            assert (f"<li>{label}: " in page) is (name != missing)


@pytest.mark.parametrize("address", ["/log-in/", "/activate/", "/no/such/page", "/account/"])
def test_help_is_in_the_same_place_of_every_page(client: Client, address: str) -> None:
    if address == "/account/":
        factories.sign_in(client, factories.active_person())
    first, *_ = anchors(text_of(client.get(address)).partition("<footer")[2])
    assert (first.get("href"), words(first)) == ("/help/", "Help (opens in a new tab)")
    assert (first.get("target"), first.get("rel")) == ("_blank", "noopener")


def test_within_the_help_it_opens_no_further_tab(client: Client) -> None:
    links = anchors(text_of(client.get("/help/clock/")))
    assert ("/help/", "Help") in {(link.get("href"), words(link)) for link in links}
    assert not [link for link in links if link.get("target")]


def test_who_cannot_log_in_finds_help_and_who_shares_a_login_hears_it(client: Client) -> None:
    page = text_of(client.get("/log-in/"))
    assert "Codes do not work with shared logins" in page
    links = {words(link): link.get("href") for link in anchors(page)}
    assert links["I cannot log in (opens in a new tab)"] == "/help/questions/cannot-log-in/"
    assert links["How to get your own login (opens in a new tab)"] == "/help/shared-login/"


@pytest.mark.parametrize(
    ("step", "address", "topic"),
    [
        (Step.CODE, "/log-in/code/", Topic.LOST_AUTHENTICATOR),
        (Step.SET_UP, "/activate/authenticator/", Topic.SET_UP),
        (Step.ACTIVATION, "/log-in/activation/", Topic.ACTIVATION),
    ],
)
def test_a_step_leads_to_its_help_before_anything_goes_wrong(
    client: Client, step: Step, address: str, topic: Topic
) -> None:
    factories.begin_log_in(client, factories.person(), step)
    page = text_of(client.get(address))
    assert f"/help/{topic}/" in {link.get("href") for link in anchors(page)}
    assert "app-help" not in page


class TestRefusals:
    """Each message has the help that fits it beside it, and a screen reader reads both."""

    @pytest.fixture
    def user(self) -> User:
        return factories.active_person()

    @staticmethod
    def leads_to(topic: Topic, response: Any, message: str, field: str) -> None:
        """See that the field says what is wrong, and that its help is the next thing said."""
        assert response.status_code == 422
        tree = html5lib.parse(text_of(response), namespaceHTMLElements=False)
        by_id = {each.get("id"): each for each in tree.iter() if each.get("id")}
        described = by_id[f"id_{field}"].get("aria-describedby", "").split()
        assert described[-2:] == [f"id_{field}-error", f"id_{field}-help"]
        assert message in words(by_id[f"id_{field}-error"])
        helping = by_id[f"id_{field}-help"]
        (link,) = helping.iter("a")
        assert link.get("href") == f"/help/{topic}/"
        assert words(link) == f"{topic.question} (opens in a new tab)"
        assert (link.get("target"), link.get("rel")) == ("_blank", "noopener")

    @pytest.mark.needs("oathtool")
    @pytest.mark.parametrize(
        ("seconds_off", "topic", "message"),
        [
            (86_400, Topic.CODE_NOT_RIGHT, "That code is not right"),
            (-330, Topic.CODE_NOT_RIGHT, "That code is not right"),
            (300, Topic.CLOCK, "5 minutes fast"),
            (-60, Topic.CLOCK, "1 minute slow"),
        ],
    )
    @pytest.mark.parametrize("step", [Step.CODE, Step.SET_UP])
    def test_of_a_code(
        self, client: Client, step: Step, seconds_off: int, topic: Topic, message: str
    ) -> None:
        pending = factories.begin_log_in(client, factories.person(), step)
        authenticator = pending.authenticator or pending.user.authenticators.get()
        code = code_for(authenticator.secret, seconds_off=seconds_off)
        address = "/log-in/code/" if step is Step.CODE else "/activate/authenticator/"
        response = client.post(address, {"code": code})
        self.leads_to(topic, response, message, "code")
        if topic is Topic.CLOCK:
            assert re.search(r"the right time is \d+:\d\d:\d\d[ap]m", response.content.decode())

    @pytest.mark.needs("oathtool")
    def test_of_a_code_that_was_used(self, client: Client, user: User) -> None:
        factories.begin_log_in(client, user, Step.CODE)
        code = code_for(user.authenticators.get().secret)
        client.post("/log-in/code/", {"code": code})
        factories.begin_log_in(client, user, Step.CODE)
        response = client.post("/log-in/code/", {"code": code})
        self.leads_to(Topic.CODE_USED, response, "used that code already", "code")

    def test_of_what_is_no_code(self, client: Client, user: User) -> None:
        factories.begin_log_in(client, user, Step.CODE)
        response = client.post("/log-in/code/", {"code": "12345"})
        self.leads_to(Topic.CODE_NOT_RIGHT, response, "must be 6 digits", "code")

    def test_of_a_password(self, client: Client, user: User) -> None:
        response = client.post("/log-in/", {"user_name": user.email, "password": "wrong"})
        self.leads_to(Topic.PASSWORD, response, "username or password is not right", "password")

    def test_of_an_unknown_user_name_in_the_same_way(self, client: Client) -> None:
        response = client.post("/log-in/", {"user_name": "no.one@example", "password": "wrong"})
        self.leads_to(Topic.PASSWORD, response, "username or password is not right", "password")

    def test_of_a_password_that_should_unlock(self, client: Client, user: User) -> None:
        session = factories.sign_in(client, user)
        session.last_seen_at -= timedelta(minutes=20)
        session.save()
        response = client.post("/unlock/", {"password": "wrong"})
        self.leads_to(Topic.PASSWORD, response, "The password is not right", "password")

    def test_of_an_invitation(self, client: Client) -> None:
        answer = {"user_name": "a@b.example", "activation_code": "7KQM-2XRW-9TPD"}
        response = client.post("/activate/", answer)
        self.leads_to(Topic.ACTIVATION, response, "has expired or been used", "activation_code")

    def test_of_an_activation(self, client: Client) -> None:
        factories.begin_log_in(client, factories.person(), Step.ACTIVATION)
        response = client.post("/log-in/activation/", {"activation_code": "7KQM-2XRW-9TPD"})
        self.leads_to(Topic.ACTIVATION, response, "has expired or been used", "activation_code")

    def test_of_what_is_no_activation_code(self, client: Client) -> None:
        answer = {"user_name": "a@b.example", "activation_code": "7KQM"}
        response = client.post("/activate/", answer)
        self.leads_to(Topic.ACTIVATION, response, "12 letters and digits", "activation_code")

    @pytest.mark.parametrize(
        ("step", "address", "field", "typed"),
        [
            (None, "/log-in/", "password", "x"),
            (None, "/activate/", "activation_code", "7KQM-2XRW-9TPD"),
            (Step.CODE, "/log-in/code/", "code", "123456"),
            (Step.SET_UP, "/activate/authenticator/", "code", "123456"),
            (Step.ACTIVATION, "/log-in/activation/", "activation_code", "7KQM-2XRW-9TPD"),
        ],
    )
    def test_of_too_many_tries(
        self, client: Client, step: Step | None, address: str, field: str, typed: str
    ) -> None:
        user = factories.person()
        if step:
            factories.begin_log_in(client, user, step)
        until = timezone.now() + timedelta(minutes=7)
        what = {"/log-in/": "password"}.get(address, "activation")
        subject = subject_of_name(what, user.email, factories.ORIGIN)
        if field == "code":
            subject = f"code:{user.pk}"
        Throttle.objects.update_or_create(
            subject=subject, defaults={"tries": 9, "allowed_at": until}
        )
        response = client.post(address, {"user_name": user.email, field: typed})
        message = f"try again at {clock_time(until + timedelta(seconds=59))}"
        self.leads_to(Topic.TOO_MANY_TRIES, response, message, field)

    def test_of_an_account_that_is_locked(self, client: Client, user: User) -> None:
        User.objects.update(locked_at=timezone.now())
        answer = {"user_name": user.email, "password": factories.PASSWORD}
        response = client.post("/log-in/", answer)
        self.leads_to(Topic.TOO_MANY_TRIES, response, "is locked because of too many", "password")

    def test_a_mistake_that_explains_itself_has_none(self, client: Client) -> None:
        page = text_of(client.post("/log-in/", {}))
        assert "Enter your password" in page
        assert "-help" not in page
