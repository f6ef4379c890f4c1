"""Files that an operator names."""

from pathlib import Path

import pytest

from accounts.files.text_files import UnreadableError
from referrals.management import files


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_bytes(b"a\0")
    assert files.read(tmp_path / "file.csv") == b"a\0"


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "file.csv").touch()
    with pytest.raises(UnreadableError, match=r"no such file\. Check the path"):
        files.read(tmp_path / "none.csv")
    with pytest.raises(UnreadableError, match="this is a folder"):
        files.read(tmp_path)
    with pytest.raises(UnreadableError, match=r"it cannot be read \(Not a directory\)"):
        files.read(tmp_path / "file.csv" / "more")
    with (tmp_path / "large.csv").open("wb") as large:
        large.truncate(files.MOST_BYTES + 1)
    with pytest.raises(UnreadableError, match="far too large"):
        files.read(tmp_path / "large.csv")


def test_a_large_one_is_read_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_bytes(b"\xef\xbb\xbfa\nb\xff\n")
    with files.lines(tmp_path / "file.csv") as lines:
        assert [*lines] == ["a\n", "b\ufffd\n"]
    with (
        pytest.raises(UnreadableError, match=r"no such file\. Check the path"),
        files.lines(tmp_path / "none.csv"),
    ):
        pass
