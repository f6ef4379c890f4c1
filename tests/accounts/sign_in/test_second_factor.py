"""Every code gets its answer, and every refusal its reason."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.factors import totp
from accounts.models.credentials import Authenticator
from accounts.models.people import User
from accounts.sign_in import second_factor
from accounts.topics import Topic
from tests import factories
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]


def accept(user: User, code: str) -> Authenticator:
    now = timezone.now()
    return second_factor.accept_code(user, list(user.authenticators.order_by("pk")), code, now=now)


def secret_of(user: User) -> str:
    return user.authenticators.get().secret


@pytest.mark.parametrize("seconds_off", [-30, 0, 30])
def test_a_code_of_this_moment_is_accepted(user: User, seconds_off: int) -> None:
    code = code_for(secret_of(user), seconds_off=seconds_off)
    assert accept(user, code) == user.authenticators.get()


def test_it_is_spent_then(user: User) -> None:
    code = code_for(secret_of(user))
    accept(user, code)
    with pytest.raises(second_factor.CodeRefusedError, match=r"already\. Wait up to 30 seconds"):
        accept(user, code)


def test_after_a_later_code_an_earlier_one_is_spent_too(user: User) -> None:
    accept(user, code_for(secret_of(user), seconds_off=30))
    with pytest.raises(second_factor.CodeRefusedError, match="used that code already"):
        accept(user, code_for(secret_of(user)))


def test_a_code_used_minutes_ago_is_said_to_be_used_and_another_s_clock_to_be_slow(
    user: User,
) -> None:
    used, never_used = (code_for(secret_of(user), seconds_off=-off) for off in (120, 240))
    user.authenticators.update(last_step=totp.step_at(timezone.now() - timedelta(seconds=120)))
    with pytest.raises(second_factor.CodeRefusedError, match="used that code already"):
        accept(user, used)
    with pytest.raises(second_factor.CodeRefusedError, match=r"has expired.* about 4 minutes slow"):
        accept(user, never_used)


def test_who_comes_second_with_a_code_hears_that_it_was_used(user: User) -> None:
    loaded_before = list(user.authenticators.all())
    code = code_for(secret_of(user))
    accept(user, code)
    with pytest.raises(second_factor.CodeRefusedError, match="used that code already"):
        second_factor.accept_code(user, loaded_before, code, now=timezone.now())


# Steps of 30 seconds, and what is said of them: half a minute is rounded to the even one.
MINUTES = {2: 1, 3: 2, 4: 2, 5: 2, 6: 3, 7: 4, 8: 4, 9: 4, 10: 5}


@pytest.mark.parametrize(("sign", "way"), [(1, "fast"), (-1, "slow")])
@pytest.mark.parametrize(("steps", "minutes"), MINUTES.items())
def test_a_wrong_clock_is_recognised_and_still_refused(
    user: User, steps: int, minutes: int, sign: int, way: str
) -> None:
    with pytest.raises(second_factor.CodeRefusedError) as refused:
        accept(user, code_for(secret_of(user), seconds_off=sign * steps * 30))
    off = f"{minutes} minute {way}" if minutes == 1 else f"{minutes} minutes {way}"
    assert f"is about {off}: " in str(refused.value)
    assert refused.value.topic is Topic.CLOCK
    assert re.search(r"the right time is \d+:\d\d:\d\d[ap]m$", str(refused.value))
    assert user.authenticators.get().last_step == -1


@pytest.mark.parametrize("seconds_off", [-330, 330, 86_400])
def test_any_other_code_is_wrong(user: User, seconds_off: int) -> None:
    with pytest.raises(second_factor.CodeRefusedError, match="That code is not right"):
        accept(user, code_for(secret_of(user), seconds_off=seconds_off))


def test_each_of_several_authenticators_is_as_good(user: User) -> None:
    phone, desktop = user.authenticators.get(), factories.authenticator(user)
    assert accept(user, code_for(desktop.secret)) == desktop
    assert accept(user, code_for(phone.secret)) == phone


def test_a_code_spent_on_one_authenticator_is_said_though_there_is_another(user: User) -> None:
    factories.authenticator(user)
    phone = user.authenticators.earliest("pk")
    accept(user, code_for(phone.secret))
    with pytest.raises(second_factor.CodeRefusedError, match="used that code already"):
        accept(user, code_for(phone.secret))


def test_the_authenticator_of_another_user_is_no_good(user: User) -> None:
    other = factories.active_person()
    with pytest.raises(second_factor.CodeRefusedError):
        second_factor.accept_code(
            user, [other.authenticators.get()], code_for(secret_of(other)), now=timezone.now()
        )


def test_without_any_authenticator_no_code_is_right(user: User) -> None:
    with pytest.raises(second_factor.CodeRefusedError, match="not right"):
        second_factor.accept_code(user, [], "123456", now=timezone.now())
