"""Reading lists of people that are pasted or uploaded: columns of text, one person a line.

Pure: it knows neither the database nor who may have an account.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.files import spreadsheets
from accounts.files.spreadsheets import Fault, Record, TableText
from accounts.files.text_files import UnreadableError
from accounts.roles import Role
from accounts.text import dates

MOST_PEOPLE = 5000
MOST_LINES = 2 * MOST_PEOPLE  # with the empty ones
MOST_BYTES = 2_000_000
COLUMNS = {
    "given_name": "First name",
    "family_name": "Last name",
    "email": "Email address",
    "job_role": "Job role",
    "role": "Role",
    "last_day": "Last day",
}
ADMINISTRATOR = "administrator"  # a heading under which "yes" is a role
NEEDED = ("given_name", "family_name", "email", "job_role")
_FIRST_NAME = ("firstname", "firstnames", "first", "givenname", "forename", "forenames")
_LAST_NAME = ("lastname", "last", "familyname", "surname")
_EMAIL = ("email", "emailaddress", "mail", "workemail", "nhsmail", "nhsemail", "username")
_LAST_DAY = ("lastday", "lastdate", "enddate", "leavingdate", "leaves", "until")
# What spreadsheets call them; letters only, in lower case.
_HEADINGS = {
    **dict.fromkeys(_FIRST_NAME, "given_name"),
    **dict.fromkeys(_LAST_NAME, "family_name"),
    **dict.fromkeys(_EMAIL, "email"),
    **dict.fromkeys(("jobrole", "jobtitle", "job", "position"), "job_role"),
    **dict.fromkeys(("role", "pharmreferrole"), "role"),
    **dict.fromkeys(_LAST_DAY, "last_day"),
}
_ROLES = {
    "staff": Role.STAFF,
    "practicestaff": Role.STAFF,
    "administrator": Role.PRACTICE_ADMINISTRATOR,
    "practiceadministrator": Role.PRACTICE_ADMINISTRATOR,
}
# The cells under a heading that asks "Administrator?".
_YES, _NO = {"yes", "y", "true", "x"}, {"no", "n", "false", ""}
_ASKS = {"admin", "administrator", "isadmin", "isadministrator", "practiceadministrator"}
# What a formula begins with in a spreadsheet, full-width forms too (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001
TOO_LARGE = (
    "That is more than 2 MB. A list of 5,000 people is much smaller: check that it is the right "
    "one, or invite people in parts"
)


@dataclass(frozen=True)
class Row:
    """A line's cells by column; "" for a column that is not there."""

    line: int  # the first one is 1
    cells: dict[str, str]

    @property
    def who(self) -> str:
        name = f"{self.cells['given_name']} {self.cells['family_name']}".strip()
        return name or self.cells["email"]


@dataclass(frozen=True)
class Lines:
    lines: list[Row | Fault]
    notes: list[str]


def opened(content: bytes) -> TableText:
    """A CSV file of any kind, or an Excel workbook; raises UnreadableError."""
    if len(content) > MOST_BYTES:
        raise UnreadableError(TOO_LARGE)
    return spreadsheets.opened(content, _is_heading)


def read(text: str) -> Lines:
    """Leave empty lines out; raises UnreadableError if it is too long or has unknown columns."""
    if len(text.encode()) > MOST_BYTES:
        raise UnreadableError(TOO_LARGE)
    if text.count("\n") >= MOST_LINES:
        raise UnreadableError(
            f"There are more than {MOST_LINES:,} lines, with the empty ones. Delete those, or "
            "invite people in parts"
        )
    table = spreadsheets.table(text, _is_heading)
    columns = _columns(table.heading) if table.heading else list(COLUMNS)
    if len(table.rows) > MOST_PEOPLE:
        raise UnreadableError(
            f"There are {len(table.rows):,} people in the list. At most {MOST_PEOPLE:,} can be "
            "invited at once: invite them in parts"
        )
    notes = []
    if table.heading and table.above:
        lines = "Line" if len(table.above) == 1 else "Lines"
        notes.append(f"{lines} {spreadsheets.ranges(table.above)} above the headings: ignored")
    return Lines([_line(row, columns) for row in table.rows], notes)


def _letters(cell: str) -> str:
    without_remarks = re.sub(r"\(.*?\)", "", cell.casefold())
    return "".join(letter for letter in without_remarks if letter.isalnum())


def _column(heading: str) -> str:
    letters = _letters(heading)
    return ADMINISTRATOR if letters in _ASKS else _HEADINGS.get(letters, "")


def _is_heading(cells: Sequence[str]) -> bool:
    known = {_HEADINGS.get(_letters(cell), "") for cell in cells} - {""}
    return "@" not in "".join(cells) and len(known) > 1


def _columns(heading: Record) -> list[str]:
    columns = [_column(cell) for cell in heading.cells]
    known = ["role" if column == ADMINISTRATOR else column for column in columns]
    at = f"Line {heading.line}"
    for cell, column in zip(heading.cells, known, strict=True):
        if cell and not column:
            raise UnreadableError(
                f"{at}: “{cell[:30]}” is not one of the columns. Delete the column, or "
                f"call it one of these: {', '.join(COLUMNS.values())}"
            )
        if column and known.count(column) > 1:
            raise UnreadableError(f"{at}: two columns are for “{COLUMNS[column]}”")
    if missing := [COLUMNS[each] for each in NEEDED if each not in known]:
        raise UnreadableError(f"{at}: there is no column for “{'”, “'.join(missing)}”")
    return columns


def _line(row: Record | Fault, columns: Sequence[str]) -> Row | Fault:
    if isinstance(row, Fault):
        return row
    named = list(zip(columns, row.cells, strict=False))
    found = Row(row.line, dict.fromkeys(COLUMNS, "") | dict(map(_role_asked, named)))
    if formula := next((cell for cell in row.cells if cell.startswith(_FORMULA)), ""):
        words = (
            f"“{formula[:20]}” looks like a spreadsheet formula: a cell cannot begin with =, +, "
            "- or @"
        )
        return Fault(row.line, words, found.who)
    if any(row.cells[len(columns) :]) or any(cell for column, cell in named if not column):
        words = "This line has more values than there are column headings"
        return Fault(row.line, words, found.who)
    return found


def _role_asked(named: tuple[str, str]) -> tuple[str, str]:
    """An answer in the column "Administrator?" becomes a role."""
    column, cell = named
    if column != ADMINISTRATOR:
        return named
    answer = cell.casefold()
    return "role", "administrator" if answer in _YES else "staff" if answer in _NO else cell


def role_named(cell: str) -> Role | None:
    """Staff where the cell is empty."""
    return _ROLES.get(_letters(cell)) if cell else Role.STAFF


def date_parts(cell: str) -> dict[str, str] | None:
    """Day, month and year, as the three fields of a form take them."""
    found = dates.parts(cell) if cell else ("", "", "")
    return dict(zip(("day", "month", "year"), map(str, found), strict=True)) if found else None
