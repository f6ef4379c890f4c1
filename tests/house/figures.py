"""The figures by which the house is measured: ``python -m tests.house.figures`` prints them.

Code is read with ``ast``, routes with Django's resolver. A module is a file; migrations, and
nothing else, are left out.
"""

import ast
import inspect
import math
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import django
from django.urls import URLPattern, URLResolver, get_resolver

from pharmrefer.local import ROOT, LocalError, throwaway

APPS = ("accounts", "referrals", "support", "pharmrefer")
Function = ast.FunctionDef | ast.AsyncFunctionDef
# A bound only gets stricter. Where it is not yet what it is to be, it is what was measured last,
# and a comment says where it goes.
AT_MOST = {
    "lines of accounts": 14_292,  # to be 10,500
    "imports a module, accounts": 5.5,  # to be 3.5: what a façade re-exported was one import
    "functions with a docstring, %": 31.3,  # to be 40
    "class names with two owners": 0,
    "function length, 95th percentile": 25,
    "function length, longest": 50,
    "circles": 0,
    "hidden imports": 0,
}
AT_LEAST = {
    "routes named after their view's module, %": 90,
}


@dataclass(frozen=True)
class Module:
    """A file of Python, with its name as it is imported."""

    name: str
    is_package: bool
    source: str
    tree: ast.Module

    @property
    def app(self) -> str:
        return self.name.partition(".")[0]

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    source = path.read_text()
    name = ".".join(parts[:-1] if is_package else parts)
    return Module(name, is_package, source, ast.parse(source))


@cache
def modules() -> dict[str, Module]:
    """Return the apps' modules by name."""
    paths = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    found = [_module(path) for path in paths if "migrations" not in path.parts]
    return {module.name: module for module in found}


def _is_for_types(node: ast.AST) -> bool:
    """Say whether this is an ``if TYPE_CHECKING:``, whose imports do not happen."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imports(node: ast.AST, *, inside: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Yield each import under ``node``, and whether it stands inside a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, inside
        elif not _is_for_types(child):
            yield from imports(child, inside=inside or isinstance(child, Function))


def names_in(statement: ast.AST) -> Iterator[str]:
    """Yield the modules that an import names; ``from package import module`` names the module."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            module = f"{statement.module}.{alias.name}"
            yield module if module in modules() else str(statement.module)


@cache
def imported() -> dict[str, set[str]]:
    """Return which of the apps' modules each module imports; not its packages' on the way."""
    return {
        module.name: {
            name
            for statement, _ in imports(module.tree)
            for name in names_in(statement)
            if name in modules() and name != module.name
        }
        for module in modules().values()
    }


def imports_a_module(*apps: str) -> float:
    """Return the average over the modules of some apps."""
    counts = [len(found) for name, found in imported().items() if modules()[name].app in apps]
    return sum(counts) / len(counts)


