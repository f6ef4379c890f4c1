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
from referrals.banner.labels import labelled, tidy
from referrals.banner.patient_part import patient_part
from referrals.completeness import BIRTH
from referrals.same_patient import letters

BOX = "banner"  # the name of the box
LONGEST = 10_000  # characters: a letter of two pages has fewer
TOO_LONG = "That is too long to be one patient's details. Nothing was filled in: copy less of it"
NOTHING = "We found nothing to fill in. Copy the line with the patient's name and NHS number"
NAME, NUMBER, BORN, SEX = "name", "NHS number", "date of birth", "sex"
ADDRESS, POSTCODE, PHONE = "address", "postcode", "phone number"
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
        number = identity.nhs_number(whole)
        own = patient_part(whole)
        birth = identity.birth(own, today=today)
    except TwoPeopleError as error:
        return Pasted(refused=str(error))
    cells = _cells(own)
    name, name_doubt = _name(own, cells)
    answers = {
        NAME: {"given_name": name.given, "family_name": name.family} if name else {},
        NUMBER: _one("nhs_number", nhs_numbers.spaced(number.value) if number.value else ""),
        BORN: _birth_boxes(birth.value),
        SEX: _one("sex", (sex := identity.sex(own)).value),
        ADDRESS: _address(own, cells),
        PHONE: _one("phone", (phone := contact.phone(own)).value),
    }
    doubts = {
        NAME: name_doubt,
        NUMBER: number.doubt,
        BORN: birth.doubt,
        SEX: sex.doubt,
        PHONE: phone.doubt,
        ADDRESS: contact.postcode(own).doubt,
    }
    return Pasted(
        {called: answer for called, answer in answers.items() if answer},
        {called: why for called, why in doubts.items() if why and not answers[called]},
    )


def filled(typed: Mapping[str, str], *, today: date) -> Filled:
    """Return what of ``typed[BOX]`` goes into the form; nothing typed is overwritten.

    Args:
        typed: by the names of fields, as the form sends them.
    """
    pasted = read(typed.get(BOX, ""), today=today)
    refused = pasted.refused or _other_person(typed, pasted.fields, today)
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


def _cells(own: str) -> list[str]:
    """Return what is left without labels, numbers, dates and phones: names and places."""
    rest, at = [], 0
    for each in labelled(own):
        rest.append(own[at : max(at, each.start)])
        end = each.value_start
        if each.kind in {"family", "given"}:
            end += len(each.value.partition("\t")[0])
        elif each.kind == "sex" and (found := re.match(r"\w+", each.value)):
            end += found.end()
        at = max(at, end)
    text = "\t".join([*rest, own[at:]])
    text = contact.without_phones(identity.without_identity(text))
    return [cell for each in re.split(r"[\t\n]", text) if (cell := each.strip(" ,;.-"))]


def _name(own: str, cells: list[str]) -> tuple[names.Name | None, str]:
    labels = labelled(own)
    apart = [[each.cell for each in labels if each.kind == kind] for kind in ("given", "family")]
    given, family = [set(each) for each in apart]
    if given or family:
        one = len(given) == len(family) == 1
        name = names.labelled_apart(given.pop(), family.pop()) if one else None
        return name, "" if name else "there is not one of each"
    named = {_labelled_name(own, each.start, each.cell) for each in labels if each.kind == "name"}
    loose = {
        names.split(cell, is_labelled=False, is_first=not at)[0] for at, cell in enumerate(cells)
    }
    for found in (named - {None}, {names.in_columns(cells)} - {None}, loose - {None}):
        if len(found) == 1:
            return found.pop(), ""
        if found:
            return None, "there is more than one"
    return None, "we cannot tell first and last name apart" if named else ""


def _labelled_name(own: str, at: int, cell: str) -> names.Name | None:
    # What a letter is about may be something else than a person.
    is_subject = own[at : at + 2].casefold() == "re"
    return names.split(cell, is_labelled=not is_subject, is_first=True)[0]


def _one(name: str, text: str) -> Answer:
    return {name: text} if text else {}


def _birth_boxes(iso: str) -> Answer:
    if not iso:
        return {}
    born = date.fromisoformat(iso)
    numbers = (born.day, born.month, born.year)
    return {name: str(number) for name, number in zip(BIRTH.values(), numbers, strict=True)}


def _address(own: str, cells: list[str]) -> Answer:
    code = contact.postcode(own).value
    behind_names = [
        names.split(cell, is_labelled=False, is_first=not at)[1] for at, cell in enumerate(cells)
    ]
    found = contact.labelled_address(own) or (
        contact.address_in(behind_names, code) if code else None
    )
    lines = (found.line_1, found.line_2, found.town) if found else ("", "", "")
    written = dict(zip(_ADDRESS_FIELDS, (*lines, code), strict=True))
    return {name: text for name, text in written.items() if text}


def _other_person(typed: Mapping[str, str], found: Answer, today: date) -> str:
    """Say why what was pasted may be about another patient than the form, or ""."""
    compared: dict[str, Callable[[Mapping[str, str]], str]] = {
        NUMBER: lambda said: re.sub("[^0-9]", "", said.get("nhs_number", "")),
        BORN: lambda said: identity.written_date(
            {part: said.get(name, "") for part, name in BIRTH.items()}, today=today
        ),
        "last name": lambda said: letters(said.get("family_name", "")),
    }
    for called, of in compared.items():
        here, there = of(typed), of(found)
        if here and there and here != there:
            return (
                f"What you pasted has another {called} than this page. Nothing was filled in: "
                "check that both are the same patient"
            )
    return ""


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
