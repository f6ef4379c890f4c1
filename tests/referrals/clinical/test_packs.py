"""What a pack says of itself, and that its JSON holds all of it."""

import json

import pytest

from referrals.clinical import packs
from referrals.content_packs import FIRST_PACK
from tests.clinical_content import FIRST
from tests.referrals.clinical.samples import WIDE


def test_the_first_pack_holds_seven_pathways_and_all_symptom_groups() -> None:
    assert FIRST.version == FIRST_PACK.name == "2026.1"
    assert FIRST.sign_off == "not clinically signed off"
    assert [pathway.name for pathway in FIRST.pathways] == [
        "Acute sinusitis",
        "Acute sore throat",
        "Earache (acute otitis media)",
        "Impetigo",
        "Infected insect bite",
        "Shingles",
        "Uncomplicated urinary tract infection",
    ]
    names = [group.name for group in FIRST.symptom_groups]
    assert len(names) == 42
    assert names == sorted(names, key=str.lower)
    assert {pathway.who for pathway in FIRST.pathways} >= {
        "women aged 16 to 64",
        "people aged 18 and over",
        "people aged 1 to 17",
    }


@pytest.mark.parametrize("pack", [FIRST, WIDE], ids=lambda pack: pack.version)
def test_its_json_holds_all_of_it(pack: packs.Pack) -> None:
    text = packs.to_json(pack)
    assert packs.from_json(text) == pack
    assert json.loads(text)["pathways"][0]["groups"][0]["items"][0]["action"] == "999"


def test_the_reason_says_which_strand_it_is() -> None:
    assert FIRST.reason("uti", "Cough") == (
        "Uncomplicated urinary tract infection (Pharmacy First clinical pathway)"
    )
    assert FIRST.reason("minor_illness", "Cough") == "Cough (Pharmacy First minor illness)"
    assert FIRST.reason("plague", "") == FIRST.reason("minor_illness", "") == ""


def test_each_group_of_questions_has_a_name_in_sentences() -> None:
    assert FIRST.called(FIRST.emergency) == "the emergency questions"
    sore_throat = FIRST.pathway("sore_throat")
    assert sore_throat
    assert [FIRST.called(group) for group in sore_throat.groups] == [
        "the questions on acute sore throat",
        "the other questions on acute sore throat",
    ]


def test_questions_are_read_as_one_sentence_with_their_heading() -> None:
    """They stand after "true of the patient", and in “The answer to “…” was yes”."""
    verbs = {
        *("cannot", "does", "feels", "finds", "has", "is", "makes", "may", "seems", "was"),
    }
    groups = [FIRST.emergency, *(group for each in FIRST.pathways for group in each.groups)]
    items = [item for group in groups for item in group.items]
    assert [item.ask for item in items if item.ask.split()[0] not in verbs] == []
