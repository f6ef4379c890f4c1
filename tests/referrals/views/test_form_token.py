"""A form that comes too late: kept for its author, never sent, and shown to nobody else."""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models.credentials import Authenticator
from accounts.models.people import Membership, User
from accounts.models.sessions import LoggedOut, PendingLogIn, Session
from accounts.roles import Role
from accounts.sign_in.expiry import forget_expired
from referrals import drafts
from referrals.models.messages import Message
from referrals.models.referrals import Referral
from referrals.views.form_token import FormToken
from tests import factories
from tests.factories import PASSWORD, acting
from tests.pages import text_of, would_send

pytestmark = pytest.mark.django_db


def away(minutes: int) -> None:
    Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=minutes))


def too_long() -> None:
    Session.objects.update(created_at=timezone.now() - timedelta(hours=12))


def form_at(strict: Client, address: str, **changes: str) -> dict[str, Any]:
    """Return what a browser sends when Continue is pressed on a page."""
    sent = would_send(text_of(strict.get(address)))
    return {str(name): text or "" for name, text in sent.items() if name} | changes


def log_in_again(strict: Client, address: str, user: User) -> Any:
    """Log in from a log-in address, up to where it leads."""
    page = strict.get(address)
    form = {"user_name": user.email, "password": PASSWORD}
    form |= {name: text[0] for name, text in parse_qs(urlsplit(address).query).items()}
    form["csrfmiddlewaretoken"] = strict.cookies[settings.CSRF_COOKIE_NAME].value
    assert page.status_code == 200
    assert strict.post("/log-in/", form)["Location"] == "/log-in/code/"
    return PendingLogIn.objects.latest("pk").next_path


ENDS: dict[str, tuple[Callable[[], object], str]] = {
    "locked": (lambda: away(15), "/unlock/"),
    "idle": (lambda: away(60), "/log-in/"),
    "too long": (too_long, "/log-in/"),
    "authenticator removed": (lambda: Authenticator.objects.all().delete(), "/log-in/"),
    "logged out elsewhere": (lambda: Session.objects.all().delete(), "/log-in/"),
}


@pytest.mark.parametrize("how", ENDS)
def test_continue_that_comes_too_late_is_kept_and_leads_back(
    strict: Client, by: Membership, how: str
) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    form = form_at(strict, address, family_name="Ashworth", nhs_number="999", complaint="Aches\n")
    end, leads_to = ENDS[how]
    end()
    response = strict.post(address, form)
    where = urlsplit(response["Location"])
    assert (response.status_code, where.path) == (302, leads_to)
    assert "Ashworth" not in response["Location"]
    assert parse_qs(where.query)["next"] == [f"{address}?because=kept"]
    kept = Referral.objects.get()
    assert (kept.details.family_name, kept.details.nhs_number) == ("Ashworth", "999")
    assert (kept.author, kept.is_complete) == (by.user, False)

    factories.sign_in(strict, by.user)
    page = text_of(strict.get(f"{address}?because=kept"))
    assert "Nothing was lost: what you typed is here. Press Continue again." in page
    assert "There is a problem" not in page
    assert would_send(page)["complaint"] == "Aches\n"


def test_the_same_person_goes_on_and_another_user_goes_home(strict: Client, by: Membership) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    form = form_at(strict, address, family_name="Ashworth")
    away(60)
    leads_to = strict.post(address, form)["Location"]
    assert log_in_again(strict, leads_to, by.user) == f"{address}?because=kept"
    assert log_in_again(strict, leads_to, factories.active_person(at=by.practice)) == ""


def test_a_page_that_was_opened_too_late_is_for_the_same_person_too(
    strict: Client, by: Membership
) -> None:
    draft = factories.draft(by=by)
    address = f"/referrals/{draft.pk}/send/"
    away(60)
    leads_to = strict.get(address)["Location"]
    assert log_in_again(strict, leads_to, by.user) == address
    assert log_in_again(strict, leads_to, factories.active_person(at=by.practice)) == ""


@pytest.mark.parametrize("mark", ["x", "1", "MQ:1abc:def", "\x00"])
def test_a_false_mark_names_nobody(strict: Client, by: Membership, mark: str) -> None:
    form = {"next": "/account/", "whose": mark, "user_name": by.user.email, "password": PASSWORD}
    browser = Client(headers={"x-forwarded-proto": "https"})
    assert browser.post("/log-in/", form).status_code == 302
    assert PendingLogIn.objects.latest("pk").next_path == ""
    assert strict.get("/log-in/", {"next": "/account/", "whose": mark})["Location"] == "/"


