"""From where a user logs in: known browsers, shared addresses, proxies, and what is noted."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models.audit import AuditEvent
from accounts.models.mail import Mail
from accounts.models.people import User
from accounts.models.sessions import Session, Step
from accounts.models.throttle import PER_ADDRESS, Throttle, subject_of_address
from accounts.origin import Origin
from accounts.people import new_accounts
from accounts.roles import Role
from accounts.sign_in import log_in as sign_in_log_in
from accounts.sign_in import passkeys
from accounts.sign_in.puzzles import Puzzle
from accounts.sign_in.second_factor import Assertion
from tests import factories
from tests.factories import PASSWORD, acting
from tests.mails import mailed
from tests.pages import text_of
from tests.puzzles import solution_of
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
DEVICE = "__Host-device"


def browser(address: str = "192.0.2.7", **headers: str) -> Client:
    secure = {"x-forwarded-proto": "https"}
    return Client(headers=secure | headers, REMOTE_ADDR=address)


def give_password(client: Client, name: str, password: str = PASSWORD) -> Any:
    return client.post("/log-in/", {"user_name": name, "password": password})


def log_in(client: Client, user: User) -> None:
    assert give_password(client, user.email).status_code == 302
    user.authenticators.update(last_step=-1)
    code = code_for(user.authenticators.get().secret)
    assert client.post("/log-in/code/", {"code": code}).status_code == 302


def used_up(address: str) -> None:
    """Let many wrong passwords have come from somewhere; the last one is really tried."""
    subject = subject_of_address(Origin(address, ""), now=timezone.now())
    for _ in range(PER_ADDRESS.free - 1):
        Throttle.objects.claim(subject, PER_ADDRESS, now=timezone.now())
    assert "not right" in text_of(give_password(browser(address), "nobody@nhs.example", "wrong"))


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quarter of an hour must not end during a test."""
    monkeypatch.setattr("accounts.models.throttle.ADDRESS_WINDOW", timedelta(days=3650))


