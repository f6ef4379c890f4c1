"""Names and addresses that ODS writes in capitals, as people write them.

Capitals do not say what a word was: "ROSS" may be a name and "RSS" initials. These rules are right
for most, and wrong in looks only: codes, not names, say which organisation is meant.
"""

import re

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_ADDRESS_IN_THE_WEB = re.compile(r"\S+\.(?:COM|CO\.UK|ORG|NET)\b", re.IGNORECASE)
_COMMA = re.compile(r" *, *(?=\S)")
_INSIDE_A_PHRASE = re.compile(r"[^\W\d_]['\u2019]?[ -]\Z")  # not after "38": 38 The Avenue

# Short words without a vowel are initials, but for these.
_SHORTENED = re.compile(
    "BD|BDG|BLD|BLK|CL|CNT|CR|CRT|CT|CTR|DRS?|FL|FLR|FT|GDNS?|GDS|GR|GRD|GRN|GRP|GT|HPL|HSP|HTH|JNR"
    "|LN|LTD|MKT|MRS?|MS|MT|NR|NTH|PK|PLZ?|PRK|PTN?|RD|RTL|SNR|SQ|SRG|STH?|STN|STR|TCR|TR"
)
_INITIALS = re.compile(
    "APMS|BHI|CIC|GPS?|HCRC|LLP|NHS|PCC|PCRC|PHCC|PMS|UCL|UEA|UK|III?|IV|VI{1,3}|IX|XII?"
)
_SMALL = re.compile("AND|AT|BY|CUM|DE|EN|FOR|IN|LE|OF|ON|THE|TO|UNDER|UPON")


def readable(text: str) -> str:
    """Return ``text`` in capitals and small letters; one that has small letters is left alone."""
    if text != text.upper():
        return text
    text = _COMMA.sub(", ", text)
    text = _WORD.sub(lambda word: _cased(word[0], text[: word.start()], text[word.end() :]), text)
    return _ADDRESS_IN_THE_WEB.sub(lambda found: found[0].lower(), text)


def _cased(word: str, before: str, after: str) -> str:
    if before[-1:].isdigit() or after[:1].isdigit():
        return _beside_a_digit(word, before)
    if _SMALL.fullmatch(word) and _INSIDE_A_PHRASE.search(before):
        return word.lower()
    if _INITIALS.fullmatch(word) or _is_without_vowel(word):
        return word
    first, *rest = re.split(r"['\u2019]", word)
    if rest:
        return _with_apostrophe(word, first, rest[0])
    return _capitalised(word)


def _beside_a_digit(word: str, before: str) -> str:
    if re.search(r"\d\Z", before) and word in {"ST", "ND", "RD", "TH"}:
        return word.lower()
    return word.capitalize() if len(word) > 3 else word  # Unit9, 10A, 24HR


def _is_without_vowel(word: str) -> bool:
    return (
        len(word) <= 3
        and not _SHORTENED.fullmatch(word)
        and not re.search(r"[AEIOUY'\u2019]", word)
    )


def _with_apostrophe(word: str, first: str, second: str) -> str:
    if first in {"O", "D"} and len(second) > 2:
        return f"{first}{word[1]}{_capitalised(word[2:])}"
    return _capitalised(word)


def _capitalised(word: str) -> str:
    # As in "Surgery", "John's" and "McDonald".
    if word.startswith("MC") and len(word) > 4:
        return f"Mc{word[2:].capitalize()}"
    return word.capitalize()
