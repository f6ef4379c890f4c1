"""Tables as offices save them, and files that are none."""

from collections.abc import Sequence
from typing import Any

import pytest

from accounts.files import spreadsheets
from accounts.files.spreadsheets import Fault, Record, Table
from accounts.files.text_files import UnreadableError
from tests.workbooks import workbook

HEADINGS = ["Code", "Name", "Note"]


def is_heading(cells: Sequence[str]) -> bool:
    return cells[:2] == HEADINGS[:2]


def table(text: str) -> Table:
    return spreadsheets.table(spreadsheets.tidy(text), is_heading)


def found(text: str) -> list[tuple[int, list[str] | str]]:
    return [
        (row.line, row.cells if isinstance(row, Record) else row.words) for row in table(text).rows
    ]


class TestRows:
    @pytest.mark.parametrize("separator", ["\t", ";", ","])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_each_separator_and_end_of_line(self, separator: str, end: str) -> None:
        lines = [["Code", "Name", "Note"], ["1", '"a, b; c"', "x"], ["2", "b", ""]]
        text = end.join(separator.join(line) for line in lines)
        assert found(text) == [(2, ["1", "a, b; c", "x"]), (3, ["2", "b", ""])]

    @pytest.mark.parametrize("said", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;", "sep=;\t"])
    def test_a_file_may_say_its_separator(self, said: str) -> None:
        assert found(f"{said}\n1;a, b, c;x, y\n") == [(2, ["1", "a, b, c", "x, y"])]

    def test_the_separator_is_the_one_of_the_headings(self) -> None:
        text = "One, two, three, four, five, six\nCode;Name;Note\n1;a, b, c, d;e, f, g\n"
        assert found(text) == [(3, ["1", "a, b, c, d", "e, f, g"])]

    def test_lines_keep_their_numbers(self) -> None:
        assert [line for line, _ in found('\n\n1,a\n,,,,,\n"";\n2,b\n\n')] == [3, 6]

    def test_cells_may_have_line_breaks(self) -> None:
        text = 'Code,Name,Note\n1,a,"in\n\nthe morning"\n"2\n3",b,\n4,c,"d"\n'
        assert found(text) == [
            (2, ["1", "a", "in the morning"]),
            (5, ["2 3", "b", ""]),
            (7, ["4", "c", "d"]),
        ]

    @pytest.mark.parametrize(
        "text",
        [
            '1,"a,x\n2,b,y\n3,c,z',
            '1,"a,x\n2,b,y\n3,"c,z',
            '1,"a,x\n2,b,y\n3,c",z',
            '1,"a,x\n2,b",y\n3,c,z',
            '1,"a"b,x\n2,b,y\n3,c,z',
        ],
    )
    def test_stray_quotation_marks_swallow_nobody(self, text: str) -> None:
        rows = table(f"Code,Name,Note\n0,o,o\n{text}").rows
        assert [row.line for row in rows] == [2, 3, 4, 5]
        assert isinstance(rows[1], Fault)
        assert (rows[1].about, str(rows[1])) == (
            "1",
            "line 3: The quotation marks in this line do not pair up.",
        )

    def test_a_row_is_not_endless(self) -> None:
        assert found("x" * 2001) == [(1, "The line has more than 2,000 characters")]
        assert found('"' + "\n" * 30 + 'x"')[0] == (
            1,
            "The quotation marks in this line do not pair up",
        )

    def test_bytes_of_no_letter_spoil_one_line(self) -> None:
        assert found("1,a\n2,\ufffd\n3,c")[1] == (
            2,
            "The line has bytes that are neither UTF-8 nor Windows's",
        )

    def test_what_cannot_be_seen_is_left_out(self) -> None:
        text = "\ufeffI\x00da\u200b,Van\u00a0Hill\u2028,a@x.example,Nurse"
        assert spreadsheets.tidy(text) == "Ida,Van Hill ,a@x.example,Nurse"

    def test_tidying_twice_is_tidying_once(self) -> None:
        text = "\n a\x85b\r\r\n\x1c\x00;\n\n"
        assert spreadsheets.tidy(spreadsheets.tidy(text)) == spreadsheets.tidy(text)


class TestHeadings:
    def test_titles_and_empty_lines_stand_above(self) -> None:
        text = "Our list\n\n,,,\nPrinted, 3 May\nCode,Name,Note,,\n1,a,b,,\n"
        read = table(text)
        assert read.heading == Record(5, ["Code", "Name", "Note", "", ""])
        assert read.above == [1, 4]
        assert [row.line for row in read.rows] == [6]

    def test_below_many_lines_there_are_none(self) -> None:
        assert table("x\n" * 30 + "Code,Name\n1,a").heading is None

    def test_without_them_nothing_is_above(self) -> None:
        read = table("Our list\n1,a,b\n")
        assert (read.heading, read.above) == (None, [])
        assert [row.line for row in read.rows] == [1, 2]


class TestWorkbooks:
    def test_the_first_sheet_with_headings_is_read_and_named(self) -> None:
        more: dict[str, list[list[Any]]] = {
            "Staff": [["Title"], HEADINGS, [1, "a\nb", "c\td"]],
            "Old": [HEADINGS],
            "None": [],
        }
        opened = spreadsheets.opened(workbook(["Read me"], name="Cover", more=more), is_heading)
        assert opened.notes == ["This is the sheet “Staff”. Not read: “Cover”, “Old”, “None”"]
        assert list(table(opened.text).rows) == [Record(3, ["1", "a b", "c d"])]

    def test_without_headings_it_is_the_first_that_has_anything(self) -> None:
        opened = spreadsheets.opened(workbook(name="Empty", more={"Two": [["x"]]}), is_heading)
        assert (opened.text, opened.notes) == ("x", ["This is the sheet “Two”. Not read: “Empty”"])

    def test_hidden_rows_are_named(self) -> None:
        lines: list[list[Any]] = [HEADINGS, *([number, "a", "b"] for number in range(2, 10))]
        opened = spreadsheets.opened(workbook(*lines, hidden=[3, 5, 6, 7]), is_heading)
        assert [row.line for row in table(opened.text).rows] == [2, 4, 8, 9]
        assert opened.notes[0].startswith("4 hidden rows are left out: 3, 5 to 7. Show them")

    def test_one_with_nothing_is_said(self) -> None:
        with pytest.raises(UnreadableError, match="This workbook is empty"):
            spreadsheets.opened(workbook(), is_heading)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                "a pre-2007 Excel workbook. Open it, save",
            ),
            (
                b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
                "a workbook with a password.*, without one",
            ),
            (b"PK\x03\x04\x00", "damaged"),
            (b"%PDF-1.7\n\x00", "not a CSV file"),
        ],
    )
    def test_what_is_none_is_told_what_to_be(self, content: bytes, words: str) -> None:
        with pytest.raises(UnreadableError, match=words):
            spreadsheets.opened(content, is_heading)
