"""Wrong codes: who is told, when the account is locked, and what lets its owner in again."""

from datetime import datetime, timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent
from accounts.models.credentials import Activation, Authenticator, PasswordLink
from accounts.models.mail import Mail
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.models.throttle import Throttle
from accounts.origin import Origin
from accounts.people import new_accounts
from accounts.roles import Role
from accounts.sign_in import activation, expiry, lockout, password_reset
from accounts.sign_in import log_in as sign_in_log_in
from accounts.sign_in.second_factor import Code
from tests import factories
from tests.factories import PASSWORD, acting
from tests.mails import keys_mailed, mailed
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
NOW = timezone.now()


def secret_of(user: User) -> str:
    return user.authenticators.get().secret


def log_in(user: User, *, now: datetime = NOW) -> PendingLogIn:
    user.refresh_from_db()
    sign_in_log_in.accept_password(user.email, PASSWORD, actor=acting(now=now))
    return PendingLogIn.objects.latest("pk")


def give(pending: PendingLogIn, code: str, *, now: datetime) -> str:
    """Give a code and return what was said."""
    with pytest.raises(errors.Denied) as denied:
        sign_in_log_in.sign_in(pending, Code(code), acting(now=now))
    return str(denied.value)


def wrong_codes(user: User, count: int, *, begin: datetime = NOW) -> datetime:
    """Give as many wrong codes, each as soon as it may be given; return when the last one was."""
    now, pending = begin, log_in(user)
    for _ in range(count):
        throttle = Throttle.objects.filter(subject=f"code:{user.pk}").first()
        if throttle and throttle.allowed_at:
            now = max(now, throttle.allowed_at)
        assert "not right" in give(pending, wrong_for(user), now=now)
    return now


def wrong_for(user: User) -> str:
    """A code that the authenticator makes neither now nor for a while around."""
    maker, now = pyotp.TOTP(secret_of(user)), timezone.now()
    near = {maker.at(now, counter_offset=step) for step in range(-40, 41)}
    return next(
        code for code in ("000000", "111111", *map(str, range(222222, 222333))) if code not in near
    )


def notified() -> list[tuple[str, str]]:
    return sorted((each.to, each.read()[0]) for each in Mail.objects.all())


def reasons() -> list[str]:
    found = AuditEvent.objects.filter(event="factor:refused").order_by("pk")
    return [each.reason for each in found]


def test_the_fifth_wrong_code_is_told_to_its_owner(user: User) -> None:
    wrong_codes(user, 4)
    assert notified() == []
    wrong_codes(user, 1)
    assert notified() == [(user.email, "Wrong codes for your PharmRefer account")]
    wrong_codes(user, 4)
    assert len(notified()) == 1


def test_after_20_wrong_codes_nobody_is_let_in_and_those_who_can_help_are_told(user: User) -> None:
    membership = user.home(today=timezone.localdate())
    assert membership
    assert membership.practice
    administrator = factories.active_person(
        role=Role.PRACTICE_ADMINISTRATOR, at=membership.practice
    )
    factories.active_person(role=Role.PRACTICE_ADMINISTRATOR)  # elsewhere
    factories.active_person(at=membership.practice)  # a colleague
    client = Client(headers={"x-forwarded-proto": "https"})
    factories.sign_in(client, user)
    now = wrong_codes(user, 19)
    assert client.get("/account/").status_code == 200
    now = wrong_codes(user, 1, begin=now)
    user.refresh_from_db()
    assert user.locked_at == now
    assert client.get("/account/").status_code == 302
    name = f"The PharmRefer account of {user.full_name} was locked"
    assert notified() == sorted(
        [
            (user.email, "Wrong codes for your PharmRefer account"),
            (user.email, "Your PharmRefer account was locked"),
            (administrator.email, name),
        ]
    )
    later = now + timedelta(days=2)
    with pytest.raises(errors.Denied, match="is locked because of too many wrong codes"):
        log_in(user, now=later)
    assert AuditEvent.objects.filter(event="person:stopped", person=user).count() == 1


def test_an_administrator_is_told_once_of_their_own_account() -> None:
    administrator = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR)
    wrong_codes(administrator, 20)
    assert [subject for _, subject in notified()] == [
        "Wrong codes for your PharmRefer account",
        "Your PharmRefer account was locked",
    ]


@pytest.mark.parametrize(
    ("has_passkey", "tried"), [(False, "wrong codes"), (True, "wrong codes or passkeys")]
)
def test_e_mails_name_passkeys_where_there_are_some(has_passkey: bool, tried: str) -> None:
    user = factories.active_person()
    administrator = factories.active_person(
        role=Role.PRACTICE_ADMINISTRATOR, at=user.memberships.get().practice
    )
    if has_passkey:
        factories.passkey(user)
    wrong_codes(user, 20)
    mails = mailed(user) | mailed(administrator)
    assert f"{tried.capitalize()} for your PharmRefer account" in mails
    for text in mails.values():
        assert f" {tried}" in text or "wrong" not in text
        assert ("passkeys" in text) is (has_passkey and "wrong" in text)


