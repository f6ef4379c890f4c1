"""Tables that people keep in spreadsheets: pasted, saved as CSV of any kind, or as a workbook.

Pure: it finds headings and rows, and knows nothing of what the columns mean. A spoilt line spoils
no other.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from accounts.files import text_files
from accounts.files.text_files import UnreadableError
from accounts.files.workbooks import BEGINNING, SAVE_AS, Sheet, Workbook

IsHeading = Callable[[Sequence[str]], bool]
LONGEST = 2000  # characters of a row
MOST_JOINED = 20  # lines of a row: a cell may have line breaks
MOST_ABOVE = 30  # lines, in which headings are looked for
PERSONS_CELLS = 3  # with an address in one of them it is a row, and no title
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # and any other that has a password
_PASSWORD = "EncryptedPackage".encode("utf-16-le")
_EMPTY = ' \t,;"'
_SEPARATORS = "\t;,"
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<separator>[\t;,|])"?[\t;,| ]*', re.IGNORECASE)
_UNPAIRED = "The quotation marks in this line do not pair up"
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Record:
    """A row's cells, each without spaces around it or double ones in it."""

    line: int  # where it begins; the first one is 1
    cells: list[str]


@dataclass(frozen=True)
class Fault:
    line: int
    words: str
    about: str = ""  # what stands first in it, where that much can be read

    def __str__(self) -> str:
        return f"line {self.line}: {self.words.removesuffix('.')}."


@dataclass(frozen=True)
class Table:
    """What a text says: headings if it has any, and what stands below."""

    heading: Record | None
    above: list[int]  # lines above the headings, which are left out
    rows: list[Record | Fault]


@dataclass(frozen=True)
class TableText:
    """What a file says, line by line, and what its sender should know of how it was read."""

    text: str
    notes: list[str] = field(default_factory=list)


def without_headings(_: Sequence[str]) -> bool:
    return False


def opened(content: bytes, is_heading: IsHeading, *, must_be_sure: bool = True) -> TableText:
    """Return a file's text; a workbook's has a line for each row, with tabs between the cells.

    Args:
        must_be_sure: see ``text_files.decode``.

    Raises:
        UnreadableError: it is neither a text nor a workbook, or it is far too large.
    """
    if content.startswith(BEGINNING):
        return _of_workbook(content, is_heading)
    if content.startswith(_OLD_WORKBOOK):
        has_password = _PASSWORD in content
        kind = "a workbook with a password" if has_password else "a pre-2007 Excel workbook"
        without = ", without one" if has_password else ""
        raise UnreadableError(f"This is {kind}. {SAVE_AS}{without}")
    return TableText(tidy(text_files.decode(content, must_be_sure=must_be_sure)))


def _of_workbook(content: bytes, is_heading: IsHeading) -> TableText:
    book = Workbook(content)
    sheet = _chosen(book, is_heading)
    written = io.StringIO()
    lines = csv.writer(written, delimiter="\t", lineterminator="\n")
    for row in sheet.rows:  # one that is empty has its line, so that both have the same numbers
        lines.writerow([" ".join(cell.split()) for cell in row])
    notes = []
    if others := [f"“{name}”" for name in book.names if name != sheet.name]:
        notes.append(f"This is the sheet “{sheet.name}”. Not read: {', '.join(others)}")
    if count := len(sheet.hidden):
        rows = "1 hidden row is" if count == 1 else f"{count:,} hidden rows are"
        notes.append(
            f"{rows} left out: {ranges(sheet.hidden)}. Show them in the workbook if they "
            "belong to the list"
        )
    return TableText(tidy(written.getvalue()), notes)


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers as people write them: 4, 7 to 9."""
    known = sorted(set(numbers))
    starts = sorted(set(known) - {number + 1 for number in known})
    ends = sorted(set(known) - {number - 1 for number in known})
    pairs = zip(starts, ends, strict=True)
    return ", ".join(f"{a:,}" if a == b else f"{a:,} to {b:,}" for a, b in pairs)


def _chosen(book: Workbook, is_heading: IsHeading) -> Sheet:
    found, why_not = None, UnreadableError("This workbook is empty")
    for name in book.names:
        try:
            sheet = book.sheet(name)
        except UnreadableError as error:
            why_not = error
            continue
        if any(map(is_heading, sheet.rows[:MOST_ABOVE])):
            return sheet
        if found is None and any(map(any, sheet.rows)):
            found = sheet
    if found is None:
        raise why_not
    return found


def tidy(text: str) -> str:
    """Return a text as a page can show it: with ends of lines of one kind, and all to be seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    odd = {letter for letter in set(text) - {"\n", "\t"} if not letter.isprintable()}
    text = text.translate({ord(each): " " if each.isspace() else None for each in odd})
    return text.rstrip("\n")


