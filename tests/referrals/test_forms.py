"""What may be written in a referral, field by field, and what it is called when it may not."""

from dataclasses import asdict
from datetime import date
from typing import Any

import pytest

from referrals.forms import ReferralForm, as_form_data
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture
def pharmacy() -> str:
    return factories.pharmacy().ods_code


def filled(pharmacy: str, /, **changes: str) -> ReferralForm:
    typed = asdict(factories.details(pharmacy=pharmacy)) | changes
    return ReferralForm(typed, today=TODAY)


def complaints(form: ReferralForm) -> dict[str, list[str]]:
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


def test_what_is_whole_is_taken_and_can_be_typed_again(pharmacy: str) -> None:
    form = filled(pharmacy)
    assert complaints(form) == {}
    assert form.details == factories.details(pharmacy=pharmacy)
    assert complaints(ReferralForm(as_form_data(form.details), today=TODAY)) == {}


def test_an_empty_form_says_what_to_do_at_each_field() -> None:
    form = ReferralForm({}, today=TODAY)
    assert complaints(form) == {
        "given_name": ["Enter the patient's first name"],
        "family_name": ["Enter the patient's last name"],
        "birth_day": ["Enter the patient's date of birth"],
        "sex": ["Select the patient's sex"],
        "address_line_1": ["Enter the first line of the address"],
        "town": ["Enter the town or city"],
        "postcode": ["Enter the postcode"],
        "spoken_to": ["Select who you have spoken to"],
        "phone": ["Enter a phone number"],
        "pathway": ["Select what the referral is for"],
        "complaint": ["Enter what the patient says"],
        "pharmacy": ["Select a pharmacy"],
        "consent": ["The referral can be sent only if they agree that their details are shared"],
    }


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("nhs_number", "999 000 0081", "The NHS number is not right. Check it against the record"),
        ("nhs_number", "0000000000", "The NHS number is not right. Check it against the record"),
        ("nhs_number", "12345", "The NHS number must be 10 digits; you entered 5 digits"),
        ("nhs_number", "9" * 31, "NHS number (if known) must be 30 characters or fewer"),
        ("given_name", " \u00a0 ", "Enter the patient's first name"),
        ("family_name", "x" * 101, "Last name must be 100 characters or fewer"),
        ("sex", "F", "Select the patient's sex"),
        ("postcode", "Westmere", "Enter a full UK postcode, as in WM1 2AB"),
        ("postcode", "WM1", "Enter a full UK postcode, as in WM1 2AB"),
        ("spoken_to", "the dog", "Select who you have spoken to"),
        ("phone", "ask her", "Enter a phone number, as in 01632 960 001 or 07700 900 982"),
        ("phone", "077009009821", "Enter a phone number, as in 01632 960 001 or 07700 900 982"),
        ("postcode", "WM1 2CDX", "Enter a full UK postcode, as in WM1 2AB"),
        ("birth_day", "x" * 11, "Day must be 10 characters or fewer"),
        ("phone", "07700 900", "Enter a phone number, as in 01632 960 001 or 07700 900 982"),
        ("phone", "٠٧٧٠٠٩٠٠٩٨٢", "Enter a phone number, as in 01632 960 001 or 07700 900 982"),
        ("pathway", "everything", "Select what the referral is for"),
        (
            "consent",
            "no",
            "The referral can be sent only if they agree that their details are shared",
        ),
        ("complaint", "x" * 1001, "What does the patient say? must be 1000 characters or fewer"),
        ("pharmacy", "nobody", "That pharmacy takes no referrals now. Select another one"),
        ("symptom_group", "Boredom", "Select the minor illness from the list"),
        ("birth_day", "31", "Date of birth must be a real date"),  # of February
        ("birth_day", "", "Date of birth must include a day"),
        ("birth_day", "two", "Date of birth must be a real date"),
        ("birth_day", "1_5", "Date of birth must be a real date"),
        ("birth_day", "٥", "Date of birth must be a real date"),
        ("birth_month", "junk", "Date of birth must be a real date"),
        ("birth_month", "13", "Date of birth must be a real date"),
        ("given_name", "\u200b\u00ad\x01", "Enter the patient's first name"),
        ("birth_year", "84", "Year of birth must be 4 digits, as in 1984"),
        ("birth_year", "1884", "Date of birth is too long ago. Check the year"),
        ("birth_year", "2027", "Date of birth must be in the past"),
        ("birth_year", "٢٠٠٠", "Year of birth must be 4 digits, as in 1984"),
    ],
)
def test_a_mistake_is_named_and_nothing_else_is(
    pharmacy: str, field: str, typed: str, sentence: str
) -> None:
    form = filled(pharmacy, **{"birth_month": "2", field: typed})
    at = "birth_day" if field.startswith("birth") else field
    assert complaints(form) == {at: [sentence]}


