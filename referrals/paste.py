"""What is pasted from a clinical system, as answers of the form: only what is certain. Pure.

What was pasted is read and forgotten: it is stored and logged nowhere.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from referrals import nhs_numbers
from referrals.banner import contact, identity, names
from referrals.banner.identity import TwoPeopleError
from referrals.banner.labels import tidy
from referrals.banner.patient_name import cells, patient_name, people
from referrals.banner.patient_part import Parts, parts
from referrals.completeness import BIRTH
from referrals.same_patient import letters

BOX = "banner"  # the name of the box
LONGEST = 10_000  # characters: a letter of two pages has fewer
TOO_LONG = "That is too long to be one patient's details. Nothing was filled in: copy less of it"
NOTHING = "We found nothing to fill in. Copy the line with the patient's name and NHS number"
NAME, NUMBER, BORN, SEX = "name", "NHS number", "date of birth", "sex"
ADDRESS, POSTCODE, PHONE = "address", "postcode", "phone number"
NOT_SURELY_THEIRS = "it may be another person's"
# By the kinds of labels.
_CALLED = {"number": NUMBER, "born": BORN, "sex": SEX} | dict.fromkeys(
    ("name", "given", "family"), NAME
)
_ADDRESS_FIELDS = ("address_line_1", "address_line_2", "town", "postcode")
# In the order in which they are said.
_FIELDS = {
    NAME: ("given_name", "family_name"),
    NUMBER: ("nhs_number",),
    BORN: tuple(BIRTH.values()),
    SEX: ("sex",),
    ADDRESS: _ADDRESS_FIELDS,
    PHONE: ("phone",),
}
Answer = dict[str, str]  # by the names of fields, as in Details


@dataclass(frozen=True)
class Pasted:
    """What is certain of what was pasted, and why the rest is not."""

    answers: Mapping[str, Answer] = field(default_factory=dict)  # by what they are called
    doubts: Mapping[str, str] = field(default_factory=dict)  # likewise
    may_be_name: frozenset[str] = frozenset()  # the words of it, though it may not be certain
    refused: str = ""  # why nothing is taken at all

    @property
    def fields(self) -> Answer:
        return {name: text for answer in self.answers.values() for name, text in answer.items()}


@dataclass(frozen=True)
class Filled:
    """What goes into boxes of the form that are empty, and what the user is told."""

    fields: Answer
    said: str
    is_refused: bool = False


def read(text: str, *, today: date) -> Pasted:
    if len(text) > LONGEST:
        return Pasted(refused=TOO_LONG)
    whole = tidy(text)
    try:
        identity.nhs_number(whole)  # two are too many wherever they stand
        return _certain(parts(whole), today)
    except TwoPeopleError as error:
        return Pasted(refused=str(error))


def _certain(own: Parts, today: date) -> Pasted:
    name, name_doubt = patient_name(own.identity)
    number, sex = identity.nhs_number(own.identity), identity.sex(own.identity)
    birth = identity.birth(own.identity, today=today)
    postcode, phone = contact.postcode(own.contact), contact.phone(own.contact)
    found = {
        NAME: ({"given_name": name.given, "family_name": name.family} if name else {}, name_doubt),
        NUMBER: (_one("nhs_number", nhs_numbers.spaced(number.value).strip()), number.doubt),
        BORN: (_birth_boxes(birth.value), birth.doubt),
        SEX: (_one("sex", sex.value), sex.doubt),
        ADDRESS: (_address(own.contact, postcode.value), postcode.doubt),
        PHONE: (_one("phone", phone.value), phone.doubt),
    }
    theirs = {_CALLED[kind]: NOT_SURELY_THEIRS for kind in own.doubtful & _CALLED.keys()}
    return Pasted(
        {called: answer for called, (answer, _) in found.items() if answer},
        {
            called: why
            for called, (answer, doubt) in found.items()
            if (why := doubt or theirs.get(called, "")) and not answer
        },
        max(people(own.identity), key=len, default=frozenset()),
    )


def filled(typed: Mapping[str, str], *, today: date) -> Filled:
    """Return what of ``typed[BOX]`` goes into the form; nothing typed is overwritten.

    Args:
        typed: by the names of fields, as the form sends them.
    """
    pasted = read(typed.get(BOX, ""), today=today)
    refused = pasted.refused or _other_person(typed, pasted, today)
    if refused:
        return Filled({}, f"{refused}.", is_refused=True)
    made, kept = {}, []
    for called, answer in pasted.answers.items():
        there = {name: typed.get(name, "").strip() for name in _FIELDS[called]}
        if any(text and not _is_same(text, answer.get(name, "")) for name, text in there.items()):
            kept.append(called)  # two addresses are not mixed
        elif new := {name: text for name, text in answer.items() if text and not there[name]}:
            made[called] = new
    fields = {name: text for answer in made.values() for name, text in answer.items()}
    return Filled(fields, _said(pasted, made, kept))


def _one(name: str, text: str) -> Answer:
    return {name: text} if text else {}


def _birth_boxes(iso: str) -> Answer:
    if not iso:
        return {}
    born = date.fromisoformat(iso)
    numbers = (born.day, born.month, born.year)
    return {name: str(number) for name, number in zip(BIRTH.values(), numbers, strict=True)}


def _address(own: str, code: str) -> Answer:
    behind_names = [
        names.split(cell, is_labelled=False, is_first=not at)[1]
        for at, cell in enumerate(cells(own))
    ]
    found = contact.labelled_address(own) or (
        contact.address_in(behind_names, code) if code else None
    )
    lines = (found.line_1, found.line_2, found.town) if found else ("", "", "")
    written = dict(zip(_ADDRESS_FIELDS, (*lines, code), strict=True))
    return {name: text for name, text in written.items() if text}


def _other_person(typed: Mapping[str, str], pasted: Pasted, today: date) -> str:
    """Say why what was pasted may be about another patient than the form, or ""."""
    found = pasted.fields
    different = [
        called for called, of in _KEYS.items() if _differ(of(typed, today), of(found, today))
    ]
    if _are_other_given_names(typed.get("given_name", ""), found.get("given_name", "")):
        different.append("first name")
    here = _letters_of_words(f"{typed.get('given_name', '')} {typed.get('family_name', '')}")
    there = _letters_of_words(" ".join(pasted.may_be_name))
    if not found.keys() & set(_FIELDS[NAME]) and not (here <= there or there <= here):
        different.append(NAME)
    if not different:
        return ""
    return (
        f"What you pasted has another {different[0]} than this page. Nothing was filled in: check "
        "that both are the same patient, and that this page is right"
    )


# What two people differ in. A sex that is neither of the two is no contradiction.
_KEYS: dict[str, Callable[[Mapping[str, str], date], str]] = {
    NUMBER: lambda said, _: re.sub("[^0-9]", "", said.get("nhs_number", "")),
    BORN: lambda said, today: identity.written_date(
        {part: said.get(name, "") for part, name in BIRTH.items()}, today=today
    ),
    "last name": lambda said, _: letters(said.get("family_name", "")),
    SEX: lambda said, _: sex if (sex := said.get("sex", "")) in {"male", "female"} else "",
}


def _differ(here: str, there: str) -> bool:
    return bool(here and there) and here != there


def _are_other_given_names(here: str, there: str) -> bool:
    # One may lack a middle name. A short form is not known: Paul's twin may be Paula, and whose
    # number it is, is not to be guessed.
    words = zip(here.split(), there.split(), strict=False)
    is_spelt_apart = letters(here) != letters(there)  # Mary Jane, Mary-Jane
    return is_spelt_apart and any(letters(one) != letters(other) for one, other in words)


def _letters_of_words(text: str) -> set[str]:
    return {made for word in text.split() if (made := letters(word))}


def _is_same(text: str, other: str) -> bool:
    return bool(other) and _plain(text) == _plain(other)


def _plain(text: str) -> str:
    # 03 is 3, and a number with spaces is the one without.
    return re.sub(r"[\W_]|\b0+(?=[0-9])", "", text).casefold()


def _said(pasted: Pasted, made: Mapping[str, Answer], kept: list[str]) -> str:
    sentences = []
    if made:
        count, them = ("1 answer", "it") if len(made) == 1 else (f"{len(made)} answers", "them")
        named = _listed(
            POSTCODE if each.keys() == {"postcode"} else called for called, each in made.items()
        )
        sentences.append(
            f"We filled in {count}: {named}. Check {them} against your clinical system."
        )
    elif pasted.answers:
        sentences.append("We filled in nothing: those answers are on the page already.")
    else:
        sentences.append(f"{NOTHING}.")
    if kept:
        sentences.append(f"Not changed: {_listed(kept)}.")
    if pasted.doubts:
        why = "; ".join(f"{called}, as {doubt}" for called, doubt in pasted.doubts.items())
        sentences.append(f"Not filled in: {why}.")
    missing = [each for each in _FIELDS if each not in pasted.answers and each not in pasted.doubts]
    if missing and pasted.answers:
        sentences.append(f"Not found: {_listed(missing)}.")
    return " ".join(sentences)


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
