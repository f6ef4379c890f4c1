"""Labels in a banner, and the text behind each of them.

Cells of a line are apart by tabs: ``tidy`` makes one of a bar and of two spaces or more.
"""

import re
from typing import NamedTuple

from accounts.text.characters import plain
from referrals.clean_text import passage

_APART = re.compile(r" *\t[ \t]*| {2,}| ?\| ?| [\u00b7\u2022] ")
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc`\u00b4", "'"))
_CALLS = r"(?: ?(?:tel(?:ephone)?|phone|number|no)\b\.?)*"
_NUMBER = (
    r"nhs ?(?:number|num|no|nr)\b\.?|nhs(?= ?[:#-]? ?[0-9])|chi(?: (?:number|no)\b\.?)?"
    r"|h ?& ?c(?: (?:number|no)\b\.?)?|health and care (?:number|no)\b\.?"
)
_BORN = r"date of birth|birth ?date|d\.? ?o\.? ?b\b\.?|born(?: on)?"
_SEX = r"(?:(?:administrative|legal|current) )?(?:gender|sex)(?: at birth)?"
_RELATIVES = (
    r"(?:(?:great|grand|god|foster|half|step)[ -]?){0,2}"
    r"(?:mother|father|parent|mum|mummy|dad|daddy|son|daughter|sister|brother)s?"
    r"|gran(?:ny|dad|ma|pa)?|(?:legal )?guardians?|carers?|husband|wife|spouse|partner"
    r"|fianc[e\u00e9]e?|(?:boy|girl)?friend|aunt(?:ie|y)?|uncle|cousin|niece|nephew|siblings?|twin"
    r"|neighbour|next of kin|n\.?o\.?k\b\.?|relatives?|relation(?:ship)?|emergency contact"
    r"|(?:lasting )?power of attorney|attorney|advocate|(?:social|support|key) ?worker|c/o"
)
RELATIVE = re.compile(rf"\b(?:{_RELATIVES})\b", re.IGNORECASE)
_THEIR = (
    rf"{_NUMBER}|{_BORN}|{_SEX}|(?:first|given|last|family|maiden|full) names?|surname|forenames?"
)
_THEIRS = "details|name|address|tel(?:ephone)?|phone|mobile|number|no"
_WHOSE = r"(?:(?:patient(?:'s)?|full|legal) )?"
# What is about a relative; about a practice or the like, whose name, phone and address may follow;
# about something else; and what we take.
_KINDS = {
    "relative": (
        rf"(?:{_RELATIVES}|child(?:ren)?|baby|dependants?|household|contact(?: person)?"
        rf"(?= ?[:=]|[\t\n]| (?:name|details)))(?:'s?)?(?: (?:{_THEIRS}|{_THEIR}))*"
        rf"|(?!patient)[^\W\d_]{{2,30}}'s? (?:{_THEIR})"
    ),
    "practice": (
        r"(?:consultant|clinician|doctor|(?:nominated )?pharmacy|surgery|hospital|school|employer"
        r"|(?:usual |registered |named |accountable |referring )?(?:gp|doctor|practice|surgery)"
        rf"(?: practice| surgery)?)(?:'s)?(?: (?:{_THEIRS}))*|(?:previous|temporary|old) address"
    ),
    "other": (
        r"aged?|e-?mail(?: address)?|ethnic(?:ity| origin)|religion|language|marital status"
        r"|preferred name|known as|(?:previous|former|maiden) (?:sur)?name|alias(?:es)?|title"
        r"|(?:emis|hospital|patient|local|record|unit|clinic|system) (?:no|number|id|ref)\b\.?"
        r"|mrn|crn|(?:our |your )?ref(?:erence)?|allerg(?:y|ies)|status|deceased|occupation"
        r"|(?:date )?(?:registered|printed|seen|typed|dictated|referred)(?: on| at)?"
        r"|(?:registration|clinic|appointment|referral|letter) date|date|fax|cc|from|to"
        rf"|gender identity|pronouns|work{_CALLS}"
    ),
    "number": _NUMBER,
    "born": _BORN,
    "sex": _SEX,
    "postcode": r"post ?code",
    "address": rf"(?:(?:home|usual|main|current|postal) )?{_WHOSE}address",
    "mobile": rf"mob(?:ile)?\b\.?{_CALLS}",
    "home": rf"home{_CALLS}",
    "phone": (
        r"(?:(?:contact|preferred|day(?:time)?|main|patient) )?"
        rf"(?:tel(?:ephone)?|phone|contact (?:number|no))\b\.?{_CALLS}"
    ),
    "family": r"surname|(?:family|last) name",
    "given": r"(?:first|given) names?|forenames?(?:\(s\))?",
    "name": rf"{_WHOSE}name|patient(?: details)?|re",
}
# Most labels have a colon behind them, or a cell to themselves. These need neither; before a phone
# stands a number.
_WITHOUT_COLON = {
    **dict.fromkeys(("number", "born", "sex", "postcode"), r"(?=[\s#.(-])"),
    **dict.fromkeys(("mobile", "home", "phone"), r"(?= ?-? ?[+(0-9])"),
}
_LABEL = re.compile(
    r"(?<![^\W_])(?<![-'/&])(?:"
    + "|".join(
        rf"(?P<{kind}>(?:{words})(?: ?[:=]|{_WITHOUT_COLON.get(kind, '(?!)')}|(?=[\t\n]|\Z)))"
        for kind, words in _KINDS.items()
    )
    + ")",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[ \t#.(-]*\n?[ \t]*")  # a label and what stands there, or in the next line
OF_THE_PATIENT = frozenset({"number", "born", "sex", "family", "given", "name"})


class Labelled(NamedTuple):
    kind: str
    start: int
    value: str  # up to the next label, or the end of the line
    value_start: int
    rest: str  # up to the next label, or an empty line
    is_patient: bool  # it begins a cell, and says that the patient follows

    @property
    def cell(self) -> str:
        return self.value.partition("\t")[0].strip(" ,;")


def tidy(text: str) -> str:
    lines = passage(text).translate(_APOSTROPHES).split("\n")
    rows = ([plain(cell).strip() for cell in _APART.split(line)] for line in lines)
    cells = [[cell for cell in row if cell] for row in rows]
    return "\n".join("\t".join(row) for row in _with_headings_beside(cells)).strip("\n")


def _with_headings_beside(rows: list[list[str]]) -> list[list[str]]:
    """Put the headings of a table beside what stands below them, as labels."""
    made: list[list[str]] = []
    for row in rows:
        above = made[-1] if made else []
        if len(above) > 1 and len(above) == len(row) and all(map(_LABEL.fullmatch, above)):
            pairs = zip(above, row, strict=True)
            made[-1:] = [[f"{heading.rstrip(' :=')}: {cell}"] for heading, cell in pairs]
        else:
            made.append(row)
    return made


def labelled(text: str) -> list[Labelled]:
    found = [each for each in _LABEL.finditer(text) if _is_label(text, each)]
    ends = [*(each.start() for each in found), len(text)][1:]
    return [_labelled(text, each, end) for each, end in zip(found, ends, strict=True)]


def _is_label(text: str, found: re.Match[str]) -> bool:
    is_cell, has_colon = _begins_cell(text, found.start()), found[0][-1] in ":="
    if found[0].casefold().startswith("re") and found.lastgroup == "name":
        return is_cell and has_colon  # of a letter
    return is_cell or has_colon or found.lastgroup in _WITHOUT_COLON


def _begins_cell(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] in "\t\n"


def _labelled(text: str, found: re.Match[str], end: int) -> Labelled:
    between = _BETWEEN.match(text, found.end(), end)
    start = between.end() if between else found.end()
    rest = text[start:end].partition("\n\n")[0]
    kind = found.lastgroup or ""
    is_patient = kind == "name" and found[0].casefold().startswith("patient")
    return Labelled(
        kind,
        found.start(),
        rest.partition("\n")[0],
        start,
        rest,
        is_patient and _begins_cell(text, found.start()),
    )
