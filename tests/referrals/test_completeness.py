"""The check of a referral: of what was stored as of what is typed, without a form or a database."""

from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import pytest

from referrals import completeness
from referrals.clinical.decision import TriageOutcome
from referrals.completeness import CHOICES, TEXTS, Problem, decided, is_up_to_date, problems
from referrals.details import Details
from tests import factories
from tests.clinical_content import FIRST, answered

TODAY = date(2026, 11, 23)


class Pharmacy(NamedTuple):
    """What counts of one."""

    is_distance_selling: bool = False
    prescribes: bool = False

    def has_prescriber(self, day: date) -> bool:  # noqa: ARG002
        """Say whether it has one on that day: every day, or never."""
        return self.prescribes


def wrong(details: Details, *, today: date = TODAY, pharmacy: Pharmacy | None = None) -> list[str]:
    """Return where something is wrong."""
    found = problems(details, today=today, pack=FIRST, pharmacy=pharmacy or Pharmacy())
    return [each.fields[0] for each in found]


def written(**changes: Any) -> Details:
    return factories.details(pharmacy="FAA01", **changes)


def normalised(details: Details) -> Details:
    decision = decided(details, today=TODAY, pack=FIRST, pharmacy=Pharmacy())
    return completeness.normalised(details, today=TODAY, pack=FIRST, decision=decision)


COUGH = {
    "pathway": "minor_illness",
    "symptom_group": "Cough",
    "answers": {"q_emergency": "none"},
    "reason": "Cough (minor illness)",
}
EAR = {
    "pathway": "otitis_media",
    "sex": "male",
    "answers": {
        "q_emergency": "none",
        "q_otitis_media_red_flags": "none",
        "q_otitis_media_criteria": "none",
    },
    "reason": "Earache (acute otitis media)",
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"nhs_number": ""},
        {"phone": "+441632960001;ext=12"},
        {"phone": "+33123456789"},
        {"spoken_to": "parent", "contact_name": "Ann Ashworth"},
        COUGH,
        {"nhs_number": "9990000018", "address_line_1": "", "town": ""},
        {"allergies": "told", "allergies_told": "Penicillin", "medicines": "none"},
        {"phone_owner": "other", "phone_owner_name": "Ann Ashworth"},
        {"postcode": "ZZ99 3VZ"},
    ],
)
def test_nothing_is_wrong_with_what_was_stored_once_it_was_complete(
    changes: dict[str, Any],
) -> None:
    details = written(**changes)
    assert wrong(details) == []
    assert normalised(details) == details


def test_what_was_typed_is_stored_in_one_way() -> None:
    typed = written(
        nhs_number="NHS 999-000 0018",
        birth_day="05",
        birth_month="Sept.",
        phone="07700 900 982",
        postcode="ts181ab",
        contact_name="left from before",
        symptom_group="Cough",
        phone_owner_name="left from before",
        medicines_told="Ibuprofen",
        content_pack="",
        reason="",
    )
    assert wrong(typed) == []
    stored = written(birth_day="5", birth_month="9", medicines="told", medicines_told="Ibuprofen")
    assert normalised(typed) == stored
    assert normalised(stored) == stored


def test_of_nothing_every_field_that_is_needed_is_named_once() -> None:
    found = problems(Details(), today=TODAY, pack=FIRST, pharmacy=None)
    assert {each.fields for each in found} == {
        *(("q_emergency",), ("given_name",), ("family_name",), ("sex",), ("address_line_1",)),
        *(("town",), ("postcode",), ("spoken_to",), ("phone",), ("phone_owner",), ("pathway",)),
        *(("complaint",), ("duration",), ("pharmacy",), ("consent",)),
        ("birth_day", "birth_month", "birth_year"),
    }
    assert len(found) == 16


def test_every_field_has_a_rule() -> None:
    assert [*TEXTS, *CHOICES] == list(dict.fromkeys([*TEXTS, *CHOICES]))
    found_by_us = {"other_number", "content_pack", "reason", "answers"}
    assert {*TEXTS, *CHOICES} == set(Details.__dataclass_fields__) - found_by_us


def test_without_clinical_questions_for_the_day_nothing_is_sent() -> None:
    [problem] = problems(written(), today=TODAY, pack=None, pharmacy=Pharmacy())
    assert problem.fields == ("pathway",)


def test_only_without_an_nhs_number_the_address_is_needed() -> None:
    unknown = written(nhs_number="", address_line_1="", town="")
    assert wrong(unknown) == ["address_line_1", "town"]


