"""Packs for the tests of the clinical content: the one that ships, and one with all that may be."""

from datetime import date
from pathlib import Path

import msgspec

from referrals.clinical.packs import Action, Group, Item, Pack, Pathway, SymptomGroup
from referrals.content_packs import FIRST_PACK
from tests.clinical_content import FIRST


def _item(code: str, action: Action) -> Item:
    return Item(code=code, ask=f"the {code}", action=action)


# Prescribing pathways begin in autumn 2026; symptom groups may ask too.
CONJUNCTIVITIS = Pathway(
    code="conjunctivitis",
    name="Bacterial conjunctivitis",
    snomed="128350005",
    youngest=2,
    minor_illness="Eye, sticky or watery",
    needs_prescriber=True,
    starts_on=date(2026, 12, 1),
    ends_on=date(2027, 3, 31),
    groups=(
        Group(
            code="conjunctivitis_red_flags",
            ask="Is any of this true of the patient?",
            items=(
                _item("conjunctivitis_blind", Action.CALL_999),
                _item("conjunctivitis_pain", Action.GP_SAME_DAY),
                _item("conjunctivitis_lens", Action.GP),
            ),
        ),
        Group(
            code="conjunctivitis_criteria",
            ask="Do any of these apply?",
            items=(_item("conjunctivitis_long", Action.MINOR_ILLNESS),),
        ),
    ),
)
COUGH = SymptomGroup(
    name="Cough",
    groups=(
        Group(
            code="cough_red_flags",
            ask="Is any of this true of the patient?",
            items=(_item("cough_blood", Action.GP_SAME_DAY),),
        ),
    ),
)
WIDE: Pack = msgspec.structs.replace(
    FIRST,
    version="2027.0-test",
    pathways=(*FIRST.pathways, CONJUNCTIVITIS),
    symptom_groups=tuple(COUGH if g.name == COUGH.name else g for g in FIRST.symptom_groups),
)


def copied(folder: Path) -> Path:
    """Copy the first pack, for a test to spoil."""
    for path in FIRST_PACK.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder
