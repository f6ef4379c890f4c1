"""A content pack: pathways, questions and symptom groups, read from a folder and checked.

docs/clinical-content.md explains every key. A pack is data that a region signs off and loads; what
follows from its answers is in ``decision``.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from referrals.clinical import snomed

PACK_FILE = "pack.toml"
# What a referral is for where it is for no pathway; no pathway may have these codes.
MINOR_ILLNESS = "minor_illness"
MEDICINE_SUPPLY = "medicine_supply"
LONGEST_FILE = 1_000_000  # bytes
# Of the emergency questions and those of one pathway or symptom group together: what a referral
# keeps is bounded, and none of them may be lost there.
MOST_QUESTIONS = 90

Code = Annotated[str, Meta(pattern="^[a-z0-9_]{1,40}$")]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Age = Annotated[int, Meta(ge=0, le=130)]  # whole years
Sex = Literal["", "female", "male"]  # as in FHIR; "" is every sex


class Action(StrEnum):
    """What follows where the answer is yes."""

    CALL_999 = "999"
    GP_SAME_DAY = "gp_same_day"
    GP = "gp"
    MINOR_ILLNESS = "minor_illness"  # not this pathway; a minor illness it may be


class PackError(Exception):
    """The pack cannot be used: each fault is a sentence with its file and key."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """Whatever a pack consists of: it never changes, and a key that it does not know is a fault."""


class Item(Part, frozen=True, kw_only=True):
    code: Code
    ask: Line
    action: Action
    sex: Sex = ""  # whom it is asked of
    from_age: Age = 0
    below_age: Age | None = None

    def is_asked_of(self, *, age: int | None, sex: str) -> bool:
        """Say whether it is asked of this patient; where age or sex is not known, it is."""
        is_sex = not self.sex or sex == self.sex or sex not in {"female", "male"}
        if age is None:
            return is_sex
        return is_sex and self.from_age <= age and (self.below_age is None or age < self.below_age)

    @property
    def is_red_flag(self) -> bool:
        return self.action is not Action.MINOR_ILLNESS


class Group(Part, frozen=True, kw_only=True):
    """Questions with one heading, to which "none of these" is one answer."""

    code: Code
    ask: Line
    items: Annotated[tuple[Item, ...], Meta(min_length=1)]

    @property
    def has_red_flags(self) -> bool:
        return any(item.is_red_flag for item in self.items)


class Pathway(Part, frozen=True, kw_only=True):
    code: Code
    name: Name
    snomed: str
    youngest: Age  # on the day of the referral
    oldest: Age | None = None
    sex: Sex = ""
    minor_illness: str  # the symptom group that it goes in where it does not fit
    needs_prescriber: bool = False  # at the pharmacy, on that day
    in_person: bool = False  # the patient has to go there: no distance-selling pharmacy
    starts_on: date | None = None
    ends_on: date | None = None  # its last day
    source: str = ""
    groups: tuple[Group, ...] = ()

    def is_in_force(self, day: date) -> bool:
        starts_on, ends_on = self.starts_on or date.min, self.ends_on or date.max
        return starts_on <= day <= ends_on

    @property
    def who(self) -> str:
        people = {"": "people", "female": "women", "male": "men"}[self.sex]
        if self.oldest is None:
            return f"{people} aged {self.youngest} and over"
        return f"{people} aged {self.youngest} to {self.oldest}"


class SymptomGroup(Part, frozen=True, kw_only=True):
    name: Name
    prompts: tuple[Line, ...] = ()
    groups: tuple[Group, ...] = ()


class Advice(Part, frozen=True, kw_only=True):
    """What the page says where a referral goes no further."""

    call_999: Line
    gp_same_day: Line
    gp: Line
    too_young: Line
    medicine_supply: Line


class PackFile(Part, frozen=True, kw_only=True):
    """What stands in pack.toml; each pathway has a file of its own."""

    version: Annotated[str, Meta(pattern="^[0-9A-Za-z][0-9A-Za-z.-]{0,39}$")]
    source: Line
    starts_on: date
    ends_on: date  # its last day
    signed_off_by: Annotated[str, Meta(max_length=300)] = ""
    youngest: Age = 1  # younger children are for the GP
    other_minor_illness: Name
    prompts: tuple[Line, ...] = ()  # for every symptom group
    advice: Advice
    emergency: Group
    symptom_groups: Annotated[tuple[SymptomGroup, ...], Meta(min_length=1)]


class Pack(PackFile, frozen=True, kw_only=True):
    pathways: Annotated[tuple[Pathway, ...], Meta(min_length=1)]

    @property
    def sign_off(self) -> str:
        if not self.signed_off_by:
            return "not clinically signed off"
        return f"clinically signed off by {self.signed_off_by}"

    def is_in_force(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def pathway(self, code: str) -> Pathway | None:
        return next((each for each in self.pathways if each.code == code), None)

    def symptom_group(self, name: str) -> SymptomGroup | None:
        if name == self.other_minor_illness:
            return SymptomGroup(name=name)
        return next((each for each in self.symptom_groups if each.name == name), None)

    def reason(self, code: str, symptom_group: str) -> str:
        if code == MINOR_ILLNESS and symptom_group:
            return f"{symptom_group} (Pharmacy First minor illness)"
        found = self.pathway(code)
        return "" if found is None else f"{found.name} (Pharmacy First clinical pathway)"


def read_pack(folder: Path) -> Pack:
    """Raises PackError with every fault that can be found at once."""
    head = _read(folder / PACK_FILE, PackFile)
    pathways: list[Pathway] = []
    faults = [] if isinstance(head, PackFile) else [head]
    for path in sorted(folder.glob("*.toml")):
        if path.name == PACK_FILE:
            continue
        pathway = _read(path, Pathway)
        if isinstance(pathway, str):
            faults.append(pathway)
        else:
            pathways.append(pathway)
            if pathway.code != path.stem:
                faults.append(f"{path.name}, code: must be “{path.stem}”, as the file is named")
    if not pathways and not faults:
        faults.append(f"{PACK_FILE}: no pathway stands beside it")
    if not isinstance(head, PackFile) or faults:
        raise PackError(faults)
    pathways.sort(key=lambda pathway: pathway.name.casefold())
    pack = Pack(
        **{name: getattr(head, name) for name in PackFile.__struct_fields__},
        pathways=tuple(pathways),
    )
    if found := [*_faults(pack)]:
        raise PackError(found)
    return pack


def to_json(pack: Pack) -> str:
    return msgspec.json.encode(pack).decode()


def from_json(text: str) -> Pack:
    return msgspec.json.decode(text, type=Pack)


_Read = TypeVar("_Read", PackFile, Pathway)


def _read(path: Path, kind: type[_Read]) -> _Read | str:
    """Return what the file holds, or a sentence that says what is wrong with it."""
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST_FILE + 1)
        if len(text) > LONGEST_FILE:
            return f"{path.name}: is larger than a megabyte"
        written = tomllib.loads(text.decode())
    except OSError as error:
        return f"{path.name}: cannot be read in {path.parent} ({error.strerror})"
    except UnicodeDecodeError:
        return f"{path.name}: is not in UTF-8; save it as UTF-8"
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return f"{path.name}: is not TOML: {error}"
    try:
        return msgspec.convert(written, kind)
    except msgspec.ValidationError as error:
        return f"{path.name}, {_in_plain_words(str(error), written)}"


_WORDS = (
    (r"Object missing required field `(\w+)`", r"the key “\1” is missing"),
    (r"Object contains unknown field `(.+)`", r"there is no key “\1” here"),
    (r"Invalid enum value '(.*)'", r"“\1” is none of the values that this key may have"),
    (r"Expected `str` matching regex '.*'", "has a character that is not allowed, or too many"),
    (r"Invalid RFC3339 encoded date", "must be a day, as in 2026-10-01"),
    (r"Expected `(\w+)(?: \| null)?`, got `(\w+)`", r"must be \1, not \2"),
    (r"Expected `\w+` of length >= 1", "must not be empty"),
    (r"Expected `str` of length <= (\d+)", r"must have at most \1 characters"),
    (r"Expected `int` >= (\d+)", r"must be at least \1"),
    (r"Expected `int` <= (\d+)", r"must be at most \1"),
)
_TYPES = {
    "str": "a text in quotes",
    "int": "a whole number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "date": "a day, as in 2026-10-01",
}


def _in_plain_words(message: str, written: dict[str, Any]) -> str:
    what, _, where = message.partition(" - at `$")
    for pattern, words in _WORDS:
        what = re.sub(f"^{pattern}$", words, what)
    for name, words in _TYPES.items():
        what = re.sub(rf"(must be|not) {name}\b", rf"\1 {words}", what)
    keys = _named(where.rstrip("`"), written)
    return f"{keys}: {what}" if keys else what


def _named(path: str, written: Any) -> str:
    """Write ``.groups[0].items[2]`` with the codes or names of what is listed there."""
    said: list[str] = []
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        written = written[key] if key else written[int(index)]
        said.append(key or _name_of(written, int(index) + 1))
    return " ".join(said)


def _name_of(written: Any, number: int) -> str:
    name = written.get("code") or written.get("name") if isinstance(written, dict) else None
    return f"“{name}”" if name else f"number {number}"


def _faults(pack: Pack) -> Iterator[str]:
    yield from _faults_of_head(pack)
    yield from _faults_of_emergency(pack.emergency)
    yield from _faults_of_codes(pack)
    head = msgspec.to_builtins(pack)
    pathways = head.pop("pathways")
    yield from _odd_texts(head, f"{PACK_FILE},")
    for pathway, written in zip(pack.pathways, pathways, strict=True):
        yield from (f"{pathway.code}.toml, {fault}" for fault in _faults_of_pathway(pack, pathway))
        yield from _odd_texts(written, f"{pathway.code}.toml,")


def _faults_of_head(pack: Pack) -> Iterator[str]:
    if pack.ends_on < pack.starts_on:
        yield f"{PACK_FILE}, ends_on: is before starts_on"
    pathways = Counter(pathway.name for pathway in pack.pathways)
    for name in (name for name, count in pathways.items() if count > 1):
        yield f"{PACK_FILE}: several pathways are called “{name}”"
    groups = Counter(group.name.casefold() for group in pack.symptom_groups)
    groups[pack.other_minor_illness.casefold()] += 1
    for name in (name for name, count in groups.items() if count > 1):
        yield f"{PACK_FILE}, symptom_groups: “{name}” stands there more than once"
    for symptoms in pack.symptom_groups:
        if not all(item.is_red_flag for group in symptoms.groups for item in group.items):
            yield (
                f"{PACK_FILE}, symptom_groups “{symptoms.name}”: the action minor_illness says "
                "nothing here, where it is one already"
            )


def _faults_of_emergency(emergency: Group) -> Iterator[str]:
    for item in emergency.items:
        if item.action is not Action.CALL_999:
            yield f"{PACK_FILE}, emergency items “{item.code}” action: must be 999"
        if item.sex or item.from_age or item.below_age is not None:
            yield f"{PACK_FILE}, emergency items “{item.code}”: must be asked of everyone"


def _faults_of_codes(pack: Pack) -> Iterator[str]:
    """Answers are kept by code: each may stand once, over all pathways."""
    groups = [(PACK_FILE, pack.emergency)]
    groups += [(PACK_FILE, group) for each in pack.symptom_groups for group in each.groups]
    groups += [(f"{each.code}.toml", group) for each in pack.pathways for group in each.groups]
    first: dict[str, str] = {}
    for file, group in groups:
        for code in (group.code, *(item.code for item in group.items)):
            if code in first:
                yield f"{file}, groups: the code “{code}” stands in {first[code]} already"
            first.setdefault(code, file)


def _faults_of_pathway(pack: Pack, pathway: Pathway) -> Iterator[str]:
    has_red_flags = [group.has_red_flags for group in pathway.groups]
    items = [item for group in pathway.groups for item in group.items]
    rules = (
        (
            pathway.code not in {MINOR_ILLNESS, MEDICINE_SUPPLY},
            f"code: “{pathway.code}” means something else already",
        ),
        (
            snomed.is_code(pathway.snomed),
            f"snomed: “{pathway.snomed}” is no SNOMED CT code (its check digit does not fit)",
        ),
        (
            pathway.youngest >= pack.youngest,
            f"youngest: is below that of {PACK_FILE}, {pack.youngest}",
        ),
        (pathway.oldest is None or pathway.oldest >= pathway.youngest, "oldest: is below youngest"),
        (
            (pathway.ends_on or date.max) >= (pathway.starts_on or date.min),
            "ends_on: is before starts_on",
        ),
        (
            pack.symptom_group(pathway.minor_illness) is not None,
            f"minor_illness: {PACK_FILE} has no symptom group “{pathway.minor_illness}”",
        ),
        (
            has_red_flags == sorted(has_red_flags, reverse=True),
            "groups: those with red flags must come first",
        ),
        (
            len(pack.emergency.items) + len(items) <= MOST_QUESTIONS,
            f"groups: too many questions, with the emergency ones more than {MOST_QUESTIONS}",
        ),
        *(
            (
                item.below_age is None or item.below_age > item.from_age,
                f"items “{item.code}” below_age: is not above from_age",
            )
            for item in items
        ),
    )
    yield from (fault for is_kept, fault in rules if not is_kept)


def _odd_texts(written: Any, keys: str) -> Iterator[str]:
    """Yield which texts would not look as they are: line breaks, double spaces, odd characters."""
    match written:
        case str():
            wanted = " ".join("".join(c if c.isprintable() else " " for c in written).split())
            if written != wanted:
                yield f"{keys}: has odd spaces or characters; write “{wanted}”"
        case dict():
            for key, value in written.items():
                yield from _odd_texts(value, f"{keys} {key}")
        case list() | tuple():
            for number, value in enumerate(written, 1):
                yield from _odd_texts(value, f"{keys} {_name_of(value, number)}")
