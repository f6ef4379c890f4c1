"""Pharmacies: to which addresses patient data may go, and what is found."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models.people import Practice
from referrals.models.pharmacies import Pharmacy
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
    ("typed", "is_found"), [("ex2", True), ("EX2 2b", True), ("ex22bb", True), ("2bb", False)]
)
def test_a_postcode_is_found_by_its_beginning(typed: str, is_found: bool) -> None:
    factories.pharmacy(postcode="EX2 2BB")
    assert Pharmacy.objects.matching(typed).exists() is is_found


class TestUsualFor:
    """``Pharmacy.usual_for``."""

    def usual(self, practice: Practice) -> list[str]:
        since = timezone.now() - timedelta(days=90)
        return [each.name for each in Pharmacy.usual_for(practice, since=since)]

    def test_picked_ones_come_first_then_used_ones_then_near_ones(self) -> None:
        by = factories.member()
        assert by.practice
        near, used, first, second = (
            factories.pharmacy(name=name, postcode=postcode)
            for name, postcode in (
                ("Near", "WM1 3DE"),
                ("Used", "AB1 3DE"),
                ("First", "AB2 3DE"),
                ("Second", "AB3 3DE"),
            )
        )
        factories.sent(by=by, to=used)
        factories.sent(by=by, to=second)
        assert self.usual(by.practice) == ["Second", "Used", "Near"]
        factories.picked(by.practice, first, second)
        assert self.usual(by.practice) == ["First", "Second", "Used", "Near"]
        assert near in Pharmacy.usual_for(factories.practice(), since=timezone.now())

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
