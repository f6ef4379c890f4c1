"""Workbooks as Excel writes them, made by hand: no library of ours can make one."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
AS_DATE = 1  # the style of a cell
_FIRST = date(1899, 12, 30)


def workbook(
    *rows: Iterable[Any],
    name: str = "Staff",
    hidden: Iterable[int] = (),
    more: Mapping[str, Iterable[Iterable[Any]]] | None = None,
    states: Mapping[str, str] | None = None,
) -> bytes:
    """Return a workbook with a sheet of these rows, and more sheets by their names.

    Args:
        hidden: rows of the first sheet.
        states: of sheets, by their names: "hidden", "veryHidden".
    """
    sheets = {name: rows, **(more or {})}
    parts = {
        f"xl/worksheets/sheet{number}.xml": sheet(lines, hidden if number == 1 else ())
        for number, lines in enumerate(sheets.values(), 1)
    }
    return packed({**frame(sheets, states or {}), **parts})


def frame(names: Iterable[str], states: Mapping[str, str]) -> dict[str, str]:
    """Return all parts of a workbook but its sheets."""
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"'
        f' state="{states.get(name, "visible")}"/>'
        for number, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/worksheet"'
        f' Target="worksheets/sheet{number}.xml"/>'
        for number, _ in enumerate(names, 1)
    )
    links += f'<Relationship Id="rId900" Type="{DOCUMENT}/styles" Target="styles.xml"/>'
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE[:-13]}content-types"/>',
        "_rels/.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
            f'Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">'
            f"<sheets>{listed}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}">{links}</Relationships>'
        ),
        "xl/styles.xml": (
            f'{HEAD}<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
            '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
        ),
    }


def sheet(rows: Iterable[Iterable[Any]], hidden: Iterable[int] = ()) -> str:
    """Return a sheet; a value that is a mapping is the cell's own XML by its attributes."""
    hidden = set(hidden)
    lines = "".join(
        f'<row r="{number}"{" hidden=" + chr(34) + "1" + chr(34) if number in hidden else ""}>'
        + "".join(_cell(value, f"{_letters(at)}{number}") for at, value in enumerate(row, 1))
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def packed(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a packed folder with these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as folder:
        for name, part in parts.items():
            folder.writestr(name, part)
    return content.getvalue()


def _letters(column: int) -> str:
    return (
        chr(64 + column)
        if column <= 26
        else f"{_letters((column - 1) // 26)}{_letters((column - 1) % 26 + 1)}"
    )


def _cell(value: Any, reference: str) -> str:
    match value:
        case None | "":
            return f'<c r="{reference}"/>'
        case bool():
            return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f'<c r="{reference}"><v>{value}</v></c>'
        case date():
            days = (date(value.year, value.month, value.day) - _FIRST) / timedelta(days=1)
            return f'<c r="{reference}" s="{AS_DATE}"><v>{days:.0f}</v></c>'
        case (formula, result):
            return f'<c r="{reference}" t="str"><f>{escape(formula)}</f><v>{escape(result)}</v></c>'
    text = escape(str(value))
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