def test_send_that_comes_too_late_sends_nothing_and_leads_back_to_it(
    strict: Client, by: Membership
) -> None:
    address = f"/referrals/{factories.draft(by=by).pk}/send/"
    form = form_at(strict, address)
    away(60)
    response = strict.post(address, form)
    assert parse_qs(urlsplit(response["Location"]).query)["next"] == [f"{address}?because=kept"]
    assert not Message.objects.exists()
    factories.sign_in(strict, by.user)
    page = text_of(strict.get(f"{address}?because=kept"))
    assert "Nothing has been sent yet." in page


class TestCSRF:
    """The user has logged in again in another tab: the token of the first one is old."""

    def rotate(self, strict: Client, user: User) -> None:
        del strict.cookies[settings.CSRF_COOKIE_NAME]
        factories.sign_in(strict, user)
        strict.get("/account/")

    def test_the_answers_are_kept_and_the_form_is_shown_again(
        self, strict: Client, by: Membership
    ) -> None:
        address = f"/referrals/{uuid.uuid4()}/edit/"
        form = form_at(strict, address, family_name="Ashworth")
        self.rotate(strict, by.user)
        response = strict.post(address, form)
        assert response["Location"] == f"{address}?because=renewed"
        page = text_of(strict.get(response["Location"]))
        assert "You have logged in again. Nothing was lost: press Continue again." in page
        assert would_send(page)["family_name"] == "Ashworth"

    def test_send_is_shown_again_and_nothing_is_sent(self, strict: Client, by: Membership) -> None:
        address = f"/referrals/{factories.draft(by=by).pk}/send/"
        form = form_at(strict, address)
        self.rotate(strict, by.user)
        response = strict.post(address, form)
        assert response["Location"] == f"{address}?because=renewed"
        assert not Message.objects.exists()
        again = form_at(strict, response["Location"])
        assert strict.post(address, again)["Location"] == address.replace("send/", "")
        assert Message.objects.count() == 1

    def test_another_user_sees_nothing_of_it_and_the_author_finds_it(
        self, strict: Client, by: Membership
    ) -> None:
        address = f"/referrals/{uuid.uuid4()}/edit/"
        form = form_at(strict, address, family_name="Ashworth")
        self.rotate(strict, factories.member(at=by.practice).user)
        assert strict.post(address, form)["Location"] == "/"
        kept = Referral.objects.get()
        assert (kept.author, kept.details.family_name) == (by.user, "Ashworth")

    def test_a_form_without_a_token_of_ours_is_refused(
        self, strict: Client, by: Membership
    ) -> None:
        """As another site would make one."""
        address = f"/referrals/{uuid.uuid4()}/edit/"
        other = factories.form_token(by, uuid.uuid4()).signed
        for token in ("", "x", other):
            response = strict.post(address, {"window": token, "family_name": "Ashworth"})
            assert response.status_code == 403
        assert not Referral.objects.exists()


def test_a_screen_that_is_locked_by_another_user_leads_them_home(
    strict: Client, by: Membership
) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    form = form_at(strict, address, family_name="Ashworth")
    factories.sign_in(strict, factories.member(at=by.practice).user)
    away(15)
    assert strict.post(address, form)["Location"] == "/unlock/?next=%2F"
    assert Referral.objects.get().author == by.user


def test_what_was_changed_in_another_window_and_this_are_both_kept(
    strict: Client, by: Membership
) -> None:
    draft = factories.draft(by=by)
    address = f"/referrals/{draft.pk}/edit/"
    form = form_at(strict, address, town="Saltby")
    strict.post(address, form_at(strict, address, town="Eastmere"))
    away(60)
    leads_to = parse_qs(urlsplit(strict.post(address, form)["Location"]).query)["next"][0]
    assert leads_to.endswith("/edit/?because=copy")
    towns = sorted(each.details.town for each in Referral.objects.all())
    assert towns == ["Eastmere", "Saltby"]
    factories.sign_in(strict, by.user)
    page = text_of(strict.get(leads_to))
    assert would_send(page)["town"] == "Saltby"
    assert "also changed in another window" in page


def test_what_was_sent_meanwhile_leads_to_where_it_is(strict: Client, by: Membership) -> None:
    draft = factories.draft(by=by)
    address = f"/referrals/{draft.pk}/edit/"
    form = form_at(strict, address, town="Saltby")
    send = f"/referrals/{draft.pk}/send/"
    strict.post(send, form_at(strict, send))
    away(60)
    leads_to = parse_qs(urlsplit(strict.post(address, form)["Location"]).query)["next"][0]
    assert leads_to == f"/referrals/{draft.pk}/?because=changed"


