"""What is written in a referral survives being kept, also by other versions of the program."""

from datetime import date

import orjson
import pytest

from referrals.details import Details
from tests import factories


def test_it_reads_what_it_wrote() -> None:
    details = factories.details(given_name="Zoë", complaint="Two lines.\n“Quoted” 🙂")
    assert Details.from_json(details.to_json()) == details


def test_it_reads_what_a_version_with_other_fields_wrote() -> None:
    assert Details.from_json(orjson.dumps({"town": "Westmere", "shoe_size": "5"})) == Details(
        town="Westmere"
    )


def test_a_name_is_complete_or_what_there_is_of_it() -> None:
    assert factories.details().patient_name == "Winifred Ashworth"
    assert Details(family_name="Ashworth").patient_name == "Ashworth"


def test_the_date_of_birth_is_a_date_once_it_is_complete() -> None:
    assert factories.details().birth_date == date(1984, 3, 15)
    with pytest.raises(ValueError, match="invalid literal"):
        _ = Details(birth_year="1984").birth_date


def test_answers_to_triage_questions_are_taken_by_their_names_and_nothing_else() -> None:
    said = {"q_emergency": "none", "q_stridor": "yes", "q_Odd": "yes", "q_long": "x" * 11}
    ours = {"content_pack": "9", "reason": "Cough", "other_number": "9"}
    details = Details.incomplete({**said, **ours, "town": "Westmere"})
    assert details == Details(town="Westmere", answers={"q_emergency": "none", "q_stridor": "yes"})
    assert Details.from_json(details.to_json()) == details
    shown = {"shown_emergency": "fit rash_2", "shown_uti": "fever", "shown_odd": "a"}
    answered = Details.incomplete({**said, **shown, "q_odd": "none", "shown_stridor": "<p>"})
    assert answered.answers == {
        "q_emergency": "none",
        "q_odd": "none",
        "q_stridor": "yes",
        "shown_emergency": "fit rash_2",
        "shown_odd": "a",  # nothing is answered of the others
    }
    long = {f"q_{number}": "none" for number in range(50)}
    long |= {f"shown_{number}": "x" * (4001 if number < 10 else 4000) for number in range(50)}
    assert len(Details.incomplete(long).answers) == 50 + 30
    many = Details.incomplete({f"q_{number}": "yes" for number in range(1000)})
    assert len(many.answers) == 200
