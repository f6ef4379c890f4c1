"""What may be written in a referral, field by field, and what it is called when it may not."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from referrals.clinical.packs import Pack
from referrals.forms import ReferralForm, as_form_data
from tests import factories
from tests.clinical_content import FIRST, SHOWN, answered

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ONE_NAME = "If they have only one name, enter it in both boxes"
AS_IN = "like 01632 960 001 or 07700 900 982"


@pytest.fixture
def pharmacy() -> str:
    return factories.pharmacy().ods_code


def form_of(typed: dict[str, Any], *, pack: Pack | None = FIRST) -> ReferralForm:
    return ReferralForm(typed, now=NOW, pack=pack, practice=factories.practice())


def filled(pharmacy: str, /, **changes: str) -> ReferralForm:
    typed = SHOWN | as_form_data(factories.details(pharmacy=pharmacy)) | changes
    return form_of(typed)


def complaints(form: ReferralForm) -> dict[str, list[str]]:
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


def test_what_is_complete_is_taken_and_can_be_typed_again(pharmacy: str) -> None:
    form = filled(pharmacy)
    assert complaints(form) == {}
    assert form.details == factories.details(pharmacy=pharmacy)
    assert complaints(form_of(as_form_data(form.details))) == {}


def test_an_empty_form_says_what_to_do_at_each_field() -> None:
    form = form_of({})
    assert complaints(form) == {
        "q_emergency": ["Answer the emergency questions"],
        "given_name": [f"Enter the patient's first name. {ONE_NAME}"],
        "family_name": [f"Enter the patient's last name. {ONE_NAME}"],
        "birth_day": ["Enter the patient's date of birth"],
        "sex": ["Select the patient's sex"],
        "address_line_1": ["Enter the first line of the address, or the NHS number above"],
        "town": ["Enter the town or city, or the NHS number above"],
        "postcode": ["Enter the postcode"],
        "spoken_to": ["Select who you spoke to"],
        "phone": ["Enter a phone number"],
        "phone_owner": ["Select whose number it is"],
        "pathway": ["Select what the referral is for"],
        "complaint": ["Enter the symptoms"],
        "duration": ["Enter how long they have had it"],
        "pharmacy": ["Select a pharmacy"],
        "consent": ["Confirm that they agree to share their details with the pharmacy"],
    }


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("nhs_number", "999 000 0081", "The NHS number is not right. Check it against the record"),
        ("nhs_number", "12345", "The NHS number must be 10 digits; you entered 5 digits"),
        ("nhs_number", "9" * 41, "NHS number (if known) must be 40 characters or fewer"),
        ("given_name", " \u00a0 ", f"Enter the patient's first name. {ONE_NAME}"),
        ("family_name", "x" * 101, "Last name must be 100 characters or fewer"),
        ("sex", "F", "Select the patient's sex"),
        ("postcode", "Westmere", "Enter a full UK postcode, like SW1A 2AA"),
        ("postcode", "WM1 2AB", "No postcode begins with WM. Check it"),
        ("given_name", "-", f"First name must have letters in it. {ONE_NAME}"),
        ("family_name", ".", f"Last name must have letters in it. {ONE_NAME}"),
        ("spoken_to", "the dog", "Select who you spoke to"),
        ("phone", "ask her", "Enter a phone number, like 01632 960 001 or 07700 900 982"),
        (
            "phone",
            "077009009821",
            "Phone numbers that begin with 07 have 11 digits, and this one has 12. Check it",
        ),
        ("postcode", "TS18 1ABX", "Enter a full UK postcode, like SW1A 2AA"),
        ("birth_day", "x" * 41, "Day must be 40 characters or fewer"),
        (
            "phone",
            "07700 900",
            "Phone numbers that begin with 07 have 11 digits, and this one has 8. Check it",
        ),
        ("phone", "٠٧٧٠٠٩٠٠٩٨٢", "Enter a phone number, like 01632 960 001 or 07700 900 982"),
        ("pathway", "everything", "Select what the referral is for"),
        (
            "consent",
            "no",
            "Confirm that they agree to share their details with the pharmacy",
        ),
        ("complaint", "x" * 1001, "Symptoms, in their words must be 1000 characters or fewer"),
        (
            "pharmacy",
            "nobody",
            "That pharmacy is not accepting referrals at the moment. Select another one",
        ),
        ("symptom_group", "Boredom", "Select the minor illness from the list"),
        ("birth_day", "31", "Date of birth must be a real date: February 1984 has 29 days"),
        ("birth_day", "", "Date of birth must include a day"),
        ("birth_day", "two", "Day of birth must be a number from 1 to 31"),
        ("birth_day", "٥", "Day of birth must be a number from 1 to 31"),
        (
            "birth_month",
            "junk",
            "Month of birth must be a number from 1 to 12 or a name, like March",
        ),
        ("given_name", "\u200b\u00ad\x01", f"Enter the patient's first name. {ONE_NAME}"),
        ("birth_year", "84", "Year of birth must be 4 digits: enter 1984, not 84"),
        ("birth_year", "1884", "Date of birth is too long ago. Check the year"),
        ("birth_year", "2027", "Date of birth must be in the past"),
        ("birth_year", "٢٠٠٠", "Year of birth must be 4 digits, like 1984"),
    ],
)
def test_a_mistake_is_named_and_nothing_else_is(
    pharmacy: str, field: str, typed: str, sentence: str
) -> None:
    form = filled(pharmacy, **{"birth_month": "2", field: typed})
    assert complaints(form) == {field: [sentence]}


def test_a_date_without_day_and_month_says_both(pharmacy: str) -> None:
    form = filled(pharmacy, birth_day="", birth_month="")
    assert complaints(form) == {"birth_day": ["Date of birth must include a day and a month"]}
    assert form.wrong_boxes == {"birth_day", "birth_month"}


def test_a_whole_date_in_the_first_box_is_taken_apart_and_shown_so(pharmacy: str) -> None:
    form = filled(pharmacy, birth_day="15/03/1984", birth_month="", birth_year="", phone="")
    assert list(complaints(form)) == ["phone"]
    boxes = [form[f"birth_{part}"].value() for part in ("day", "month", "year")]
    assert boxes == ["15", "03", "1984"]
    whole = filled(pharmacy, birth_day="6 Sept 1984", birth_month="", birth_year="")
    assert whole.details.birth_date == date(1984, 9, 6)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("nhs_number", "999-000\u00a00018", "9990000018"),
        ("nhs_number", "", ""),
        ("nhs_number", "150 384 123 5", ""),  # Scottish: it goes without an NHS number
        ("nhs_number", "0000000000", ""),
        ("postcode", "zz993vz", "ZZ99 3VZ"),
        ("postcode", "TS18 OAB, UK", "TS18 0AB"),
        ("postcode", " ts181 ab ", "TS18 1AB"),
        ("postcode", "ec1a1bb", "EC1A 1BB"),
        ("phone", "+44 (0)7700 900982", "+447700900982"),
        ("phone", "01632 960001 ext 12", "+441632960001;ext=12"),
        ("phone", "+33 1 23 45 67 89", "+33123456789"),
        ("nhs_number", "NHS 999.000.0018", "9990000018"),
        ("family_name", "Smith\u2011Jones", "Smith-Jones"),
        ("birth_year", "1920", "1920"),
        ("birth_month", "March", "3"),
        ("birth_month", "Sept.", "9"),
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


def test_another_number_is_kept_beside_and_shown_when_the_form_is_opened_again(
    pharmacy: str,
) -> None:
    details = filled(pharmacy, nhs_number="150 384 123 5").details
    assert (details.nhs_number, details.other_number) == ("", "150 384 123 5")
    assert as_form_data(details)["nhs_number"] == "150 384 123 5"
    assert filled(pharmacy, **as_form_data(details)).details == details


class TestWhoWasSpokenTo:
    def test_another_person_has_a_name(self, pharmacy: str) -> None:
        form = filled(pharmacy, spoken_to="parent")
        assert complaints(form) == {
            "contact_name": ["Enter the name of the person you spoke to"],
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

    def test_a_pathway_has_no_symptom_group(self, pharmacy: str) -> None:
        assert filled(pharmacy, symptom_group="Cough").details.symptom_group == ""

    def test_whom_a_pathway_is_not_for_goes_as_a_minor_illness(self, pharmacy: str) -> None:
        form = filled(pharmacy, pathway="uti", sex="male", q_uti_red_flags="none")
        assert complaints(form) == {}
        assert form.details.reason == "Pain and/or frequency passing urine (minor illness)"

    def test_babies_are_for_the_practice(self, pharmacy: str) -> None:
        form = filled(pharmacy, birth_year="2026", pathway="impetigo")
        assert form.is_stopped
        birthday = {"birth_day": "23", "birth_month": "11", "birth_year": "2025"}
        assert not filled(pharmacy, pathway="impetigo", **birthday).is_stopped


class TestQuestions:
    def test_they_stand_in_the_form_where_the_page_asks_them(self, pharmacy: str) -> None:
        names = list(filled(pharmacy).fields)
        assert names[0] == "q_emergency"
        asked = names[names.index("symptom_group") + 1 : names.index("complaint")]
        assert asked == ["q_sore_throat_red_flags", "q_sore_throat_criteria"]

    def test_an_emergency_stops_whatever_else_is_missing(self) -> None:
        typed = {"q_emergency": "some", "q_emergency_chest_pain": "yes"}
        form = form_of(typed)
        assert form.is_stopped
        assert not form.is_valid()

    def test_what_was_answered_is_kept_as_it_was(self, pharmacy: str) -> None:
        form = filled(pharmacy, q_sore_throat_red_flags="")
        assert complaints(form) == {
            "q_sore_throat_red_flags": ["Answer the questions on acute sore throat"]
        }
        assert form.answers == answered({"q_emergency": "none"})

    def test_without_a_pack_it_says_what_is_missing(self, pharmacy: str) -> None:
        typed = as_form_data(factories.details(pharmacy=pharmacy))
        form = form_of(typed, pack=None)
        assert list(complaints(form)) == ["pathway"]
        assert not form.is_stopped


class TestThePharmacy:
    @pytest.mark.parametrize(
        "lacks", [{"dos_service_id": ""}, {"endpoint": ""}, {"offers_pharmacy_first": False}]
    )
    def test_one_without_a_route_cannot_be_chosen(self, lacks: dict[str, Any]) -> None:
        form = filled(factories.pharmacy(**lacks).ods_code)
        assert list(complaints(form)) == ["pharmacy"]

    def test_an_online_one_cannot_examine_an_ear(self) -> None:
        online = factories.pharmacy(is_distance_selling=True).ods_code
        child = {"birth_year": "2015", "spoken_to": "parent", "contact_name": "Ann Ashworth"}
        child |= {"sex": "male", "q_otitis_media_red_flags": "none"}
        child["q_otitis_media_criteria"] = "none"
        assert complaints(filled(online, pathway="otitis_media", **child)) == {
            "pharmacy": ["An online pharmacy cannot examine the patient. Select another pharmacy"]
        }
        assert complaints(filled(online)) == {}
