"""Lists of people as somebody pastes or uploads them: text in columns, one person a line.

Pure: it finds what stands in which column, and knows neither rows nor who may have a login.
"""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts.roles import Role

MOST_PEOPLE = 5000
MOST_LINES = 2 * MOST_PEOPLE  # with those that are empty
MOST_BYTES = 2_000_000
LONGEST_LINE = 2000  # characters
COLUMNS = {
    "given_name": "First name",
    "family_name": "Last name",
    "email": "E-mail address",
    "job_role": "Job role",
    "role": "Role",
    "last_day": "Last day",
}
NEEDED = ("given_name", "family_name", "email", "job_role")
# What spreadsheets call them; letters only, in lower case.
_HEADINGS = {
    **dict.fromkeys(("firstname", "givenname", "forename", "forenames"), "given_name"),
    **dict.fromkeys(("lastname", "familyname", "surname"), "family_name"),
    **dict.fromkeys(("email", "emailaddress", "mail", "workemail", "username"), "email"),
    **dict.fromkeys(("jobrole", "jobtitle", "job", "position"), "job_role"),
    **dict.fromkeys(("role", "pharmreferrole"), "role"),
    **dict.fromkeys(("lastday", "enddate", "leavingdate", "until"), "last_day"),
}
_ROLES = {
    "staff": Role.STAFF,
    "practicestaff": Role.STAFF,
    "administrator": Role.PRACTICE_ADMINISTRATOR,
    "practiceadministrator": Role.PRACTICE_ADMINISTRATOR,
}
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # of today, and of Excel until 2003
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
_QUOTED = re.compile(r'"[^"]*"')
# With which a spreadsheet begins a formula, also in their wide forms (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")  # noqa: RUF001
_DATES = (
    re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII),
)
TOO_LARGE = (
    "That is more than 2 MB. A list of 5,000 people is much smaller: check that it is the right "
    "one, or invite people in parts"
)


class UnreadableError(Exception):
    """A list cannot be used at all; the message is a sentence for whoever sent it."""


@dataclass(frozen=True)
class Row:
    """What one line says of somebody, by column; a column that is not there is empty."""

    line: int  # the first one is 1
    cells: dict[str, str]

    @property
    def who(self) -> str:
        """By what somebody who looks for the line knows it."""
        name = f"{self.cells['given_name']} {self.cells['family_name']}".strip()
        return name or self.cells["email"]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line."""

    line: int
    who: str
    words: str


def decode(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 as Excel writes it, or Windows's own.

    Raises:
        UnreadableError: it is too large, or no text.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableError(TOO_LARGE)
    if content.startswith(_WORKBOOKS):
        raise UnreadableError(
            "This is a whole workbook. Open it, choose “Save as” and the type CSV, and choose "
            "that file here"
        )
    text = _decoded(content)
    if text is None or _NO_TEXT.search(text):
        raise UnreadableError("This is not a CSV file. In your spreadsheet save the list as CSV")
    return text


def _decoded(content: bytes) -> str | None:
    marked = [name for mark, name in _MARKS.items() if content.startswith(mark)]
    for encoding in marked or ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def tidy(text: str) -> str:
    """Return a text as a page can show it: with ends of lines of one kind, and all to be seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    odd = {letter for letter in set(text) - {"\n", "\t"} if not letter.isprintable()}
    text = text.translate({ord(each): " " if each.isspace() else None for each in odd})
    return text.rstrip("\n")


