"""How a patient is reached: phone number, postcode and address."""

import re
from typing import NamedTuple

from accounts.text import phones
from referrals import display_case, postcodes
from referrals.banner.identity import Reading
from referrals.banner.labels import RELATIVE, Labelled, labelled

_PHONE = re.compile(r"(?<![\w/.])(?:\+|\(?0)[0-9 ()-]{8,18}[0-9](?![\w/])", re.ASCII)
_EXTENSION = r"(?: ?(?:ext(?:ension)?\.?|x) ?[0-9]{1,6})?"
POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}\b", re.IGNORECASE | re.ASCII)
_APART = re.compile(r" *[,;\t\n]+ *")
# What the first line of an address begins with, where no label says that it is one.
_FIRST_LINE = re.compile(
    r"(?:(?:flat|apartment|apt\.?|unit|room|block|suite|plot) \w{1,5}"
    r"|[0-9]{1,5}[a-z]?(?:[-/][0-9]+[a-z]?)?)\b",
    re.IGNORECASE,
)
_NUMBER_ONLY = re.compile(r"[0-9]{1,5}[a-z]?(?:[-/][0-9]+[a-z]?)?", re.IGNORECASE)
_COUNTRY = re.compile(r"(?:united kingdom|u\.?k\.?|england|great britain|gb)\.?", re.IGNORECASE)
_COUNTY = re.compile(
    r"(?:county )?(?:\w+shire|avon|cleveland|cornwall|cumbria|devon|dorset|durham|essex|humberside"
    r"|kent|lancs|leics|norfolk|merseyside|middlesex|middx|northants|northumberland|notts|rutland"
    r"|somerset|suffolk|surrey|shropshire|(?:east|west) (?:sussex|midlands)|isle of wight"
    r"|(?:north|south|east|west) (?:yorkshire|humberside)|tyne (?:and|&) wear"
    r"|greater (?:london|manchester))",
    re.IGNORECASE,
)
_LONGEST_LINE, _LONGEST_TOWN = 100, 60  # characters
MOST_LINES = 6


class PostalAddress(NamedTuple):
    line_1: str
    line_2: str
    town: str


def phone(text: str) -> Reading:
    """Return the patient's number: the one mobile, or the only one."""
    behind = [(each, _number(each)) for each in labelled(text)]
    of_kinds = [(each.kind, number) for each, number in behind if number]
    mobiles = {number for kind, number in of_kinds if kind == "mobile"}
    every = {number for kind, number in of_kinds if kind in {"mobile", "home", "phone"}}
    every |= {number for each in _PHONE.finditer(text) if (number := _loose(text, each))}
    for found in (mobiles, every):
        if len(found) == 1:
            return Reading(phones.shown(found.pop()))
    return Reading(doubt="there is more than one" if every else "")


def _number(label: Labelled) -> str:
    if label.kind not in {"mobile", "home", "phone"}:
        return ""
    found = re.match(_PHONE.pattern + _EXTENSION, label.value, re.IGNORECASE | re.ASCII)
    return _clean(found[0]) if found and not RELATIVE.search(label.cell) else ""


def _loose(text: str, found: re.Match[str]) -> str:
    # With words beside it, it is a number of which they say whose or what for it is.
    before = re.split(r"[\t\n]", text[: found.start()])[-1].split()
    is_alone = not before or any(char.isdigit() for char in before[-1])
    behind = re.split(r"[\t\n]", text[found.end() :], maxsplit=1)[0]
    return _clean(found[0]) if is_alone and not RELATIVE.search(behind) else ""


def _clean(text: str) -> str:
    try:
        return phones.clean(text)
    except phones.NotAPhoneNumberError:
        return ""


def has_phone(text: str) -> bool:
    return any(_clean(found[0]) for found in _PHONE.finditer(text))


def without_phones(text: str) -> str:
    return _PHONE.sub(lambda found: "\t" if _clean(found[0]) else found[0], text)


def postcode(text: str) -> Reading:
    """Return the labelled one, else that of the labelled address, else the only one."""
    kinds = ("postcode", "address")
    of_kinds = [[each.rest for each in labelled(text) if each.kind == kind] for kind in kinds]
    for texts in (*of_kinds, [text]):
        found = {code for each in texts for code in postcodes_in(each)}
        if len(found) == 1:
            return Reading(found.pop())
        if found:
            return Reading(doubt="there is more than one")
    return Reading()


def postcodes_in(text: str) -> list[str]:
    made = []
    for found in POSTCODE.finditer(text):
        try:
            made.append(postcodes.clean(found[0]))
        except postcodes.NotAPostcodeError:
            continue
    return made


def labelled_address(text: str) -> PostalAddress | None:
    made = set()
    labels = labelled(text)
    for index, each in enumerate(labels):
        if each.kind == "address":
            has_code = bool(POSTCODE.search(each.rest))
            is_before_code = labels[index + 1 : index + 2] and labels[index + 1].kind == "postcode"
            words = each.rest if has_code or is_before_code else each.value
            made.add(_address(_lines(words)))
    return made.pop() if len(made) == 1 else None


def address_in(cells: list[str], code: str) -> PostalAddress | None:
    """Return the address that ends in the postcode and begins with the number of a house."""
    for at, cell in enumerate(cells):
        found = next(
            (each for each in POSTCODE.finditer(cell) if code in postcodes_in(each[0])), None
        )
        if found:
            above = cells[max(0, at - MOST_LINES) : at]
            lines = [line for each in [*above, cell[: found.end()]] for line in _lines(each)]
            starts = [index for index, line in enumerate(lines) if _FIRST_LINE.match(line)]
            return _address(lines[_first_line(starts, lines) :]) if starts else None
    return None


def without_address(cells: list[str]) -> list[str]:
    """Leave out the cells from the number of a house to its postcode."""
    made: list[str] = []
    for cell in cells:
        if not postcodes_in(cell):
            made.append(cell)
            continue
        above = made[-MOST_LINES:]
        first = next((at for at, each in enumerate(above) if _FIRST_LINE.match(each)), len(above))
        made[len(made) - len(above) + first :] = [] if made else [cell]
    return made


def _first_line(starts: list[int], lines: list[str]) -> int:
    # Flat 2, 8 Tanners Row: two lines, one after the other.
    at = starts[-1]
    return at - 1 if at - 1 in starts and lines[at - 1][0].isalpha() else at


def _lines(text: str) -> list[str]:
    """Return an address's lines, without the postcode and what follows it."""
    found = next((each for each in POSTCODE.finditer(text) if postcodes_in(each[0])), None)
    before = text[: found.start()] if found else text
    lines = [line.strip(" .-") for line in _APART.split(before)]
    return [line for line in lines if line]


def _address(lines: list[str]) -> PostalAddress | None:
    if lines and _NUMBER_ONLY.fullmatch(lines[0]):
        lines = [" ".join(lines[:2]), *lines[2:]]
    while len(lines) > 2 and (_COUNTY.fullmatch(lines[-1]) or _COUNTRY.fullmatch(lines[-1])):
        lines = lines[:-1]
    if not 2 <= len(lines) <= MOST_LINES or any(char.isdigit() for char in lines[-1]):
        return None
    first, *between, town = [display_case.readable(line) for line in lines]
    second = ", ".join(between)
    if max(len(first), len(second)) > _LONGEST_LINE or len(town) > _LONGEST_TOWN:
        return None
    return PostalAddress(first, second, town)
