"""A forgotten password: the same for everybody who asks, and a link that does one thing once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent
from accounts.models.credentials import PasswordLink
from accounts.models.mail import Mail
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.models.throttle import Throttle, hash_of_name
from accounts.origin import Device, Origin
from accounts.sign_in import expiry, log_in, password_reset
from accounts.sign_in.second_factor import Code
from tests import factories
from tests.factories import ORIGIN, PASSWORD, acting
from tests.mails import keys_mailed, link_in, mailed
from tests.tools import code_for

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SUBJECT = "Choose a new PharmRefer password"
NEW = "four louder herons"


def forget(user_name: str, *, origin: Origin = ORIGIN, minutes: int = 0) -> None:
    password_reset.forget_password(
        user_name, acting(now=NOW + timedelta(minutes=minutes), origin=origin)
    )


def key_for(user: User) -> str:
    forget(user.email)
    (key,) = keys_mailed(user)
    return key


def link_with(key: str) -> PasswordLink:
    link = PasswordLink.with_key(key, now=NOW)
    assert link
    return link


def reset(user: User) -> None:
    password_reset.reset_password(link_with(key_for(user)), NEW, acting(now=NOW))


def user_who_is(who: str) -> User:
    """Return a person, or the name of nobody, as the way of asking must not tell."""
    if who == "unknown":
        return User(email="nobody@larkfield.example")
    if who == "not active yet":
        return factories.person()
    user = factories.active_person()
    if who == "turned off":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif who == "locked":
        User.objects.filter(pk=user.pk).update(locked_at=NOW)
    elif who == "unlocked":
        user.set_unusable_password()
        user.last_login = NOW
        user.save()
    elif who == "no membership":
        user.memberships.all().delete()
    return user


EVERYBODY = [
    *("active", "unknown", "turned off", "no membership", "not active yet", "locked", "unlocked"),
]


class TestAsking:
    """For a link."""

    def test_it_is_mailed_and_good_for_an_hour(self, user: User) -> None:
        forget(f" {user.email.upper()} ")
        text = mailed(user)[SUBJECT]
        assert "Hello Jane" in text
        assert "If this was not you" in text
        assert link_in(text).startswith("/password/new/?key=")
        (key,) = keys_mailed(user)
        assert len(key) == 43
        assert link_with(key).user == user
        hour = timedelta(hours=1)
        assert PasswordLink.with_key(key, now=NOW + hour - timedelta(seconds=1))
        assert PasswordLink.with_key(key, now=NOW + hour) is None
        assert Mail.objects.get().expires_at == NOW + hour
        event = AuditEvent.objects.latest("pk")
        assert (event.event, event.person, event.reason) == ("password:forgotten", user, "")

    def test_the_password_and_the_sessions_stay_until_it_is_used(self, user: User) -> None:
        client = Client(headers={"x-forwarded-proto": "https"})
        factories.sign_in(client, user)
        forget(user.email)
        assert client.get("/account/").status_code == 200
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    @pytest.mark.parametrize("who", ["unknown", "turned off", "no membership"])
    def test_nothing_is_left_of_what_was_done_for_a_name_that_nobody_has(self, who: str) -> None:
        forget(user_who_is(who).email)
        assert not Mail.objects.exists()
        assert not PasswordLink.objects.exists()
        event = AuditEvent.objects.latest("pk")
        assert (event.event, event.person) == ("password:forgotten", None)
        assert event.reason == "unknown or turned off"
        assert AuditEvent.objects.filter(event="password:forgotten").count() == 1

    def test_who_is_not_active_yet_is_told_so_and_gets_no_link(self) -> None:
        user = user_who_is("not active yet")
        forget(user.email)
        text = mailed(user)["Your PharmRefer account is not active yet"]
        assert "ask your practice administrator or the service desk for a new one" in text
        assert "://" not in text
        assert SUBJECT not in mailed(user)

    def test_who_was_unlocked_and_lost_that_e_mail_gets_another(self) -> None:
        user = user_who_is("unlocked")
        assert link_with(key_for(user)).user == user

    @pytest.mark.parametrize("who", EVERYBODY)
    def test_the_database_is_asked_the_same_whichever_user_it_is(self, who: str) -> None:
        """So that the time that it takes tells nothing: there is no hash in it either."""
        kinds = []
        for email in (user_who_is("active").email, user_who_is(who).email):
            with CaptureQueriesContext(connection) as captured:
                forget(email)
            said = [" ".join(each["sql"].split()[:3]) for each in captured]
            kinds.append(
                [re.sub(r"\"?s\d+_x\d+\"?|ROLLBACK TO|RELEASE", "", each).strip() for each in said]
            )
        assert len(kinds[0]) > 5
        assert kinds[0] == kinds[1]

    def test_everybody_waits_alike_after_five_times(self, user: User) -> None:
        for name in (user.email, "nobody@larkfield.example"):
            for _ in range(5):
                forget(name)
            with pytest.raises(errors.Denied, match=r"Too many tries\. You can try again at"):
                forget(name)
            forget(name, minutes=1)
        assert Mail.objects.count() == 6

    def test_an_address_waits_after_a_hundred(self) -> None:
        for number in range(100):
            forget(f"nobody.{number}@larkfield.example")
        with pytest.raises(errors.Denied, match="Too many tries"):
            forget("nobody@larkfield.example")
        forget("nobody@larkfield.example", origin=Origin("192.0.2.8", "Firefox"))

    def test_a_user_elsewhere_cannot_keep_its_owner_from_it(self, user: User) -> None:
        for _ in range(5):
            forget(user.email)
        own = Device("known", (hash_of_name(user.email),))
        forget(user.email, origin=Origin("192.0.2.9", "Firefox", own))


class TestTheLink:
    """What it does."""

    def test_it_sets_the_password_once_and_tells_its_owner(self, user: User) -> None:
        link = link_with(key_for(user))
        password_reset.reset_password(link, NEW, acting(now=NOW))
        user.refresh_from_db()
        assert user.check_password(NEW)
        assert "Your PharmRefer password was changed" in mailed(user)
        event = AuditEvent.objects.latest("pk")
        assert (event.event, event.factor) == ("password:changed", "password link")
        assert event.person == user
        with pytest.raises(errors.Gone):
            password_reset.reset_password(link, "another quiet heron", acting(now=NOW))
        user.refresh_from_db()
        assert user.check_password(NEW)

    def test_a_newer_one_takes_its_place(self, user: User) -> None:
        first = key_for(user)
        old = link_with(first)
        Mail.objects.all().delete()
        second = key_for(user)
        assert PasswordLink.with_key(first, now=NOW) is None
        assert link_with(second).user == user
        with pytest.raises(errors.Gone):  # as its page had loaded it
            password_reset.reset_password(old, NEW, acting(now=NOW))
        assert link_with(second).user == user

    def test_a_newer_one_is_good_for_its_own_hour_and_after_all_sessions_were_ended(
        self, user: User
    ) -> None:
        forget(user.email)
        User.objects.update(session_epoch=7)
        Mail.objects.all().delete()
        forget(user.email, minutes=30)
        (key,) = keys_mailed(user)
        assert PasswordLink.with_key(key, now=NOW + timedelta(minutes=89))

    @pytest.mark.parametrize("change", [{"is_active": False}, {"session_epoch": 7}])
    def test_it_is_void_once_something_in_the_account_has_changed(
        self, user: User, change: dict[str, Any]
    ) -> None:
        key = key_for(user)
        link = link_with(key)
        User.objects.update(**change)
        assert PasswordLink.with_key(key, now=NOW) is None
        with pytest.raises(errors.Gone):
            password_reset.reset_password(link, NEW, acting(now=NOW))
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    def test_it_is_for_nobody_without_a_place(self, user: User) -> None:
        key = key_for(user)
        user.memberships.all().delete()
        assert PasswordLink.with_key(key, now=NOW) is None

    @pytest.mark.parametrize("key", ["", "x", "é" * 500, "\x00"])
    def test_anything_else_opens_nothing(self, user: User, key: str) -> None:
        forget(user.email)
        assert PasswordLink.with_key(key, now=NOW) is None

    def test_it_ends_every_session_and_log_in_under_way_and_begins_none(self, user: User) -> None:
        client, other = (Client(headers={"x-forwarded-proto": "https"}) for _ in range(2))
        factories.sign_in(client, user)
        factories.begin_log_in(other, user, Step.CODE)
        reset(user)
        assert client.get("/account/")["Location"].endswith("because=elsewhere")
        assert other.get("/log-in/code/")["Location"] == "/log-in/?because=again"
        assert Session.objects.count() == 0
        assert PendingLogIn.objects.count() == 0

    @pytest.mark.needs("oathtool")
    def test_a_code_is_asked_for_as_always(self, user: User) -> None:
        authenticator = user.authenticators.get()
        reset(user)
        log_in.accept_password(user.email, NEW, actor=acting(now=NOW))
        pending = PendingLogIn.objects.latest("pk")
        assert pending.step == Step.CODE
        assert user.authenticators.get() == authenticator
        code = code_for(authenticator.secret)
        log_in.sign_in(pending, Code(code), acting(now=timezone.now()))

    def test_it_does_not_end_a_stop(self) -> None:
        user = user_who_is("locked")
        reset(user)
        user.refresh_from_db()
        assert user.locked_at == NOW
        with pytest.raises(errors.Denied, match="is locked"):
            log_in.accept_password(user.email, NEW, actor=acting(now=NOW))

    def test_who_has_tried_too_often_need_not_wait_with_the_new_one(self, user: User) -> None:
        for _ in range(5):
            with pytest.raises(errors.Denied):
                log_in.accept_password(user.email, "x", actor=acting(now=NOW))
        reset(user)
        log_in.accept_password(user.email, NEW, actor=acting(now=NOW))

    def test_the_row_is_forgotten_a_day_after_it_ended(self, user: User) -> None:
        forget(user.email)
        end = NOW + timedelta(hours=1)
        expiry.forget_expired(now=end + timedelta(hours=23))
        assert PasswordLink.objects.exists()
        expiry.forget_expired(now=end + timedelta(days=1))
        assert not PasswordLink.objects.exists()
        assert not Throttle.objects.exists()
