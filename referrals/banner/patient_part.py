"""What of a banner or letter is about the patient, and not about a practice or another person."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from referrals.banner import contact
from referrals.banner.identity import TEN_WHOLE
from referrals.banner.labels import OF_THE_PATIENT, RELATIVE, Labelled, labelled

# A surgery's phone and postcode are never taken for the patient's.
_PRACTICE = re.compile(
    r"\b(?:surgery|practice|(?:medical|health|healthcare|walk-in) (?:centre|center|group)|clinic"
    r"|hospital|infirmary|trust|pharmacy|chemist|icb|partnership|pcn|nhs england)\b",
    re.IGNORECASE,
)
_CELL_OR_LINE = re.compile(r"[^\t\n]*\Z")
_TO_REACH_THEM = frozenset({"mobile", "phone", "address"})
Span = tuple[int, int]


class Parts(NamedTuple):
    """What is the patient's, and what may be another person's."""

    identity: str  # here a name, NHS number, date of birth or sex can only be the patient's
    contact: str  # likewise an address or phone
    doubtful: frozenset[str]  # the kinds of labels that may be another person's


class _Mention(NamedTuple):
    """A word that says that another person is meant."""

    start: int  # of what may be theirs
    at: int
    is_heading: bool  # what is theirs stands below it


def parts(text: str) -> Parts:
    text = _subject(text)
    labels = labelled(text)
    named = [each.start for each in labels if each.is_patient]
    mentions = list(_mentions(text, labels))
    # Whose an NHS number below a relative is, nobody knows before the patient is named as such.
    doubtful = _merged((each.start, _next(named, each.at, len(text))) for each in mentions)
    theirs = [(each.start, _end_of_relative(text, each, labels)) for each in mentions]
    others = list(_others(text, labels))
    kinds = (each.kind for at, end in doubtful for each in labels if at <= each.start < end)
    return Parts(_own(text, [*doubtful, *others]), _own(text, [*theirs, *others]), frozenset(kinds))


def _subject(text: str) -> str:
    """Of a letter, return the paragraph that says whom it is about."""
    for each in labelled(text):
        if each.kind == "name" and text[each.start : each.start + 2].casefold() == "re":
            return text[each.start :].partition("\n\n")[0]
    return text


def _mentions(text: str, labels: list[Labelled]) -> Iterator[_Mention]:
    own = {each.start: each for each in labels if each.kind == "relative"}
    for at in sorted({*own, *(each.start() for each in RELATIVE.finditer(text))}):
        between = text[at : own[at].value_start] if at in own else ""
        if text[at : at + 8].casefold() == "relation":
            start = max(text.rfind("\n\n", 0, at), 0)  # of whom stands above it
        elif re.search("[:=]", between):
            start = at
        else:
            start = text.rfind("\n", 0, at) + 1  # SMITH, Jane (mother)
        yield _Mention(start, at, is_heading="\n" in between)


def _end_of_relative(text: str, mention: _Mention, labels: list[Labelled]) -> int:
    """Return where a relative's phone and address end."""
    end = _find(text, "\n\n" if mention.is_heading else "\n", mention.at)
    # The phone in the next line is theirs where they have none yet.
    for each in labels[bisect_left(labels, end, key=_start) :]:
        is_next = each.start == end + 1 and each.kind in _TO_REACH_THEM
        if not is_next or contact.has_phone(text[mention.at : end]):
            break
        end = _find(text, "\n", each.start)
    return _next(_of_the_patient(labels), end - 1, end)


def _others(text: str, labels: list[Labelled]) -> Iterator[Span]:
    """Find what is labelled as a practice's or as something else."""
    starts = _of_the_patient(labels)
    for each in labels:
        if each.kind == "practice":
            # With its phone and address, in the line of the label or in those below it, up to what
            # can only be the patient's: a practice has no date of birth.
            is_heading = "\n" in text[each.start : each.value_start]
            end = _find(text, "\n\n" if is_heading else "\n", each.start)
            yield each.start, _next(starts, each.start, end)
        elif each.kind == "other":
            yield each.start, each.value_start + len(each.value.partition("\t")[0])


def _of_the_patient(labels: list[Labelled]) -> list[int]:
    return [each.start for each in labels if each.kind in OF_THE_PATIENT]


def _start(label: Labelled) -> int:
    return label.start


def _find(text: str, what: str, at: int) -> int:
    end = text.find(what, at)
    return len(text) if end < 0 else end


def _next(starts: list[int], at: int, otherwise: int) -> int:
    found = bisect_right(starts, at)
    return starts[found] if found < len(starts) else otherwise


def _merged(spans: Iterable[Span]) -> list[Span]:
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _own(text: str, cut: Iterable[Span]) -> str:
    paragraphs = _without(text, cut).split("\n\n")
    if _PRACTICE.search("\n\n".join(paragraphs)):
        # A letterhead may go on below an empty line.
        paragraphs = [each for each in paragraphs if _is_about_the_patient(each)]
    return "\n\n".join(filter(None, map(_without_practice, paragraphs)))


def _is_about_the_patient(paragraph: str) -> bool:
    has_label = any(each.kind in OF_THE_PATIENT for each in labelled(paragraph))
    return has_label or bool(TEN_WHOLE.search(paragraph))


def _without_practice(text: str) -> str:
    labels = [each.start for each in labelled(text) if each.kind in OF_THE_PATIENT]
    return _without(text, _practices(text, labels))


def _practices(text: str, labels: list[int]) -> Iterator[Span]:
    for found in _PRACTICE.finditer(text):
        before = _CELL_OR_LINE.search(text, 0, found.start())
        start = before.start() if before else found.start()
        if any(start <= each < found.start() for each in labels):
            start = found.start()
        # What follows is its address and phone, in further lines too.
        yield start, next((each for each in labels if each > start), len(text))


def _without(text: str, cut: Iterable[Span]) -> str:
    made, at = [], 0
    for start, end in _merged(cut):
        made.append(text[at:start])
        at = end
    return "\t".join(filter(None, [*made, text[at:]])).strip("\t")
