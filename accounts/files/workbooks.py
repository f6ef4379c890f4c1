"""Excel workbooks (.xlsx): what stands in the cells of a sheet, as text.

Pure, and wary: a workbook is a packed folder that says of itself how large it is. It is unpacked
here within bounds and each part of it counted, before the library reads what has been counted.
"""

import contextlib
import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

import python_calamine

from accounts.files.text_files import UnreadableError

BEGINNING = b"PK\x03\x04"
MOST_PARTS = 2000  # files in the folder
MOST_UNPACKED = 40_000_000  # bytes
MOST_SHEETS = 50
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_LETTERS = 4_000_000  # in a sheet's cells: a text that is stored once may be in all of them
MOST_ELEMENTS = 1_000_000  # of XML, in all that is read of a workbook
_DEEPEST = 50  # elements in one another
_LEFT_OUT = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/pivotCache/", "xl/externalLinks/")
_BOOK = "xl/workbook.xml"
_BOOK_LINKS = "xl/_rels/workbook.xml.rels"
_TEXTS = "xl/sharedstrings.xml"
SAVE_AS = "Open it, save it as an “Excel workbook (.xlsx)”, and choose that file here"
_BROKEN = "This Excel workbook cannot be read: it is damaged. Open it in Excel, and save it again"
_TOO_LARGE = "This workbook is much larger than a list. Copy the list to a new one, and choose that"
_OTHERS = (  # what other programs pack into such folders, by a file in it
    ("content.xml", "This is an OpenDocument spreadsheet (.ods)"),
    ("xl/workbook.bin", "This is a binary Excel workbook (.xlsb)"),
    ("Index/Document.iwa", "This is a Numbers spreadsheet"),
    ("Index.zip", "This is a Numbers spreadsheet"),
    ("word/document.xml", "This is a Word document, not a spreadsheet"),
)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook that people see."""

    name: str
    rows: list[list[str]]  # from the first row on; a hidden one is empty
    hidden: list[int]  # rows that are hidden and not empty; the first one is 1


class Workbook:
    def __init__(self, content: bytes) -> None:
        """Unpack it, or raise UnreadableError: it is no workbook, damaged, or far too large."""
        self._parts = _unpacked(content)
        self._elements = MOST_ELEMENTS  # that may still be read
        with _as_unreadable():
            self._texts = [
                length
                for name, part in self._parts.items()
                if name.lower() == _TEXTS  # as the library finds it
                for length in self._measured(part).texts
            ]
            self._sheets = dict(list(_visible(self._parts))[:MOST_SHEETS])
            packed = io.BytesIO(_packed(self._parts))
            self._book = python_calamine.CalamineWorkbook.from_filelike(packed)

    @property
    def names(self) -> list[str]:
        return list(self._sheets)

    def sheet(self, name: str) -> Sheet:
        """Read one sheet, or raise UnreadableError: it is damaged, or far too large."""
        with _as_unreadable():
            measured = self._measured(self._parts[self._sheets[name]], self._texts)
            rows = self._book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            return _sheet(name, rows, measured)

    def _measured(self, part: bytes, texts: list[int] | None = None) -> "_Measure":
        measured = _measured(part, texts, most=self._elements)
        self._elements = measured.most
        return measured


@contextlib.contextmanager
def _as_unreadable() -> Iterator[None]:
    """Turn whatever goes wrong with a damaged workbook into an UnreadableError that says so."""
    try:
        yield
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(_BROKEN) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the library, which does not export it
            raise
        raise UnreadableError(_BROKEN) from error


def _unpacked(content: bytes) -> dict[str, bytes]:
    with _as_unreadable(), zipfile.ZipFile(io.BytesIO(content)) as folder:
        found = folder.infolist()
        _check_is_ours({each.filename for each in found})
        wanted = [each for each in found if _is_wanted(each.filename)]
        if len(found) > MOST_PARTS or sum(each.file_size for each in wanted) > MOST_UNPACKED:
            raise UnreadableError(_TOO_LARGE)
        # No more is read of any than it says: what says too little has a wrong checksum.
        return {each.filename: folder.read(each) for each in wanted}


def _check_is_ours(names: set[str]) -> None:
    if _BOOK in names:
        return
    for name, words in _OTHERS:
        if name in names:
            raise UnreadableError(f"{words}. {SAVE_AS}")
    raise UnreadableError("This is a zipped folder, not a spreadsheet. Unzip it first")


def _is_wanted(name: str) -> bool:
    return name.endswith((".xml", ".rels")) and not name.startswith(_LEFT_OUT)


def _packed(parts: dict[str, bytes]) -> bytes:
    # The parts as they were counted, whatever the folder that came says of them.
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as folder:
        for name, part in parts.items():
            folder.writestr(name, part)
    return packed.getvalue()


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]


def _visible(parts: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    for part in (_BOOK, _BOOK_LINKS):
        _measured(parts[part])
    links = {each.get("Id"): each for each in ET.fromstring(parts[_BOOK_LINKS])}  # noqa: S314  measured
    for sheet in ET.fromstring(parts[_BOOK]).iter():  # noqa: S314
        if _local(sheet.tag) != "sheet" or sheet.get("state", "visible") != "visible":
            continue
        ids = [value for key, value in sheet.attrib.items() if _local(key) == "id"]
        link = links[ids[0]]
        target = link.get("Target", "")
        if link.get("Type", "").endswith("/worksheet"):
            path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            yield sheet.get("name", ""), posixpath.normpath(path)


class _Measure:
    """Walks through a part, and stops at what is too large, before anything is made of it."""

    def __init__(self, texts: list[int], most: int) -> None:
        self.most = most  # elements that may still come
        self.hidden: list[int] = []
        self.texts: list[int] = []  # how long each shared text is
        self._known, self._letters = texts, 0
        self._depth = self._row = self._column = 0
        self._is_hidden = self._is_shared = False
        self._inside = ""  # the innermost element that text is counted of
        self._value: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self.most -= 1
        if self._depth > _DEEPEST or self.most < 0:
            raise UnreadableError(_TOO_LARGE)
        match _local(name):
            case "row":
                self._row, self._column = int(attributes.get("r", self._row + 1)), 0
                self._is_hidden = attributes.get("hidden", "") in {"1", "true"}
            case "c":
                self._locate(attributes.get("r", ""))
                self._is_shared = attributes.get("t") == "s"
            case "si":
                self.texts.append(0)
            case "v" | "t" | "f" as inside:
                self._inside, self._value = inside, []
                if inside != "f" and not self.texts:
                    self._has_value()

    def _locate(self, reference: str) -> None:
        self._column += 1
        if reference:
            letters = reference.rstrip("0123456789")
            self._row = int(reference[len(letters) :])
            self._column = 0
            for letter in letters.upper()[:4]:
                self._column = self._column * 26 + ord(letter) - ord("A") + 1

    def _has_value(self) -> None:
        if self._row > MOST_ROWS or self._column > MOST_COLUMNS:
            raise UnreadableError(
                f"There is something in row {self._row:,}, column {self._column:,} of the sheet, "
                "far away from the list. Delete it, or copy the list to a new workbook"
            )
        if self._is_hidden and self._row not in self.hidden[-1:]:
            self.hidden.append(self._row)

    def end(self, name: str) -> None:
        self._depth -= 1
        if _local(name) != self._inside:
            return
        if self._inside == "v" and self._is_shared:
            self._count(self._known[int("".join(self._value))])
        self._inside = ""

    def text(self, data: str) -> None:
        if not self._inside:
            return
        if self.texts:
            self.texts[-1] += len(data)
        elif self._inside == "v" and self._is_shared:
            self._value.append(data)
        else:
            self._count(len(data))

    def _count(self, letters: int) -> None:
        self._letters += letters
        if self._letters > MOST_LETTERS:
            raise UnreadableError(_TOO_LARGE)


def _measured(
    part: bytes, texts: list[int] | None = None, *, most: int = MOST_ELEMENTS
) -> _Measure:
    """Return the measures of a part that is well-formed and declares nothing of its own.

    Raises:
        UnreadableError: it is too large.
        expat.ExpatError, ValueError, IndexError: it is damaged.
    """
    measure = _Measure(texts or [], most)
    parser = expat.ParserCreate()
    parser.StartElementHandler = measure.start
    parser.EndElementHandler = measure.end
    parser.CharacterDataHandler = measure.text
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.Parse(part, True)  # noqa: FBT003  the last piece
    return measure


def _refuse_declarations(*_: Any) -> None:
    raise UnreadableError(_BROKEN)


def _sheet(name: str, rows: list[list[Any]], measured: _Measure) -> Sheet:
    hidden = set(measured.hidden)
    written = [
        [] if number in hidden else [_text(cell) for cell in row]
        for number, row in enumerate(rows, 1)
    ]
    return Sheet(name, written, sorted(hidden))


def _text(cell: Any) -> str:
    match cell:
        case bool():
            return str(cell).upper()
        case float():
            return str(int(cell)) if cell.is_integer() else str(cell)
        case datetime() if cell.time() != time():
            return f"{cell:%d/%m/%Y %H:%M}"
        case date():
            return f"{cell:%d/%m/%Y}"
    return str(cell).replace("_x000D_", "")