def test_what_is_told_is_written_and_what_is_not_told_is_not() -> None:
    assert wrong(written(allergies="told")) == ["allergies_told"]
    assert wrong(written(medicines="none", medicines_told="Ibuprofen")) == ["medicines"]
    assert normalised(written(medicines_told="Ibuprofen")).medicines == "told"
    assert normalised(written()).medicines == ""  # not asked, which is not "none"


def test_another_persons_number_has_a_name() -> None:
    assert wrong(written(phone_owner="other")) == ["phone_owner_name"]


@pytest.mark.parametrize(
    ("pathway", "answers", "unanswered"),
    [
        ("sore_throat", {}, ["q_emergency", "q_sore_throat_red_flags"]),
        ("sore_throat", {"q_emergency": "none"}, ["q_sore_throat_red_flags"]),
        ("minor_illness", {"q_emergency": "none"}, []),
        ("uti", {"q_emergency": "none", "q_uti_red_flags": "none"}, ["q_uti_criteria"]),
    ],
)
def test_each_group_of_questions_is_answered(
    pathway: str, answers: dict[str, str], unanswered: list[str]
) -> None:
    assert wrong(written(pathway=pathway, symptom_group="Cough", answers=answers)) == unanswered


def test_what_is_to_be_answered_is_said_where_nobody_sees_the_question() -> None:
    answers = {"q_uti_red_flags": "some", "q_uti_criteria": "some", "q_uti_catheter": "yes"}
    answers["shown_uti_criteria"] = "uti_catheter"
    details = written(pathway="uti", answers=answers)
    found = problems(details, today=TODAY, pack=FIRST, pharmacy=Pharmacy())
    assert {each.fields[0]: each.sentence for each in found} == {
        "q_emergency": "Answer the emergency questions",
        "q_uti_red_flags": (
            "Tick which of the questions on uncomplicated urinary tract infection is a yes, or "
            "choose Not sure"
        ),
        "q_uti_criteria": (
            "Answer again: “has had 2 urine infections in the last 6 months, or 3 in the last 12” "
            "is new here"
        ),
    }


def test_a_question_that_is_not_for_this_patient_is_not_asked() -> None:
    girl = {"birth_year": "2014"}
    assert wrong(written(**girl)) == ["q_sore_throat_criteria"]
    assert wrong(written(**girl, sex="male")) == []


def test_what_does_not_fit_goes_as_a_minor_illness_and_is_never_wrong() -> None:
    details = written(pathway="uti", sex="male")
    assert "pathway" not in wrong(details)
    answers = {"q_emergency": "none", "q_uti_red_flags": "none"}
    made = normalised(replace(details, answers=answered(answers)))
    assert made.reason == "Pain and/or frequency passing urine (minor illness)"
    assert made.pathway == "uti"  # as it was chosen


def test_a_supply_of_medicine_is_explained_and_nothing_else_has_to_be_put_right() -> None:
    begun = Details(pathway="medicine_supply", answers={"q_emergency": "none"})
    [problem] = problems(begun, today=TODAY, pack=FIRST, pharmacy=None)
    assert problem.fields == ("pathway",)
    assert problem.sentence.startswith("Issue a prescription instead")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("", ", or the NHS number above"),
        ("150 384 1235", " too: the number above is a Scottish number (CHI number)"),
        ("333 333 3333", " too: the number above is a number that stands for none"),
    ],
)
def test_an_address_is_asked_for_where_there_is_no_nhs_number(number: str, why: str) -> None:
    details = written(nhs_number=number, address_line_1="", town="")
    found = {
        each.fields: each.sentence
        for each in problems(details, today=TODAY, pack=FIRST, pharmacy=Pharmacy())
    }
    assert found == {
        ("address_line_1",): f"Enter the first line of the address{why}",
        ("town",): f"Enter the town or city{why}",
    }
    assert wrong(written(nhs_number="150 384 1236", address_line_1="")) == ["nhs_number"]


def test_what_stops_it_is_no_mistake_of_the_user() -> None:
    details = written(answers={"q_emergency": "some"})
    assert wrong(details) == ["q_sore_throat_red_flags"]
    decision = decided(details, today=TODAY, pack=FIRST, pharmacy=Pharmacy())
    assert decision.outcome is TriageOutcome.STOP_999


