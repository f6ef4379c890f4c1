"""Activation by a link in an e-mail: who gets one, what it opens, and when no more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent
from accounts.models.credentials import Activation, Authenticator
from accounts.models.mail import Mail
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Step
from accounts.origin import Origin
from accounts.people import new_accounts
from accounts.roles import Role
from accounts.sign_in import activation as sign_in_activation
from accounts.sign_in import log_in
from accounts.sign_in.second_factor import Code
from tests import factories
from tests.factories import PASSWORD, acting
from tests.mails import keys_mailed, link_in, mailed
from tests.tools import code_for

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SUBJECT = "Activate your PharmRefer account"


def issue(user: User, *, by: User | None = None) -> str:
    return new_accounts.issue_activation(user, acting(by, now=NOW))


def key_for(user: User) -> str:
    issue(user)
    (key,) = keys_mailed(user)
    return key


def accept(key: str) -> PendingLogIn:
    sign_in_activation.accept_link(key, acting(now=NOW))
    return PendingLogIn.objects.latest("pk")


class TestTheEMail:
    """Who gets one, and what it says."""

    def test_it_says_whose_account_it_is_who_asked_and_until_when(self) -> None:
        administrator = factories.person(given_name="Aisha", family_name="O'Brien")
        user = factories.person(at=factories.practice(name="Mill Lane & Sons"))
        issue(user, by=administrator)
        text = mailed(user)[SUBJECT]
        for words in ("Hello Jane", "Aisha O'Brien asked", "at Mill Lane & Sons", user.email):
            assert words in text
        assert link_in(text).startswith("/activate/link/?key=")
        assert Mail.objects.get().expires_at == Activation.objects.get().expires_at

    def test_an_operator_s_says_so_and_names_no_practice(self) -> None:
        user = factories.person(role=Role.SERVICE_DESK)
        issue(user)
        assert "Your regional PharmRefer team asked" in mailed(user)[SUBJECT]
        assert "PharmRefer account:" in mailed(user)[SUBJECT]

    @pytest.mark.parametrize("has", ["password", "been in"])
    def test_who_was_active_before_gets_none(self, has: str) -> None:
        user = factories.person()
        if has == "password":
            factories.with_password(user)
        else:  # and was reset and unlocked since
            user.last_login = NOW
            user.save()
        code = issue(user)
        assert list(mailed(user)) == ["A new activation code for your PharmRefer account"]
        assert keys_mailed(user) == []
        made = Activation.objects.get()
        assert made.link_hash is None
        assert made.needs_password
        with pytest.raises(errors.Denied):  # not even where there is no password
            sign_in_activation.accept_invitation(user.email, code, actor=acting(now=NOW))

    def test_an_authenticator_that_nobody_confirmed_is_none(self) -> None:
        user = factories.person()
        factories.authenticator(user, confirmed=False)
        assert key_for(user)

    def test_its_key_has_256_bits_and_only_its_hash_is_stored(self) -> None:
        key = key_for(factories.person())
        assert len(key) == 43
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM accounts_activation")
            assert key.encode() not in b"".join(bytes(str(row), "utf-8") for row in cursor)


class TestTheLink:
    """What it opens."""

    def test_looking_at_it_changes_nothing(self) -> None:
        user = factories.person()
        key = key_for(user)
        for _ in range(3):
            activation = Activation.objects.with_link(key, now=NOW)
            assert activation
            assert activation.user == user
        assert not PendingLogIn.objects.exists()

    def test_it_leads_to_a_password_and_nothing_else(self) -> None:
        user = factories.person()
        pending = accept(key_for(user))
        assert (pending.user, pending.step) == (user, Step.PASSWORD)
        event = AuditEvent.objects.latest("pk")
        assert (event.event, event.factor) == ("factor:accepted", "activation link")
        assert event.person == user

    @pytest.mark.parametrize(
        "make", ["wrong", "", "expired", "used", "replaced", "turned off", "no membership"]
    )
    def test_one_that_is_not_live_opens_nothing(self, make: str) -> None:
        user = factories.person()
        key, now = key_for(user), NOW
        if make == "expired":
            now += timedelta(hours=24)
        elif make == "used":
            Activation.objects.update(used_at=NOW)
        elif make == "replaced":
            issue(user)
        elif make == "turned off":
            User.objects.update(is_active=False)
        elif make == "no membership":
            user.memberships.all().delete()
        else:
            key = make
        assert Activation.objects.with_link(key, now=now) is None
        with pytest.raises(errors.Gone):
            sign_in_activation.accept_link(key, acting(now=now))
        assert not PendingLogIn.objects.exists()
        event = AuditEvent.objects.latest("pk")
        assert (event.event, event.reason) == ("factor:refused", "wrong, used or expired")
        assert (event.factor, event.person) == ("activation link", None)

    def test_a_flood_of_wrong_ones_adds_one_row_a_quarter_of_an_hour_and_refuses_no_right_one(
        self,
    ) -> None:
        key = key_for(factories.person())
        before = AuditEvent.objects.count()
        for number in range(200):
            with pytest.raises(errors.Gone):
                sign_in_activation.accept_link(f"wrong {number}", acting(now=NOW))
        assert AuditEvent.objects.count() == before + 1
        with pytest.raises(errors.Gone):
            sign_in_activation.accept_link(
                "wrong", acting(now=NOW, origin=Origin("198.51.100.9", "Firefox"))
            )
        assert AuditEvent.objects.count() == before + 2  # from elsewhere
        assert accept(key).step == Step.PASSWORD
        assert AuditEvent.objects.latest("pk").event == "factor:accepted"
        later = NOW + timedelta(minutes=16)
        with pytest.raises(errors.Gone):
            sign_in_activation.accept_link("wrong", acting(now=later))
        assert AuditEvent.objects.latest("pk").event == "factor:refused"

    def test_one_that_is_opened_again_and_again_is_noted_once_in_a_while(self) -> None:
        key = key_for(factories.person())
        before = AuditEvent.objects.count()
        for _ in range(20):
            assert accept(key).step == Step.PASSWORD
        assert AuditEvent.objects.count() == before + 1

    def test_an_activation_without_a_link_is_not_opened_by_an_empty_one(self) -> None:
        issue(factories.with_password(factories.person()))
        assert Activation.objects.with_link("", now=NOW) is None

    @pytest.mark.needs("oathtool")
    @pytest.mark.parametrize("with_what", ["link", "code"])
    def test_using_either_spends_both(self, with_what: str) -> None:
        user = factories.person()
        code = issue(user)
        (key,) = keys_mailed(user)
        if with_what == "link":
            pending = accept(key)
        else:
            sign_in_activation.accept_invitation(user.email, code, actor=acting(now=NOW))
            pending = PendingLogIn.objects.latest("pk")
        sign_in_activation.choose_password(pending, PASSWORD, acting(now=NOW))
        assert Activation.objects.with_link(key, now=NOW)  # the telephone may ring: not spent yet
        assert pending.authenticator
        first = code_for(pending.authenticator.secret)
        log_in.sign_in(pending, Code(first), acting(now=timezone.now()))
        assert Activation.objects.with_link(key, now=NOW) is None
        User.objects.update(password="!")
        with pytest.raises(errors.Denied, match="not right"):
            sign_in_activation.accept_invitation(user.email, code, actor=acting(now=NOW))

    def test_who_was_interrupted_opens_it_again_and_the_owner_is_told(self) -> None:
        user = factories.person()
        key = key_for(user)
        sign_in_activation.choose_password(accept(key), PASSWORD, acting(now=NOW))
        assert "Your PharmRefer password was changed" not in mailed(user)
        sign_in_activation.choose_password(accept(key), "another quiet heron", acting(now=NOW))
        assert "Your PharmRefer password was changed" in mailed(user)
        assert Authenticator.objects.count() == 1


class TestTheCodeOfAUserWithAPassword:
    """It is useless without the password."""

    def test_it_is_refused_like_a_wrong_one(self) -> None:
        user = factories.with_password(factories.person())
        code = issue(user)
        with pytest.raises(errors.Denied) as denied:
            sign_in_activation.accept_invitation(user.email, code, actor=acting(now=NOW))
        assert str(denied.value) == sign_in_activation.WRONG_ACTIVATION
        assert not PendingLogIn.objects.exists()
        event = AuditEvent.objects.latest("pk")
        assert (event.event, event.reason) == ("factor:refused", "without the password")

    def test_it_counts_as_a_try_like_a_wrong_one(self) -> None:
        user = factories.with_password(factories.person())
        code = issue(user)
        for _ in range(5):
            with pytest.raises(errors.Denied, match="not right"):
                sign_in_activation.accept_invitation(user.email, code, actor=acting(now=NOW))
        with pytest.raises(errors.Denied, match="Too many tries"):
            sign_in_activation.accept_invitation(user.email, code, actor=acting(now=NOW))

    def test_after_the_password_it_leads_to_an_authenticator(self) -> None:
        user = factories.with_password(factories.person())
        code = issue(user)
        log_in.accept_password(user.email, PASSWORD, actor=acting(now=NOW))
        pending = PendingLogIn.objects.latest("pk")
        sign_in_activation.accept_activation(pending, code, acting(now=NOW))
        assert pending.step == Step.SET_UP
