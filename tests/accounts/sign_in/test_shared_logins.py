"""What shows that several people use one login, what does not, and that nobody is kept out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.people import Membership, User
from accounts.models.sessions import PendingLogIn, Session
from accounts.models.shared_logins import (
    KEPT_FOR,
    MOST_DAYS,
    MOST_HOURS,
    Dismissal,
    IndicatorKind,
    SharedLoginIndicator,
)
from accounts.origin import Device, Origin
from accounts.people import colleagues
from accounts.roles import Role
from accounts.sign_in import expiry, shared_logins
from accounts.sign_in import log_in as sign_in_log_in
from accounts.sign_in.second_factor import Code
from accounts.sign_in.shared_logins import is_elsewhere
from tests import factories
from tests.factories import ORIGIN, PASSWORD, acting
from tests.refusals import denied
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
WEBKIT = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) "
EDGE = WEBKIT.format("Windows NT 10.0; Win64; x64") + "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0"
NEWER_EDGE = EDGE.replace("138", "139")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = WEBKIT.format("iPhone; CPU iPhone OS 18_5 like Mac OS X") + "Version/18.5 Safari/604.1"
PRACTICE = "192.0.2.7"  # all computers of a practice come from one address
AT_HOME = "198.51.100.20"
START = datetime.fromisoformat("2026-11-25T10:00:00+00:00")
TODAY = date(2026, 11, 25)
USED = "used that code already"
Give = Callable[..., str]


@dataclass
class Desk:
    """A browser somewhere, which the person may be logged in with."""

    origin: Origin
    key: str = ""

    def log_in(self, user: User, *, minute: float = 0) -> "Desk":
        """Log in with password and a right code, as the pages do."""
        now = START + timedelta(minutes=minute)
        how: dict[str, Any] = {"origin": self.origin, "now": now}
        sign_in_log_in.accept_password(user.email, PASSWORD, actor=acting(**how))
        pending = PendingLogIn.objects.latest("pk")
        user.authenticators.update(last_step=-1)  # as if the next code were there already
        code = code_for(user.authenticators.get().secret)
        self.key = sign_in_log_in.sign_in(pending, Code(code), acting(**how))
        return self

    @property
    def session(self) -> Session:
        found = Session.objects.with_key(self.key)
        assert found
        return found

    def use(self, minute: float) -> None:
        """Do something on a page."""
        now = START + timedelta(minutes=minute)
        assert self.session.why_ended(now) is None
        shared_logins.touch(self.session, acting(now=now, origin=self.origin))


def desk(name: str, browser: str = EDGE, address: str = PRACTICE) -> Desk:
    """A browser that people have logged in with before."""
    return Desk(Origin(address, browser, Device(name)))


def in_turn(*used: tuple[Desk, Sequence[float]]) -> None:
    """Use each desk at its minutes, all in the order of time."""
    moments = [(minute, each) for each, minutes in used for minute in minutes]
    for minute, each in sorted(moments, key=lambda moment: moment[0]):
        each.use(minute)


def indicators() -> list[tuple[str, date]]:
    return [(each.kind, each.day) for each in SharedLoginIndicator.objects.order_by("day", "kind")]


class TestMachines:
    """Use on two machines at the same time."""

    def test_two_people_at_two_desks_for_minutes(self, user: User) -> None:
        front, back = desk("front").log_in(user), desk("back", NEWER_EDGE).log_in(user, minute=1)
        in_turn((front, [1, 2, 3]), (back, [2.5, 3.5]))
        assert indicators() == []
        front.use(4)
        assert indicators() == [(IndicatorKind.MACHINES, TODAY)]
        assert SharedLoginIndicator.objects.get().person == user

    def test_a_day_has_one_and_each_day_its_own(self, user: User) -> None:
        front, back = desk("front").log_in(user), desk("back").log_in(user)
        in_turn((front, range(1, 30)), (back, range(1, 30)))
        assert indicators() == [(IndicatorKind.MACHINES, TODAY)]
        day = 24 * 60
        front.log_in(user, minute=day)
        back.log_in(user, minute=day)
        in_turn((front, range(day, day + 9)), (back, range(day, day + 9)))
        assert indicators() == [(IndicatorKind.MACHINES, TODAY + timedelta(days=i)) for i in (0, 1)]

    def test_at_home_and_in_the_practice(self, user: User) -> None:
        there, here = desk("home", address=AT_HOME).log_in(user), desk("front").log_in(user)
        in_turn((there, range(1, 9)), (here, range(1, 9)))
        assert indicators() == [(IndicatorKind.MACHINES, TODAY)]

    def test_going_to_another_desk_and_back_20_minutes_later_is_none(self, user: User) -> None:
        front = desk("front").log_in(user)
        in_turn((front, range(1, 6)))
        back = desk("back").log_in(user, minute=5.5)
        in_turn((back, [6.5 + each for each in range(20)]))
        front.key = sign_in_log_in.unlock_screen(
            front.session, PASSWORD, acting(now=START + timedelta(minutes=26), origin=front.origin)
        )
        in_turn((front, range(27, 40)))
        assert indicators() == []

    @pytest.mark.parametrize("minutes_there", [1, 2, 5, 10])
    def test_going_and_coming_back_once_is_none_however_quickly(
        self, user: User, minutes_there: int
    ) -> None:
        front, back = desk("front").log_in(user), desk("back")
        in_turn((front, range(1, 11)))
        back.log_in(user, minute=10.1)
        in_turn((back, [11.1 + each for each in range(minutes_there)]))
        in_turn((front, [11.2 + minutes_there + each for each in range(10)]))
        assert indicators() == []

    def test_each_morning_at_another_desk_is_none(self, user: User) -> None:
        """Two moments beside each other, hours apart, are not one long one."""
        front, back = desk("front").log_in(user), desk("back").log_in(user, minute=1)
        for minute in range(0, 180, 60):
            in_turn((front, [minute + 10, minute + 11]), (back, [minute + 11.5, minute + 12.5]))
            Session.objects.update(last_seen_at=START + timedelta(minutes=minute + 40))
        assert indicators() == []

    def test_a_screen_that_was_left_open_elsewhere_is_none(self, user: User) -> None:
        desk("front").log_in(user)
        in_turn((desk("back").log_in(user), range(1, 60)))
        assert indicators() == []

    def test_two_browsers_of_one_computer_are_none(self, user: User) -> None:
        edge, firefox = desk("edge").log_in(user), desk("firefox", FIREFOX).log_in(user)
        in_turn((edge, range(1, 20)), (firefox, range(1, 20)))
        assert indicators() == []

    def test_a_phone_that_comes_from_another_address_is_none(self, user: User) -> None:
        phone = desk("phone", PHONE).log_in(user)
        elsewhere = Desk(Origin(AT_HOME, PHONE, Device("phone")), phone.key)
        again = desk("phone", PHONE, "203.0.113.99").log_in(user)  # its tab was closed
        in_turn((phone, range(1, 20)), (elsewhere, [4.5, 9.5]), (again, range(1, 20)))
        assert indicators() == []

    def test_a_browser_that_has_lost_its_cookie_is_not_another_than_itself(
        self, user: User
    ) -> None:
        phone = desk("phone", PHONE).log_in(user)
        in_turn((phone, [1]), (Desk(Origin(PRACTICE, PHONE), phone.key), range(2, 20)))
        assert indicators() == []

    def test_two_people_with_logins_of_their_own_are_none(self, user: User) -> None:
        front, back = desk("front").log_in(user), desk("back").log_in(factories.active_person())
        in_turn((front, range(1, 20)), (back, range(1, 20)))
        assert indicators() == []

    def test_a_browser_that_was_new_when_it_began_is_known_a_minute_later(self, user: User) -> None:
        front, back = desk("front").log_in(user), Desk(Origin(PRACTICE, EDGE)).log_in(user)
        back.origin = Origin(PRACTICE, EDGE, Device("back"))  # the log-in has made it known
        in_turn((front, range(1, 9)), (back, range(1, 9)))
        assert indicators() == [(IndicatorKind.MACHINES, TODAY)]

    def test_it_asks_one_thing_more_and_that_once_a_minute(
        self, user: User, django_assert_num_queries: Any
    ) -> None:
        front = desk("front").log_in(user)
        front.use(1)
        session = front.session
        with django_assert_num_queries(0):
            shared_logins.touch(session, acting(now=START + timedelta(seconds=119)))
        with django_assert_num_queries(2):
            shared_logins.touch(session, acting(now=START + timedelta(seconds=120)))


KNOWN, OTHER = Device("one"), Device("two")


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (Origin(PRACTICE, EDGE, KNOWN), Origin(PRACTICE, EDGE, OTHER), True),
        (Origin(PRACTICE, EDGE, KNOWN), Origin(PRACTICE, NEWER_EDGE, OTHER), True),
        (Origin(PRACTICE, EDGE, KNOWN), Origin(PRACTICE, PHONE, OTHER), True),
        (Origin(PRACTICE, EDGE, KNOWN), Origin(AT_HOME, EDGE, OTHER), True),
        # One browser, whatever else has changed.
        (Origin(PRACTICE, EDGE, KNOWN), Origin(AT_HOME, NEWER_EDGE, KNOWN), False),
        # Perhaps two browsers of one computer, which has two lines, say.
        (Origin(PRACTICE, EDGE, KNOWN), Origin(PRACTICE, FIREFOX, OTHER), False),
        (Origin(PRACTICE, EDGE, KNOWN), Origin(AT_HOME, FIREFOX, OTHER), False),
        # One that was known shows its cookie again: this is another one.
        (Origin(PRACTICE, EDGE), Origin(PRACTICE, EDGE, OTHER), True),
        (Origin(AT_HOME, PHONE), Origin(PRACTICE, EDGE, OTHER), True),
        (Origin(PRACTICE, FIREFOX), Origin(PRACTICE, EDGE, OTHER), False),
        # Of one that was not known only what differs in everything is surely another.
        (Origin(PRACTICE, EDGE, KNOWN), Origin(PRACTICE, EDGE), False),
        (Origin(PRACTICE, EDGE, KNOWN), Origin(AT_HOME, EDGE), False),
        (Origin(PRACTICE, EDGE), Origin(AT_HOME, EDGE), False),
        (Origin(PRACTICE, EDGE), Origin(PRACTICE, PHONE), False),
        (Origin(PRACTICE, EDGE), Origin(AT_HOME, PHONE), True),
        (Origin(PRACTICE, EDGE, KNOWN), Origin(AT_HOME, PHONE), True),
        (Origin(None, ""), Origin(None, ""), False),
    ],
)
def test_what_is_another_machine(here: Origin, there: Origin, expected: bool) -> None:
    assert is_elsewhere(here, there) is expected


class TestCode:
    """One code that is given on two machines."""

    @pytest.fixture
    def now(self) -> datetime:
        """Codes are of this moment."""
        return timezone.now()

    @pytest.fixture
    def code(self, user: User, now: datetime) -> str:
        return code_for(user.authenticators.get().secret, at=now)

    @pytest.fixture
    def give(self, user: User, now: datetime) -> Give:
        """Give a code after the password; return what was said against it, or nothing."""

        def give(at: Desk, code: str, *, seconds: float = 0) -> str:
            how: dict[str, Any] = {"origin": at.origin, "now": now + timedelta(seconds=seconds)}
            sign_in_log_in.accept_password(user.email, PASSWORD, actor=acting(**how))
            try:
                at.key = sign_in_log_in.sign_in(
                    PendingLogIn.objects.latest("pk"), Code(code), acting(**how)
                )
            except errors.Denied as error:
                if error.field != "code":
                    raise
                return str(error)
            return ""

        return give

    def test_it_is_refused_and_noted_and_the_next_one_lets_in(
        self, user: User, give: Give, code: str, now: datetime
    ) -> None:
        front, back = desk("front"), desk("back")
        assert give(front, code) == ""
        assert USED in give(back, code, seconds=90)
        assert indicators() == [
            (IndicatorKind.CODE, timezone.localdate(now + timedelta(seconds=90)))
        ]
        later = code_for(user.authenticators.get().secret, seconds_off=30, at=now)
        assert give(back, later, seconds=91) == ""
        for each in (front, back):
            assert each.session.why_ended(now + timedelta(seconds=91)) is None

    def test_from_a_browser_that_nobody_has_logged_in_with_too(self, give: Give, code: str) -> None:
        assert give(desk("front"), code) == ""
        assert USED in give(Desk(Origin(PRACTICE, EDGE)), code)
        assert [kind for kind, _ in indicators()] == [IndicatorKind.CODE]

    def test_a_code_that_has_confirmed_counts_too(
        self, user: User, give: Give, code: str, now: datetime
    ) -> None:
        front, back = desk("front"), desk("back")
        key = Session.begin(
            user=user,
            now=now - timedelta(minutes=30),
            authenticator=user.authenticators.get(),
            membership=user.memberships.get(),
            last_seen_at=now,
            browser=EDGE,
            address=PRACTICE,
            device="front",
        )
        session = Session.objects.with_key(key)
        assert session
        sign_in_log_in.confirm(session, PASSWORD, Code(code), acting(now=now, origin=front.origin))
        assert USED in give(back, code)
        assert [kind for kind, _ in indicators()] == [IndicatorKind.CODE]

    def test_typed_twice_in_one_browser_it_is_none(
        self, give: Give, code: str, now: datetime
    ) -> None:
        front = desk("front")
        assert give(front, code) == ""
        assert USED in give(front, code)
        with denied("code", USED):
            sign_in_log_in.confirm(
                front.session, PASSWORD, Code(code), acting(now=now, origin=front.origin)
            )
        assert indicators() == []

    def test_nor_in_a_browser_that_was_new_the_first_time(self, give: Give, code: str) -> None:
        assert give(Desk(Origin(PRACTICE, EDGE)), code) == ""
        assert USED in give(desk("front"), code)
        assert indicators() == []

    def test_nor_in_two_browsers_of_one_computer(self, give: Give, code: str) -> None:
        assert give(desk("edge"), code) == ""
        assert USED in give(desk("firefox", FIREFOX), code)
        assert indicators() == []

    def test_nor_on_a_phone_whose_address_has_changed(self, give: Give, code: str) -> None:
        assert give(desk("phone", PHONE), code) == ""
        assert USED in give(desk("phone", PHONE, AT_HOME), code)
        assert indicators() == []

    def test_nor_where_it_was_accepted_a_while_ago(self, give: Give, code: str) -> None:
        assert give(desk("front"), code) == ""
        assert USED in give(desk("back"), code, seconds=90.1)
        assert indicators() == []

    def test_nor_is_a_wrong_one_or_the_one_before(
        self, user: User, give: Give, code: str, now: datetime
    ) -> None:
        secret = user.authenticators.get().secret
        assert give(desk("front"), code) == ""
        assert USED in give(desk("back"), code_for(secret, seconds_off=-30, at=now))
        assert "not right" in give(desk("back"), code_for(secret, seconds_off=86_400, at=now))
        assert indicators() == []

    def test_nor_where_this_browser_may_have_given_it_itself(
        self, user: User, give: Give, now: datetime
    ) -> None:
        """A user has logged in on two computers, each with a code of its own."""
        front, back = desk("front"), desk("back")
        secret = user.authenticators.get().secret
        before, code = (code_for(secret, seconds_off=off, at=now) for off in (-30, 0))
        assert give(front, before) == give(back, code) == ""
        assert USED in give(back, code)
        assert indicators() == []


class TestHours:
    """More hours of a day, or days in a row, than one person works."""

    @staticmethod
    def work(user: User, *moments: datetime) -> None:
        """Do something at each moment, logged in anew."""
        for at in moments:
            key = Session.begin(
                user=user,
                now=at - timedelta(minutes=2),
                last_seen_at=at - timedelta(minutes=2),
                authenticator=user.authenticators.get(),
                membership=user.memberships.get(),
                browser=ORIGIN.browser,
            )
            session = Session.objects.with_key(key)
            assert session
            shared_logins.note_use(session, origin=ORIGIN, at=at)
            session.delete()

    @staticmethod
    def hours(first: int, last: int, *, day: int = 25) -> list[datetime]:
        """Half past each hour."""
        return [START.replace(day=day, hour=each, minute=30) for each in range(first, last + 1)]

    def test_more_hours_than_a_shift_of_12_can_touch(self, user: User) -> None:
        self.work(user, *self.hours(7, 7 + MOST_HOURS - 1))
        assert indicators() == []
        self.work(user, START.replace(hour=12, minute=50), START.replace(hour=19, minute=59))
        assert indicators() == []
        self.work(user, START.replace(hour=20))
        assert indicators() == [(IndicatorKind.HOURS, TODAY)]

    def test_the_hours_of_two_days_are_two_days(self, user: User) -> None:
        self.work(user, *self.hours(9, 20), *self.hours(6, 17, day=26))
        assert indicators() == []

    def test_days_are_those_of_england(self, user: User) -> None:
        """In summer 11.30pm UTC is half past midnight."""
        self.work(user, datetime.fromisoformat("2026-07-01T23:30:00+00:00"))
        user.refresh_from_db()
        assert user.active_on == date(2026, 7, 2)
        assert user.active_hours == 1

    def test_three_weeks_without_a_day_off(self, user: User) -> None:
        self.work(user, *(START + timedelta(days=each) for each in range(MOST_DAYS)))
        assert indicators() == []
        last = START + timedelta(days=MOST_DAYS)
        self.work(user, last, last + timedelta(hours=2))
        assert indicators() == [(IndicatorKind.DAYS, last.date())]
        self.work(user, *(last + timedelta(days=each) for each in range(1, 20)))
        assert len(indicators()) == 1  # once in three weeks: else nobody could answer it

    def test_a_day_off_begins_anew(self, user: User) -> None:
        self.work(user, *(START + timedelta(days=each) for each in range(40) if each % 7 != 3))
        assert indicators() == []

    def test_what_a_page_tells_late_of_the_day_before_changes_nothing(self, user: User) -> None:
        self.work(user, START, START - timedelta(days=1))
        user.refresh_from_db()
        assert (user.active_on, user.active_days) == (TODAY, 1)


def test_nobody_is_kept_out_because_of_them(user: User) -> None:
    now = timezone.now()
    for kind in IndicatorKind:
        SharedLoginIndicator.objects.note(user.pk, kind, on=timezone.localdate(now))
    client = Client(headers={"x-forwarded-proto": "https"})
    client.post("/log-in/", {"user_name": user.email, "password": PASSWORD})
    code = code_for(user.authenticators.get().secret)
    assert client.post("/log-in/code/", {"code": code})["Location"] == "/"
    assert client.get("/referrals/").status_code == 200


def test_pages_note_it(user: User) -> None:
    """From the log-in page to the indicator, in two browsers that know nothing of all this."""
    clients = []
    for _ in range(2):
        client = Client(headers={"x-forwarded-proto": "https", "user-agent": EDGE})
        client.post("/log-in/", {"user_name": user.email, "password": PASSWORD})
        user.authenticators.update(last_step=-1)
        code = code_for(user.authenticators.get().secret)
        assert client.post("/log-in/code/", {"code": code}).status_code == 302
        clients.append(client)
    for _ in range(4):  # each of them a minute later
        for client in clients:
            client.get("/account/")
        for session in Session.objects.all():
            session.last_seen_at -= timedelta(seconds=61)
            if session.beside_since:
                session.beside_since -= timedelta(seconds=61)
            session.save()
    assert [kind for kind, _ in indicators()] == [IndicatorKind.MACHINES]


HOW: dict[str, Any] = {"origin": ORIGIN, "now": START}


class TestSayOnePerson:
    """``colleagues.say_one_person``."""

    @pytest.fixture
    def boss(self, user: User) -> Membership:
        at = user.memberships.get().practice
        return factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=at)

    @staticmethod
    def not_dismissed(user: User, *, today: date = TODAY) -> int:
        return SharedLoginIndicator.objects.of(user.pk, today=today).count()

    def test_what_was_seen_up_to_that_day_is_hidden_and_later_ones_are_not(
        self, user: User, boss: Membership
    ) -> None:
        SharedLoginIndicator.objects.note(user.pk, IndicatorKind.CODE, on=TODAY - timedelta(days=3))
        SharedLoginIndicator.objects.note(user.pk, IndicatorKind.MACHINES, on=TODAY)
        assert self.not_dismissed(user) == 2
        colleagues.say_one_person(user.memberships.get().pk, acting(boss, **HOW))
        SharedLoginIndicator.objects.note(user.pk, IndicatorKind.HOURS, on=TODAY)
        assert self.not_dismissed(user) == 0
        tomorrow = TODAY + timedelta(days=1)
        SharedLoginIndicator.objects.note(user.pk, IndicatorKind.MACHINES, on=tomorrow)
        assert self.not_dismissed(user, today=tomorrow) == 1
        later: dict[str, Any] = {"origin": ORIGIN, "now": START + timedelta(days=1)}
        colleagues.say_one_person(user.memberships.get().pk, acting(boss, **later))
        assert self.not_dismissed(user, today=tomorrow) == 0
        said = AuditEvent.objects.filter(event=Event.SHARED_LOGIN_DISMISSED, person=user)
        assert [(each.by, each.at) for each in said.order_by("pk")] == [
            (boss.user, START),
            (boss.user, START + timedelta(days=1)),
        ]
        assert Dismissal.objects.get().by == boss.user

    def test_not_of_oneself(self, boss: Membership) -> None:
        SharedLoginIndicator.objects.note(boss.user_id, IndicatorKind.CODE, on=TODAY)
        with pytest.raises(errors.Denied, match="to yourself"):
            colleagues.say_one_person(boss.pk, acting(boss, **HOW))
        assert self.not_dismissed(boss.user) == 1

    def test_not_where_a_user_is_not_at_home(self, boss: Membership) -> None:
        guest = factories.active_person(at=factories.practice(name="Highfield Surgery"))
        here = Membership.objects.create(user=guest, practice=boss.practice, role=Role.STAFF)
        SharedLoginIndicator.objects.note(guest.pk, IndicatorKind.CODE, on=TODAY)
        with pytest.raises(errors.Denied, match="belongs to Highfield Surgery"):
            colleagues.say_one_person(here.pk, acting(boss, **HOW))
        assert self.not_dismissed(guest) == 1

    def test_not_of_another_practice_nor_by_who_is_no_administrator(
        self, user: User, boss: Membership
    ) -> None:
        other = factories.member()
        for person in (other.user, user):
            SharedLoginIndicator.objects.note(person.pk, IndicatorKind.CODE, on=TODAY)
        with pytest.raises(errors.Gone):
            colleagues.say_one_person(other.pk, acting(boss, **HOW))
        Membership.objects.filter(pk=boss.pk).update(role=Role.STAFF)
        with pytest.raises(errors.Gone):
            colleagues.say_one_person(user.memberships.get().pk, acting(boss, **HOW))
        assert not Dismissal.objects.exists()

    def test_where_nothing_was_seen_or_a_user_was_quicker_nothing_is_noted(
        self, user: User, boss: Membership
    ) -> None:
        with pytest.raises(errors.Gone):
            colleagues.say_one_person(user.memberships.get().pk, acting(boss, **HOW))
        assert not Dismissal.objects.exists()
        assert not AuditEvent.objects.filter(event=Event.SHARED_LOGIN_DISMISSED).exists()


def test_after_30_days_nothing_is_left(user: User) -> None:
    SharedLoginIndicator.objects.note(user.pk, IndicatorKind.CODE, on=TODAY)
    Dismissal.objects.create(person=user, by=user, day=TODAY)
    almost = TODAY + KEPT_FOR - timedelta(days=1)
    Dismissal.objects.update(day=TODAY - timedelta(days=1))
    assert SharedLoginIndicator.objects.of(user.pk, today=almost).exists()
    assert not SharedLoginIndicator.objects.of(user.pk, today=TODAY + KEPT_FOR).exists()
    Dismissal.objects.update(day=TODAY)
    expiry.forget_expired(now=START + KEPT_FOR - timedelta(days=1))
    assert (SharedLoginIndicator.objects.count(), Dismissal.objects.count()) == (1, 1)
    expiry.forget_expired(now=START + KEPT_FOR)
    assert (SharedLoginIndicator.objects.count(), Dismissal.objects.count()) == (0, 0)
