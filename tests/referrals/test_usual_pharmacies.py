"""What a practice picks: in its order, up to ten, and by its own administrators only."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.people import Membership
from accounts.roles import Role
from referrals import usual_pharmacies
from referrals.models.pharmacies import Pharmacy, Seeker, UsualPharmacy
from referrals.models.referrals import StaleError
from tests import factories
from tests.factories import acting

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def boss() -> Membership:
    return factories.member(role=Role.PRACTICE_ADMINISTRATOR)


def picked(by: Membership) -> list[str]:
    assert by.practice_id
    found = Pharmacy.objects.picked_by(by.practice_id)
    return [each.ods_code for each in found]


def some(by: Membership, count: int) -> list[str]:
    assert by.practice
    made = [factories.pharmacy() for _ in range(count)]
    factories.picked(by.practice, *made)
    return [each.ods_code for each in made]


def said() -> list[str]:
    noted = AuditEvent.objects.filter(event=Event.PRACTICE_CHANGED).order_by("pk")
    return [each.reason.partition(": ")[2] for each in noted]


class Acts:
    """Everything that administrators do with the list."""

    def __init__(self, by: Membership) -> None:
        self.actor = acting(by, now=NOW)

    def add(self, code: str) -> None:
        usual_pharmacies.add_usual(code, self.actor)

    def remove(self, code: str) -> None:
        usual_pharmacies.remove_usual(code, self.actor)

    def move(self, code: str, seen: list[str], *, is_up: bool) -> None:
        usual_pharmacies.move_usual(code, seen=seen, is_up=is_up, actor=self.actor)


def test_one_is_added_at_the_end_once(boss: Membership) -> None:
    first, second = some(boss, 2)
    third = factories.pharmacy().ods_code
    for _ in range(2):
        Acts(boss).add(third)
    assert picked(boss) == [first, second, third]
    assert said() == [f"usual pharmacy {third} added"]


def test_one_is_removed(boss: Membership) -> None:
    first, second, third = some(boss, 3)
    for _ in range(2):
        Acts(boss).remove(second)
    assert picked(boss) == [first, third]
    assert said() == [f"usual pharmacy {second} removed"]
    Acts(boss).add(second)
    assert picked(boss) == [first, third, second]


@pytest.mark.parametrize(
    ("moved", "is_up", "order"),
    [(0, True, "abc"), (1, True, "bac"), (2, True, "acb"), (0, False, "bac"), (2, False, "abc")],
)
def test_one_changes_places_with_its_neighbour(
    boss: Membership, moved: int, is_up: bool, order: str
) -> None:
    codes = some(boss, 3)
    Acts(boss).move(codes[moved], codes, is_up=is_up)
    assert picked(boss) == [codes["abc".index(letter)] for letter in order]
    direction = "up" if is_up else "down"
    expected = [] if order == "abc" else [f"usual pharmacy {codes[moved]} moved {direction}"]
    assert said() == expected


def test_an_order_that_another_user_has_changed_is_not_overwritten(boss: Membership) -> None:
    first, second, third = some(boss, 3)
    seen = [first, second, third]
    Acts(boss).move(third, seen, is_up=True)
    for code in (first, third, "NONE"):
        with pytest.raises(StaleError):
            Acts(boss).move(code, seen, is_up=False)
    with pytest.raises(StaleError):
        Acts(boss).move("NONE", picked(boss), is_up=True)
    assert picked(boss) == [first, third, second]


def test_what_two_people_add_at_one_moment_is_all_there(boss: Membership) -> None:
    other = factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=boss.practice)
    first, second = factories.pharmacy(), factories.pharmacy()
    Acts(boss).add(first.ods_code)
    Acts(other).add(second.ods_code)
    assert picked(boss) == [first.ods_code, second.ods_code]


def test_there_are_ten_at_most(boss: Membership) -> None:
    codes = some(boss, UsualPharmacy.MOST)
    with pytest.raises(errors.Denied, match="You have 10 usual pharmacies, and cannot have more"):
        Acts(boss).add(factories.pharmacy().ods_code)
    assert picked(boss) == codes


@pytest.mark.parametrize(
    "change", [{"closed_on": timezone.localdate()}, {"endpoint": ""}, {"dos_service_id": ""}]
)
def test_one_that_no_referral_reaches_is_not_added(
    boss: Membership, change: dict[str, Any]
) -> None:
    for code in ("NONE", factories.pharmacy(**change).ods_code):
        with pytest.raises(errors.Denied, match="is not accepting referrals at the moment"):
            Acts(boss).add(code)
    assert picked(boss) == []


def test_each_practice_has_its_own(boss: Membership) -> None:
    other = factories.member(role=Role.PRACTICE_ADMINISTRATOR)
    theirs = some(other, 2)
    for code in theirs:
        Acts(boss).remove(code)
        Acts(boss).add(code)
    assert picked(boss) == picked(other) == theirs


@pytest.mark.parametrize("change", [{"role": Role.STAFF}, {"off_at": NOW}])
def test_not_by_who_was_an_administrator_a_moment_ago(
    boss: Membership, change: dict[str, Any]
) -> None:
    codes = some(boss, 2)
    Membership.objects.filter(pk=boss.pk).update(**change)
    acts: tuple[Callable[[], None], ...] = (
        lambda: Acts(boss).add(factories.pharmacy().ods_code),
        lambda: Acts(boss).remove(codes[0]),
        lambda: Acts(boss).move(codes[0], codes, is_up=False),
    )
    for act in acts:
        with pytest.raises(errors.Gone):
            act()
    assert picked(boss) == codes


class TestFullToday:
    """What a pharmacy has told a practice by phone."""

    def full(self, by: Membership, code: str, *, now: datetime = NOW) -> bool:
        found = Pharmacy.find(code, Seeker(now, by.practice))
        assert found
        assert found.is_full == ("Full today" in found.why_not(now))
        return found.is_full

    def test_it_is_noted_once_for_the_own_practice_and_until_midnight(
        self, boss: Membership
    ) -> None:
        code, other = factories.pharmacy().ods_code, factories.member()
        for _ in range(2):
            usual_pharmacies.note_full(code, acting(boss, now=NOW))
        assert self.full(boss, code)
        assert not self.full(other, code)
        midnight = timezone.localtime(NOW).replace(hour=0, minute=0, second=0, microsecond=0)
        assert self.full(boss, code, now=midnight)
        assert not self.full(boss, code, now=midnight + timedelta(days=1, hours=2))
        assert said() == [f"pharmacy {code} full today"]

    def test_it_can_be_noted_again_the_next_day(self, boss: Membership) -> None:
        code, tomorrow = factories.pharmacy().ods_code, NOW + timedelta(days=1)
        for now in (NOW, tomorrow):
            usual_pharmacies.note_full(code, acting(boss, now=now))
        assert self.full(boss, code, now=tomorrow)
        assert len(said()) == 2

    def test_it_is_taken_back(self, boss: Membership) -> None:
        code = factories.pharmacy().ods_code
        usual_pharmacies.note_full(code, acting(boss, now=NOW))
        for _ in range(2):
            usual_pharmacies.note_not_full(code, acting(boss, now=NOW))
        assert not self.full(boss, code)
        assert said() == [f"pharmacy {code} full today", f"pharmacy {code} not full"]

    def test_only_an_administrator_says_so_of_one_that_takes_referrals(
        self, boss: Membership
    ) -> None:
        for act in (usual_pharmacies.note_full, usual_pharmacies.note_not_full):
            with pytest.raises(errors.Gone):
                act(factories.pharmacy().ods_code, acting(factories.member(), now=NOW))
        with pytest.raises(errors.Denied, match="takes no referrals anyway"):
            usual_pharmacies.note_full("NONE", acting(boss, now=NOW))
