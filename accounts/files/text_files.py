"""The text of a file that a program has saved, in whichever of the usual encodings it is.

Pure. A file of today says its encoding, or is UTF-8. One that is neither is Windows's or an old
Mac's: each can be read as the other, and only what comes out tells which is right.
"""

import codecs
import re
from collections.abc import Iterator

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LINE_END = re.compile(rb"\r\n|\r|\n")
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
_NEITHER = "This is not a CSV file or an Excel workbook (.xlsx)"
_WINDOWS, _MAC = "cp1252", "mac_roman"
# An apostrophe inside a word stands after one letter, or before the end of a usual short form.
_SHORT_FORM = re.compile(r"(s|t|d|m|ll|re|ve)\b", re.IGNORECASE)
# Rare in names here: more often another letter that is read wrongly.
_RARE = frozenset("ŠŽŒŸšžœÕÔÒÐ")
_NO_LETTERS = frozenset("ƒªºµ")


class UnreadableError(Exception):
    """A file cannot be used at all; the message is a sentence for its sender."""


def decode(content: bytes, *, must_be_sure: bool = True) -> str:
    """Return the text of a file, with ends of lines of one kind.

    What is not UTF-8 is looked at line by line, since files are put together. A byte that no letter
    has becomes U+FFFD.

    Args:
        must_be_sure: refuse what may be Windows's or a Mac's; else take it for Windows's.

    Raises:
        UnreadableError: it is no text, or nobody can tell what its letters are.
    """
    if not content.startswith(tuple(_MARKS)) and _NO_TEXT.search(content.decode("latin-1")):
        raise UnreadableError(_NEITHER)
    marked = [name for mark, name in _MARKS.items() if content.startswith(mark)]
    text = _marked(content, marked[0]) if marked else _unmarked(content, must_be_sure=must_be_sure)
    if _NO_TEXT.search(text):
        raise UnreadableError(_NEITHER)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _marked(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableError(_NEITHER) from None


def _unmarked(content: bytes, *, must_be_sure: bool) -> str:
    lines = _LINE_END.split(content)
    others = {number: line for number, line in enumerate(lines, 1) if not _is_utf8(line)}
    encoding = _encoding(others) if others and must_be_sure else _WINDOWS
    return "\n".join(
        line.decode(encoding if number in others else "utf-8", errors="replace")
        for number, line in enumerate(lines, 1)
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _encoding(lines: dict[int, bytes]) -> str:
    """Return in which encoding lines make sense, by their numbers.

    Raises:
        UnreadableError: in neither, or in both.
    """
    odd_here, doubtful_here = _oddities(lines, _WINDOWS)
    if not odd_here and not doubtful_here:
        return _WINDOWS
    odd_there, doubtful_there = _oddities(lines, _MAC)
    if odd_here and not odd_there and not doubtful_there:
        return _MAC
    if odd_there and not odd_here:
        return _WINDOWS
    number, start, end = odd_here or doubtful_here or (1, 0, 0)
    line = lines[number]
    here, there = (line.decode(name, errors="replace")[start:end] for name in (_WINDOWS, _MAC))
    raise UnreadableError(
        f"Some letters in this file are unclear: line {number} could be “{here[:30]}” or "
        f"“{there[:30]}”. Save it as an Excel workbook (.xlsx), or as “CSV UTF-8”, and choose that"
    )


_Spot = tuple[int, int, int]  # line, and where a word begins and ends in it


def _oddities(lines: dict[int, bytes], encoding: str) -> tuple[_Spot | None, _Spot | None]:
    # The first spot where something is certainly wrong, and the first where it perhaps is.
    odd = doubtful = None
    for number, line in lines.items():
        for word in re.finditer(r"\S+", line.decode(encoding, errors="replace")):
            verdicts = set(_verdicts(word.group()))
            spot = (number, word.start(), word.end())
            odd = odd or (spot if "odd" in verdicts else None)
            doubtful = doubtful or (spot if "doubtful" in verdicts else None)
    return odd, doubtful


def _verdicts(word: str) -> Iterator[str]:
    for index, letter in enumerate(word):
        if not letter.isascii():
            yield _verdict(word, index, letter)


def _verdict(word: str, index: int, letter: str) -> str:
    """Say whether a letter that is not ASCII is "odd" where it stands, "doubtful" or "" (fine)."""
    before, after = word[index - 1 : index], word[index + 1 : index + 2]
    if letter == "\u2019":
        return _verdict_on_apostrophe(word, index)
    if letter in "\u201c\u201d":  # quotation marks
        return "odd" if (before if letter == "\u201c" else after).isalpha() else ""
    if letter in "\u2013\u2014":  # dashes
        return "doubtful" if before.islower() and after.islower() else ""
    if letter in "£€":
        return ""
    if not letter.isalpha() or letter in _NO_LETTERS:
        return "odd" if before.isalpha() or after.isalpha() else ""
    letters = [each for each in word if each.isalpha()]
    is_odd = (
        before.isalpha() and not all(each.isupper() for each in letters)
        if letter.isupper()
        else after.isupper() or (before.isupper() and word[index - 2 : index - 1].isupper())
    )
    return "odd" if is_odd else "doubtful" if letter in _RARE else ""


def _verdict_on_apostrophe(word: str, index: int) -> str:
    before, after = word[index - 1 : index], word[index + 1 : index + 2]
    if not after.isalpha():  # a plural's, or where a word is quoted
        return "doubtful" if before.isalpha() and before not in "sS" else ""
    begun = re.search(r"[^\W\d_]*$", word[:index])
    is_usual = _SHORT_FORM.match(word, index + 1) or (begun and len(begun.group()) <= 1)
    return "" if is_usual or after.isupper() else "doubtful"
