"""Postcodes: understood as people type them, checked against the areas and letters that exist.

Source: Royal Mail, Programmer's Guide to the Postcode Address File; NHS Data Dictionary for ZZ99.
"""

import re

from accounts.text.characters import plain

_AREAS = re.compile(
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE"
    "|K[ATWY]|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]"
    "|UB|W[ACDFNRSV]?|YO|ZE"
    "|BF"  # the forces'
)
_NEVER_AT_THE_END = "CIKMOV"
_SHAPE = re.compile(r"([A-Z]{1,2})([0-9][0-9A-Z]?)([0-9])([A-Z]{2})")
# Which letters a district may end in, after an area of one letter and of two.
_DISTRICT = {
    1: re.compile("0|[1-9][0-9]?|[0-9][ABCDEFGHJKPSTUW]"),
    2: re.compile("0|[1-9][0-9]?|[0-9][ABEHMNPRVWXY]"),
}
_PSEUDO = re.compile(r"(ZZ99)([0-9][A-Z]{2})")  # people without a fixed address, and others
_COUNTRY = re.compile(
    r"[\s,.(-]+(U\.?\s?K|G\.?\s?B|UNITED KINGDOM|GREAT BRITAIN|ENGLAND)\b[\s.)]*$"
)
_AS_DIGITS, _AS_LETTERS = str.maketrans("OIL", "011"), str.maketrans("01", "OI")


class NotAPostcodeError(ValueError):
    """What was typed is no postcode; the message says why, for the user who typed it."""


def clean(typed: str) -> str:
    """Return a postcode in capitals with its space.

    Raises:
        NotAPostcodeError: it cannot be one.
    """
    text = plain(typed).upper()
    why_not = "Enter a full UK postcode, like SW1A 2AA"
    for whole in (text, _COUNTRY.sub("", text)):
        letters = "".join(each for each in whole if each.isalnum())
        if found := _PSEUDO.fullmatch(letters):
            return f"{found[1]} {found[2]}"
        readings = _readings(letters)
        for area, district, sector, unit in readings:
            if _exists(area, district) and not set(unit) & set(_NEVER_AT_THE_END):
                return f"{area}{district} {sector}{unit}"
        if readings:
            why_not = _why_not(*readings[0])
    raise NotAPostcodeError(why_not)


def is_district(text: str) -> bool:
    # What stands before the space, as in LE1.
    found = re.fullmatch("([A-Z]{1,2})([0-9][0-9A-Z]?)", text)
    return bool(found and _exists(found[1], found[2]))


def _readings(text: str) -> list[tuple[str, str, str, str]]:
    """Return what a text may mean: as it stands first, then with O and 0, I and 1 confused."""
    exact = [_SHAPE.fullmatch(text)]
    end = text[-3:-2].translate(_AS_DIGITS) + text[-2:].translate(_AS_LETTERS)
    for size in (2, 1):
        area, district = text[:-3][:size].translate(_AS_LETTERS), text[:-3][size:]
        as_digits = district.translate(_AS_DIGITS)
        exact += [_SHAPE.fullmatch(f"{area}{each}{end}") for each in (district, as_digits)]
    return [(found[1], found[2], found[3], found[4]) for found in exact if found]


def _exists(area: str, district: str) -> bool:
    return bool(_AREAS.fullmatch(area)) and bool(_DISTRICT[len(area)].fullmatch(district))


def _why_not(area: str, district: str, _sector: str, unit: str) -> str:
    if not _AREAS.fullmatch(area):
        return f"No postcode begins with {area}. Check it"
    if not _exists(area, district):
        return f"There is no postcode {area}{district}. Check it"
    return (
        f"No postcode ends in {unit}: its last two letters are never C, I, K, M, O or V. Check it"
    )
