"""CSV files that others made: read line by line, so that a spoilt line spoils no other.

One line is one row. It knows nothing of what the columns mean.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class UnreadableError(Exception):
    """A file cannot be used at all; the message is a sentence for the operator."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line."""

    line: int  # the first one is 1
    words: str
    code: str = ""  # what stands first in it, where that much can be read: an ODS code

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}"


@dataclass(frozen=True)
class Row:
    """One line's values, each without spaces around it or double ones in it."""

    line: int
    values: list[str]


def read(path: Path) -> list[Row | Fault]:
    """Return a file's rows, empty lines left out.

    Lines may end as on any system. They are UTF-8, with or without byte order mark, or Windows's.

    Raises:
        UnreadableError: there is no such file, or it is none of text.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableError("there is no such file. Check the path.") from None
    except IsADirectoryError:
        raise UnreadableError("this is a folder. Give the path of the file in it.") from None
    except OSError as error:
        raise UnreadableError(
            f"it cannot be read ({error.strerror}). Let the user who runs this read it."
        ) from None
    if b"\0" in content:
        raise UnreadableError("this is no text. Unpack it, or save it as CSV (UTF-8).")
    return list(_rows(content.removeprefix(b"\xef\xbb\xbf")))


def _rows(content: bytes) -> Iterator[Row | Fault]:
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                yield Row(number, _values(_text(line)))
            except ValueError as error:
                yield Fault(number, str(error), _first_value(line))


def _first_value(line: bytes) -> str:
    """Return what a spoilt line begins with, as far as it goes."""
    return re.split(r'[",]', line.decode("latin-1").strip().removeprefix('"'))[0].strip()


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        raise ValueError("it has bytes that are neither UTF-8 nor Windows's.") from None


def _values(line: str) -> list[str]:
    try:
        (values,) = csv.reader([line], strict=True)
    except (csv.Error, ValueError):  # the latter where a quoted line break would join two lines
        raise ValueError("its quotation marks do not pair up.") from None
    tidy = [" ".join(value.split()) for value in values]
    if not all(value.isprintable() for value in tidy):
        raise ValueError("it has control characters.")
    return tidy
