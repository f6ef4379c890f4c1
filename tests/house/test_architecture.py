"""docs/architecture.md is drawn as the contracts of pyproject.toml say, and names what exists.

So does docs/testing.md, which also leaves out no folder, helper or tool of the tests.
"""

import re
import tomllib
from itertools import pairwise

import pytest

from pharmrefer.local import ROOT
from tests.plugin import TOOLS

PAGE = (ROOT / "docs" / "architecture.md").read_text()
TESTING = (ROOT / "docs" / "testing.md").read_text()
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS = [contract for contract in LINTER["contracts"] if contract["type"] == "layers"]
DRAWN_AHEAD: set[str] = set()

Layer = frozenset[str]


def names(layer: str) -> Layer:
    """Return the modules of a layer, which stand side by side."""
    return frozenset(name.strip(" ()") for name in re.split("[|:]", layer))


def contracted() -> dict[str, list[Layer]]:
    """Return each container's layers, from the top; "" holds the apps themselves."""
    found: dict[str, list[Layer]] = {}
    for contract in LAYERS:
        for container in contract.get("containers", [""]):
            found[container] = [names(layer) for layer in contract["layers"]]
    return found


def drawing() -> dict[str, list[str]]:
    """Return the lines of the drawing, by the box in which they stand."""
    [text] = re.findall(r"```mermaid\nflowchart TD\n(.*?)```", PAGE, re.DOTALL)
    boxes: dict[str, list[str]] = {"": []}
    inside = ""
    for line in map(str.strip, str(text).splitlines()):
        if line.startswith("subgraph "):
            inside = line.split()[1]
            boxes[inside] = []
        elif line == "end":
            inside = ""
        else:
            boxes[inside].append(line)
    return boxes


def arrows(lines: list[str]) -> list[tuple[Layer, Layer]]:
    """Return what points to what; a node without a label is called as it is."""
    labels: dict[str, Layer] = {}
    for name, label in re.findall(r'(\w+)(?:\["(.*?)"\])?', "\n".join(lines)):
        labels[name] = names(label) if label else labels.get(name, names(name))
    chains = [re.sub(r'\[".*?"\]', "", line).split(" --> ") for line in lines]
    return [(labels[up], labels[down]) for chain in chains for up, down in pairwise(chain)]


@pytest.mark.parametrize("container", contracted())
def test_the_drawing_has_the_layers_of_the_contracts(container: str) -> None:
    layers = contracted()[container]
    is_as_drawn = arrows(drawing()[container]) == [*pairwise(layers)]
    expected = " --> ".join(" | ".join(sorted(layer)) for layer in layers)
    assert is_as_drawn is (container not in DRAWN_AHEAD), expected


def test_nothing_else_is_drawn() -> None:
    assert drawing().keys() == contracted().keys()


def is_ahead(path: str) -> bool:
    return any(re.search(rf"\b{app}/\w+/", path) for app in DRAWN_AHEAD)


@pytest.mark.parametrize("page", [PAGE, TESTING], ids=["architecture", "testing"])
def test_every_file_and_folder_that_is_named_exists(page: str) -> None:
    named = set(re.findall(r"\b((?:accounts|pharmrefer|referrals|templates|tests)/[\w/.]*)", page))
    assert len(named) > 15
    for path in sorted(named):
        assert (ROOT / path.rstrip(".")).exists() or is_ahead(path), path


@pytest.mark.parametrize("page", [PAGE, TESTING], ids=["architecture", "testing"])
def test_every_page_that_is_linked_exists(page: str) -> None:
    for path in re.findall(r"\]\((?!https:)([\w./-]+)", page):
        assert (ROOT / "docs" / path).exists(), path


def test_the_page_about_tests_leaves_out_no_folder_helper_or_tool() -> None:
    tests = ROOT / "tests"
    folders = {f"tests/{path.parent.name}/" for path in tests.glob("*/__init__.py")}
    helpers = {path.name for path in tests.glob("[a-z]*.py")}
    guards = {path.name for path in (tests / "house").glob("test_*.py")}
    for name in sorted(folders | helpers | guards | TOOLS.keys()):
        assert f"`{name}`" in TESTING or f"`tests/{name}`" in TESTING, name
