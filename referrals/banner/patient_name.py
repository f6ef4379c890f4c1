"""The patient's name, where what was pasted names one person and no other."""

import re
from itertools import pairwise

from referrals.banner import contact, identity, names
from referrals.banner.identity import ONE_PATIENT, TwoPeopleError
from referrals.banner.labels import Labelled, labelled
from referrals.banner.names import Name

TWO_NAMES = f"There is more than one name in what you pasted. {ONE_PATIENT}"
_FACT = "\v"  # where a number, date or sex was: no text that is tidy has one
_FACTS = frozenset({"number", "born", "sex"})


def cells(text: str) -> list[str]:
    """Return what is left without labels, numbers, dates and phones: names and places."""
    return _cells(_with_facts_marked(text))


def patient_name(text: str) -> tuple[Name | None, str]:
    """Return the name, and why there is none though there may be one.

    Raises:
        TwoPeopleError: there are two.
    """
    if any(not one <= other for one, other in pairwise(sorted(people(text), key=len))):
        raise TwoPeopleError(TWO_NAMES)
    labels, rest = labelled(text), cells(text)
    given, family = _apart(labels)
    if given or family:
        name = names.labelled_apart(given[0], family[0]) if given and family else None
        return name, "" if name else "there is not one of each"
    named = [_labelled_name(text, each) for each in labels if each.kind == "name"]
    loose = [names.split(cell, is_labelled=False, is_first=not at) for at, cell in enumerate(rest)]
    for found in (named, [names.in_columns(rest)], [name for name, _ in loose]):
        if ways := set(found) - {None}:
            return (ways.pop(), "") if len(ways) == 1 else (None, "it is written in two ways")
    return None, "we cannot tell first and last name apart" if named else ""


def people(text: str) -> set[frozenset[str]]:
    """Return the words of each name, and of each cell that may be one."""
    marked, labels = _with_facts_marked(text), labelled(text)
    outside = contact.without_address(_cells(marked))
    kept = frozenset(outside)
    rows = [[cell for cell in _cells(row) if cell in kept] for row in marked.split("\n")]
    # A second name has no title as often as the first.
    found = [names.split(cell, is_labelled=False, is_first=True)[0] for cell in outside]
    threes = [(at, row[at : at + 3]) for row in rows for at in range(len(row))]
    found += [names.in_columns(each) for at, each in threes if not at or names.has_title(each)]
    found += [_labelled_name(text, each) for each in labels if each.kind == "name"]
    texts = [" ".join(each) for each in found if each]
    given, family = _apart(labels)
    texts += [" ".join(given + family)] if len(given) <= 1 >= len(family) else given + family
    heads = [cell for each in marked.split(_FACT)[:-1] for cell in _cells(each)[-1:]]
    heads += [cell for cell in outside if names.begins_with_title(cell)]
    texts += filter(names.may_be, heads)
    return {words for each in texts if (words := names.words_of(each))}


def _apart(labels: list[Labelled]) -> list[list[str]]:
    kinds = ("given", "family")
    return [sorted({each.cell for each in labels if each.kind == kind}) for kind in kinds]


def _labelled_name(text: str, label: Labelled) -> Name | None:
    # What a letter is about may be something else than a person.
    is_subject = text[label.start : label.start + 2].casefold() == "re"
    return names.split(label.cell, is_labelled=not is_subject, is_first=True)[0]


def _cells(text: str) -> list[str]:
    return [cell for each in re.split(r"[\t\n\v]", text) if (cell := each.strip(" ,;.-"))]


def _with_facts_marked(text: str) -> str:
    made, at = [], 0
    for each in labelled(text):
        made += [text[at : max(at, each.start)], _FACT if each.kind in _FACTS else ""]
        end = each.value_start
        if each.kind in {"family", "given"}:
            end += len(each.value.partition("\t")[0])
        elif each.kind == "sex" and (found := re.match(r"\w+", each.value)):
            end += found.end()
        at = max(at, end)
    rest = "\t".join([*made, text[at:]])
    return contact.without_phones(identity.without_identity(rest, instead=_FACT))
