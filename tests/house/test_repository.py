"""Rules for the whole repository that no linter states."""

import re
import tomllib
from pathlib import Path

import pytest

from pharmrefer.local import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DECISIONS = ROOT / "docs" / "decisions"


def requirement_name(line: str) -> str:
    return re.split(r"[\[<>=~! ]", line)[0]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    packages = re.findall(r"^\S+==.*(?:\n    --hash=.*)*", text, re.MULTILINE)
    assert packages
    for package in packages:
        assert "--hash=sha256:" in package


def test_production_never_gets_the_local_servers() -> None:
    production = (ROOT / "requirements" / "production.txt").read_text()
    for line in PROJECT["dependency-groups"]["servers"]:
        assert requirement_name(line) not in production


def test_every_dependency_has_its_reason() -> None:
    reasons = (DECISIONS / "2026-11-23-dependencies.md").read_text()
    groups = PROJECT["dependency-groups"].values()
    for line in [
        *PROJECT["project"]["dependencies"],
        *(line for group in groups for line in group),
    ]:
        assert f"`{requirement_name(line)}`" in reasons, line


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    modules = ("settings.py", "create_database.py")
    source = "".join((ROOT / "pharmrefer" / name).read_text() for name in modules)
    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)
    production, _local = (ROOT / "docs" / "settings.md").read_text().split("`make run` knows")
    documented = re.findall(r"^\| `([A-Z_]+)`", production, re.MULTILINE)
    assert sorted(read) == sorted(documented)


def test_every_make_command_in_the_readme_exists() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    command = r"(?:`|^ {4})(?:[A-Z_]+=\S+ )?make ([a-z]+)"
    named = re.findall(command, (ROOT / "README.md").read_text(), re.MULTILINE)
    assert {"run", "test"} <= set(named) <= set(targets)


@pytest.mark.parametrize(
    "template", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name
)
def test_every_form_that_changes_something_carries_its_token(template: Path) -> None:
    for form in re.findall(r"<form.*?</form>", template.read_text(), re.DOTALL):
        changes_something = 'method="post"' in form and 'role="search"' not in form
        assert changes_something == ("{{ csrf_input }}" in form)


@pytest.mark.parametrize(
    "template", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name
)
def test_no_template_has_inline_code_or_style(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", text)


@pytest.mark.parametrize(
    "sheet", sorted((ROOT / "pharmrefer" / "static").rglob("*.css")), ids=lambda path: path.name
)
def test_every_rule_of_a_style_sheet_is_closed(sheet: Path) -> None:
    """A merge that loses a brace puts all that follows into another rule, and no page says so."""
    depth = 0
    for line in sheet.read_text().splitlines():
        depth += line.count("{") - line.count("}")
        assert depth in {0, 1, 2}, line
        assert not (line.startswith((".", "@")) and depth > 1), line
    assert depth == 0


def test_no_two_files_of_journeys_name_the_same_person() -> None:
    """They share a site and its people, and come in any order."""
    files: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests" / "journeys").glob("test_*.py")):
        for email in re.findall(r'"([\w.]+@[\w.]+\.example)"', path.read_text()):
            files.setdefault(email, set()).add(path.name)
    assert not {email: names for email, names in files.items() if len(names) > 1}
