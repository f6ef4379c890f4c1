"""What people type to find a pharmacy: which words count, and where to measure from. Pure."""

import re
import unicodedata
from dataclasses import dataclass

# They say nothing about which pharmacy it is; "St" is a saint or a street.
GENERIC = {
    *("PHARMACY", "PHARMACIES", "CHEMIST", "CHEMISTS", "LTD", "LIMITED", "PLC", "LLP"),
    *("THE", "AND", "OF", "AT", "IN", "NEAR", "ST", "SAINT"),
}
_SAINT = re.compile(r"\b(?:ST|SAINT) (\w+)")
_GENERIC_END = re.compile(r"(?<=\w{4})(PHARMACY|PHARMACIES|CHEMISTS?)\Z")  # of LLOYDSPHARMACY
_WHOLE_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})\b")


@dataclass(frozen=True)
class SearchWords:
    words: tuple[str, ...]  # in capitals; a pharmacy has them all
    postcode: str  # a whole one, without its space; it excludes no pharmacy
    saint: str  # the word after St or Saint; where it is one too, that comes first
    is_empty: bool  # there is nothing but signs

    @property
    def district(self) -> str:
        return self.postcode[:-3]


def read(typed: str) -> SearchWords:
    """Return what was typed, as ``Pharmacy.search_words`` writes it."""
    text = unicodedata.normalize("NFKD", typed.upper())
    text = "".join(each for each in text if not unicodedata.combining(each))
    text = re.sub("['\u2018\u2019`]", "", text)
    text = " ".join(re.findall(r"[^\W_]+", text))
    postcode = ""
    if found := _WHOLE_POSTCODE.search(text):
        postcode = found[1] + found[2]
        text = f"{text[: found.start()]} {text[found.end() :]}"
    saint = _SAINT.search(text)
    words = [_GENERIC_END.sub("", word) for word in text.split() if word not in GENERIC]
    return SearchWords(
        tuple(dict.fromkeys(words)),
        postcode,
        saint=saint[1] if saint else "",
        is_empty=not text.strip() and not postcode,
    )