def test_a_date_without_day_and_month_says_both(pharmacy: str) -> None:
    form = filled(pharmacy, birth_day="", birth_month="")
    assert complaints(form) == {"birth_day": ["Date of birth must include a day and a month"]}


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("nhs_number", "999-000\u00a00018", "9990000018"),
        ("nhs_number", "", ""),
        ("postcode", "zz993vz", "ZZ99 3VZ"),
        ("postcode", " wm12 cd ", "WM1 2CD"),
        ("postcode", "ec1a1bb", "EC1A 1BB"),
        ("phone", "(01632) 960-001", "01632 960 001"),
        ("phone", "+44 7700 900982", "+44 7700 900982"),
        ("phone", "016977 1234", "016977 1234"),  # the shortest there are
        ("birth_year", "1920", "1920"),
        ("phone", "07700.900.982", "07700 900 982"),
        ("birth_month", "March", "3"),
        ("birth_month", "mar", "3"),
        ("family_name", "As\u00adh\u200bworth\x01\u202e", "Ashworth"),
        ("family_name", "van  der\tBerg", "van der Berg"),
        ("complaint", "Cough.\x0b\u2066\nTired.", "Cough.\nTired."),
        ("birth_day", "05", "5"),
        ("given_name", "  Zoë-Anne ", "Zoë-Anne"),
        ("family_name", "O'Neil\x00", "O'Neil"),
        ("complaint", "Cough.\r\nTired.", "Cough.\nTired."),
        ("complaint", "x\r\n" * 333, ("x\n" * 333).strip()),
    ],
)
def test_what_people_paste_is_understood(pharmacy: str, field: str, typed: str, kept: str) -> None:
    form = filled(pharmacy, **{field: typed})
    assert complaints(form) == {}
    assert getattr(form.details, field) == kept


class TestWhoWasSpokenTo:
    def test_somebody_else_has_a_name(self, pharmacy: str) -> None:
        form = filled(pharmacy, spoken_to="parent")
        assert complaints(form) == {
            "contact_name": ["Enter the name of whom you have spoken to"],
        }
        named = filled(pharmacy, spoken_to="parent", contact_name="Ann Ashworth")
        assert named.details.contact_name == "Ann Ashworth"

    def test_the_patient_has_it_already(self, pharmacy: str) -> None:
        form = filled(pharmacy, spoken_to="self", contact_name="left from before")
        assert form.details.contact_name == ""


class TestWhatItIsFor:
    def test_a_minor_illness_is_chosen_from_the_list(self, pharmacy: str) -> None:
        assert complaints(filled(pharmacy, pathway="minor_illness")) == {
            "symptom_group": ["Select the minor illness from the list"],
        }
        form = filled(pharmacy, pathway="minor_illness", symptom_group="Cough")
        assert form.details.symptom_group == "Cough"

    def test_what_is_not_in_the_list_is_another_one(self, pharmacy: str) -> None:
        another = "Another minor illness"
        form = filled(pharmacy, pathway="minor_illness", symptom_group=another)
        assert form.details.symptom_group == another

    def test_whose_sex_is_not_known_may_not_have_what_is_for_one(self, pharmacy: str) -> None:
        assert list(complaints(filled(pharmacy, pathway="uti", sex="unknown"))) == ["pathway"]

    def test_a_pathway_has_no_symptom_group(self, pharmacy: str) -> None:
        assert filled(pharmacy, symptom_group="Cough").details.symptom_group == ""

    def test_age_and_sex_must_allow_it_and_minor_illness_remains(self, pharmacy: str) -> None:
        form = filled(pharmacy, pathway="uti", sex="male")
        assert complaints(form)["pathway"][0].endswith(
            "is for women aged 16 to 64 only. Choose a minor illness instead, or correct the date "
            "of birth or sex"
        )
        cough = filled(pharmacy, pathway="minor_illness", symptom_group="Cough", sex="male")
        assert complaints(cough) == {}

    def test_it_is_the_age_of_today(self, pharmacy: str) -> None:
        typed = {"birth_day": "23", "birth_month": "11", "birth_year": "2021"}
        assert complaints(filled(pharmacy, **typed)) == {}  # five today
        assert "pathway" in complaints(filled(pharmacy, **typed | {"birth_day": "24"}))

    def test_babies_are_for_the_practice(self, pharmacy: str) -> None:
        form = filled(pharmacy, birth_year="2026", pathway="impetigo")
        assert complaints(form) == {
            "birth_day": [
                "Children under 1 year cannot be referred. Offer an appointment at the practice"
            ]
        }
        birthday = {"birth_day": "23", "birth_month": "11", "birth_year": "2025"}
        assert complaints(filled(pharmacy, pathway="impetigo", **birthday)) == {}


class TestThePharmacy:
    @pytest.mark.parametrize(
        "lacks", [{"dos_service_id": ""}, {"endpoint": ""}, {"offers_pharmacy_first": False}]
    )
    def test_one_without_a_route_cannot_be_chosen(self, lacks: dict[str, Any]) -> None:
        form = filled(factories.pharmacy(**lacks).ods_code)
        assert list(complaints(form)) == ["pharmacy"]

    def test_an_online_one_cannot_look_into_an_ear(self) -> None:
        online = factories.pharmacy(is_distance_selling=True).ods_code
        child = {"birth_year": "2015", "spoken_to": "parent", "contact_name": "Ann Ashworth"}
        assert complaints(filled(online, pathway="otitis_media", **child)) == {
            "pharmacy": ["An online pharmacy cannot look into an ear. Select another pharmacy"]
        }
        assert complaints(filled(online)) == {}
