"""Getting a support code, and what the service desk reads when it types one."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import Denied
from accounts.models.audit import AuditEvent, Event
from accounts.models.people import Membership, User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.models.throttle import PER_ADDRESS, PER_PERSON, Throttle
from accounts.roles import Role
from accounts.topics import Topic
from support import tasks
from support.codes import alphabet, codes
from support.connection.figures import Arrival, Figures
from support.models.support_codes import SupportCode, WhoAsks
from support.region.content import Region, SupportContact
from tests import factories
from tests.factories import ORIGIN
from tests.pages import text_of, would_send
from tests.regional_content import shown

pytestmark = pytest.mark.django_db
CODE = re.compile(r'app-support-code">([0-9A-Z]{4} [0-9A-Z]{4})<')
HERE, DESK = "/support-code/", "/desk/support-code/"
MEASURED = {
    "has_scripts": "yes",
    "reached": "4",
    "failures": "0",
    "clock_off_ms": "-240000",
    "latency_ms": "80",
    "spread_ms": "15",
    "cookies": "kept",
    "tls": "https",
    "static_files": "whole",
    "sizes": "whole",
    "protocol": "h2",
}


@pytest.fixture
def jane() -> User:
    return factories.active_person()


@pytest.fixture
def at_the_desk(client: Client) -> Membership:
    found = factories.member(role=Role.SERVICE_DESK)
    factories.sign_in(client, found.user)
    return found


def browser() -> Client:
    calls_itself = "Firefox/128.0 (Windows NT 10.0)"
    headers = {"x-forwarded-proto": "https", "host": "testserver", "user-agent": calls_itself}
    return Client(headers=headers)


def code_of(response: Any) -> str:
    assert response.status_code == 200
    found = CODE.search(text_of(response))
    assert found
    return found[1]


def get_code(visitor: Client, asked: str = HERE, **typed: str) -> str:
    """Open the page as its link does, and press the button."""
    sent = {
        name: text or "" for name, text in would_send(text_of(visitor.get(asked))).items() if name
    }
    return code_of(visitor.post(HERE, sent | typed))


def words(response: Any) -> str:
    main = text_of(response).partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub("<[^>]+>", " ", main).split())


class TestAsking:
    def test_who_is_logged_in_is_known(self, jane: User) -> None:
        visitor = browser()
        factories.sign_in(visitor, jane)
        assert "Username" not in words(visitor.get(HERE))
        get_code(visitor, "/support-code/?page=referrals:home", user_name="other@x.example")
        made = SupportCode.objects.get()
        assert (made.person, made.user_name) == (jane, "")
        assert (made.who_asks, made.page) == (WhoAsks.SIGNED_IN, "referrals:home")
        assert made.browser == "Firefox/128.0 (Windows NT 10.0)"
        assert made.address == "127.0.0.1"

    def test_the_page_says_whose_refusals_the_desk_sees(self, jane: User) -> None:
        visitor, others = browser(), "also what was refused to others at your network address"
        assert others in words(visitor.get(HERE))
        factories.sign_in(visitor, jane)
        page = words(visitor.get(HERE))
        assert others not in page
        assert "What was refused stays in the record of who logged in" in page

    def test_so_is_who_has_a_locked_screen(self, jane: User) -> None:
        visitor = browser()
        factories.sign_in(visitor, jane)
        Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=20))
        get_code(visitor)
        made = SupportCode.objects.get()
        assert (made.person, made.who_asks) == (jane, WhoAsks.LOCKED)

    @pytest.mark.parametrize("step", Step)
    def test_so_is_who_is_at_a_step_of_logging_in(self, step: Step) -> None:
        visitor, user = browser(), factories.person()
        factories.begin_log_in(visitor, user, step)
        assert "Username" not in words(visitor.get(HERE))
        get_code(visitor)
        made = SupportCode.objects.get()
        assert (made.person, made.who_asks) == (user, step.value)

    def test_but_not_once_the_step_is_over(self) -> None:
        visitor = browser()
        factories.begin_log_in(visitor, factories.person(), Step.CODE)
        PendingLogIn.objects.update(expires_at=timezone.now())
        get_code(visitor)
        assert SupportCode.objects.get().person is None

    def test_why_a_session_has_ended_is_noted(self, jane: User) -> None:
        visitor = browser()
        factories.sign_in(visitor, jane)
        Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
        get_code(visitor)
        made = SupportCode.objects.get()
        assert (made.said, made.person, made.who_asks) == ("idle", None, WhoAsks.NOBODY)

    def test_what_the_page_has_said_counts_before_that(self, jane: User) -> None:
        visitor = browser()
        factories.sign_in(visitor, jane)
        Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
        sent = would_send(text_of(visitor.get(HERE, {"said": Topic.CLOCK})))
        assert sent["said"] == Topic.CLOCK

    def test_others_may_give_their_username_and_nobody_learns_whether_it_exists(
        self, jane: User
    ) -> None:
        answers = []
        for name in (jane.email, "no.one@x.example"):
            response = browser().post(HERE, {"user_name": f" <{name.upper()}> "})
            answers.append(re.sub(r"\b[0-9A-Z]{4} [0-9A-Z]{4}\b|<li>.*?</li>", "", words(response)))
            assert SupportCode.objects.latest("pk").user_name == name.upper()
        strip = r"On the phone, say: .* It works"
        assert len({re.sub(strip, "", each) for each in answers}) == 1
        assert not SupportCode.objects.exclude(person=None)

    def test_what_was_typed_is_not_lost_where_it_is_too_long(self) -> None:
        response = browser().post(HERE, {"user_name": "x" * 300, "page": "accounts:code"})
        assert response.status_code == 422
        page = text_of(response)
        assert "Username (optional) must be 254 characters or fewer" in page
        sent = would_send(page)
        assert (sent["user_name"], sent["page"]) == ("x" * 300, "accounts:code")

    def test_the_code_is_spelt_and_says_until_when_and_whom_to_call(self) -> None:
        desk = SupportContact(phone="01632 960400", hours="weekdays")
        with shown(Region(service_desk=desk)):
            response = browser().post(HERE, {})
        code, page = code_of(response), words(response)
        first, second = code.split()
        assert f"{first[0]}" in page
        for letter in set(first + second) - set("0123456789"):
            assert f"{letter} for {letter}" in page
        made = SupportCode.objects.get()
        until = made.expires_at
        assert until == made.made_at + timedelta(hours=1)
        assert until - timezone.now() > timedelta(minutes=59)
        assert re.search(r"It works until \d+:\d\d[ap]m", page)
        assert "01632 960400" in page
        assert "Nobody will ask you for your password or a code from your app" in page

    def test_it_is_stored_as_a_hash_only(self) -> None:
        code = get_code(browser())
        with connection.cursor() as cursor:
            cursor.execute("SELECT support_supportcode::text FROM support_supportcode")
            ((row,),) = cursor.fetchall()
        assert code not in row
        assert code.replace(" ", "") not in row

    def test_no_address_ever_has_it(self) -> None:
        visitor = browser()
        response = visitor.post(HERE, {})
        assert code_of(response)
        assert "Location" not in response.headers
        assert visitor.get(HERE + "?code=7K3M42QR").status_code == 200


class TestMeasured:
    def test_what_the_script_has_measured_is_stored(self) -> None:
        get_code(browser(), **MEASURED)
        made = SupportCode.objects.get()
        assert (made.has_scripts, made.has_cookies) == (True, True)
        stored = msgspec.json.decode(made.figures, type=Figures)
        assert (stored.clock_off_ms, stored.latency_ms, stored.spread_ms) == (-240_000, 80, 15)
        assert stored.static_files is stored.sizes is Arrival.WHOLE

    def test_without_scripts_nothing_is(self) -> None:
        get_code(browser())
        made = SupportCode.objects.get()
        assert (made.has_scripts, made.figures) == (False, "")

    @pytest.mark.parametrize("odd", ["x", "1e9", "-1", "9" * 5_000, "\x00", "Winifred", "１２x"])
    @pytest.mark.parametrize("name", ["reached", "latency_ms", "static_files", "tls"])
    def test_what_is_no_figure_is_left_out_and_a_code_given_all_the_same(
        self, name: str, odd: str
    ) -> None:
        assert code_of(browser().post(HERE, MEASURED | {name: odd}))
        made = SupportCode.objects.get()
        assert (made.figures, made.has_scripts) == ("", True)

    def test_cookies_that_are_blocked_are_noticed_and_still_there_is_a_code(self) -> None:
        visitor = Client(enforce_csrf_checks=True, headers={"x-forwarded-proto": "https"})
        visitor.get(HERE)
        visitor.cookies.clear()
        assert code_of(visitor.post(HERE, {"csrfmiddlewaretoken": "x" * 64}))
        assert not SupportCode.objects.get().has_cookies
        visitor.get(HERE)
        visitor.post(HERE, {})
        assert SupportCode.objects.latest("pk").has_cookies

    def test_another_site_gets_no_code(self) -> None:
        headers = {"origin": "https://elsewhere.example"}
        response = browser().post(HERE, MEASURED, headers=headers)
        assert response.status_code == 422
        assert "Another website" in words(response)
        assert not CODE.search(text_of(response))
        assert not SupportCode.objects.exists()


class TestNothingOfPatients:
    """A page is the name of its route."""

    def test_a_code_from_a_referral_holds_neither_its_id_nor_a_name(self, client: Client) -> None:
        by = factories.member()
        made = factories.sent(by=by)
        visitor = browser()
        factories.sign_in(visitor, by.user)
        page = text_of(visitor.get(f"/referrals/{made.pk}/"))
        (link,) = re.findall(r'href="(/support-code/[^"]*)"', page)
        assert link == "/support-code/?page=referrals%3Areferral"
        code = get_code(visitor, link)
        row = str(vars(SupportCode.objects.get()))
        factories.sign_in(client, factories.active_person(role=Role.SERVICE_DESK))
        opened = text_of(client.post(DESK, {"code": code}))
        for text in (row, opened):
            assert str(made.pk) not in text
            assert "Ashworth" not in text
            assert "9990000018" not in text.replace(" ", "")
        assert "/referrals/…/" in opened

    @pytest.mark.parametrize("odd", ["Winifred Ashworth", "/referrals/7/", "x" * 9_000, "\x00"])
    def test_what_no_page_of_ours_has_written_is_not_stored(self, odd: str) -> None:
        visitor = browser()
        assert visitor.get(HERE, {"page": odd, "said": odd}).status_code == 200
        assert code_of(visitor.post(HERE, {"page": odd, "said": odd}))
        made = SupportCode.objects.get()
        assert (made.page, made.said) == ("", "")


class TestLimits:
    def test_a_whole_practice_gets_codes_and_then_hears_when_again(self) -> None:
        for _ in range(PER_ADDRESS.free):
            assert code_of(browser().post(HERE, {}))
        response = browser().post(HERE, {"user_name": "ida@x.example"})
        assert response.status_code == 422
        assert re.search(r"You can get the next one at \d+:\d\d[ap]m", words(response))
        assert would_send(text_of(response))["user_name"] == "ida@x.example"
        assert SupportCode.objects.count() == PER_ADDRESS.free

    def test_they_use_up_no_tries_at_passwords(self, jane: User) -> None:
        for _ in range(PER_ADDRESS.free + 1):
            browser().post(HERE, {})
        typed = {"user_name": jane.email, "password": factories.PASSWORD}
        assert browser().post("/log-in/", typed).status_code == 302

    @pytest.mark.usefixtures("at_the_desk")
    def test_the_desk_cannot_guess(self, client: Client) -> None:
        for _ in range(PER_PERSON.free):
            assert "No support code like that" in words(client.post(DESK, {"code": "7K3M 42QR"}))
        code = get_code(browser())
        response = client.post(DESK, {"code": code})
        assert "Too many tries. You can try again at" in words(response)

    @pytest.mark.usefixtures("at_the_desk")
    def test_one_that_is_right_starts_the_count_anew(self, client: Client) -> None:
        code = get_code(browser())
        for _ in range(2):
            for _ in range(PER_PERSON.free - 1):
                client.post(DESK, {"code": "7K3M 42QR"})
            assert "What the support code shows" in words(client.post(DESK, {"code": code}))
        assert not Throttle.objects.filter(subject__startswith="support-code-typed").exists()


class TestTime:
    @pytest.mark.usefixtures("at_the_desk")
    def test_it_works_for_an_hour(self, client: Client) -> None:
        code = get_code(browser())
        SupportCode.objects.update(expires_at=timezone.now() + timedelta(seconds=20))
        assert "What the support code shows" in words(client.post(DESK, {"code": code}))
        SupportCode.objects.update(expires_at=timezone.now())
        response = client.post(DESK, {"code": code})
        assert response.status_code == 422
        assert re.search(r"worked until \d+:\d\d[ap]m. Ask them to get a new", words(response))

    def test_not_a_moment_longer(self, at_the_desk: Membership) -> None:
        code, until = get_code(browser()), SupportCode.objects.get().expires_at
        by = Actor(at_the_desk, at_the_desk.user, ORIGIN, until)
        with pytest.raises(Denied):
            codes.open_code(code, by)
        before = replace(by, now=until - timedelta(microseconds=1))
        assert codes.open_code(code, before)[0].expires_at == until

    def test_then_its_row_goes_away(self) -> None:
        get_code(browser())
        tasks.forget_codes()
        assert SupportCode.objects.count() == 1
        SupportCode.objects.update(expires_at=timezone.now())
        tasks.forget_codes()
        assert not SupportCode.objects.exists()

    def test_where_two_are_the_same_by_chance_the_second_is_made_anew(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = iter(["7K3M 42QR", "7K3M 42QR", "9F0W 1M1K"])
        monkeypatch.setattr(alphabet, "new", lambda: next(made))
        assert [get_code(browser()), get_code(browser())] == ["7K3M 42QR", "9F0W 1M1K"]

    def test_none_is_given_that_is_not_stored(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(alphabet, "new", lambda: "7K3M 42QR")
        get_code(browser())
        with pytest.raises(IntegrityError):
            browser().post(HERE)


class TestDesk:
    """What a member reads who types a code."""

    @pytest.fixture(autouse=True)
    def _signed_in(self, at_the_desk: Membership) -> None:
        pass

    def opened(self, client: Client, code: str) -> str:
        response = client.post(DESK, {"code": code})
        assert response.status_code == 200
        return words(response)

    def test_a_refused_log_in_is_explained(self, client: Client, jane: User) -> None:
        visitor = browser()
        page = text_of(visitor.post("/log-in/", {"user_name": jane.email, "password": "wrong"}))
        (link,) = re.findall(r'href="(/support-code/\?said[^"]*)"', page)
        assert link == f"/support-code/?said={Topic.PASSWORD}"
        headers = {"referer": "https://testserver/log-in/?next=/referrals/7/"}
        sent = would_send(text_of(visitor.get(link, headers=headers)))
        code = code_of(visitor.post(HERE, {str(name): text or "" for name, text in sent.items()}))
        said = self.opened(client, code)
        assert "Page /log-in/" in said
        assert f"Its message, or its help {Topic.PASSWORD.question}" in said
        assert "They are not logged in, and typed no username" in said
        assert re.search(r"Wrong password \d+:\d\d[ap]m", re.sub("(What|When) ", "", said))
        assert jane.email in said
        assert "I have forgotten my password" in said
        assert "some of these may be a colleague" in said

    def test_so_is_one_with_a_username_that_nobody_has(self, client: Client) -> None:
        visitor = browser()
        visitor.post("/log-in/", {"user_name": "no.one@x.example", "password": "wrong"})
        said = self.opened(client, get_code(visitor, user_name="no.one@x.example"))
        assert "Nobody has the username that was typed" in said
        assert "typed the username no.one@x.example . Nobody has it" in said
        assert "Check the username with them" in said

    def test_a_username_that_was_typed_leads_to_the_account_and_is_no_proof(
        self, client: Client, jane: User
    ) -> None:
        visitor = browser()
        visitor.post("/log-in/", {"user_name": jane.email, "password": "wrong"})
        response = client.post(DESK, {"code": get_code(visitor, user_name=jane.email)})
        assert f'href="/desk/people/{jane.pk}/"' in text_of(response)
        assert "Not checked" in words(response)
        assert text_of(response).count("<span>Wrong password</span>") == 1
        assert "Nothing else was refused at their network address" in words(response)

    def test_the_account_of_who_is_logging_in(self, client: Client) -> None:
        visitor, user = browser(), factories.person()
        factories.begin_log_in(visitor, user, Step.CODE)
        page = text_of(visitor.post("/log-in/code/", {"code": "000000"}))
        assert "/support-code/?said=code-not-right" in page
        response = client.post(
            DESK, {"code": get_code(visitor, "/support-code/?page=accounts:code")}
        )
        said = words(response)
        assert f'href="/desk/people/{user.pk}/"' in text_of(response)
        assert "Not checked" not in said
        assert "Wrong code" in said
        assert "6 digits that their app shows now" in said
        assert "the password was right, and a code is asked for" in said

    def test_what_was_measured(self, client: Client) -> None:
        said = self.opened(client, get_code(browser(), **MEASURED))
        assert "Clock of the computer 4 minutes slow Look at this" in said
        assert "Time for an answer 80 ms, slow ones 15 ms more" in said
        assert "Sync now" in said
        assert "JavaScript Runs" in said
        assert "Firefox on Windows" in said

    def test_where_nothing_is_wrong_it_says_so(self, client: Client) -> None:
        fine = MEASURED | {"clock_off_ms": "120"}
        assert "Nothing stands out" in self.opened(client, get_code(browser(), **fine))

    @pytest.mark.parametrize("how", [str.lower, lambda code: code.replace(" ", " - ")])
    def test_it_is_typed_as_it_is_heard(self, client: Client, how: Any) -> None:
        assert "What the support code shows" in self.opened(client, how(get_code(browser())))

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ("", "Enter the support code"),
            ("7K3M", "That is not a support code"),
            ("123456", "That is not a support code"),
            ("7K3M-2XRW-9TPD", "That is not a support code"),
            ("\x00\x00", "Enter the support code"),
            ("\x00?", "That is not a support code"),
            ("x" * 100, "60 characters or fewer"),
            ("7K3M 42QR", "No support code like that works now"),
        ],
    )
    def test_what_is_none_is_said_beside_the_field(
        self, client: Client, typed: str, message: str
    ) -> None:
        response = client.post(DESK, {"code": typed})
        assert response.status_code == 422
        assert message in words(response)
        assert not AuditEvent.objects.filter(event=Event.SUPPORT_CODE_OPENED).exists()

    def test_that_it_was_opened_is_noted_for_the_person(
        self, client: Client, jane: User, at_the_desk: Membership
    ) -> None:
        visitor = browser()
        factories.sign_in(visitor, jane)
        self.opened(client, get_code(visitor))
        self.opened(client, get_code(browser()))
        of_jane, of_nobody = AuditEvent.objects.filter(event=Event.SUPPORT_CODE_OPENED).order_by(
            "pk"
        )
        assert (of_jane.person, of_jane.by) == (jane, at_the_desk.user)
        assert (of_nobody.person, of_nobody.by) == (None, at_the_desk.user)
        assert "The service desk opened a support code" in words(visitor.get("/account/"))

    def test_the_desk_finds_it_in_its_menu(self, client: Client) -> None:
        page = text_of(client.get("/desk/"))
        assert f'href="{DESK}">Support code</a>' in page
        here = text_of(client.get(DESK))
        assert re.findall(r'aria-current="(\w+)">([^<]*)', here) == [("page", "Support code")]


class TestWithoutDatabase:
    def test_it_says_so_and_whom_to_ask(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: object, **__: object) -> None:
            raise OperationalError

        monkeypatch.setattr(Throttle.objects, "claim", away)
        with shown(Region(service_desk=SupportContact(phone="01632 960400"))):
            response = browser().post(HERE, {"user_name": "ida@x.example"})
        assert response.status_code == 503
        assert "PharmRefer cannot reach its database" in words(response)
        assert "01632 960400" in words(response)
        assert would_send(text_of(response))["user_name"] == "ida@x.example"


class TestQueries:
    def test_of_a_visitor(self, django_assert_num_queries: Any) -> None:
        visitor = browser()
        with django_assert_num_queries(0):
            visitor.get(HERE)
        with django_assert_num_queries(4):  # the count; the row, in a transaction of its own
            visitor.post(HERE, MEASURED)

    def test_of_who_is_logged_in_or_on_the_way(
        self, jane: User, django_assert_num_queries: Any
    ) -> None:
        for stand in (
            lambda visitor: factories.sign_in(visitor, jane),
            lambda visitor: factories.begin_log_in(visitor, jane, Step.CODE),
        ):
            visitor = browser()
            stand(visitor)
            with django_assert_num_queries(1):
                visitor.get(HERE)
            with django_assert_num_queries(5):
                visitor.post(HERE, MEASURED)

    @pytest.mark.usefixtures("at_the_desk")
    def test_of_the_desk_they_do_not_grow_with_refusals(
        self, client: Client, jane: User, django_assert_num_queries: Any
    ) -> None:
        visitor = browser()
        code = get_code(visitor, user_name=jane.email)
        for _ in range(2):
            for user in (jane, factories.active_person()):
                typed = {"user_name": user.email, "password": "wrong"}
                visitor.post("/log-in/", typed)
            # Session; tries counted and forgotten; code, user; audit noted; refused, of both.
            with django_assert_num_queries(8):
                client.post(DESK, {"code": code})
        with django_assert_num_queries(1):
            client.get(DESK)


def test_its_link_is_at_the_bottom_of_every_page(client: Client) -> None:
    for address in ("/log-in/", "/activate/", "/help/", "/no/such/page"):
        page = text_of(client.get(address))
        assert re.search(r'href="/support-code/[^"]*"[^>]*>Get a support code', page), address


def test_the_cookie_that_shows_whether_cookies_come_back_is_the_csrf_token_s(
    client: Client,
) -> None:
    assert settings.CSRF_COOKIE_NAME in client.get(HERE).cookies