def _reached(start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        more = imported()[waiting.pop()] - found
        found |= more
        waiting.extend(more)
    return found


def circles() -> set[frozenset[str]]:
    """Return the groups of modules of which each imports each other, be it through others."""
    reached = {name: _reached(name) for name in imported()}
    return {
        frozenset(other for other in names if name in reached[other])
        for name, names in reached.items()
        if name in names
    }


def hidden_imports() -> list[str]:
    """Return the imports of our own modules that stand inside functions.

    A library that is loaded late, since few processes need it, hides no arrow between ours.
    """
    return [
        f"{module.name}: {ast.unparse(statement)}"
        for module in modules().values()
        for statement, is_inside in imports(module.tree)
        if is_inside and modules().keys() & set(names_in(statement))
    ]


def imports_for_types() -> list[str]:
    """Return the imports that only type checks see."""
    return [
        f"{module.name}: {ast.unparse(statement)}"
        for module in modules().values()
        for block in ast.walk(module.tree)
        if _is_for_types(block)
        for statement, _ in imports(block)
    ]


def functions() -> list[Function]:
    """Return every function and method of the apps, those inside others too."""
    return [each for module in modules().values() for each in module.functions()]


def docstring_share() -> float:
    """Return how many of a hundred functions carry a docstring."""
    return 100 * sum(ast.get_docstring(each) is not None for each in functions()) / len(functions())


def function_lengths() -> list[int]:
    """Return the functions' lines, from ``def`` to the last one, in order of size."""
    return sorted((each.end_lineno or 0) - each.lineno + 1 for each in functions())


def percentile(share: float, values: list[int]) -> int:
    """Return the smallest value that at least ``share`` of all do not exceed."""
    return values[math.ceil(share * len(values)) - 1]


def shared_class_names() -> dict[str, list[str]]:
    """Return the classes that several modules have, with those modules.

    A command's class does not count: Django wants it to be called Command.
    """
    owners: dict[str, list[str]] = {}
    for module in modules().values():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not (
                node.name == "Command" and ".management.commands." in module.name
            ):
                owners.setdefault(node.name, []).append(module.name)
    return {name: found for name, found in owners.items() if len(found) > 1}


@dataclass(frozen=True)
class Route:
    """An address as it is declared, with the module of its view."""

    address: str
    values: frozenset[str]  # what the route itself gives its view
    view_module: str

    @property
    def word(self) -> str:
        """The last word that stands in the address as it is.

        Neither a number nor, in a family of routes such as ``help/<topic>/``, the one's own word.
        """
        parts = [part for part in self.address.split("/") if part and "<" not in part]
        words = [part for part in parts if part not in self.values]
        return words[-1].replace("-", "_") if words else ""

    @property
    def is_named_after_its_module(self) -> bool:
        return self.word == self.view_module.rpartition(".")[2]


def routes(patterns: Iterable[Any] | None = None, before: str = "") -> Iterator[Route]:
    """Yield every route that has a word."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            view = inspect.unwrap(pattern.callback)
            values = frozenset(map(str, pattern.default_args.values()))
            route = Route(address, values, view.__module__)
            if route.word:
                yield route


def routes_named_share() -> float:
    """Return how many of a hundred routes end in the name of their view's module."""
    named = [route.is_named_after_its_module for route in routes()]
    return 100 * sum(named) / len(named)


FIGURES: dict[str, Callable[[], float]] = {
    "lines of accounts": lambda: sum(
        module.source.count("\n") for module in modules().values() if module.app == "accounts"
    ),
    "imports a module, accounts": lambda: imports_a_module("accounts"),
    "imports a module, all": lambda: imports_a_module(*APPS),  # house.md wishes for 3.2
    "functions with a docstring, %": docstring_share,
    "class names with two owners": lambda: len(shared_class_names()),
    "routes named after their view's module, %": routes_named_share,
    "function length, 95th percentile": lambda: percentile(0.95, function_lengths()),
    "function length, longest": lambda: function_lengths()[-1],
    "circles": lambda: len(circles()),
    "hidden imports": lambda: len(hidden_imports()),
    "imports for types only": lambda: len(imports_for_types()),
}


def main() -> None:
    """Print the figures, and what stands behind those that should be 0."""
    for name, measure in FIGURES.items():
        bound = f"at most {AT_MOST[name]}" if name in AT_MOST else ""
        bound = f"at least {AT_LEAST[name]}" if name in AT_LEAST else bound
        print(f"{name:45}{measure():10,.1f}   {bound}")
    print()
    for name, owners in sorted(shared_class_names().items()):
        print(f"class {name}: {', '.join(owners)}")
    for circle in circles():
        print(f"circle: {', '.join(sorted(circle))}")
    for hidden in hidden_imports():
        print(f"hidden import: {hidden}")
    for route in routes():
        if not route.is_named_after_its_module:
            print(f"route /{route.address}: {route.view_module}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is removed
    try:
        with throwaway.cluster() as settings:  # no setting may be missing where routes are read
            os.environ |= settings | {"DJANGO_SETTINGS_MODULE": "pharmrefer.settings"}
            django.setup()
            main()
    except LocalError as error:
        sys.exit(f"pharmrefer: {error}")