@pytest.mark.parametrize(
    ("today", "goes_as"),
    [
        (date(2026, 11, 23), "Earache (acute otitis media)"),
        (date(2026, 11, 24), "Earache (minor illness)"),
    ],
)
def test_a_day_later_the_patient_is_a_year_older(today: date, goes_as: str) -> None:
    child = written(birth_day="24", birth_month="11", birth_year="2008", **EAR)
    assert wrong(child, today=today) == []
    decision = decided(child, today=today, pack=FIRST, pharmacy=Pharmacy())
    assert completeness.named(child, FIRST, decision).reason == goes_as
    assert is_up_to_date(child, FIRST, decision) == (goes_as == child.reason)


def test_other_questions_than_those_that_were_answered_are_noticed() -> None:
    details = written()
    decision = decided(details, today=TODAY, pack=FIRST, pharmacy=Pharmacy())
    assert is_up_to_date(details, FIRST, decision)
    assert not is_up_to_date(replace(details, content_pack="2025.9"), FIRST, decision)


def test_what_its_answers_stop_is_not_up_to_date() -> None:
    details = written(answers={"q_emergency": "unsure", "q_sore_throat_red_flags": "none"})
    assert wrong(details) == []
    decision = decided(details, today=TODAY, pack=FIRST, pharmacy=Pharmacy())
    assert not is_up_to_date(details, FIRST, decision)


def test_a_pharmacy_that_takes_none_any_more_is_wrong() -> None:
    [problem] = problems(written(), today=TODAY, pack=FIRST, pharmacy=None)
    assert problem == Problem(completeness.NOT_OFFERED, ("pharmacy",))


def test_one_that_patients_do_not_go_to_cannot_examine_an_ear() -> None:
    ear = written(birth_year="2015", **EAR)
    assert wrong(ear) == []
    assert wrong(ear, pharmacy=Pharmacy(is_distance_selling=True)) == ["pharmacy"]


@pytest.mark.parametrize(
    "changes",
    [
        EAR,  # an adult: it goes as a minor illness
        EAR
        | {
            "birth_year": "2018",
            "answers": {
                "q_emergency": "none",
                "q_otitis_media_red_flags": "none",
                "q_otitis_media_criteria": "some",
                "q_otitis_media_recurrent": "yes",
            },
        },
        {
            "pathway": "minor_illness",
            "symptom_group": "Earache",
            "answers": {"q_emergency": "none", "q_otitis_media_red_flags": "none"},
            "reason": "Earache (minor illness)",
        },
    ],
)
def test_no_earache_goes_to_a_pharmacy_that_patients_do_not_go_to(changes: dict[str, Any]) -> None:
    ear = written(**changes)
    assert wrong(ear) == []
    assert wrong(ear, pharmacy=Pharmacy(is_distance_selling=True)) == ["pharmacy"]


@pytest.mark.parametrize(
    ("changes", "is_wrong"),
    [({"sex": "female", "birth_year": "1992"}, True), ({"birth_year": "1950"}, False), ({}, False)],
)
def test_none_of_these_says_nothing_of_what_was_not_shown(
    changes: dict[str, str], is_wrong: bool
) -> None:
    """The patient was a man, and turns out to be another."""
    answers = {"q_emergency": "none", "q_shingles_red_flags": "none"}
    answers |= {"q_shingles_criteria": "none", "shown_shingles_criteria": "shingles_late"}
    details = written(**{"pathway": "shingles", "sex": "male"} | changes, answers=answers)
    found = problems(details, today=TODAY, pack=FIRST, pharmacy=Pharmacy())
    again = "Answer again: “is or may be pregnant” is new here"
    assert found == ([Problem(again, ("q_shingles_criteria",))] if is_wrong else [])


def test_of_a_date_the_boxes_that_are_wrong_are_named() -> None:
    details = replace(written(), birth_day="", birth_month="")
    [problem] = problems(details, today=TODAY, pack=FIRST, pharmacy=Pharmacy())
    assert problem.fields == ("birth_day", "birth_month")


def test_the_age_is_whole_years_or_not_known() -> None:
    born: dict[str, Any] = {"birth_day": "29", "birth_month": "2", "birth_year": "2008"}
    ages = [
        completeness.age(Details(**born), today=day)
        for day in (date(2026, 2, 28), date(2026, 3, 1), date(2008, 2, 28))
    ]
    assert ages == [17, 18, None]
    assert completeness.age(Details(birth_year="2008"), today=TODAY) is None
