"""What people paste, without characters that nobody sees or tells apart.

Pure. Compatibility forms are made plain (Unicode NFKC: full-width letters and digits), and dashes,
apostrophes and spaces of all kinds become the one on a keyboard.
"""

import re
import unicodedata

from accounts.text import characters

_DASHES = "\u02d7\u2043\u2796"  # signs that look like those that Unicode calls dashes
_APOSTROPHES = "\u00b4\u02b9\u02bb\u02bc\u02c8\u2018\u2019\u201b\u2032\u275b\u275c\ua78c\uff07"
_FULL_STOPS = "\u3002\uff61"  # NFKC knows the other ones
_ALIKE = {
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _APOSTROPHES), "'"),
    **dict.fromkeys(map(ord, _FULL_STOPS), "."),
}
_AROUND = " \t\n.,;:'\"\u201c\u201d\u201e()[]<>"  # of an address or code in a list or a sentence
_BRACKETED = re.compile(r"<([^<>]*@[^<>]*)>")


def _seen(text: str) -> str:
    shown = (each for each in text if each.isspace() or not characters.is_unseen(each))
    return " ".join("".join(shown).split())


def plain(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    alike = unicodedata.normalize("NFKC", text.translate(_ALIKE)).translate(_ALIKE)
    return "".join("-" if characters.is_dash(each) else each for each in _seen(alike))


def line(text: str) -> str:
    """Return a text in one line as it is seen, with single spaces; its letters stay as they are.

    Unicode's NFC makes one letter of what is an accented letter on some computers and two
    characters on others.
    """
    return _seen(unicodedata.normalize("NFC", text))


def code(typed: str) -> str:
    return re.sub(r"[ -]", "", plain(typed)).strip(_AROUND)


def address(typed: str) -> str:
    """Return the address in ``Doe, Jane <jane.doe@nhs.net>;`` or ``mailto:jane.doe@nhs.net``."""
    text = plain(typed)
    bracketed = _BRACKETED.findall(text)
    if len(bracketed) == 1:  # of several nobody knows which is meant
        text = bracketed[0]
    text = text.strip(_AROUND)
    if text[:7].casefold() == "mailto:":
        text = text[7:].partition("?")[0].strip(_AROUND)
    return re.sub(r" ?([@.]) ?", r"\1", text)
