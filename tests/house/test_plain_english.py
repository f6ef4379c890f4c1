"""What people read says email, username, someone: in the NHS's words, as it would be said aloud."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.template import engines

from pharmrefer.local import ROOT

# What is said instead, by what is not said. Between quotes in code, what looks like a name is none.
ODD = {
    r"e-mail(s|ed)?": "email",
    r"user[ -]names?": "username",
    r"(some|any|every)body": "someone, anyone, everyone",
    r"(who|whom)(so)?ever": "the person who, people who, anyone who",
    r"whom": "who, or another sentence",
    r"(?<![/:-])log-(in|on)s?(?!/)": "log in (verb), login (noun)",
    r"sp(eak|oke|oken) with": "speak to",
}
# Between these marks is what a template or a script says; the rest is code.
SCRIPT_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')
# Words of ours that nobody reads: notes for developers beside a column, which migrations repeat.
NOTES = {"help_text"}
# Words that stay, by the file that they stand in; each with its reason.
ALLOWED: dict[str, set[str]] = {}


def odd_in(text: str) -> list[str]:
    found = (re.search(rf"\b({odd})\b", text, re.IGNORECASE) for odd in ODD)
    return [match.group() for match in found if match]


def _literals(node: ast.AST, *, in_models: bool) -> Iterator[str]:
    """Text between quotes, in one piece where it is written in several; no docstrings, no notes."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values
        )
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
        return
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        is_note = in_models and isinstance(child, ast.keyword) and child.arg in NOTES
        if not is_docstring and not is_note:
            yield from _literals(child, in_models=in_models)


def in_code(path: Path) -> list[str]:
    found = _literals(ast.parse(path.read_text()), in_models="models" in path.parts)
    return [text for text in found if " " in text or text != text.lower()]


def in_template(path: Path) -> list[str]:
    """What stands between the code of a template, and what its code has in quotes; no comments."""
    lexed = engines["jinja2"].env.lex(path.read_text())  # type: ignore[attr-defined]
    return [value for _, kind, value in lexed if kind in {"data", "string"}]


def in_script(path: Path) -> list[str]:
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("//")]
    return SCRIPT_TEXT.findall("\n".join(lines))


def in_text(path: Path) -> list[str]:
    """Paragraphs and entries of a list."""
    return re.split(r"\n(?=\n|- |#)", path.read_text())


READERS = {
    in_text: [ROOT / "CHANGELOG.md"],
    in_code: [
        path
        for app in ("accounts", "referrals", "support", "pharmrefer")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
    ],
    in_template: [path for path in (ROOT / "templates").rglob("*") if path.is_file()],
    in_script: [*(ROOT / "pharmrefer/static/pharmrefer").glob("*.js")],
}


@cache
def said() -> list[tuple[str, str]]:
    """Return all that people may read, each with the file that says it."""
    return [
        (str(path.relative_to(ROOT)), text)
        for read, paths in READERS.items()
        for path in sorted(paths)
        for text in read(path)
    ]


def test_people_read_plain_english() -> None:
    found = [
        f"{path}: {text.strip()!r} has {', '.join(odd)}"
        for path, text in said()
        if (odd := odd_in(text)) and text not in ALLOWED.get(path, ())
    ]
    assert not found, "\n".join([*found, "", *(f"{odd}: say {say}" for odd, say in ODD.items())])


def test_what_is_allowed_is_there_and_would_not_be_else() -> None:
    allowed = {(path, text) for path, texts in ALLOWED.items() for text in texts}
    assert allowed <= {(path, text) for path, text in said() if odd_in(text)}


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("Look at your E-mails", ["E-mails"]),
        ("Your user name, or that of somebody else", ["user name", "somebody"]),
        ("Whoever asks, tell nobody", ["Whoever"]),
        ("on the log-in page", ["log-in"]),
        ("Enter the name of whom you spoke with", ["whom", "spoke with"]),
        ("Log in with your username and your email", []),
        ('<a href="/log-in/">', []),
        ("accounts:log-in", []),
    ],
)
def test_odd_words_are_found(text: str, odd: list[str]) -> None:
    assert odd_in(text) == odd


def test_a_literal_is_read_whole_and_a_docstring_is_not(tmp_path: Path) -> None:
    path = tmp_path / "models" / "each.py"
    path.parent.mkdir()
    path.write_text(
        '"""Of somebody."""\n'
        'TEXT = ("Your user " f"name is {name}")\n'
        'field = Field("the label of it", help_text="by somebody")\n'
        'ROUTE = "log-in"\n'
    )
    assert in_code(path) == ["Your user name is {}", "the label of it"]


def test_a_template_is_read_with_its_strings_and_without_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "each.html"
    path.write_text('{# somebody #}<p>Text{% if x %}{{ line("Label", user_name) }}{% endif %}</p>')
    assert [each for each in in_template(path) if each.strip()] == ["<p>Text", '"Label"', "</p>"]


def test_a_script_is_read_between_its_quotes(tmp_path: Path) -> None:
    path = tmp_path / "each.js"
    path.write_text('// "somebody"\nsay("One", `two ${three}`);\n')
    assert in_script(path) == ['"One"', "`two ${three}`"]