class TestDevice:
    """A browser that a user has logged in with shows so, and that opens nothing."""

    def test_it_is_for_this_host_over_https_and_not_for_scripts(self, user: User) -> None:
        client = browser()
        log_in(client, user)
        cookie = client.cookies[DEVICE]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert cookie["max-age"] == timedelta(days=180).total_seconds()
        assert user.email not in cookie.value

    def test_it_survives_logging_out_and_names_everybody_who_shares_it(self, user: User) -> None:
        client, colleague = browser(), factories.active_person()
        log_in(client, user)
        first = client.cookies[DEVICE].value
        client.post("/log-out/")
        log_in(client, colleague)
        client.post("/log-out/")
        assert client.cookies[DEVICE].value not in {"", first}
        for person in (user, colleague):
            give_password(client, person.email, "wrong")
        own = Throttle.objects.filter(subject__startswith="password:", subject__contains=":")
        assert len([each for each in own if each.subject.count(":") == 2]) == 2

    def test_it_does_not_grow_for_ever(self, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("accounts.web.cookies.MOST_NAMES", 2)
        client = browser()
        for person in (user, factories.active_person(), factories.active_person()):
            log_in(client, person)
            client.post("/log-out/")
        give_password(client, user.email, "wrong")
        (subject,) = Throttle.objects.filter(subject__startswith="password:")
        assert subject.subject.count(":") == 1  # the first of three is not known any more

    @pytest.mark.parametrize("made_up", ["", "x", "a:b:c", "W10:1abc:xyz", "é"])
    def test_a_made_up_one_counts_for_nothing(self, made_up: str) -> None:
        client = browser()
        client.cookies[DEVICE] = made_up
        give_password(client, "nobody@nhs.example")
        assert Throttle.objects.filter(subject__startswith="address:").exists()

    def test_one_of_long_ago_counts_for_nothing(
        self, user: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = browser()
        log_in(client, user)
        Throttle.objects.all().delete()
        monkeypatch.setattr("accounts.web.cookies.DEVICE_KEPT_FOR", timedelta(seconds=-1))
        give_password(client, user.email, "wrong")
        assert Throttle.objects.filter(subject__startswith="address:").exists()

    def test_nobody_is_kept_out_by_a_user_elsewhere_who_guesses(self, user: User) -> None:
        client, elsewhere = browser(), browser("198.51.100.9")
        log_in(client, user)
        client.post("/log-out/")
        for _ in range(5):
            give_password(elsewhere, user.email, "wrong")
        assert "Too many tries" in text_of(give_password(elsewhere, user.email))
        log_in(client, user)

    def test_guesses_in_a_known_browser_are_counted_there_too(self, user: User) -> None:
        client = browser()
        log_in(client, user)
        client.post("/log-out/")
        for _ in range(5):
            give_password(client, user.email, "wrong")
        assert "Too many tries" in text_of(give_password(client, user.email))


class TestAddress:
    """Many wrong tries from one address slow browsers there that nobody knows, and no others."""

    def test_unknown_browsers_there_have_to_wait(self, user: User) -> None:
        used_up("192.0.2.7")
        assert "Too many tries" in text_of(give_password(browser(), user.email))
        assert AuditEvent.objects.latest("pk").reason == "too many from there"
        log_in(browser("192.0.2.8"), user)

    def test_known_browsers_there_do_not(self, user: User) -> None:
        client = browser()
        log_in(client, user)
        client.post("/log-out/")
        used_up("192.0.2.7")
        log_in(client, user)

    def test_a_new_cookie_or_a_header_changes_nothing(self, user: User) -> None:
        used_up("192.0.2.7")
        for headers in (
            {"x-forwarded-for": "198.51.100.1"},
            {"x-real-ip": "198.51.100.1"},
            {"forwarded": "for=198.51.100.1"},
            {"user-agent": "Another"},
        ):
            page = text_of(give_password(browser(**headers), user.email))
            assert "Too many tries" in page

    def test_behind_our_proxy_it_is_who_the_proxy_has_heard_from(self, user: User) -> None:
        used_up("192.0.2.7")
        for number in range(2):
            spoofed = {"x-forwarded-for": f"203.0.113.{number}, 192.0.2.7"}
            page = text_of(give_password(browser("127.0.0.1", **spoofed), user.email))
            assert "Too many tries" in page
        log_in(browser("127.0.0.1", **{"x-forwarded-for": "192.0.2.8"}), user)

    def test_a_practice_that_logs_in_on_a_monday_morning_counts_for_nothing(
        self, user: User
    ) -> None:
        for _ in range(3):
            log_in(browser(), user)
        assert Throttle.objects.get(subject__startswith="address:").tries == 0

    def test_who_has_to_wait_by_name_does_not_use_up_the_address(self, user: User) -> None:
        for _ in range(8):
            give_password(browser(), user.email, "wrong")
        assert Throttle.objects.get(subject__startswith="address:").tries == 5


class TestNewPlace:
    """A user is notified of a log-in from where they have never logged in before."""

    SUBJECT = "New login to your PharmRefer account"

    def test_the_first_log_in_of_all_is_not_told(self, user: User) -> None:
        log_in(browser(), user)
        assert mailed(user) == {}

    def test_another_browser_at_another_address_is(self, user: User) -> None:
        log_in(browser(), user)
        chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
        log_in(browser("198.51.100.9", **{"user-agent": chrome}), user)
        text = mailed(user)[self.SUBJECT]
        assert "Browser: Chrome on Windows\nNetwork address: 198.51.100.9" in text
        assert "change your password" in text
        log_in(browser("198.51.100.9"), user)
        assert Mail.objects.count() == 1

    def test_a_passkey_s_log_in_is_too(self, user: User) -> None:
        log_in(browser(), user)
        _, device = factories.passkey(user)
        Mail.objects.all().delete()
        pending = factories.begin_log_in(Client(), user, Step.CODE)
        answer = json.dumps(device.use(passkeys.ask_for_passkey(pending, now=timezone.now())))
        elsewhere = Origin("198.51.100.9", "")
        sign_in_log_in.sign_in(
            pending, Assertion(answer), acting(now=timezone.now(), origin=elsewhere)
        )
        assert list(mailed(user)) == [self.SUBJECT]

    def test_the_shared_desk_next_door_is_not(self, user: User) -> None:
        for client in (browser(), browser(), browser(**{"user-agent": "Another"})):
            log_in(client, user)
        assert mailed(user) == {}

    def test_ones_own_browser_elsewhere_is_not(self, user: User) -> None:
        client = browser()
        log_in(client, user)
        client.defaults["REMOTE_ADDR"] = "198.51.100.9"
        log_in(client, user)
        assert mailed(user) == {}

    def test_a_colleague_s_browser_elsewhere_is(self, user: User) -> None:
        log_in(browser(), user)
        client = browser("198.51.100.9")
        log_in(client, factories.active_person())
        log_in(client, user)
        assert list(mailed(user)) == [self.SUBJECT]

    def test_another_address_of_the_same_line_is_not(self, user: User) -> None:
        log_in(browser("2001:db8:1:2::3"), user)
        log_in(browser("2001:db8:1:2:ffff::9"), user)
        assert mailed(user) == {}


class TestAudit:
    """Every success and failure is noted, with its factor, and from where."""

    def events(self) -> list[tuple[str, str, str, int | None]]:
        found = AuditEvent.objects.order_by("pk")
        return [(each.event, each.factor, each.reason, each.person_id) for each in found]

    def test_a_whole_log_in(self, user: User) -> None:
        before = AuditEvent.objects.count()
        client = browser(**{"user-agent": "Firefox on a desk"})
        log_in(client, user)
        client.post("/log-out/")
        assert self.events()[before:] == [
            ("factor:accepted", "password", "", user.pk),
            ("session:began", "authenticator app", "", user.pk),
            ("session:ended", "", "logged out", user.pk),
        ]
        event = AuditEvent.objects.latest("pk")
        assert (event.address, event.browser) == ("192.0.2.7", "Firefox on a desk")
        assert AuditEvent.objects.filter(by__isnull=False).count() == 0

    def test_wrong_ones(self, user: User) -> None:
        before, client = AuditEvent.objects.count(), browser()
        give_password(client, "nobody@nhs.example")
        give_password(client, user.email, "wrong")
        give_password(client, user.email)
        client.post("/log-in/code/", {"code": "000000"})
        client.post("/activate/", {"user_name": user.email, "activation_code": "7KQM2XRW9TPD"})
        said = [(event, factor, reason) for event, factor, reason, _ in self.events()[before:]]
        assert said == [
            ("factor:refused", "password", "unknown or turned off"),
            ("factor:refused", "password", "wrong"),
            ("factor:accepted", "password", ""),
            ("factor:refused", "authenticator app", "wrong"),
            ("factor:refused", "activation code", "wrong, used or expired"),
        ]

    def test_sessions_that_ended_by_themselves_and_doors_that_stayed_closed(
        self, user: User
    ) -> None:
        client, desk = browser(), factories.active_person(role=Role.SERVICE_DESK)
        factories.sign_in(client, user)
        Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
        client.get("/account/")
        assert self.events()[-1] == ("session:ended", "", "idle", user.pk)
        factories.sign_in(client, desk)
        client.get("/referrals/")
        assert self.events()[-1] == ("access:refused", "", "referrals:home", desk.pk)

    def test_a_script_that_knocks_at_a_closed_door_adds_one_row(self) -> None:
        client, desk = browser(), factories.active_person(role=Role.SERVICE_DESK)
        factories.sign_in(client, desk)
        before = AuditEvent.objects.count()
        for _ in range(20):
            assert client.get("/referrals/").status_code == 403
        client.get("/people/")
        said = [reason for _, _, reason, _ in self.events()[before:]]
        assert said == ["referrals:home", "accounts:people"]

    def test_unlocking(self, user: User) -> None:
        client = browser()
        factories.sign_in(client, user)
        Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=20))
        client.post("/unlock/", {"password": "wrong"})
        client.post("/unlock/", {"password": PASSWORD})
        assert self.events()[-2:] == [
            ("factor:refused", "password", "wrong, to unlock", user.pk),
            ("factor:accepted", "password", "to unlock", user.pk),
        ]

    def test_what_was_typed_is_not_noted(self, user: User) -> None:
        client = browser(**{"user-agent": "Fire\r\nfox\x00" + "x" * 500})
        give_password(client, "a user name that is a password", "wrong")
        give_password(client, user.email, "secret words")
        for event in AuditEvent.objects.all():
            said = " ".join(str(getattr(event, field.attname)) for field in event._meta.fields)
            assert "secret" not in said
            assert "a password" not in said
            assert "\n" not in said

    def test_what_operators_do_is_noted_as_theirs(self, user: User) -> None:
        user.authenticators.all().delete()
        before = AuditEvent.objects.count()
        new_accounts.issue_activation(user, acting(user, now=timezone.now()))
        event = AuditEvent.objects.order_by("pk")[before]
        assert (event.event, event.person, event.by) == ("activation:issued", user, user)


