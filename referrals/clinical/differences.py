"""What a new content pack changes against the one in force, for who has to agree to it.

Each pack is laid out as lines with a name, and lines of one name are compared: whatever a pack may
hold is in one of them, so that nothing changes unseen.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from referrals.clinical.packs import MEANINGS, Group, Item, Pack, Pathway, SymptomGroup

_SEXES = {"": "", "female": "women and girls", "male": "men and boys"}


class Difference(NamedTuple):
    """Something that is added ("" before), taken away ("" after) or changed."""

    name: str
    before: str
    after: str

    @property
    def line(self) -> str:
        if not self.before:
            return f"added    {self.name}: {self.after}"
        if not self.after:
            return f"removed  {self.name}: {self.before}"
        return f"changed  {self.name}: {self.before} -> {self.after}"


def differences(old: Pack | None, new: Pack) -> list[Difference]:
    """Return them in the order of the new pack, then what it has no more."""
    before, after = (dict(_lines(pack)) if pack else {} for pack in (old, new))
    order = [] if old is None else [*_orders(_ordered(old), _ordered(new))]
    return between(before, after) + order


def between(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Return where lines of one name differ, in the new order, then what there is no more."""
    names = dict.fromkeys([*after, *before])
    found = [Difference(name, before.get(name, ""), after.get(name, "")) for name in names]
    return [each for each in found if each.before != each.after]


def _lines(pack: Pack) -> Iterator[tuple[str, str]]:
    yield "Version", pack.version
    yield "First day", _day(pack.starts_on)
    yield "Last day", _day(pack.ends_on)
    yield "Sign-off", pack.sign_off
    yield "Source", pack.source
    yield "Youngest age", str(pack.youngest)
    yield "Advice, 999", pack.advice.call_999
    yield "Advice, GP today", pack.advice.gp_same_day
    yield "Advice, GP appointment", pack.advice.gp
    yield "Advice, too young", pack.advice.too_young
    yield "Advice, medicine supply", pack.advice.medicine_supply
    yield from _group_lines("Emergency", pack.emergency)
    for pathway in pack.pathways:
        yield from _pathway_lines(pathway)
    for symptoms in pack.symptom_groups:
        yield from _symptom_lines(symptoms)
    yield "Minor illness not in the list", pack.other_minor_illness
    yield from _numbered("Minor illness, prompt", pack.prompts)


def _pathway_lines(pathway: Pathway) -> Iterator[tuple[str, str]]:
    # By its code: it may be given another name.
    name = f"Pathway {pathway.code}"
    yield f"{name}, name", pathway.name
    yield f"{name}, SNOMED CT", pathway.snomed
    yield f"{name}, for", pathway.who
    yield f"{name}, otherwise", f"minor illness: {pathway.minor_illness}"
    yield f"{name}, prescriber", "needed" if pathway.needs_prescriber else "not needed"
    yield f"{name}, in person", "needed" if pathway.in_person else "not needed"
    yield f"{name}, first day", _day(pathway.starts_on)
    yield f"{name}, last day", _day(pathway.ends_on)
    yield f"{name}, source", pathway.source
    for group in pathway.groups:
        yield from _group_lines(name, group)


def _symptom_lines(symptoms: SymptomGroup) -> Iterator[tuple[str, str]]:
    name = f"Minor illness “{symptoms.name}”"
    yield name, "in the list"
    if symptoms.in_person:
        yield f"{name}, in person", "needed"
    yield from _numbered(f"{name}, prompt", symptoms.prompts)
    for group in symptoms.groups:
        yield from _group_lines(name, group)


def _group_lines(name: str, group: Group) -> Iterator[tuple[str, str]]:
    yield f"{name}, heading {group.code}", f"“{group.ask}”"
    for item in group.items:
        yield f"{name}, question {item.code}", f"“{item.ask}”: {MEANINGS[item.action]}{_of(item)}"
        yield f"{name}, question {item.code}, under", group.code


def _of(item: Item) -> str:
    said = asked_of(item)
    return f" (asked of {said})" if said else ""


def asked_of(item: Item) -> str:
    """Say of whom it is asked, as in women and girls aged 12 to 15; "" where it is everyone."""
    youngest, below = item.from_age, item.below_age
    if not item.sex and not youngest and below is None:
        return ""
    ages = f"aged {youngest} and over" if youngest else ""
    if below is not None:
        ages = f"aged {youngest} to {below - 1}" if youngest else f"younger than {below}"
    return f"{_SEXES[item.sex] or 'people'} {ages}".strip()


def _numbered(name: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, text in enumerate(texts, 1):
        yield f"{name} {number}", text


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "none"


def _ordered(pack: Pack) -> dict[str, list[str]]:
    """Return the codes that stand in an order of the pack's own, by where they stand."""
    groups = [("Emergency", [pack.emergency])]
    groups += [(f"Pathway {each.code}", [*each.groups]) for each in pack.pathways]
    groups += [(f"Minor illness “{each.name}”", [*each.groups]) for each in pack.symptom_groups]
    found = {"Minor illness": [each.name for each in pack.symptom_groups]}
    for name, listed in groups:
        found[name] = [item.code for group in listed for item in group.items]
    return found


def _orders(before: dict[str, list[str]], after: dict[str, list[str]]) -> Iterator[Difference]:
    """Yield where what both packs have stands in another order."""
    for name in before.keys() & after.keys():
        both = set(before[name]) & set(after[name])
        old, new = (
            ", ".join(code for code in codes if code in both)
            for codes in (before[name], after[name])
        )
        if old != new:
            yield Difference(f"{name}, order", old, new)
