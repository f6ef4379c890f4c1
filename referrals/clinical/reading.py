"""Reads a content pack from its folder: each fault is a sentence with its file and key."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from referrals import toml_files
from referrals.clinical import snomed
from referrals.clinical.packs import (
    MEDICINE_SUPPLY,
    MINOR_ILLNESS,
    Action,
    Group,
    Pack,
    PackFile,
    Pathway,
    SymptomGroup,
)

PACK_FILE = "pack.toml"
# Of all that is asked where a pathway or symptom group is chosen, with emergencies and inherited
# red flags: what a referral keeps is bounded, and none of them may be lost there.
MOST_QUESTIONS = 90


class PackError(Exception):
    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def read_pack(folder: Path) -> Pack:
    """Raises PackError with every fault that can be found at once."""
    head = toml_files.read(folder / PACK_FILE, PackFile)
    pathways: list[Pathway] = []
    faults = [] if isinstance(head, PackFile) else [head]
    for path in sorted(folder.glob("*.toml")):
        if path.name == PACK_FILE:
            continue
        pathway = toml_files.read(path, Pathway)
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
    for symptoms in (*pack.symptom_groups, SymptomGroup(name=pack.other_minor_illness)):
        keys = f"{PACK_FILE}, symptom_groups “{symptoms.name}”"
        asked = pack.groups(MINOR_ILLNESS, symptoms.name)
        yield from (f"{keys} {fault}" for fault in _faults_of_groups(symptoms.groups, asked))


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
    otherwise = pack.symptom_group(pathway.minor_illness)
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
            otherwise is not None,
            f"minor_illness: {PACK_FILE} has no symptom group “{pathway.minor_illness}”",
        ),
        (
            otherwise is None or not otherwise.groups,
            f"minor_illness: “{pathway.minor_illness}” asks questions in {PACK_FILE}: do it here",
        ),
        (
            otherwise is None or otherwise.in_person or not pathway.in_person,
            f"minor_illness: “{pathway.minor_illness}” must be in_person in {PACK_FILE} too",
        ),
        (
            has_red_flags == sorted(has_red_flags, reverse=True),
            "groups: those with red flags must come first",
        ),
    )
    yield from (fault for is_kept, fault in rules if not is_kept)
    yield from _faults_of_groups(pathway.groups, pack.groups(pathway.code, ""))


def _faults_of_groups(groups: Iterable[Group], asked: Iterable[Group]) -> Iterator[str]:
    """Yield faults of a condition's own groups, and of all that is asked where it is chosen."""
    if sum(len(group.items) for group in asked) > MOST_QUESTIONS:
        yield f"groups: too many questions, with all that is asked there more than {MOST_QUESTIONS}"
    for item in (item for group in groups for item in group.items):
        if item.below_age is not None and item.below_age <= item.from_age:
            yield f"items “{item.code}” below_age: is not above from_age"


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
                yield from _odd_texts(value, f"{keys} {toml_files.name_of(value, number)}")