def table(text: str, is_heading: IsHeading) -> Table:
    """Return what stands in a tidy text; it may begin with titles, and with the separator."""
    lines = text.split("\n")
    separators = _SEPARATORS
    if said := _SEPARATOR_LINE.fullmatch(lines[0].strip(" ")):
        separators, lines[0] = said["separator"], ""
    found = [(each, *_heading(lines, each, is_heading)) for each in separators]
    separator, heading, above = next(
        (each for each in found if each[1]), (_likely(lines, separators), None, [])
    )
    rows = list(_rows(lines, separator))
    if heading:
        rows = [row for row in rows if row.line > heading.line]
    return Table(heading, above, rows)


def _heading(
    lines: list[str], separator: str, is_heading: IsHeading
) -> tuple[Record | None, list[int]]:
    # A row above the headings is a title, unless it looks like a person's.
    above: list[int] = []
    for row in _rows(lines[:MOST_ABOVE], separator):
        if isinstance(row, Record):
            if is_heading(row.cells):
                return row, above
            if len(list(filter(None, row.cells))) >= PERSONS_CELLS and "@" in "".join(row.cells):
                break
        above.append(row.line)
    return None, []


def _likely(lines: list[str], separators: str) -> str:
    # Tabs, if they are in most lines, else what is most frequent.
    bare = [_QUOTED.sub("", line) for line in lines if line.strip(_EMPTY)][:50]
    if "\t" in separators and sum("\t" in line for line in bare) * 2 > len(bare):
        return "\t"
    return max(separators, key=lambda each: sum(line.count(each) for line in bare))


def _rows(lines: list[str], separator: str) -> Iterator[Record | Fault]:
    width = _width(lines, separator)
    index = 0
    while index < len(lines):
        if _is_empty(lines[index]):
            index += 1
            continue
        try:
            count, cells = _row(lines[index : index + MOST_JOINED], separator, width)
        except ValueError as error:
            yield Fault(index + 1, str(error), _first(lines[index], separator))
            index += 1
        else:
            yield Record(index + 1, [" ".join(cell.split()) for cell in cells])
            index += count


def _is_empty(line: str) -> bool:
    # Spreadsheets end with lines in which nothing stands in any cell.
    return not line.strip(_EMPTY) and line.count('"') % 2 == 0


def _row(lines: list[str], separator: str, width: int) -> tuple[int, list[str]]:
    """Return how many lines the first row has, and its cells.

    Raises:
        ValueError: with what is wrong with the first line.
    """
    if "\ufffd" in lines[0]:
        raise ValueError("The line has bytes that are neither UTF-8 nor Windows's")
    for count in range(1, len(lines) + 1):
        text = "\n".join(lines[:count])
        if len(text) > LONGEST:
            break
        cells = _cells(text, separator)
        if cells is None:
            continue
        if count > 1 and _swallows(cells, separator, width or len(cells)):
            break
        return count, cells
    if len(lines[0]) > LONGEST:
        raise ValueError(f"The line has more than {LONGEST:,} characters")
    raise ValueError(_UNPAIRED)


def _cells(text: str, separator: str) -> list[str] | None:
    """Return the cells of a row, or None: it goes on in the next line.

    Raises:
        ValueError: with what is wrong.
    """
    try:
        (cells,) = csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True)
    except (csv.Error, ValueError) as error:
        if "unexpected end of data" in str(error):
            return None
        raise ValueError(_UNPAIRED) from None
    return cells


def _swallows(cells: list[str], separator: str, width: int) -> bool:
    # Two stray quotation marks have joined whole lines into one cell.
    filled = [number for number, cell in enumerate(cells, 1) if cell]
    return filled[-1] > width or any(
        "\n" in cell and cell.count(separator) >= max(width - 1, 1) for cell in cells
    )


def _width(lines: list[str], separator: str) -> int:
    # Only rows of one line count, without the empty cells at their end.
    widths: Counter[int] = Counter()
    for line in lines[:200]:
        if line.strip(_EMPTY) and line.count('"') % 2 == 0:
            bare = _QUOTED.sub("x", line).rstrip(f"{separator} ")
            widths[bare.count(separator) + 1] += 1
    return max(widths, key=lambda each: (widths[each], each), default=0)


def _first(line: str, separator: str) -> str:
    return re.split(f'["{separator}]', line.strip().removeprefix('"'))[0].strip()