def test_what_was_stopped_meanwhile_is_not_said_to_be_sent(strict: Client, by: Membership) -> None:
    draft = factories.draft(by=by)
    address = f"/referrals/{draft.pk}/edit/"
    form = form_at(strict, address, town="Saltby")
    strict.post(address, form_at(strict, address, q_emergency="unsure"))
    away(60)
    leads_to = parse_qs(urlsplit(strict.post(address, form)["Location"]).query)["next"][0]
    factories.sign_in(strict, by.user)
    page = text_of(strict.get(leads_to))
    assert "This referral had already been stopped by its answers" in page
    assert "been sent" not in page


class TestHandedOver:
    """The draft was given to a colleague while its author had it open."""

    @pytest.fixture
    def heir(self, by: Membership) -> Membership:
        return factories.member(at=by.practice)

    def hand_over(self, by: Membership, heir: Membership) -> None:
        boss = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=by.practice)
        how: dict[str, Any] = {"origin": factories.ORIGIN, "now": timezone.now()}
        last_day = timezone.localdate() + timedelta(days=9)
        Membership.objects.filter(pk=by.pk).update(ends_on=last_day)
        assert drafts.hand_over(by.pk, heir.pk, acting(boss, **how)) == 1

    @pytest.mark.parametrize("how", ["in time", "too late"])
    def test_continue_is_kept_beside_it_and_the_colleague_has_what_was_there(
        self, strict: Client, by: Membership, heir: Membership, how: str
    ) -> None:
        draft = factories.draft(by=by)
        address = f"/referrals/{draft.pk}/edit/"
        form = form_at(strict, address, town="Saltby")
        self.hand_over(by, heir)
        if how == "too late":
            away(60)
        leads_to = strict.post(address, form)["Location"]
        leads_to = parse_qs(urlsplit(leads_to).query).get("next", [leads_to])[0]
        factories.sign_in(strict, by.user)
        page = text_of(strict.get(leads_to))
        assert "This referral was handed to a colleague" in page
        assert would_send(page)["town"] == "Saltby"
        handed = Referral.objects.get(pk=draft.pk)
        assert (handed.author, handed.details) == (heir.user, draft.details)
        assert Referral.objects.exclude(pk=draft.pk).get().author == by.user

    def test_what_a_page_saves_by_itself_is_too(
        self, strict: Client, by: Membership, heir: Membership
    ) -> None:
        draft = factories.draft(by=by)
        form = form_at(strict, f"/referrals/{draft.pk}/edit/", town="Saltby")
        self.hand_over(by, heir)
        answer = strict.post(f"/referrals/{draft.pk}/draft/", form)
        assert answer.status_code == 409
        page = text_of(strict.get(answer.json()["sent"]))
        assert would_send(page)["town"] == "Saltby"
        assert Referral.objects.get(pk=draft.pk).details == draft.details

    def test_send_sends_nothing(self, strict: Client, by: Membership, heir: Membership) -> None:
        address = f"/referrals/{factories.draft(by=by).pk}/send/"
        form = form_at(strict, address)
        self.hand_over(by, heir)
        assert strict.post(address, form).status_code == 404
        assert not Message.objects.exists()

    def test_of_who_is_turned_off_nothing_is_kept_and_the_colleague_goes_on(
        self, strict: Client, by: Membership, heir: Membership
    ) -> None:
        draft = factories.draft(by=by)
        address = f"/referrals/{draft.pk}/edit/"
        form = form_at(strict, address, town="Saltby")
        Membership.objects.filter(pk=by.pk).update(off_at=timezone.now())
        self.hand_over(by, heir)
        assert strict.post(address, form)["Location"].startswith("/log-in/")
        assert strict.post(address.replace("edit", "draft"), form).status_code == 401
        assert Referral.objects.get().details == draft.details
        factories.sign_in(strict, heir.user)
        assert would_send(text_of(strict.get(address)))["town"] == draft.details.town

    def test_another_user_at_the_same_browser_is_told_nothing(
        self, strict: Client, by: Membership, heir: Membership
    ) -> None:
        draft = factories.draft(by=by)
        address = f"/referrals/{draft.pk}/edit/"
        form = form_at(strict, address, town="Saltby")
        self.hand_over(by, heir)
        factories.sign_in(strict, factories.member(at=by.practice).user)
        assert strict.post(address, form).status_code == 404
        assert Referral.objects.get(pk=draft.pk).details == draft.details


