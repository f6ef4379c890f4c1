"""What people type, as it can be seen: what is checked is what is sent."""

import re
import unicodedata

from accounts.text.characters import is_dash, is_unseen

# They change how letters of some scripts join; beside a Latin one they are only unseen.
_JOINER = re.compile("(?<![^\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f])")
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")


def visible(text: str) -> str:
    """Return text without characters that nobody sees."""
    if text.isascii() and text.isprintable():  # most
        return text
    kept = "".join(each for each in text if each in "\n\t\u200c\u200d" or not is_unseen(each))
    return _JOINER.sub("", kept)


def one_line(text: str) -> str:
    return " ".join(visible(_LINE_END.sub("\n", text)).split())


def passage(text: str) -> str:
    # A line end counts once, however it is written.
    return visible(_LINE_END.sub("\n", text))


def person_name(text: str) -> str:
    """Return a name on one line, with plain hyphens, each letter with its marks one character."""
    hyphened = "".join(
        "-" if is_dash(letter) else letter for letter in unicodedata.normalize("NFC", text)
    )
    return one_line(hyphened)


def has_letters(text: str) -> bool:
    # A hyphen or a dot is no name.
    return any(letter.isalpha() for letter in text)
