"""The check of a referral: of what was stored as of what is typed, without a form or a database."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import pytest

from referrals import completeness
from referrals.completeness import CHOICES, TEXTS, Problem, problems
from referrals.details import Details
from tests import factories

TODAY = date(2026, 11, 23)


class Pharmacy(NamedTuple):
    """What counts of one."""

    is_distance_selling: bool = False


def wrong(details: Details, *, today: date = TODAY, pharmacy: Pharmacy | None = None) -> list[str]:
    """Return where something is wrong."""
    found = problems(details, today=today, pharmacy=pharmacy or Pharmacy())
    return [each.fields[0] for each in found]


def written(**changes: str) -> Details:
    return factories.details(pharmacy="FAA01", **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"nhs_number": ""},
        {"phone": "+441632960001;ext=12"},
        {"phone": "+33123456789"},
        {"spoken_to": "parent", "contact_name": "Ann Ashworth"},
        {"pathway": "minor_illness", "symptom_group": "Cough"},
        {"postcode": "ZZ99 3VZ"},
    ],
)
def test_nothing_is_wrong_with_what_was_stored_once_it_was_complete(
    changes: dict[str, str],
) -> None:
    details = written(**changes)
    assert wrong(details) == []
    assert completeness.normalised(details, today=TODAY) == details


def test_what_was_typed_is_stored_in_one_way() -> None:
    typed = written(
        nhs_number="NHS 999-000 0018",
        birth_day="05",
        birth_month="Sept.",
        phone="07700 900 982",
        postcode="ts181ab",
        contact_name="left from before",
        symptom_group="Cough",
    )
    assert wrong(typed) == []
    stored = written(birth_day="5", birth_month="9")
    assert completeness.normalised(typed, today=TODAY) == stored
    assert completeness.normalised(stored, today=TODAY) == stored


def test_of_nothing_every_field_that_is_needed_is_named_once() -> None:
    found = problems(Details(), today=TODAY, pharmacy=None)
    assert {each.fields for each in found} == {
        *(("given_name",), ("family_name",), ("sex",), ("address_line_1",), ("town",)),
        *(("postcode",), ("spoken_to",), ("phone",), ("pathway",), ("complaint",)),
        *(("pharmacy",), ("consent",), ("birth_day", "birth_month", "birth_year")),
    }
    assert len(found) == 13


def test_every_field_has_a_rule() -> None:
    assert [*TEXTS, *CHOICES] == list(dict.fromkeys([*TEXTS, *CHOICES]))
    found_by_us = {"other_number", "content_pack", "answers"}
    assert {*TEXTS, *CHOICES} == set(Details.__dataclass_fields__) - found_by_us


def test_a_day_later_the_patient_is_a_year_older() -> None:
    child = written(
        pathway="otitis_media", birth_day="24", birth_month="11", birth_year="2008", sex="male"
    )
    assert wrong(child) == []
    assert wrong(child, today=date(2026, 11, 24)) == ["pathway"]


def test_a_pharmacy_that_takes_none_any_more_is_wrong() -> None:
    [problem] = problems(written(), today=TODAY, pharmacy=None)
    sentence = "That pharmacy takes no referrals now. Select another one"
    assert problem == Problem(sentence, ("pharmacy",))


def test_one_that_patients_do_not_go_to_cannot_look_into_an_ear() -> None:
    ear = written(pathway="otitis_media", birth_year="2015")
    assert wrong(ear) == []
    assert wrong(ear, pharmacy=Pharmacy(is_distance_selling=True)) == ["pharmacy"]


def test_of_a_date_the_boxes_that_are_wrong_are_named() -> None:
    details = replace(written(), birth_day="", birth_month="")
    [problem] = problems(details, today=TODAY, pharmacy=Pharmacy())
    assert problem.fields == ("birth_day", "birth_month")


def test_what_is_for_an_age_is_not_judged_without_one() -> None:
    assert wrong(written(pathway="uti", sex="male", birth_year="")) == ["birth_year"]
