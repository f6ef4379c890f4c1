"""What is wrong with a file in TOML is said in plain words, with its keys."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from referrals import toml_files


class Colour(StrEnum):
    RED = "red"


class Entry(Struct, forbid_unknown_fields=True):
    name: str = ""
    title: str = ""
    colours: dict[Colour, Colour] = {}
    number: Annotated[int, Meta(ge=1, le=9)] = 1


class Example(Struct, forbid_unknown_fields=True):
    on: date | None = None
    at: datetime | None = None
    entries: Annotated[tuple[Entry, ...], Meta(max_length=2)] = ()


def read(folder: Path, text: str) -> Example | str:
    (folder / "x.toml").write_text(text, encoding="utf-8")
    return toml_files.read(folder / "x.toml", Example)


def test_what_is_right_becomes_its_type(tmp_path: Path) -> None:
    found = read(tmp_path, 'on = 2026-10-01\n[[entries]]\nname = "a"\ncolours = { red = "red" }')
    assert found == Example(
        on=date(2026, 10, 1), entries=(Entry("a", colours={Colour.RED: Colour.RED}),)
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("on = 5", "on: must be a day, as in 2026-10-01, not a whole number"),
        ("at = 2026-10-01", "at: must be a day and a time, as in 2026-10-01T18:30:00, not a day"),
        ('at = "x"', "at: must be a day and a time, as in 2026-10-01T18:30:00"),
        ('on = "x"', "on: must be a day, as in 2026-10-01"),
        ("[[entries]]\nnumber = 10", "entries number 1 number: must be at most 9"),
        (
            '[[entries]]\ntitle = "A title"\nnumber = 0',
            "entries “A title” number: must be at least",
        ),
        ("[[entries]]\n[[entries]]\n[[entries]]", "entries: must have at most 2 entries"),
        ('[[entries]]\ncolours = { blue = "red" }', "entries number 1 colours: “blue” is none of"),
        ('[[entries]]\ncolours = { red = "blue" }', "entries number 1 colours: “blue” is none of"),
        ("other = 1", "there is no key “other” here"),
    ],
)
def test_a_fault_names_its_file_and_its_keys(tmp_path: Path, text: str, fault: str) -> None:
    assert str(read(tmp_path, text)).startswith(f"x.toml, {fault}")