@pytest.mark.parametrize(
    "end",
    [
        lambda: User.objects.update(is_active=False),
        lambda: User.objects.update(locked_at=timezone.now()),
        lambda: Membership.objects.update(off_at=timezone.now()),
        lambda: Membership.objects.update(role=Role.OPERATOR, practice=None),
    ],
)
@pytest.mark.usefixtures("by")
def test_nothing_is_kept_of_who_may_not_write_any_more(
    strict: Client, end: Callable[[], object]
) -> None:
    address = f"/referrals/{uuid.uuid4()}/edit/"
    form = form_at(strict, address, town="Saltby")
    away(60)
    end()
    assert strict.post(address, form)["Location"].startswith("/log-in/")
    assert not Referral.objects.exists()


def test_nothing_is_kept_for_a_token_that_has_expired(
    strict: Client, by: Membership, settings: Any
) -> None:
    form_token = factories.form_token(by, uuid.uuid4())
    form = {"window": form_token.signed, **asdict(factories.details())}
    away(60)
    settings.SESSION_LONGEST = timedelta(0)
    address = f"/referrals/{form_token.referral_id}/draft/"
    assert strict.post(address, form).status_code == 401
    assert not Referral.objects.exists()


class TestLogOut:
    """A user who has pressed Log out has gone: their pages write nothing any more."""

    def log_out(self, browser: Client) -> None:
        assert browser.post("/log-out/")["Location"] == "/log-in/?because=out"

    def save(self, browser: Client, form_token: FormToken) -> int:
        form = {"window": form_token.signed, "turn": "1", "town": "Saltby"}
        return browser.post(f"/referrals/{form_token.referral_id}/draft/", form).status_code

    def test_nothing_is_kept_of_a_page_of_that_session(
        self, strict: Client, by: Membership
    ) -> None:
        form_token = factories.form_token(by, uuid.uuid4())
        address = f"/referrals/{form_token.referral_id}/edit/"
        form = form_at(strict, address, town="Saltby")
        self.log_out(strict)
        assert self.save(strict, form_token) == 401
        assert strict.post(address, form)["Location"].startswith("/log-in/?next=")
        assert not Referral.objects.exists()

    def test_nor_when_another_user_has_logged_in_there(
        self, strict: Client, by: Membership
    ) -> None:
        form_token = factories.form_token(by, uuid.uuid4())
        self.log_out(strict)
        factories.sign_in(strict, factories.member(at=by.practice).user)
        assert self.save(strict, form_token) == 401
        assert not Referral.objects.exists()

    def test_who_has_logged_in_there_again_goes_on(self, strict: Client, by: Membership) -> None:
        form_token = factories.form_token(by, uuid.uuid4())
        address = f"/referrals/{form_token.referral_id}/edit/"
        form = form_at(strict, address, town="West")
        self.log_out(strict)
        TestCSRF().rotate(strict, by.user)
        assert strict.post(address, form)["Location"] == f"{address}?because=renewed"
        away(15)
        assert self.save(strict, factories.form_token(by, form_token.referral_id)) == 423
        assert Referral.objects.count() == 2  # each page's own words

    def test_and_their_pages_are_the_new_session_s(self, strict: Client, by: Membership) -> None:
        """What they type on is kept again when that one ends by itself."""
        form_token = factories.form_token(by, uuid.uuid4())
        self.log_out(strict)
        factories.sign_in(strict, by.user)
        form = {"window": form_token.signed, "turn": "1", "town": "West"}
        address = f"/referrals/{form_token.referral_id}/draft/"
        form["window"] = strict.post(address, form).json()["window"]
        away(60)
        form |= {"turn": "2", "town": "Saltby", "version": "1"}
        assert strict.post(address, form).status_code == 401
        assert Referral.objects.get().details.town == "Saltby"

    def test_a_log_out_on_another_computer_leaves_this_one_s_pages_alone(
        self, strict: Client, by: Membership
    ) -> None:
        here = factories.form_token(by, uuid.uuid4())
        away(60)
        other = Client(headers={"x-forwarded-proto": "https"})
        factories.sign_in(other, by.user)
        self.log_out(other)
        assert self.save(strict, here) == 401
        assert Referral.objects.get().details.town == "Saltby"

    def test_a_page_that_an_earlier_version_has_shown_is_still_ours(
        self, strict: Client, by: Membership
    ) -> None:
        form_token = FormToken(by.pk, uuid.uuid4(), uuid.uuid4())
        away(60)
        assert self.save(strict, form_token) == 401
        assert Referral.objects.get().details.town == "Saltby"

    def test_what_is_remembered_of_it_is_forgotten_with_the_pages(
        self, strict: Client, by: Membership
    ) -> None:
        self.log_out(strict)
        now = LoggedOut.objects.get().at
        for late, count in ((settings.SESSION_LONGEST, 1), (timedelta(hours=37), 0)):
            forget_expired(now=now + late)
            assert LoggedOut.objects.count() == count
        assert by.pk
