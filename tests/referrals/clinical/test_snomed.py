"""A SNOMED CT code is told from a mistyped one by its check digit."""

import pytest

from referrals.clinical import snomed
from referrals.fhir import codes
from referrals.fhir.codes import SNOMED_CT
from tests.clinical_content import FIRST

# Of the BaRS guide and its examples; 224508005, which the guide prints too, is a misprint.
PUBLISHED = [
    "788007007",
    "224608005",
    "33962009",
    "2140231000000104",
    "1090711000000102",
    "74964007",
]


@pytest.mark.parametrize("code", PUBLISHED)
def test_codes_that_others_publish_are_right(code: str) -> None:
    assert snomed.is_code(code)


@pytest.mark.parametrize(
    "code", ["", "224508005", "74964008", "0074964007", "7496", "74964007 ", "٧٤٩٦٤٠٠٧", "7" * 19]
)
def test_other_texts_are_not(code: str) -> None:
    assert not snomed.is_code(code)


@pytest.mark.parametrize("code", PUBLISHED)
def test_every_slip_of_one_digit_and_every_swap_of_neighbours_is_noticed(code: str) -> None:
    for index, right in enumerate(code):
        for digit in set("0123456789") - {right}:
            assert not snomed.is_code(code[:index] + digit + code[index + 1 :])
    for index in range(len(code) - 1):
        swapped = code[:index] + code[index + 1] + code[index] + code[index + 2 :]
        assert snomed.is_code(swapped) is (swapped == code)


def test_the_codes_in_our_messages_are_right() -> None:
    used = [each.code for each in vars(codes).values() if getattr(each, "system", "") == SNOMED_CT]
    assert len(used) >= 4
    assert [code for code in used if not snomed.is_code(code)] == []


def test_the_first_pack_s_codes_are_right() -> None:
    assert len({pathway.snomed for pathway in FIRST.pathways}) == 7
    assert all(snomed.is_code(pathway.snomed) for pathway in FIRST.pathways)
