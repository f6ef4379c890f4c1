"""Checks that a SNOMED CT code can be one: its digits, and Verhoeff's check digit."""

import re

_CODE = re.compile(r"[1-9][0-9]{5,17}", re.ASCII)
# The multiplication of the dihedral group of ten elements, and the permutation by position:
# SNOMED CT Technical Implementation Guide, "Check-digit computation".
_MULTIPLY = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_PERMUTE = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def is_code(text: str) -> bool:
    if _CODE.fullmatch(text) is None:
        return False
    check = 0
    for position, digit in enumerate(reversed(text)):
        check = int(_MULTIPLY[check][int(_PERMUTE[position % 8][int(digit)])])
    return check == 0
