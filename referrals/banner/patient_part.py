"""What of a banner or letter is about the patient, and not about a practice or another person."""

import re
from collections.abc import Iterator

from referrals.banner.identity import TEN_WHOLE
from referrals.banner.labels import OF_THE_PATIENT, Labelled, labelled

# A surgery's phone and postcode are never taken for the patient's.
_PRACTICE = re.compile(
    r"\b(?:surgery|practice|(?:medical|health|healthcare|walk-in) (?:centre|center|group)|clinic"
    r"|hospital|infirmary|trust|pharmacy|chemist|icb|partnership|pcn|nhs england)\b",
    re.IGNORECASE,
)
_CELL_OR_LINE = re.compile(r"[^\t\n]*\Z")


def patient_part(text: str) -> str:
    text = _subject(text)
    paragraphs = text.split("\n\n")
    if _PRACTICE.search(_without_others(text)):
        # A letterhead may go on below an empty line.
        paragraphs = [each for each in paragraphs if _is_about_the_patient(each)]
    own = (_without_practice(_without_others(each)) for each in paragraphs)
    return "\n\n".join(filter(None, own))


def _subject(text: str) -> str:
    """Of a letter, return the paragraph that says whom it is about."""
    for each in labelled(text):
        if each.kind == "name" and text[each.start : each.start + 2].casefold() == "re":
            return text[each.start :].partition("\n\n")[0]
    return text


def _is_about_the_patient(paragraph: str) -> bool:
    has_label = any(each.kind in OF_THE_PATIENT for each in labelled(paragraph))
    return has_label or bool(TEN_WHOLE.search(paragraph))


def _without_others(text: str) -> str:
    """Leave out what is labelled as another person's or as something else."""
    labels = labelled(text)
    cut = []
    for index, each in enumerate(labels):
        if each.kind == "person":
            cut.append((each.start, _end_of_person(text, each, labels[index + 1 :])))
        elif each.kind == "other":
            cut.append((each.start, each.value_start + len(each.value.partition("\t")[0])))
    return _without(text, cut)


def _end_of_person(text: str, person: Labelled, following: list[Labelled]) -> int:
    # With the phone and address behind it, in the line of the label or in those below it, up to
    # what can only be the patient's.
    end = text.find("\n", person.value_start)
    if "\n" in text[person.start : person.value_start]:
        end = text.find("\n\n", person.start)
    end = len(text) if end < 0 else end
    return next((each.start for each in following if each.kind in OF_THE_PATIENT), end)


def _without_practice(text: str) -> str:
    labels = [each.start for each in labelled(text) if each.kind in OF_THE_PATIENT]
    return _without(text, _practices(text, labels))


def _practices(text: str, labels: list[int]) -> Iterator[tuple[int, int]]:
    for found in _PRACTICE.finditer(text):
        before = _CELL_OR_LINE.search(text, 0, found.start())
        start = before.start() if before else found.start()
        if any(start <= each < found.start() for each in labels):
            start = found.start()
        # What follows is its address and phone, in further lines too.
        yield start, next((each for each in labels if each > start), len(text))


def _without(text: str, cut: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> str:
    made, at = [], 0
    for start, end in cut:
        if end > at:
            made.append(text[at : max(start, at)])
            at = end
    return "\t".join(filter(None, [*made, text[at:]])).strip("\t")
