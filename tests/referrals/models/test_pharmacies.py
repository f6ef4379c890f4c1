"""Pharmacies: to which addresses patient data may go, and what is found."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models.people import Practice
from referrals import presenters
from referrals.imports import locate_pharmacies
from referrals.models.pharmacies import Pharmacy, Seeker
from referrals.models.postcodes import Postcode
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "endpoint",
    [
        *("https://pharmacy.example", "https://pharmacy.example:8443/bars/r4/"),
        *("http://localhost:8001", "http://127.0.0.1:8001/r4", "http://[::1]/"),
    ],
)
def test_patient_data_go_over_https_or_stay_on_this_machine(endpoint: str) -> None:
    factories.pharmacy(endpoint=endpoint).full_clean()


@pytest.mark.parametrize(
    "endpoint",
    [
        *("http://pharmacy.example", "http://localhost.evil.example", "ftp://pharmacy.example"),
        *("https://a@evil.example", "https://pharmacy.example/?a=b", "https://pharmacy.example/#"),
        *(
            "https://pharmacy.example/ y",
            "x https://pharmacy.example",
            "https://pharmacy.example\n",
        ),
        "https://",
    ],
)
def test_they_go_nowhere_else(endpoint: str) -> None:
    with pytest.raises(ValidationError, match="Begin with https://"):
        factories.pharmacy(endpoint=endpoint).full_clean()


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [("ex2", True), ("EX2 2b", True), ("ex22bb", True), ("2bb", True), ("x2", False)],
)
def test_a_postcode_is_found_by_the_beginning_of_either_half(typed: str, is_found: bool) -> None:
    factories.pharmacy(postcode="EX2 2BB")
    assert Pharmacy.objects.matching(typed).exists() is is_found


class TestUsualFor:
    """``Pharmacy.usual_for``."""

    def usual(self, practice: Practice) -> list[str]:
        since = timezone.now() - timedelta(days=90)
        seeker = Seeker(timezone.now(), practice)
        return [each.name for each in Pharmacy.usual_for(seeker, since=since)]

    def test_picked_ones_come_first_then_used_ones_then_near_ones(self) -> None:
        by = factories.member()
        assert by.practice
        near, used, once, first, second = (
            factories.pharmacy(name=name, postcode=postcode)
            for name, postcode in (
                ("Near", "WM1 3DE"),
                ("Used", "AB1 3DE"),
                ("Once", "AB1 3DF"),
                ("First", "AB2 3DE"),
                ("Second", "AB3 3DE"),
            )
        )
        for to in (used, used, used, once, once, second):
            factories.sent(by=by, to=to)
        assert self.usual(by.practice) == ["Second", "Used", "Near"]
        factories.picked(by.practice, first, second)
        assert self.usual(by.practice) == ["First", "Second", "Used", "Near"]
        factories.sent(by=by, to=once)
        assert self.usual(by.practice) == ["First", "Second", "Once", "Used", "Near"]
        now = timezone.now()
        assert near in Pharmacy.usual_for(Seeker(now, factories.practice()), since=now)

    def test_all_picked_and_used_ones_are_there_and_near_ones_fill_up_to_five(self) -> None:
        by = factories.member()
        assert by.practice
        pharmacies = [
            factories.pharmacy(name=f"P{number}", postcode="AB1 2CD") for number in range(12)
        ]
        for _ in range(9):
            factories.pharmacy(name="Near")
        assert self.usual(by.practice) == ["Near"] * 5
        picked = pharmacies[9::-1]
        factories.picked(by.practice, *picked)
        assert self.usual(by.practice) == [each.name for each in picked]
        for _ in range(3):
            factories.sent(by=by, to=pharmacies[10])
        factories.sent(by=by, to=pharmacies[3])
        factories.sent(by=by, to=pharmacies[11])
        assert self.usual(by.practice) == [*(each.name for each in picked), "P11", "P10"]

    @pytest.mark.parametrize(
        "change",
        [
            {"closed_on": timezone.localdate()},
            {"endpoint": ""},
            {"dos_service_id": ""},
            {"offers_pharmacy_first": False},
        ],
    )
    def test_a_picked_one_that_no_referral_reaches_is_not_offered(
        self, change: dict[str, Any]
    ) -> None:
        practice, gone = factories.practice(), factories.pharmacy(name="Gone", postcode="AB1 2CD")
        factories.picked(practice, gone, factories.pharmacy(name="Open", postcode="AB1 2CD"))
        assert self.usual(practice) == ["Gone", "Open"]
        Pharmacy.objects.filter(pk=gone.pk).update(**change)
        assert self.usual(practice) == ["Open"]


MONDAY = datetime(2026, 11, 30, 12, tzinfo=ZoneInfo("Europe/London"))
USUAL_WEEK = "Mo-Fr 09:00-18:00; Sa 09:00-13:00; PH off"


def located(**points: tuple[int, int]) -> None:
    Postcode.objects.bulk_create(
        Postcode(code=code, easting=east, northing=north) for code, (east, north) in points.items()
    )
    locate_pharmacies()


class TestWhyNot:
    """``Pharmacy.why_not`` and what asks it."""

    @pytest.mark.parametrize(
        ("changes", "now", "why_not"),
        [
            ({}, MONDAY, ""),
            ({"opening_hours": USUAL_WEEK}, MONDAY, ""),
            (
                {"opening_hours": USUAL_WEEK},
                MONDAY + timedelta(days=5, hours=2),
                "Closed until 9am on Monday",
            ),
            ({"opening_hours": "off"}, MONDAY, "Closed"),
            (
                {"opening_hours": USUAL_WEEK, "closures": "2026-11-30 to 2026-12-01"},
                MONDAY,
                "Closed until 9am on Wednesday",
            ),
            (
                {"paused_until": date(2026, 12, 2)},
                MONDAY,
                "Not taking referrals until 2 December 2026",
            ),
            ({"paused_until": date(2026, 12, 2)}, MONDAY + timedelta(days=2), ""),
            ({"closed_on": date(2026, 11, 30)}, MONDAY, "Closed on 30 November 2026"),
            ({"endpoint": ""}, MONDAY, "PharmRefer cannot reach it now"),
            ({"offers_pharmacy_first": False}, MONDAY, "It does not offer Pharmacy First now"),
        ],
    )
    def test_it_is_offered_or_says_why_not(
        self, changes: dict[str, Any], now: datetime, why_not: str
    ) -> None:
        code = factories.pharmacy(**changes).ods_code
        found = Pharmacy.find(code, Seeker(now))
        assert found
        assert found.why_not(now) == why_not
        assert (Pharmacy.find_offered(code, now=now, practice=None) is None) is bool(why_not)

    def test_there_may_be_none_of_that_code(self) -> None:
        assert Pharmacy.find_offered("NONE", now=MONDAY, practice=None) is None

    def test_a_usual_one_that_is_closed_stays_in_sight_and_near_ones_make_up_for_it(self) -> None:
        practice = factories.practice()
        closed = factories.pharmacy(name="Closed", opening_hours="off")
        factories.picked(practice, closed)
        for number in range(7):
            hours = "off" if number == 1 else ""
            factories.pharmacy(name=f"Near {number}", opening_hours=hours)
        found = Pharmacy.usual_for(Seeker(MONDAY, practice), since=MONDAY)
        assert [each.name for each in found] == [
            *("Closed", "Near 0", "Near 2", "Near 3", "Near 4", "Near 5")
        ]

    def test_a_prescriber_is_there_when_its_hours_say_so(self) -> None:
        pharmacy = Pharmacy(prescriber_hours="Tu 09:00-12:00", closures="2026-12-08")
        days = [date(2026, 12, day) for day in (1, 2, 8)]
        assert [pharmacy.has_prescriber(day) for day in days] == [True, False, False]


class TestNearest:
    """Distances are from the patient's home if it is known, or else from the practice."""

    @pytest.fixture
    def practice(self) -> Practice:
        practice = factories.practice()
        assert practice.postcode == "WM1 2AB"
        for name, postcode in (("Far", "WM1 1AF"), ("Next door", "WM2 4QT"), ("Nowhere", "EX1 1A")):
            factories.pharmacy(name=name, postcode=postcode)
        located(
            WM12AB=(430_000, 510_000),
            WM24QT=(430_000, 510_483),
            WM11AF=(433_219, 510_000),
            TS181AB=(433_219, 510_161),
        )
        return practice

    def names(self, seeker: Seeker) -> list[tuple[str, str]]:
        found = Pharmacy.usual_for(seeker, since=MONDAY)
        return [(each.name, presenters.distance(each)) for each in found]

    def test_the_nearest_comes_first_whatever_its_postcode(self, practice: Practice) -> None:
        from_practice = [("Next door", "0.3 miles"), ("Far", "2 miles")]
        assert self.names(Seeker(MONDAY, practice)) == from_practice
        assert self.names(Seeker(MONDAY, practice, "ts181ab")) == [
            ("Far", "0.1 miles"),
            ("Next door", "2 miles"),
        ]
        for unknown in ("TS18 9ZZ", "nonsense", "\x00"):
            assert self.names(Seeker(MONDAY, practice, unknown)) == from_practice

    def test_a_search_measures_from_the_postcode_that_is_typed(self, practice: Practice) -> None:
        seeker = Seeker(MONDAY, practice)
        for typed, names in (
            ("pharmacy", ["Next door", "Far", "Nowhere"]),
            ("TS18 1AB", ["Far", "Next door", "Nowhere"]),
            ("far ts181ab", ["Far"]),
            ("WM1 9ZZ", ["Far"]),  # in no table: its district has to do
            ("WM2 4QT", ["Next door", "Far", "Nowhere"]),
        ):
            found = Pharmacy.objects.matching(typed).best_first(typed, seeker)
            assert [each.name for each in found] == names, typed