def test_it_takes_20_in_a_row(user: User) -> None:
    now = wrong_codes(user, 19)
    right = code_for(secret_of(user), at=timezone.now())
    throttle = Throttle.objects.get(subject=f"code:{user.pk}")
    assert throttle.allowed_at
    Throttle.objects.filter(subject=throttle.subject).update(allowed_at=None)
    sign_in_log_in.sign_in(log_in(user), Code(right), acting(now=timezone.now()))
    wrong_codes(user, 5, begin=now)
    user.refresh_from_db()
    assert user.locked_at is None


def test_a_code_begun_before_the_stop_lets_nobody_in_after_it(user: User) -> None:
    pending = log_in(user)
    wrong_codes(user, 20)
    Throttle.objects.all().delete()
    with pytest.raises(errors.Gone):
        sign_in_log_in.sign_in(pending, Code(code_for(secret_of(user))), acting(now=timezone.now()))


def test_a_code_that_was_too_early_lets_nobody_in_when_its_moment_comes(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    pending, later = log_in(user, now=now), now + timedelta(minutes=4)
    guess = pyotp.TOTP(secret_of(user)).at(now, counter_offset=8)
    assert "is not valid yet" in give(pending, guess, now=now)
    monkeypatch.setattr("accounts.models.credentials.timezone.now", lambda: later)
    assert "used that code already" in give(pending, guess, now=later)
    other = pyotp.TOTP(secret_of(user)).at(later)
    if other != guess:
        sign_in_log_in.sign_in(pending, Code(other), acting(now=later))


@pytest.mark.parametrize("order", [(8, 4, 6), (4, 6, 8), (6, 8, 4)])
def test_of_several_early_codes_none_is_accepted_later(
    user: User, monkeypatch: pytest.MonkeyPatch, order: tuple[int, ...]
) -> None:
    now = timezone.now()
    pending, totp = log_in(user, now=now), pyotp.TOTP(secret_of(user))
    guesses = {steps: totp.at(now, counter_offset=steps) for steps in order}
    for guess in guesses.values():
        assert "is not valid yet" in give(pending, guess, now=now)
    for steps in sorted(guesses):
        later = now + timedelta(seconds=30 * steps)
        monkeypatch.setattr("accounts.models.credentials.timezone.now", lambda at=later: at)
        assert "used that code already" in give(pending, guesses[steps], now=later)


@pytest.mark.parametrize("steps", [(100,), (100, 103), (103, 100), (100, 160), (100, 161, 101)])
def test_steps_that_were_refused_are_remembered_and_no_others(steps: tuple[int, ...]) -> None:
    authenticator = Authenticator(refused_step=-1, refused_before=0)
    for step in steps:
        authenticator.refuse(step)
    remembered = {step for step in range(90, 200) if authenticator.was_refused(step)}
    assert remembered == {step for step in steps if max(steps) - step <= 60}
    assert 0 <= authenticator.refused_before < 2**63


def test_wrong_codes_stay_in_a_row_though_days_go_by(user: User) -> None:
    now = wrong_codes(user, 19)
    for _ in range(3):
        now += timedelta(days=1, minutes=1)
        expiry.forget_expired(now=now)
    Throttle.objects.filter(subject__startswith="password:").delete()
    with pytest.raises(errors.Denied, match="not right"):
        sign_in_log_in.sign_in(log_in(user, now=now), Code(wrong_for(user)), acting(now=now))
    user.refresh_from_db()
    assert user.locked_at == now


def test_only_who_knows_the_password_is_told_of_the_stop(user: User) -> None:
    User.objects.update(locked_at=NOW)
    with pytest.raises(errors.Denied) as denied:
        sign_in_log_in.accept_password(user.email, "four loud herons", actor=acting(now=NOW))
    assert str(denied.value) == sign_in_log_in.WRONG_PASSWORD


def test_codes_of_another_moment_and_used_ones_are_no_guesses(user: User) -> None:
    """Whose clock is wrong is not locked out for it, however often they try."""
    early = code_for(secret_of(user), seconds_off=180)
    pending = log_in(user)
    for _ in range(25):
        assert "about 3 minutes fast" in give(pending, early, now=timezone.now())
    sign_in_log_in.sign_in(
        log_in(user), Code(used := code_for(secret_of(user))), acting(now=timezone.now())
    )
    pending = log_in(user)
    for _ in range(25):
        assert "used that code already" in give(pending, used, now=timezone.now())
    user.refresh_from_db()
    assert user.locked_at is None
    assert notified() == []
    assert {*reasons()} == {"clock +180 s", "used"}


def test_waiting_is_noted_too(user: User) -> None:
    wrong_codes(user, 5)
    assert "Too many tries" in give(log_in(user), "123456", now=NOW)
    assert reasons() == ["wrong"] * 5 + ["too many"]


def test_unlocking_ends_the_stop_and_the_password(user: User) -> None:
    now = wrong_codes(user, 20)
    by = factories.active_person(role=Role.SERVICE_DESK)
    Session.objects.all().delete()
    lockout.unlock_person(user, acting(by, now=now))
    user.refresh_from_db()
    assert user.locked_at is None
    assert not user.has_usable_password()
    assert not Throttle.objects.filter(subject=f"code:{user.pk}").exists()
    assert (user.email, "Your PharmRefer account was unlocked") in notified()
    event = AuditEvent.objects.get(event="person:unlocked")
    assert (event.person, event.by) == (user, by)


@pytest.mark.parametrize("is_new", [True, False])
def test_no_activation_ends_the_stop(user: User, is_new: bool) -> None:
    if is_new:
        user = factories.person()
    else:
        user.authenticators.all().delete()
    code = new_accounts.issue_activation(user, acting(now=NOW))
    User.objects.update(locked_at=NOW)
    with pytest.raises(errors.Denied):
        activation.accept_invitation(user.email, code, actor=acting(now=NOW))
    for link in keys_mailed(user):
        with pytest.raises(errors.Gone):
            activation.accept_link(link, acting(now=NOW))
    user.refresh_from_db()
    with pytest.raises(errors.Denied, match="Unlock it first"):
        new_accounts.issue_activation(user, acting(now=NOW))


def test_the_right_password_tells_of_the_stop(user: User) -> None:
    User.objects.update(locked_at=NOW)
    with pytest.raises(errors.Denied, match="is locked"):
        log_in(user)


def test_unlocking_voids_an_activation_too(user: User) -> None:
    user.authenticators.all().delete()
    code = new_accounts.issue_activation(user, acting(now=NOW))
    User.objects.update(locked_at=NOW)
    lockout.unlock_person(user, acting(now=NOW))
    with pytest.raises(errors.Denied):
        activation.accept_invitation(user.email, code, actor=acting(now=NOW))


def test_an_activation_from_before_the_stop_opens_nothing_after_it() -> None:
    user = factories.person()
    code = new_accounts.issue_activation(user, acting(now=NOW))
    (link,) = keys_mailed(user)
    activation.accept_invitation(user.email, code, actor=acting(now=NOW))
    pending = PendingLogIn.objects.latest("pk")
    activation.choose_password(pending, PASSWORD, acting(now=NOW))
    for _ in range(20):
        Throttle.objects.update(allowed_at=None)
        with pytest.raises(errors.Denied):
            sign_in_log_in.sign_in(pending, Code(wrong_for(user)), acting(now=NOW))
    user.refresh_from_db()
    assert user.locked_at
    with pytest.raises(errors.Gone):
        activation.accept_link(link, acting(now=NOW))
    assert not Activation.objects.exists()


def test_the_link_to_another_password_is_good_for_a_day_and_a_code_is_asked_for(
    user: User,
) -> None:
    User.objects.update(locked_at=NOW)
    lockout.unlock_person(user, acting(now=NOW))
    (key,) = keys_mailed(user)
    day = timedelta(days=1)
    assert PasswordLink.with_key(key, now=NOW + day) is None
    link = PasswordLink.with_key(key, now=NOW + day - timedelta(seconds=1))
    assert link
    password_reset.reset_password(link, PASSWORD, acting(now=NOW))
    assert log_in(user).step == Step.CODE


@pytest.mark.parametrize("off", [0, -150])
def test_codes_that_do_not_count_are_noted_once_in_a_while(user: User, off: int) -> None:
    """The person's own, used before or for another moment: they could be given without end."""
    now = timezone.now()
    own = pyotp.TOTP(secret_of(user)).at(now + timedelta(seconds=off))
    if not off:
        sign_in_log_in.sign_in(log_in(user, now=now), Code(own), acting(now=now))
    pending = log_in(user, now=now)
    for _ in range(30):
        give(pending, own, now=now)
    assert reasons() == ["clock -150 s" if off else "used"]
    elsewhere = Origin("198.51.100.9", "Firefox")
    with pytest.raises(errors.Denied):
        sign_in_log_in.sign_in(pending, Code(own), acting(now=now, origin=elsewhere))
    assert len(reasons()) == 2


def test_codes_that_are_refused_without_a_look_are_noted_once_in_a_while(user: User) -> None:
    now, pending = wrong_codes(user, 5), PendingLogIn.objects.latest("pk")
    for _ in range(30):
        assert "Too many tries" in give(pending, "000000", now=now)
    assert reasons().count("too many") == 1
