"""Files that others made are read line by line."""

from pathlib import Path

import pytest

from referrals import csv_files
from referrals.csv_files import Fault, Row, UnreadableError


def read(folder: Path, content: bytes) -> list[Row | Fault]:
    (folder / "file.csv").write_bytes(content)
    return csv_files.read(folder / "file.csv")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_end_and_files_begin_as_on_any_system(
    tmp_path: Path, end: bytes, mark: bytes
) -> None:
    rows = read(tmp_path, mark + end.join([b'"a","b, c"', b"", b"d,e"]) + end)
    assert rows == [Row(1, ["a", "b, c"]), Row(3, ["d", "e"])]


def test_quotes_are_csv_s_and_spaces_are_tidied(tmp_path: Path) -> None:
    assert read(tmp_path, b'" The ""Old""  House ",\tx\xc2\xa0') == [
        Row(1, ['The "Old" House', "x"])
    ]


def test_each_line_may_be_utf_8_or_windows_s(tmp_path: Path) -> None:
    assert read(tmp_path, "Zoë’s\n".encode() + "Zoë’s\n".encode("cp1252")) == [
        Row(1, ["Zoë’s"]),
        Row(2, ["Zoë’s"]),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'"a","b', "its quotation marks do not pair up."),
        (b'"a"b","c"', "its quotation marks do not pair up."),
        (b"a\x81", "it has bytes that are neither UTF-8 nor Windows's."),
        (b"a\x07", "it has control characters."),
    ],
)
def test_a_spoilt_line_spoils_no_other(tmp_path: Path, line: bytes, words: str) -> None:
    first, spoilt, last = read(tmp_path, b"1,2\n" + line + b"\n3,4\n")
    assert (first, last) == (Row(1, ["1", "2"]), Row(3, ["3", "4"]))
    assert isinstance(spoilt, Fault)
    assert str(spoilt) == f"line 2: {words}"
    assert spoilt.code[0] == "a"


def test_what_is_no_file_of_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"no such file. Check the path"):
        csv_files.read(tmp_path / "none.csv")
    with pytest.raises(UnreadableError, match="this is a folder"):
        csv_files.read(tmp_path)
    with pytest.raises(UnreadableError, match=r"this is no text\. Unpack it"):
        read(tmp_path, b"PK\x03\x04\x00")
    with pytest.raises(UnreadableError, match=r"it cannot be read \(Not a directory\)"):
        csv_files.read(tmp_path / "file.csv" / "more")