def read(text: str) -> list[Row | Fault]:
    """Return what a tidy text says of each person, empty lines left out.

    Raises:
        UnreadableError: it is too long, or its first line names columns that are not ours.
    """
    if len(text.encode()) > MOST_BYTES:
        raise UnreadableError(TOO_LARGE)
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        raise UnreadableError(
            f"There are more than {MOST_LINES:,} lines, with the empty ones. Take those away, or "
            "invite people in parts"
        )
    written = [(number, line) for number, line in enumerate(lines, 1) if not _is_empty(line)]
    columns: Sequence[str] = list(COLUMNS)
    separator = _separator([line for _, line in written[:50]])
    if written and (found := _headings(*written[0], separator)):
        columns, written = found, written[1:]
    if len(written) > MOST_PEOPLE:
        raise UnreadableError(
            f"There are {len(written):,} people in the list. At most {MOST_PEOPLE:,} can be "
            "invited at once: invite them in parts"
        )
    return list(_rows(written, columns, separator))


def _is_empty(line: str) -> bool:
    """Say whether nothing stands in any column: spreadsheets end with such lines."""
    return not line.strip(' \t,;"')


def _separator(lines: list[str]) -> str:
    bare = [_QUOTED.sub("", line) for line in lines]
    return max("\t;,", key=lambda each: sum(line.count(each) for line in bare))


def _cells(line: str, separator: str) -> list[str]:
    """Return what stands in the columns.

    Raises:
        ValueError: with what is wrong with the line.
    """
    if len(line) > LONGEST_LINE:
        raise ValueError(f"The line has more than {LONGEST_LINE:,} characters")
    try:
        (cells,) = csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True)
    except csv.Error:
        raise ValueError("The quotation marks in this line do not pair up") from None
    for cell in cells:
        if cell.strip(" ").startswith(_FORMULA):
            shown = cell.strip()[:20]
            raise ValueError(
                f"“{shown}” would be a formula in a spreadsheet: a cell cannot begin with =, +, "
                "-, @ or a tab"
            )
    return [cell.strip() for cell in cells]


def _letters(cell: str) -> str:
    without_remarks = re.sub(r"\(.*?\)", "", cell.casefold())
    return "".join(letter for letter in without_remarks if letter.isalnum())


def _headings(number: int, line: str, separator: str) -> list[str] | None:
    """Return which column is which, or None where the first line is a person's.

    Raises:
        UnreadableError: there is a column that is none of ours, or one is missing.
    """
    try:
        cells = _cells(line, separator)
    except ValueError:
        return None
    columns = [_HEADINGS.get(_letters(cell), "") for cell in cells]
    if "@" in line or sum(map(bool, columns)) < 2:
        return None
    for cell, column in zip(cells, columns, strict=True):
        if cell and not column:
            raise UnreadableError(
                f"Line {number}: “{cell[:30]}” is none of the columns. Take the column away, or "
                f"call it one of these: {', '.join(COLUMNS.values())}"
            )
        if column and columns.count(column) > 1:
            raise UnreadableError(f"Line {number}: two columns are for “{COLUMNS[column]}”")
    if missing := [COLUMNS[each] for each in NEEDED if each not in columns]:
        raise UnreadableError(f"Line {number}: there is no column for “{'”, “'.join(missing)}”")
    return columns


def _rows(
    written: list[tuple[int, str]], columns: Sequence[str], separator: str
) -> Iterator[Row | Fault]:
    for number, line in written:
        try:
            cells = _cells(line, separator)
        except ValueError as error:
            yield Fault(number, "", str(error))
            continue
        named = list(zip(columns, cells, strict=False))
        row = Row(number, dict.fromkeys(COLUMNS, "") | dict(named))
        if any(cells[len(columns) :]) or any(cell for column, cell in named if not column):
            yield Fault(number, row.who, "There is something beside the columns that have a name")
        else:
            yield row


def role_named(cell: str) -> Role | None:
    """Return the role that a cell names, staff where it is empty."""
    return _ROLES.get(_letters(cell)) if cell else Role.STAFF


def date_parts(cell: str) -> dict[str, str] | None:
    """Return day, month and year of a last day as three boxes would have them."""
    if not cell:
        return {"day": "", "month": "", "year": ""}
    found = next(filter(None, (each.fullmatch(cell) for each in _DATES)), None)
    return found.groupdict() if found else None
