"""Pharmacies: to which addresses patient data may go, and what is found."""

import pytest
from django.core.exceptions import ValidationError

from referrals.models import Pharmacy
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
