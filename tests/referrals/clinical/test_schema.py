"""The schema and the page about clinical content say what the code reads."""

import re

import pytest

from pharmrefer.local import ROOT
from referrals.clinical import schema
from referrals.clinical.packs import Action, Advice, Group, Item, PackFile, Pathway, SymptomGroup

PAGE = (ROOT / "docs" / "clinical-content.md").read_text()


def test_the_schema_is_fresh() -> None:
    kept = (ROOT / "docs" / "clinical-content.schema.json").read_text()
    assert kept == schema.page(), (
        "python -m referrals.clinical.schema > docs/clinical-content.schema.json"
    )


def section(heading: str) -> str:
    [found] = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize(
    ("heading", "kinds"),
    [
        ("`pack.toml`", [PackFile]),
        ("A file for each pathway", [Pathway]),
        ("Groups of questions", [Group, Item]),
    ],
)
def test_each_key_is_explained(heading: str, kinds: list[type]) -> None:
    rows = re.findall(r"^\| (`.*?`) \|", section(heading), re.MULTILINE)
    explained = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    fields = {name for kind in kinds for name in kind.__struct_fields__}  # type: ignore[attr-defined]
    assert explained == fields


def test_what_stands_in_a_key_is_explained_too() -> None:
    for kind in (Advice, SymptomGroup):
        for name in kind.__struct_fields__:
            assert f"`{name}`" in section("`pack.toml`")
    for action in Action:
        assert f'`"{action}"`' in section("Groups of questions")