def test_a_session_knows_where_it_was_begun(user: User) -> None:
    log_in(browser(**{"user-agent": "Firefox"}), user)
    session = Session.objects.get()
    assert (session.address, session.browser) == ("192.0.2.7", "Firefox")


@pytest.fixture
def _little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.sign_in.puzzles.FEWEST_BITS", 4)


def puzzle_in(response: Any) -> dict[str, str]:
    """Return what the page's script sends along, once it has solved the puzzle."""
    page = response.content.decode()
    nonce, bits = (re.findall(rf'data-{name}="([^"]+)"', page)[0] for name in ("nonce", "bits"))
    (token,) = re.findall(r'name="puzzle" value="([^"]+)"', page)
    puzzle = Puzzle(token, nonce, int(bits))
    return {"puzzle": token, "solution": solution_of(puzzle)}


@pytest.mark.usefixtures("_little_work")
class TestWayRound:
    """However others guess, from the same address or at the same name, the owner gets in."""

    @pytest.fixture(params=["at the address", "at the name"])
    def flooded(self, request: pytest.FixtureRequest, user: User) -> User:
        if request.param == "at the address":
            used_up("192.0.2.7")
        else:
            for _ in range(6):
                give_password(browser("198.51.100.9"), user.email, "wrong")
        return user

    def send(self, name: str, password: str = PASSWORD, **more: str) -> Any:
        fields = {"user_name": name, "password": password, **more}
        return browser().post("/log-in/", fields)

    def test_a_right_password_with_a_solved_puzzle_is_looked_at(self, flooded: User) -> None:
        page = self.send(flooded.email)
        assert (page.status_code, "Too many tries" in text_of(page)) == (422, True)
        assert self.send(flooded.email, **puzzle_in(page)).status_code == 302

    def test_a_puzzle_is_for_one_try(self, flooded: User) -> None:
        solved = puzzle_in(self.send(flooded.email))
        assert "not right" in text_of(self.send(flooded.email, "wrong", **solved))
        assert "Too many tries" in text_of(self.send(flooded.email, **solved))

    def test_after_a_wrong_password_there_is_another_puzzle_at_once(self, flooded: User) -> None:
        page = self.send(flooded.email)
        for _ in range(5):
            page = self.send(flooded.email, "wrong", **puzzle_in(page))
        assert b'data-bits="5"' in page.content  # twice the work after five of them
        assert self.send(flooded.email, **puzzle_in(page)).status_code == 302

    def test_a_live_code_does_as_well_and_is_spent(self, flooded: User) -> None:
        flooded.authenticators.update(last_step=-1)
        code = code_for(flooded.authenticators.get().secret)
        client = browser()
        fields = {
            "user_name": flooded.email,
            "password": PASSWORD,
            "code": f" {code[:3]} {code[3:]}",
        }
        assert client.post("/log-in/", fields).status_code == 302
        again = client.post("/log-in/code/", {"code": code})
        assert "used that code already" in text_of(again)

    def test_a_code_that_is_not_right_changes_nothing(self, flooded: User) -> None:
        for code in ("000000", "not a code", "1" * 70):
            page = self.send(flooded.email, code=code)
            assert "Too many tries" in text_of(page)
        assert not Throttle.objects.filter(subject__startswith="code:").exists()

    def test_a_flood_does_not_fill_the_audit(self, flooded: User) -> None:
        before = AuditEvent.objects.count()
        for _ in range(20):
            self.send(flooded.email)
        assert AuditEvent.objects.count() - before <= 1

    def test_nobody_is_told_whether_anybody_has_the_name(self, user: User) -> None:
        used_up("192.0.2.7")

        def shown(name: str) -> str:
            made_anew = r'(value|nonce)="[^"]*"'
            return re.sub(made_anew, "", text_of(self.send(name, code="000000")))

        assert shown(user.email) == shown("nobody@nhs.example")


@pytest.mark.usefixtures("_little_work")
def test_an_activation_code_has_the_same_way_round() -> None:
    user = factories.person()
    code = new_accounts.issue_activation(user, acting(now=timezone.now(), origin=Origin(None, "")))
    used_up("192.0.2.7")
    fields = {"user_name": user.email, "activation_code": code}
    page = browser().post("/activate/", fields)
    assert "Too many tries" in text_of(page)
    assert browser().post("/activate/", fields | puzzle_in(page)).status_code == 302
