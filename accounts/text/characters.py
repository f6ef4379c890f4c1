"""Characters that come along when something is pasted: unseen, wide, and dashes of all kinds. Pure.

Source: Unicode Character Database, general categories and Default_Ignorable_Code_Point.
"""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn"}  # control, format, private, and none at all
# Shown as nothing, though Unicode counts them among letters, marks and signs.
_EMPTY = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x1810))
_WIDE = range(0xFF01, 0xFF5F)  # of ASCII from ! on
_FROM_WIDE = 0xFF01 - ord("!")


def is_unseen(letter: str) -> bool:
    # Line ends and tabs count too.
    if letter in _EMPTY or any(ord(letter) in each for each in _SELECTORS):
        return True
    return unicodedata.category(letter) in _HIDDEN


def is_dash(letter: str) -> bool:
    return letter == "\u2212" or unicodedata.category(letter) == "Pd"


def plain(text: str) -> str:
    """Return a number, code or date with plain digits, hyphens and spaces, and nothing unseen."""
    if text.isascii() and text.isprintable():  # most
        return text
    return "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    if ord(letter) in _WIDE:
        letter = chr(ord(letter) - _FROM_WIDE)
    if letter.isspace():
        return " "
    if is_dash(letter):
        return "-"
    return "" if is_unseen(letter) else letter
