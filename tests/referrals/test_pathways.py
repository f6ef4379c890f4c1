"""Who may be referred for what, by age and sex, on the birthdays that matter."""

from datetime import date

import pytest

from referrals import pathways
from referrals.pathways import PATHWAYS


@pytest.mark.parametrize(
    ("code", "sex", "age", "may"),
    [
        ("uti", "female", 15, False),
        ("uti", "female", 16, True),
        ("uti", "female", 64, True),
        ("uti", "female", 65, False),
        ("uti", "male", 30, False),
        ("uti", "unknown", 30, False),
        ("shingles", "male", 17, False),
        ("shingles", "male", 18, True),
        ("shingles", "other", 101, True),
        ("impetigo", "male", 1, True),
        ("insect_bite", "female", 1, True),
        ("sore_throat", "male", 4, False),
        ("sore_throat", "male", 5, True),
        ("sinusitis", "female", 11, False),
        ("sinusitis", "female", 12, True),
        ("otitis_media", "male", 1, True),
        ("otitis_media", "male", 17, True),
        ("otitis_media", "male", 18, False),
    ],
)
def test_age_and_sex_open_and_close_the_gateway(code: str, sex: str, age: int, may: bool) -> None:
    assert PATHWAYS[code].excludes(age=age, sex=sex) is not may
    sentence = pathways.objection(code, age=age, sex=sex)
    assert (sentence == "") is may
    if sentence:
        assert sentence.startswith(f"{PATHWAYS[code].name} is for ")
        assert "Choose a minor illness instead" in sentence


def test_the_sentence_says_for_whom_it_is() -> None:
    words = {code: pathway.who for code, pathway in PATHWAYS.items()}
    assert words["uti"] == "women aged 16 to 64"
    assert words["shingles"] == "people aged 18 and over"
    assert words["otitis_media"] == "people aged 1 to 17"


def test_minor_illness_is_for_every_age() -> None:
    assert pathways.objection(pathways.MINOR_ILLNESS, age=99, sex="male") == ""


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 11, 23), date(2026, 11, 22), 25),
        (date(2000, 11, 23), date(2026, 11, 23), 26),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
    ],
)
def test_the_patient_grows_older_on_the_birthday(born: date, day: date, age: int) -> None:
    assert pathways.age_on(day, born=born) == age


def test_there_are_seven_pathways_and_each_symptom_group_stands_once() -> None:
    assert len(PATHWAYS) == 7
    assert len(set(pathways.SYMPTOM_GROUPS)) == len(pathways.SYMPTOM_GROUPS) == 42
    assert list(pathways.SYMPTOM_GROUPS) == sorted(pathways.SYMPTOM_GROUPS, key=str.lower)


def test_the_reason_says_which_strand_it_is() -> None:
    assert pathways.reason("uti", "Cough") == (
        "Urinary tract infection, uncomplicated (Pharmacy First clinical pathway)"
    )
    assert pathways.reason("minor_illness", "Cough") == "Cough (Pharmacy First minor illness)"
