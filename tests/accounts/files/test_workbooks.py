"""Workbooks as Excel saves them, and as nobody's Excel does."""

import io
import random
import zipfile
from datetime import date

import pytest

from accounts.files import workbooks
from accounts.files.text_files import UnreadableError
from accounts.files.workbooks import Workbook
from tests.workbooks import HEAD, MAIN, frame, packed, sheet, workbook

OTHER = {"Old": [["Jon"]], "Secret": [["Eve"]], "Empty": []}


def rows(content: bytes) -> list[list[str]]:
    book = Workbook(content)
    return book.sheet(book.names[0]).rows if book.names else []


def with_sheet(xml: str, **more: str | bytes) -> bytes:
    return packed({**frame(["Staff"], {}), "xl/worksheets/sheet1.xml": xml, **more})


def cells(inside: str) -> str:
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{inside}</sheetData></worksheet>'


def shared(*texts: str) -> str:
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f'{HEAD}<sst xmlns="{MAIN}">{items}</sst>'


class TestCells:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("Ida", "Ida"),
            ("a\n b", "a\n b"),
            ("07700", "07700"),
            (46477, "46477"),
            (46477.0, "46477"),
            (1.5, "1.5"),
            (True, "TRUE"),
            (False, "FALSE"),
            (date(2027, 3, 31), "31/03/2027"),
            (("CONCAT(A1,B1)", "ida@x.example"), "ida@x.example"),
            ("<b>&amp;", "<b>&amp;"),
        ],
    )
    def test_they_are_what_people_would_type(self, value: object, text: str) -> None:
        assert rows(workbook(["x", value])) == [["x", text]]

    def test_rows_keep_their_numbers(self) -> None:
        assert rows(workbook([], ["", "Ida"], [], ["Jon"])) == [
            *[["", ""], ["", "Ida"], ["", ""], ["Jon", ""]]
        ]

    def test_texts_that_are_stored_once(self) -> None:
        content = with_sheet(
            cells('<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>0</v></c></row>'),
            **{"xl/sharedStrings.xml": shared("Hill", "Ida")},
        )
        assert rows(content) == [["Ida", "Hill"]]

    def test_what_is_hidden_is_left_out_and_said(self) -> None:
        book = Workbook(workbook(["Ida"], ["Eve"], [], ["Jon"], hidden=[2, 3], more=OTHER))
        assert book.sheet("Staff").rows == [["Ida"], [], [""], ["Jon"]]
        assert book.sheet("Staff").hidden == [2]

    def test_hidden_sheets_are_none(self) -> None:
        states = {"Old": "hidden", "Secret": "veryHidden"}
        assert Workbook(workbook(["x"], more=OTHER, states=states)).names == ["Staff", "Empty"]
        assert Workbook(workbook(["x"], more=OTHER)).sheet("Old").rows == [["Jon"]]
        assert Workbook(workbook(["x"], more=OTHER)).sheet("Empty").rows == []


