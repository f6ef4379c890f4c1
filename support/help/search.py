"""Finds pages of help by what people type: plain words, what they call things, small mistakes.

What is typed may be a patient's name: it is compared, and neither stored nor logged.
"""

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches

from support.help import pages
from support.help.pages import HelpPage
from support.region.content import Region
from support.region.current import current

MOST_WORDS = 12  # of what is typed: who needs more has pasted something
MOST_FOUND = 8
IN_TITLE, IN_KEYWORDS, IN_TEXT = 6.0, 4.0, 1.0
MISSPELT = 0.5  # of what the word itself would count
SHORTEST_MISSPELT = 4  # letters
ALIKE = 0.8  # as difflib counts it: one letter wrong in five
LEAST_SHARE = 0.34  # of the best page's score: what has less is there by chance
LONGEST_WORD = 30
_IGNORED_WORDS = """
a about am an and any are as at be been but by can cannot cant could couldnt did didnt do does
doesnt dont for from get got had hadnt has hasnt have havent help how i if im in is isnt it its ive
me my not of on or our please so that the their them then there they this to was wasnt we what when
where which who why will with would wouldnt you your
"""
_IGNORED = frozenset(_IGNORED_WORDS.split())
_ENDINGS = ("ing", "ed", "es", "s", "d", "e")


@dataclass(frozen=True)
class FoundPage:
    title: str
    address: str
    line: str  # of its text, with what was looked for


@dataclass(frozen=True)
class _Indexed:
    page: HelpPage
    passages: list[str]
    weights: dict[str, float]  # by stem


def words_of(text: str) -> list[str]:
    """Return the stems of the words of a text that say something."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = re.sub(r"['\u2019\u0300-\u036f]", "", plain)
    # As people write it in two words, or with a hyphen.
    plain = re.sub(r"\b2[ -]?(fast|fa)\b", r"2\1", plain)
    plain = re.sub(r"\b(?:log|sign)[ -]?(?:in|on)\b", "login", plain)
    found = re.findall(r"[^\W_]+", plain)
    telling = (word for word in found if word not in _IGNORED and not word.isdigit())
    return [_stem(word[:LONGEST_WORD]) for word in telling]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 3:
            return word.removesuffix(ending)
    return word


def _indexed(page: HelpPage) -> _Indexed:
    passages = page.passages()
    weights: dict[str, float] = {}
    for weight, text in (
        (IN_TITLE, page.title),
        (IN_KEYWORDS, page.keywords),
        (IN_TEXT, " ".join(passages)),
    ):
        for word in set(words_of(text)):
            weights[word] = max(weights.get(word, 0.0), weight)
    return _Indexed(page, passages, weights)


@dataclass(frozen=True)
class _Index:
    """What all pages say, and how much each stem tells: what stands on every page tells little."""

    region: Region
    pages: list[_Indexed]
    rarity: dict[str, float]


def _read(region: Region) -> _Index:
    found = [_indexed(page) for page in pages.every()]
    on = Counter(word for each in found for word in each.weights)
    return _Index(region, found, {word: math.log(1 + len(found) / on[word]) for word in on})


class _LastIndex:
    """Read once a process, and anew when the region says something else: it takes a while."""

    def __init__(self) -> None:
        self._last: _Index | None = None

    def now(self) -> _Index:
        region, last = current(), self._last
        if last is None or last.region is not region:
            last = self._last = _read(region)
        return last


_last_index = _LastIndex()


def _meant(word: str, rarity: dict[str, float]) -> dict[str, float]:
    if word in rarity:
        return {word: rarity[word]}
    if len(word) < SHORTEST_MISSPELT:
        return {}
    alike = get_close_matches(word, rarity, n=2, cutoff=ALIKE)
    return {each: MISSPELT * rarity[each] for each in alike}


def find(typed: str) -> list[FoundPage]:
    index = _last_index.now()
    words = dict.fromkeys(words_of(typed)[:MOST_WORDS])
    meant = [_meant(word, index.rarity) for word in words]
    scored = [(each, _score(each, meant)) for each in index.pages]
    best = max((score for _, score in scored), default=0.0)
    fitting = [pair for pair in scored if pair[1] > 0 and pair[1] >= LEAST_SHARE * best]
    fitting.sort(key=lambda pair: -pair[1])
    stems = {stem for each in meant for stem in each}
    return [_found(each, stems) for each, _ in fitting[:MOST_FOUND]]


def _score(indexed: _Indexed, meant: list[dict[str, float]]) -> float:
    # Who types three words wants the page that has all three.
    counted = [
        max((indexed.weights.get(stem, 0.0) * weight for stem, weight in each.items()), default=0.0)
        for each in meant
    ]
    return sum(counted) * sum(1 for each in counted if each)


def _found(indexed: _Indexed, stems: set[str]) -> FoundPage:
    def fits(passage: str) -> int:
        return len(stems & set(words_of(passage)))

    sentences = [text for text in indexed.passages if text.endswith(".")] or indexed.passages
    line = max(sentences, key=fits, default="")  # of several, the first
    return FoundPage(indexed.page.title, indexed.page.address, line)
