"""Files of text, as the programs of today and of twenty years ago have saved them."""

import pytest

from accounts.files import text_files
from accounts.files.text_files import UnreadableError

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\x10JFIF"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_as_programs_write_it(encoding: str, end: str) -> None:
    text = f"Zoë\tO’Brien{end}José\tMüller{end}"
    assert text_files.decode(text.encode(encoding)) == "Zoë\tO’Brien\nJosé\tMüller\n"


def test_big_endian() -> None:
    assert text_files.decode(b"\xfe\xff" + "Zoë".encode("utf-16-be")) == "Zoë"


@pytest.mark.parametrize(
    "words",
    [
        *("Zoë,Hill", "José García", "O’Brien", "John’s", "Jürgen Müller", "MUÑOZ", "ZOË", "Émile"),
        *("Søren Ørsted", "Smith–Jones", "Åsa", "d’angelo", "Siân", "Chloë’s £5", "Seán Ó Briain"),
        *("François", "Strauß", "naïve", "Sinéad, Óisín", "Éilís Nic Éinrí"),
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_windows_and_macs_are_told_apart(words: str, encoding: str) -> None:
    assert text_files.decode(words.encode(encoding)) == words


@pytest.mark.parametrize(
    ("words", "encoding", "said"),
    [
        ("1\nBjörn", "mac_roman", "line 2 could be “Bjšrn” or “Björn”"),
        ("Košir", "cp1252", "line 1 could be “Košir” or “Koöir”"),
        ("Muñoz", "mac_roman", "line 1 could be “Mu–oz” or “Muñoz”"),
        ("María", "mac_roman", "line 1 could be “Mar’a” or “María”"),
        ("Niamh Ní", "mac_roman", "line 1 could be “N’” or “Ní”"),
        ("Zo‘\nJosé", "cp1252", "line 1 could be “Zo‘” or “Zoë”"),
    ],
)
def test_what_nobody_can_tell_is_refused_with_what_looks_odd(
    words: str, encoding: str, said: str
) -> None:
    with pytest.raises(UnreadableError, match=said) as raised:
        text_files.decode(words.encode(encoding))
    assert "Save it as an Excel workbook (.xlsx), or as “CSV UTF-8”" in str(raised.value)


def test_an_operator_s_file_is_windows_s_where_nobody_can_tell() -> None:
    assert text_files.decode("Košir".encode("cp1252"), must_be_sure=False) == "Košir"
    assert text_files.decode(b"a\x81", must_be_sure=False) == "a\ufffd"


def test_files_that_were_put_together_are_read_line_by_line() -> None:
    content = "Zoë’s\n".encode() + "Zoë’s\n".encode("cp1252")
    assert text_files.decode(content) == "Zoë’s\nZoë’s\n"


@pytest.mark.parametrize(
    "content", [PNG, JPEG, b"Ida\x00", b"\xff\xfeI\x00d", b"\xff\xfe\x00\x00", b"a\x07"]
)
def test_what_is_no_text_is_said(content: bytes) -> None:
    with pytest.raises(UnreadableError, match="not a CSV file or an Excel workbook"):
        text_files.decode(content)