def test_whole_words_come_before_beginnings_before_other_parts() -> None:
    for name, postcode in (
        ("Farwell", "WM1 1AA"),
        ("Wellington", "WM1 1AA"),
        ("Well", "WM1 1AF"),
        ("Sunny Well", "WM1 1AA"),
    ):
        factories.pharmacy(name=name, postcode=postcode, address="1 High Street")
    located(WM12AB=(430_000, 510_000), WM11AA=(430_000, 510_000), WM11AF=(440_000, 510_000))
    seeker = Seeker(MONDAY, factories.practice())
    for typed in ("well", "well pharmacy", "THE WELL LTD"):
        found = Pharmacy.objects.matching(typed).best_first(typed, seeker)
        assert [each.name for each in found] == ["Sunny Well", "Well", "Wellington", "Farwell"]
    # The worse of two words counts.
    found = Pharmacy.objects.matching("hig well").best_first("hig well", seeker)
    assert [each.name for each in found] == ["Sunny Well", "Wellington", "Well", "Farwell"]


class TestSearch:
    """What is found first where none is nearer: what is left has the order of the alphabet."""

    def found(self, typed: str) -> list[str]:
        found = Pharmacy.objects.matching(typed).best_first(typed, Seeker(MONDAY))
        return [each.name for each in found]

    @pytest.mark.parametrize("typed", ["evington rd", "Evington Road"])
    def test_an_abbreviation_is_the_word_and_the_word_an_abbreviation(self, typed: str) -> None:
        for name, address in (
            ("A", "Barrey Rd, Sevington"),  # has it inside another word
            ("B", "12 Evington Rd, Saltby"),
            ("C", "12 Evington Road, Saltby"),
            ("D", "12 Evington Street, Saltby"),
        ):
            factories.pharmacy(name=name, address=address)
        assert self.found(typed) == ["B", "C", "A"]

    @pytest.mark.parametrize(
        ("typed", "written"),
        [
            *(("ave", "Avenue"), ("av", "Ave"), ("avenue", "Av"), ("lane", "Ln"), ("dr", "Drive")),
            *(("ctre", "Ctr"), ("centre", "Ctre"), ("ctr", "Centre"), ("sq", "Square")),
            *(("park", "Pk"), ("hth", "Health"), ("health", "Hlth"), ("medical", "Med")),
            *(("estate", "Est"), ("house", "Hse"), ("street", "St")),
        ],
    )
    def test_each_abbreviation_is_known(self, typed: str, written: str) -> None:
        factories.pharmacy(name="Yes", address=f"1 Mill {written}, Saltby")
        factories.pharmacy(name="No", address="1 Mill Close, Saltby")
        assert self.found(f"mill {typed}") == ["Yes"]

    def test_st_after_a_word_is_a_street_first(self) -> None:
        for name, address in (
            ("A", "1 High View Close, Leicester"),
            ("B", "1 High Street, Leicester"),
            ("C", "1 High St, Leicester"),
        ):
            factories.pharmacy(name=name, address=address)
        assert self.found("high st leicester") == ["B", "C", "A"]
        assert self.found("high leicester") == ["A", "B", "C"]

    def test_st_for_street_comes_after_street(self) -> None:
        # It may be a saint's.
        factories.pharmacy(name="A", address="1 High Close, St Helens")
        factories.pharmacy(name="B", address="1 High Street, Saltby")
        assert self.found("high street") == ["B", "A"]

    def test_a_last_s_may_be_left_out(self) -> None:
        for name in ("Tesco", "The Tesco's Complex", "Tescosa", "Tescott"):
            factories.pharmacy(name=name)
        for typed in ("tescos", "tesco's", "tescos pharmacy"):
            assert self.found(typed) == ["The Tesco's Complex", "Tesco", "Tescosa"]

    def test_a_name_that_ends_in_pharmacy_comes_before_a_street(self) -> None:
        factories.pharmacy(name="Asda", address="1 Lloyds Road, Corby")
        factories.pharmacy(name="Lloydspharmacy", address="2 Long Street, Corby")
        factories.pharmacy(name="Lloydsdirect", address="3 Long Street, Corby")
        for typed in ("lloyds", "lloyds pharmacy", "lloydspharmacy"):
            assert self.found(typed) == ["Lloydspharmacy", "Asda", "Lloydsdirect"]

    def test_a_postcode_on_its_way_finds_its_district_with_its_sector_first(self) -> None:
        for name, postcode in (
            ("A", "LE1 2PD"),
            ("B", "LE1 5AA"),
            ("C", "LE11 5BE"),
            ("D", "LE1 4FQ"),
        ):
            factories.pharmacy(name=name, postcode=postcode)
        for typed in ("le1 5", "LE1 5w", "le15w", "le 1 5"):
            assert self.found(typed) == ["B", "A", "D"], typed
        assert self.found("le1 3") == ["A", "B", "D"]
        assert self.found("le 1") == ["A", "B", "D", "C"]
        assert self.found("c le1 5") == []

    @pytest.mark.parametrize("typed", ["LE2 OTA", "le2ota", "LE 2 0TA", "a LE 2 OTA"])
    def test_a_mistyped_postcode_is_where_to_measure_from(self, typed: str) -> None:
        factories.pharmacy(name="Saltby", postcode="TS18 1AB")
        factories.pharmacy(name="Leicester A", postcode="LE1 2PD")
        located(TS181AB=(440_000, 510_000), LE12PD=(459_000, 305_000), LE20TA=(459_720, 304_065))
        assert self.found(typed) == ["Leicester A", "Saltby"]
