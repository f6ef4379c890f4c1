"""The figures of the house keep within their bounds, and are measured as figures.py says."""

import ast

import pytest

from tests.house import figures
from tests.house.figures import AT_LEAST, AT_MOST, FIGURES


@pytest.mark.parametrize("name", AT_MOST)
def test_a_figure_does_not_exceed_its_bound(name: str) -> None:
    assert round(FIGURES[name](), 1) <= AT_MOST[name]


@pytest.mark.parametrize("name", AT_LEAST)
def test_a_figure_reaches_its_bound(name: str) -> None:
    assert round(FIGURES[name](), 1) >= AT_LEAST[name]


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from accounts import roles", "accounts.roles"),
        ("from accounts.roles import Role", "accounts.roles"),
        ("import accounts.roles", "accounts.roles"),
        ("from accounts.models import User", "accounts.models"),
        ("from django.http import Http404", "django.http"),
    ],
)
def test_an_import_names_the_module_that_it_reads(source: str, module: str) -> None:
    [statement] = ast.parse(source).body
    assert [*figures.names_in(statement)] == [module]


def test_imports_of_functions_are_hidden_and_those_for_types_are_none() -> None:
    source = """
import here
if TYPE_CHECKING:
    import for_types
try:
    import tried
except ImportError:
    pass
class Some:
    def method(self):
        if self:
            import within
"""
    found = [
        (name, is_inside)
        for statement, is_inside in figures.imports(ast.parse(source))
        for name in figures.names_in(statement)
    ]
    assert found == [("here", False), ("tried", False), ("within", True)]


def test_a_circle_is_found_also_through_others(monkeypatch: pytest.MonkeyPatch) -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"d"}}
    monkeypatch.setattr(figures, "imported", lambda: arrows)
    assert figures.circles() == {frozenset("abc")}


@pytest.mark.parametrize(
    ("address", "values", "word"),
    [
        ("people/<int:number>/turn-off/", [], "turn_off"),
        ("people/<int:number>/", [], "people"),
        ("health/live", [], "live"),
        ("help/code-used/", ["code-used"], "help"),
        ("", [], ""),
    ],
)
def test_the_word_of_a_route_is_its_last_one(address: str, values: list[str], word: str) -> None:
    assert figures.Route(address, frozenset(values), "some.views.module").word == word


def test_a_percentile_is_a_value_that_is_there() -> None:
    assert figures.percentile(0.95, [*range(1, 101)]) == 95
    assert figures.percentile(0.95, [3]) == 3
