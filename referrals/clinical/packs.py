"""A content pack: pathways, questions and symptom groups, as data that a region signs off.

docs/clinical-content.md explains every key. ``reading`` makes one of a folder, and ``decision``
says what follows from the answers.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

# What a referral is for where it is for no pathway; no pathway may have these codes.
MINOR_ILLNESS = "minor_illness"
MEDICINE_SUPPLY = "medicine_supply"

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

    @property
    def gravity(self) -> int:
        # Less is graver.
        return tuple(Action).index(self)


MEANINGS = {
    Action.CALL_999: "999",
    Action.GP_SAME_DAY: "GP today",
    Action.GP: "GP appointment",
    Action.MINOR_ILLNESS: "minor illness instead",
}


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

    def asked_of(self, *, age: int | None, sex: str) -> "Group":
        """Return it without the items that are not asked of this patient; there may be none."""
        items = tuple(item for item in self.items if item.is_asked_of(age=age, sex=sex))
        return self if items == self.items else msgspec.structs.replace(self, items=items)

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
    in_person: bool = False  # as of a pathway
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

    @property
    def conditions(self) -> tuple[Pathway | SymptomGroup, ...]:
        return *self.pathways, *self.symptom_groups

    def groups(self, code: str, symptom_group: str) -> tuple[Group, ...]:
        """Return what is asked of what was chosen, in page order.

        A minor illness is no way round the red flags of the pathways that are sent as it.
        """
        if found := self.pathway(code):
            return self.emergency, *found.groups
        symptoms = self.symptom_group(symptom_group) if code == MINOR_ILLNESS else None
        if symptoms is None:
            return (self.emergency,)
        red_flags = (
            group
            for pathway in self.sent_as(symptoms.name)
            for group in pathway.groups
            if group.has_red_flags
        )
        return self.emergency, *red_flags, *symptoms.groups

    def sent_as(self, symptom_group: str) -> tuple[Pathway, ...]:
        # Who does not fit these pathways goes as this minor illness.
        return tuple(each for each in self.pathways if each.minor_illness == symptom_group)

    def called(self, group: Group) -> str:
        # In sentences.
        for each in self.conditions:
            codes = [found.code for found in each.groups]
            if group.code in codes:
                which = "other questions" if codes.index(group.code) else "questions"
                return f"the {which} on {inside_a_sentence(each.name)}"
        return "the emergency questions"

    def is_in_person(self, code: str, symptom_group: str) -> bool:
        found = self.pathway(code) or (
            self.symptom_group(symptom_group) if code == MINOR_ILLNESS else None
        )
        return found is not None and found.in_person

    def reason(self, code: str, symptom_group: str) -> str:
        if code == MINOR_ILLNESS and symptom_group:
            return f"{symptom_group} (Pharmacy First minor illness)"
        found = self.pathway(code)
        return "" if found is None else f"{found.name} (Pharmacy First clinical pathway)"


def inside_a_sentence(name: str) -> str:
    return name if name[1:2].isupper() else f"{name[:1].lower()}{name[1:]}"


def to_json(pack: Pack) -> str:
    return msgspec.json.encode(pack).decode()


def from_json(text: str) -> Pack:
    return msgspec.json.decode(text, type=Pack)
