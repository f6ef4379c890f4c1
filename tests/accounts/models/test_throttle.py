"""How often a caller may try, counted by whom they try for and by where they are."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.models.throttle import (
    PER_ADDRESS,
    PER_PERSON,
    Limit,
    Throttle,
    TooManyTriesError,
    hash_of_name,
    subject_of_address,
    subject_of_name,
)
from accounts.origin import Device, Origin

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SOMEWHERE = Origin("192.0.2.7", "Firefox")


def wait_after(subject: str, limit: Limit = PER_PERSON, *, now: datetime) -> datetime | None:
    """Count a try; return None, or when the next one is allowed."""
    try:
        Throttle.objects.claim(subject, limit, now=now)
    except TooManyTriesError as error:
        return error.allowed_at
    return None


class TestThrottle:
    """Five tries are free, then waiting doubles, up to a quarter of an hour."""

    def test_the_waits(self) -> None:
        now, waits = NOW, []
        for _ in range(12):
            assert wait_after("x", now=now) is None
            allowed_at = Throttle.objects.get(subject="x").allowed_at or now
            waits.append((allowed_at - now).total_seconds() / 60)
            now = allowed_at
        assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15, 15]

    def test_the_wait_stays_a_quarter_of_an_hour_after_a_thousand_tries(self) -> None:
        Throttle.objects.create(subject="x", tries=100_000, allowed_at=NOW)
        assert wait_after("x", now=NOW) is None
        assert wait_after("x", now=NOW) == NOW + timedelta(minutes=15)

    def test_a_try_during_the_wait_neither_counts_nor_lengthens_it(self) -> None:
        for _ in range(5):
            wait_after("x", now=NOW)
        for _ in range(3):
            assert wait_after("x", now=NOW) == NOW + timedelta(minutes=1)
        assert Throttle.objects.get(subject="x").tries == 5

    def test_what_is_forgotten_in_that_very_moment_is_counted_anew(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(5):
            wait_after("x", now=NOW)
        original = Throttle.objects.filter

        def after_it_was_forgotten(**conditions: Any) -> Any:
            Throttle.objects.all().delete()
            return original(**conditions)

        monkeypatch.setattr(Throttle.objects, "filter", after_it_was_forgotten)
        assert wait_after("x", now=NOW) is None
        assert Throttle.objects.get(subject="x").tries == 1

    def test_clocks_that_differ_make_nobody_wait(self) -> None:
        for milliseconds in (0, -1, 500, -2000):
            now = NOW + timedelta(milliseconds=milliseconds)
            assert wait_after("x", now=now) is None

    def test_others_are_not_touched(self) -> None:
        for _ in range(6):
            wait_after("x", now=NOW)
        assert wait_after("y", now=NOW) is None

    def test_what_is_right_starts_it_anew(self) -> None:
        for _ in range(6):
            wait_after("x", now=NOW)
        Throttle.objects.forget("x")
        assert wait_after("x", now=NOW) is None

    def test_it_says_how_many_there_have_been(self) -> None:
        assert [Throttle.objects.claim("x", now=NOW) for _ in range(3)] == [1, 2, 3]


class TestGivingBack:
    """What was right, or was no guess, does not count."""

    def test_one_less_is_counted_and_nobody_waits_for_it(self) -> None:
        for _ in range(4):
            Throttle.objects.claim("x", now=NOW)
        for _ in range(10):
            claimed = Throttle.objects.claim("x", now=NOW)
            assert claimed == 5
            Throttle.objects.give_back("x", claimed)
        assert Throttle.objects.get().tries == 4

    def test_the_wait_of_another_try_stays(self) -> None:
        claimed = Throttle.objects.claim("x", now=NOW)
        for _ in range(4):
            Throttle.objects.claim("x", now=NOW)
        Throttle.objects.give_back("x", claimed)
        assert wait_after("x", now=NOW) == NOW + timedelta(minutes=1)

    def test_nothing_is_counted_below_nothing(self) -> None:
        claimed = Throttle.objects.claim("x", now=NOW)
        Throttle.objects.give_back("x", claimed)
        Throttle.objects.give_back("x", claimed)
        assert Throttle.objects.get().tries == 0
        Throttle.objects.give_back("forgotten", 1)


class TestSubjectOfAName:
    """Whose password is tried."""

    def test_a_name_is_not_stored_as_it_is(self) -> None:
        subject = subject_of_name("password", " Jane@NHS.example ", SOMEWHERE)
        assert "jane" not in subject.lower()
        assert subject == subject_of_name("password", "jane@nhs.example", SOMEWHERE)
        assert subject != subject_of_name("activation", "jane@nhs.example", SOMEWHERE)
        with override_settings(SECRET_KEY="another"):
            assert subject != subject_of_name("password", "jane@nhs.example", SOMEWHERE)

    def test_it_fits_its_column(self) -> None:
        name = "x" * 10_000
        device = Device("d" * 22, (hash_of_name(name),))
        for what in ("activation", "password"):
            subject = subject_of_name(what, name, Origin(None, "", device))
            assert subject.endswith("d" * 22)
            assert len(subject) <= 100

    def test_where_a_user_has_logged_in_before_their_tries_are_their_own(self) -> None:
        """Else anyone who knows a user name could keep its owner out by guessing."""
        device = Device("d", (hash_of_name("jane@nhs.example"),))
        known = Origin("192.0.2.7", "Firefox", device)
        elsewhere = subject_of_name("password", "jane@nhs.example", SOMEWHERE)
        assert subject_of_name("password", "Jane@nhs.example", known) != elsewhere
        colleague = subject_of_name("password", "sam@nhs.example", known)
        assert colleague == subject_of_name("password", "sam@nhs.example", SOMEWHERE)


class TestSubjectOfAnAddress:
    """From where passwords are tried."""

    def test_an_address_is_counted_for_a_quarter_of_an_hour(self) -> None:
        now = NOW.replace(minute=0, second=0)
        subject = subject_of_address(SOMEWHERE, now=now)
        assert "192." not in subject  # as no keyed hash can hold it
        assert subject == subject_of_address(SOMEWHERE, now=now + timedelta(minutes=14))
        assert subject != subject_of_address(SOMEWHERE, now=now + timedelta(minutes=15))
        other = Origin("192.0.2.8", "Firefox")
        assert subject != subject_of_address(other, now=now)
        assert subject == subject_of_address(Origin("192.0.2.7", "Chrome"), now=now)

    def test_one_line_has_many_addresses_of_version_6(self) -> None:
        one, same, other = (
            subject_of_address(Origin(address, ""), now=NOW)
            for address in ("2001:db8:1:2::3", "2001:db8:1:2:ffff::9", "2001:db8:1:3::3")
        )
        assert one == same
        assert one != other

    def test_a_known_browser_is_counted_by_itself_for_as_long(self) -> None:
        known = Origin("192.0.2.7", "Firefox", Device("d"))
        now = NOW.replace(minute=0, second=0)
        subject = subject_of_address(known, now=now)
        assert subject.startswith("device:d:")
        elsewhere = Origin("192.0.2.8", "Firefox", Device("d"))
        assert subject == subject_of_address(elsewhere, now=now + timedelta(minutes=14))
        assert subject != subject_of_address(known, now=now + timedelta(minutes=15))

    def test_what_a_practice_has_mistyped_in_weeks_slows_nobody_at_its_computer(self) -> None:
        known = Origin("192.0.2.7", "Firefox", Device("d"))
        for hours in range(200):
            now = NOW + timedelta(hours=hours)
            Throttle.objects.claim(subject_of_address(known, now=now), PER_ADDRESS, now=now)
            Throttle.objects.forget_old(now=now)
        assert Throttle.objects.count() <= 24
        assert not Throttle.objects.exclude(allowed_at=None).exists()

    def test_nobody_has_to_wait_long_for_others_who_share_an_address(self) -> None:
        for _ in range(99):
            Throttle.objects.claim("a", PER_ADDRESS, now=NOW)
        assert wait_after("a", PER_ADDRESS, now=NOW) is None
        now, waits = NOW, []
        for _ in range(4):
            allowed_at = wait_after("a", PER_ADDRESS, now=now)
            assert allowed_at
            waits.append((allowed_at - now).total_seconds())
            now = allowed_at
            assert wait_after("a", PER_ADDRESS, now=now) is None
        assert waits == [15, 30, 60, 60]
