"""FHIR's primitive values, made of Python's: text that any receiver can read, and instants.

Source: FHIR R4, Data Types; a string may hold no character below U+0020 but tab and line ends.
"""

import re
from datetime import UTC, datetime

# Control characters, half a surrogate pair, and what is no character: neither FHIR nor the XML
# into which a receiver may turn our JSON has a place for them.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_OTHER_SPACE = re.compile(r"[^\S\t\n ]")  # a space that does not break, an em's width


def is_clean(text: str) -> bool:
    """Return whether FHIR allows ``text`` as it is; blank text it does not."""
    return bool(text.strip()) and not _FORBIDDEN.search(text)


def paragraphs(typed: str) -> str:
    """Return ``typed`` without what FHIR forbids, its line ends and tabs kept."""
    text = _LINE_END.sub("\n", typed)
    return _OTHER_SPACE.sub(" ", _FORBIDDEN.sub("", text)).strip()


def line(typed: str) -> str:
    """Return ``typed`` without what FHIR forbids, in one line with single spaces."""
    return " ".join(paragraphs(typed).split())


def instant(moment: datetime) -> str:
    """Return ``moment`` in UTC with seven decimals, as BaRS asks of ``lastUpdated``.

    Raises:
        ValueError: ``moment`` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("A moment must have a time zone.")
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0+00:00"
