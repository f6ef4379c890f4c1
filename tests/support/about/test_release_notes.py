"""What is new, and for whom: the parts of CHANGELOG.md."""

import pytest
from django.conf import settings

from accounts.roles import Role
from support.about import release_notes
from support.about.release_notes import PART_OF, ReleasePart, has_notes_since, releases_in

CHANGELOG = """# Changelog

Words before.

## Unreleased

### For operators

- A setting, `NEW_ONE`
  ([docs/settings.md](docs/settings.md)).

## 1.1.0, 3 December 2026

### For practices

- *Print* & **<b>more</b>**.
- Another.

## 1.0.0

### For the service desk

- Pages.
"""


def test_each_entry_of_the_changelog_has_its_place() -> None:
    shown = release_notes.releases()
    assert shown
    assert all(release.parts for release in shown)
    text = (settings.ROOT / "CHANGELOG.md").read_text()
    entries = [entry for each in shown for part in each.parts.values() for entry in part]
    assert len(entries) == sum(line.startswith("- ") for line in text.splitlines())


def test_the_newest_version_is_the_one_that_runs() -> None:
    released = [
        each.version
        for each in release_notes.releases()
        if each.version != release_notes.UNRELEASED
    ]
    assert released[:1] in ([], [settings.VERSION])


def test_it_is_read_by_version_and_part() -> None:
    unreleased, second, first = releases_in(CHANGELOG)
    assert unreleased.heading == "Latest changes"
    assert unreleased.parts == {
        ReleasePart.OPERATORS: ["A setting, <code>NEW_ONE</code> (docs/settings.md)."]
    }
    assert second.heading == "Version 1.1.0, 3 December 2026"
    assert second.parts[ReleasePart.PRACTICES] == [
        "<strong>Print</strong> &amp; <strong>&lt;b&gt;more&lt;/b&gt;</strong>.",
        "Another.",
    ]
    assert (first.version, first.heading) == ("1.0.0", "Version 1.0.0")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("## 1.0.0\n\n- Of nobody\n", "1.0.0: it is not said who notices: - Of nobody"),
        ("## 1.0.0\n\n### For all\n\n- A\n", "'For all' is not a valid ReleasePart"),
        ("## 1.0.0\n\n### For operators\n\nWords\n", "no entry of a list: Words"),
    ],
)
def test_what_has_no_place_is_named(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        releases_in(text)


@pytest.mark.parametrize(
    ("seen", "new"),
    [
        ("", set(ReleasePart)),
        ("1.0.0", {ReleasePart.OPERATORS, ReleasePart.PRACTICES}),
        ("1.1.0", {ReleasePart.OPERATORS}),
        ("0.9.9", set(ReleasePart)),
    ],
)
def test_only_what_came_after_a_version_has_notes_since(seen: str, new: set[ReleasePart]) -> None:
    every = releases_in(CHANGELOG)
    assert {part for part in ReleasePart if has_notes_since(every, seen, part)} == new


def test_each_role_has_its_part() -> None:
    assert set(PART_OF) == set(Role)