class TestRefused:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("content.xml", r"an OpenDocument spreadsheet \(\.ods\)\. Open it, .*\(\.xlsx\)"),
            ("xl/workbook.bin", r"a binary Excel workbook"),
            ("Index/Document.iwa", "a Numbers spreadsheet"),
            ("word/document.xml", "a Word document"),
            ("staff.csv", "This is a zipped folder, not a spreadsheet. Unzip it first"),
        ],
    )
    def test_another_program_s_file_is_named(self, name: str, words: str) -> None:
        with pytest.raises(UnreadableError, match=words):
            Workbook(packed({name: "x"}))

    def test_a_bomb_is_not_unpacked(self) -> None:
        bomb = b" " * (workbooks.MOST_UNPACKED + 1)
        content = with_sheet(sheet([["x"]]), **{"xl/bomb.xml": bomb})
        assert len(content) < 100_000
        with pytest.raises(UnreadableError, match="much larger than a list"):
            Workbook(content)

    def test_one_that_says_it_is_small_is_not_unpacked_either(self) -> None:
        content = with_sheet(sheet([["x"]]), **{"xl/bomb.xml": b" " * 50_000_000})
        size = (50_000_000).to_bytes(4, "little")
        with pytest.raises(UnreadableError, match="damaged"):
            Workbook(content.replace(size, (100).to_bytes(4, "little")))

    def test_pictures_do_not_count(self) -> None:
        content = with_sheet(
            sheet([["x"]]), **{"xl/media/image1.png": b"\0" * workbooks.MOST_UNPACKED}
        )
        assert rows(content) == [["x"]]

    @pytest.mark.parametrize(
        ("row", "reference"),
        [("", "XFD1048576"), ("20001", "A20001"), ("1", "XFD1"), ("1", "CW1"), ("1048576", "")],
    )
    def test_what_stands_far_away_is_named_and_no_room_is_made_for_it(
        self, row: str, reference: str
    ) -> None:
        xml = f"<row{f' r={chr(34)}{row}{chr(34)}' if row else ''}>"
        xml += f"<c{f' r={chr(34)}{reference}{chr(34)}' if reference else ''}><v>1</v></c></row>"
        book = Workbook(with_sheet(cells(xml)))
        with pytest.raises(UnreadableError, match="far away from the list"):
            book.sheet("Staff")

    def test_what_is_only_formatted_far_away_is_nothing(self) -> None:
        xml = (
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576" s="1"/></row>'
        )
        assert rows(with_sheet(cells(xml))) == [["1"]]

    def test_a_long_text_in_every_cell_is_too_large(self) -> None:
        row = "".join('<c t="s"><v>0</v></c>' for _ in range(90))
        xml = cells("".join(f"<row>{row}</row>" for _ in range(100)))
        book = Workbook(with_sheet(xml, **{"xl/sharedStrings.xml": shared("x" * 30_000)}))
        with pytest.raises(UnreadableError, match="much larger than a list"):
            book.sheet("Staff")

    def test_very_many_empty_cells_are_too_large_in_all_sheets_together(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workbooks, "MOST_ELEMENTS", 10_000)
        xml = cells("<c/>" * 6000)
        names = ["One", "Two", "Three"]
        parts = {f"xl/worksheets/sheet{number}.xml": xml for number in (1, 2, 3)}
        book = Workbook(packed({**frame(names, {}), **parts}))
        assert book.sheet("One").rows == []
        with pytest.raises(UnreadableError, match="much larger than a list"):
            book.sheet("Two")

    @pytest.mark.parametrize(
        "xml",
        [
            f'{HEAD}<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet xmlns="{MAIN}"/>',
            "<worksheet>",
            "",
            cells('<row r="x"/>'),
            cells('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'),
            cells('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'),
            cells('<row r="1"><c r="1A"><v>1</v></c></row>'),
            "<a>" * 100 + "</a>" * 100,
        ],
    )
    def test_what_is_damaged_is_said(self, xml: str) -> None:
        book = Workbook(with_sheet(xml))
        with pytest.raises(UnreadableError, match=r"damaged|much larger"):
            book.sheet("Staff")


def test_no_bytes_bring_it_down() -> None:
    """Whatever is changed in a workbook, it is read or refused."""
    chance = random.Random(16)  # noqa: S311  the same each time
    good = workbook(["First name", "Email"], ["Ida", date(2027, 3, 31)], [True, 1.5], hidden=[3])
    with zipfile.ZipFile(io.BytesIO(good)) as folder:
        parts = {name: folder.read(name) for name in folder.namelist()}
    outcomes: set[bool | None] = set()
    for number in range(600):
        content = bytearray(good)
        if number % 2:  # inside the folder, so that checksums are right
            name = chance.choice(list(parts))
            part = bytearray(parts[name])
            for _ in range(chance.randint(1, 4)):
                part[chance.randrange(len(part))] = chance.choice(b'0123456789AZaz<>"=/& \xff\x00')
            content = bytearray(packed({**parts, name: bytes(part)}))
        else:
            for _ in range(chance.randint(1, 8)):
                content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            outcomes.add(bool(rows(bytes(content))))
        except UnreadableError:
            outcomes.add(None)
    assert outcomes >= {True, None}
