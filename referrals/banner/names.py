"""A patient's first and last names, where it is certain which is which."""

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from referrals import display_case
from referrals.clean_text import person_name

LONGEST = 100  # characters
_MOST_WORDS = 4
_TITLE = r"(?:mrs?|miss|ms|mx|master|dr|prof(?:essor)?|rev(?:erend)?|sir|lady|lord|dame)\b\.?"
_BEFORE = re.compile(rf"{_TITLE} +", re.IGNORECASE)
_BEHIND = re.compile(rf"(?:,? {_TITLE}| ?\({_TITLE}\))\Z", re.IGNORECASE)
_IN_BRACKETS = re.compile(rf"\({_TITLE}\)", re.IGNORECASE)
# A last name may begin with one.
_PARTICLES = """
da de del della den der di dos du la le van von ter ten bin binti ibn al el st st.
"""
_BEFORE_LAST = frozenset(_PARTICLES.split())
_OTHER_WORDS = """
surgery practice centre hospital unknown female male not known date patient nhs number dear name
"""
_NO_NAMES = frozenset(_OTHER_WORDS.split())
# Mill Lane is none, and Mrs Lane is one.
_STREETS = """
street road lane row avenue close drive court house cottage flat way place terrace crescent
gardens hill park square mews grove view rise walk green
"""
_IN_ADDRESSES = frozenset(_STREETS.split())


class Name(NamedTuple):
    given: str
    family: str


@dataclass(frozen=True)
class _Words:
    text: str
    has_title: bool
    is_labelled: bool  # it is known to be a name
    is_first: bool  # nothing stands before it
    is_alone: bool  # nothing stands behind it

    def without_title(self) -> str:
        return _BEFORE.sub("", _BEHIND.sub("", self.text), count=1).strip(" ,;-")


def split(cell: str, *, is_labelled: bool, is_first: bool) -> tuple[Name | None, str]:
    """Return the name that a cell begins with, and what stands behind it."""
    bracket, pieces = _IN_BRACKETS.search(cell), cell.split(",")
    ends = [bracket.end()] if bracket else [len(",".join(pieces[:count])) for count in (2, 1)]
    for end in ends:
        text = cell[:end].strip()
        has_title = bool(_BEFORE.match(text) or _BEHIND.search(text))
        is_alone = not cell[end:].strip(" ,;")
        words = _Words(text, has_title, is_labelled, is_first, is_alone)
        name = _with_comma(words) if "," in text else _in_order(words)
        if name:
            return name, cell[end:].strip(" ,;")
    return None, cell


def in_columns(cells: list[str]) -> Name | None:
    """Return the name in FAMILY, Given, or in Title, Given, Family."""
    first, second, third = [*cells, "", "", ""][:3]
    if has_title([first]):
        return _checked(second, third)
    return _checked(second, first) if first.isupper() and not second.isupper() else None


def may_be(cell: str) -> bool:
    """Say whether this may be a name, though nobody knows which part is the last one."""
    parts = words_of(cell)
    has_capitals = all(each[0].isupper() for each in re.findall(r"[^\W_][\w'.-]*", cell))
    is_usual = 2 <= len(parts) <= _MOST_WORDS and all(map(_is_in_names, re.sub(r"[,()]", "", cell)))
    return is_usual and has_capitals and _NO_NAMES.isdisjoint(parts)


def words_of(name: str) -> frozenset[str]:
    """Return the words of a name in no order, without its title unless there is only one."""
    parts = re.findall(r"[^\W_][\w'.-]*", name.casefold())
    own = [each for each in parts if not re.fullmatch(_TITLE, each)]
    return frozenset(own if len(own) > 1 else parts)


def begins_with_title(cell: str) -> bool:
    """Say whether this is called Mrs, or another title but a doctor's, who may be the patient's."""
    return bool(_BEFORE.match(cell)) and not re.match("dr|prof", cell, re.IGNORECASE)


def has_title(cells: list[str]) -> bool:
    return any(re.fullmatch(_TITLE, each, re.IGNORECASE) for each in cells)


def _with_comma(words: _Words) -> Name | None:
    before, _, behind = words.text.partition(",")
    family, given = before.strip(), _BEFORE.sub("", _BEHIND.sub("", behind.strip()), count=1)
    is_marked = family.isupper() and len(family) > 1
    is_name = words.has_title or words.is_labelled or (words.is_first and is_marked)
    # With more behind it, it may be the first line of an address.
    is_certain = is_marked or ((words.is_alone or words.has_title) and " " not in family)
    if "," in given or _BEFORE.match(before) or not (is_name and is_certain):
        return None
    return _checked(given, family)


def _in_order(words: _Words) -> Name | None:
    parts = words.without_title().split()
    marked = [each.isupper() and len(each) > 1 for each in parts]
    is_name = words.has_title or words.is_labelled
    if any(marked) and not all(marked):
        return _by_capitals(parts, marked) if is_name or words.is_first else None
    if not is_name or (all(marked) and not words.has_title):
        return None
    if len(parts) == 2:
        return _checked(*parts)
    at = next((at for at, each in enumerate(parts) if at and each.lower() in _BEFORE_LAST), None)
    return _checked(" ".join(parts[:at]), " ".join(parts[at:])) if at else None


def _by_capitals(parts: list[str], marked: list[bool]) -> Name | None:
    count = sum(marked)
    if all(marked[-count:]):
        return _checked(" ".join(parts[:-count]), " ".join(parts[-count:]))
    if all(marked[:count]):
        return _checked(" ".join(parts[count:]), " ".join(parts[:count]))
    return None


def labelled_apart(given: str, family: str) -> Name | None:
    return _checked(_BEFORE.sub("", given, count=1), family)


def _checked(given: str, family: str) -> Name | None:
    is_street = any(
        " " in each and each.lower().split()[-1] in _IN_ADDRESSES for each in (given, family)
    )
    if is_street or given.lower() in _IN_ADDRESSES or not (_is_name(given) and _is_name(family)):
        return None
    return Name(_cased(given), _cased(family))


def _is_name(text: str) -> bool:
    words = text.lower().split()
    is_usual = 0 < len(words) <= _MOST_WORDS and len(text) <= LONGEST
    # An initial is no first name that a pharmacy could check.
    has_letters = sum(letter.isalpha() for letter in text) > 1
    return is_usual and has_letters and all(map(_is_in_names, text)) and _NO_NAMES.isdisjoint(words)


def _is_in_names(letter: str) -> bool:
    return letter in " '-." or unicodedata.category(letter)[0] in "LM"


def _cased(text: str) -> str:
    words = [_word_cased(each) for each in display_case.readable(person_name(text)).split()]
    return " ".join(words)


def _word_cased(word: str) -> str:
    # "NG" is no abbreviation here.
    return word.capitalize() if word.isupper() and len(word) > 1 else word
