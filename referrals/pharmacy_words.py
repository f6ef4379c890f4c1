"""What people type to find a pharmacy: which words count, and where to measure from. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from referrals import postcodes

# They say nothing about which pharmacy it is; "St" is a saint or a street.
GENERIC = {
    *("PHARMACY", "PHARMACIES", "CHEMIST", "CHEMISTS", "LTD", "LIMITED", "PLC", "LLP"),
    *("THE", "AND", "OF", "AT", "IN", "NEAR", "ST", "SAINT"),
}
# As ODS writes them, in one pharmacy so and in the next otherwise.
_SAME = (
    *(("ROAD", "RD"), ("AVENUE", "AVE", "AV"), ("LANE", "LN"), ("DRIVE", "DR"), ("SQUARE", "SQ")),
    *(("CENTRE", "CTR", "CTRE", "CNTR"), ("PARK", "PK", "PRK"), ("RETAIL", "RTL")),
    *(("HEALTH", "HTH", "HLTH"), ("MEDICAL", "MED"), ("HOSPITAL", "HOSP"), ("HOUSE", "HSE")),
    *(("ESTATE", "EST"), ("INDUSTRIAL", "IND")),
)
_ALSO = {word: [each for each in same if each != word] for same in _SAME for word in same}
_SAINT = re.compile(r"\b(?:ST|SAINT) (\w+)")
_STREET = re.compile(r"\b(\w+) ST\b")
_GENERIC_END = re.compile(r"(?<=\w{4})(PHARMACY|PHARMACIES|CHEMISTS?)\Z")  # of LLOYDSPHARMACY
_WHOLE_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})\b")
_MISTYPED_POSTCODE = re.compile(r"\b[A-Z]{1,2} ?[0-9][A-Z0-9]? ?[0-9O][A-Z]{2}\b")
_DISTRICT_APART = re.compile(r"\b([A-Z]{2}) ([0-9]{1,2})( [0-9][A-Z]?)?\b")  # LE 1
_SECTOR = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)(?: ([0-9])|(?: ?([0-9])[A-Z]))\b")
_CODE_APART = re.compile(r"\b(F[A-Z](?= [0-9]{3}\b)|F[A-Z]{2}(?= [0-9]{2}\b)) ")  # FE 682

NAMED, WHOLE, LESS, BEGINNING, INSIDE = range(5)  # how a word is found; the first is best


@dataclass(frozen=True)
class SearchWords:
    words: tuple[str, ...]  # in capitals; a pharmacy has them all
    postcode: str  # a whole one, without its space; it excludes no pharmacy
    sector: str  # as in LE1 5, of a postcode that is not whole yet; others of its district do too
    first: tuple[str, ...]  # what has one of these comes first: they say more than the words
    is_empty: bool  # there is nothing but signs

    @property
    def district(self) -> str:
        return self.postcode[:-3] or self.sector[:-2]


def read(typed: str) -> SearchWords:
    """Return what was typed, as ``Pharmacy.search_words`` writes it."""
    text = unicodedata.normalize("NFKD", typed.upper())
    text = "".join(each for each in text if not unicodedata.combining(each))
    text = re.sub("['\u2018\u2019`]", "", text)
    text = _CODE_APART.sub(r"\1", " ".join(re.findall(r"[^\W_]+", text)))
    is_empty = not text
    text, postcode = _without_postcode(text)
    text, sector = (text, "") if postcode else _without_sector(text)
    words = [_GENERIC_END.sub("", word) for word in text.split() if word not in GENERIC]
    return SearchWords(
        tuple(dict.fromkeys(words)),
        postcode,
        sector,
        tuple(_first(text, sector)),
        is_empty,
    )


def _without_postcode(text: str) -> tuple[str, str]:
    # By its shape alone: the demonstration's areas are invented.
    if found := _WHOLE_POSTCODE.search(text):
        return _without(text, found), found[1] + found[2]
    for found in _MISTYPED_POSTCODE.finditer(text):
        try:
            return _without(text, found), postcodes.clean(found[0]).replace(" ", "")
        except postcodes.NotAPostcodeError:
            continue
    return text, ""


def _without_sector(text: str) -> tuple[str, str]:
    text = _DISTRICT_APART.sub(_together, text)
    found = _SECTOR.search(text)
    return (_without(text, found), f"{found[1]} {found[2] or found[3]}") if found else (text, "")


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}".strip()


def _together(found: re.Match[str]) -> str:
    # In the middle it is as often a company and a number: Smith & Co, 9 High Street.
    is_at_an_end = found.start() == 0 or found.end() == len(found.string)
    district = found[1] + found[2]
    if is_at_an_end and found[1] not in GENERIC and postcodes.is_district(district):
        return f"{district}{found[3] or ''}"
    return found[0]


def _first(text: str, sector: str) -> Iterator[str]:
    if sector:
        yield f" {sector}"
    for found in _SAINT.finditer(text):
        yield from (f" ST {found[1]}", f" SAINT {found[1]}")
    for found in _STREET.finditer(text):
        yield f" {found[1]} ST"  # of High Street too


def ways(word: str) -> Iterator[tuple[str, int]]:
    """Yield what to look for in ``Pharmacy.search_words``, the best first, and how good each is."""
    is_long = word.isalpha() and len(word) >= 4
    if is_long:
        yield f" {word}PHARMACY ", NAMED  # Lloydspharmacy, before all in Lloyds Road
    yield f" {word} ", WHOLE
    for other in _ALSO.get(word, ()):
        yield f" {other} ", WHOLE
    if word == "STREET":
        yield " ST ", LESS  # or a saint
    if is_long and word.endswith("S"):
        yield f" {word[:-1]} ", LESS  # Tesco's
    yield f" {word}", BEGINNING
    # 07 is not meant to be part of a code that has 107 in it.
    if not any(each.isdigit() for each in word):
        yield word, INSIDE
