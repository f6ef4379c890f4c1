"""Each e-mail has a template and a function of one name, which gives it all that it says."""

import ast
from functools import cache

import pytest
from django.template import engines
from jinja2 import meta

from pharmrefer.local import ROOT
from tests.house import figures

TEMPLATES = {path.stem: path.read_text() for path in (ROOT / "templates/mail").iterdir()}


@cache
def calls() -> list[tuple[str, ast.Call]]:
    """Return each call of ``notices.words``, with the name of the function that it stands in."""
    return [
        (function.name, node)
        for function in figures.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"words", "notices.words"}
    ]


def test_each_template_has_one_function_which_is_called_as_it_is() -> None:
    named = [(name, ast.literal_eval(call.args[0])) for name, call in calls()]
    assert sorted(named) == sorted((name, name) for name in TEMPLATES)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_says_what_its_function_gives_and_nothing_else(name: str) -> None:
    jinja = engines["jinja2"].env  # type: ignore[attr-defined]
    said = meta.find_undeclared_variables(jinja.parse(TEMPLATES[name])) - jinja.globals.keys()
    (call,) = (call for function, call in calls() if function == name)
    given = {keyword.arg for keyword in call.keywords}
    assert said - {"address"} == given  # PharmRefer's own is given to all
