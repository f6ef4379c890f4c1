"""What people type, as it can be seen: what is checked is what is sent."""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn"}  # control, format, private, and none at all


def visible(text: str) -> str:
    """Return text without characters that nobody sees."""
    return "".join(
        letter
        for letter in text
        if letter in "\n\t\u200c\u200d" or unicodedata.category(letter) not in _HIDDEN
    )


def one_line(text: str) -> str:
    """Return text as it can be seen, on one line."""
    return " ".join(visible(text).split())


def passage(text: str) -> str:
    """Return text as it can be seen; a line end counts once, however the browser sends it."""
    return visible(text.replace("\r\n", "\n"))
