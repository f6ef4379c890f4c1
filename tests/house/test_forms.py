"""What holds for every form: what is wrong with it is summed up in the order of the page."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import engines

import accounts
import referrals
from pharmrefer.local import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [each for each in TEMPLATES if "error_summary(form)" in each.read_text()]
NO_PAGE = {"_LineForm", "ExemptionForm"}  # the lines of a list, and what goes with other forms
MACRO = re.compile(r"{% macro (\w+)\(form\) %}(.*?){% endmacro %}", re.DOTALL)
INCLUDED = re.compile(r'{% include "([^"]+)" %}')
SHOWN = re.compile(r'\w*form\["(\w+)"\]')
MACROS = {
    name: body
    for each in (ROOT / "templates" / "components").glob("*.html")
    for name, body in MACRO.findall(each.read_text())
}


def subclasses(of: type[forms.Form]) -> Iterator[type[forms.Form]]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def every_form() -> dict[str, list[str]]:
    """Return each form's fields, in its order."""
    for package in (accounts, referrals):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    found = {}
    for each in subclasses(forms.Form):
        if each.__module__.startswith(("accounts.", "referrals.")):
            fields = each.base_fields
            first = [name for name in each.field_order or () if name in fields]
            found[each.__name__] = first + [name for name in fields if name not in first]
    return found


def fields_on(page: Path) -> list[str]:
    """Return the names of the fields that a template shows, in its order."""
    text = INCLUDED.sub(lambda part: (ROOT / "templates" / part[1]).read_text(), page.read_text())
    text = re.sub(r"{{ (\w+)\(form\) }}", lambda call: MACROS.get(call[1], ""), text)
    return SHOWN.findall(text)


FORMS = every_form()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_form_has_its_fields_in_the_order_of_its_page(page: Path) -> None:
    shown = fields_on(page)
    for name, fields in FORMS.items():
        if set(shown) <= set(fields):
            assert [field for field in fields if field in shown] == shown, name


def test_every_form_of_several_fields_is_on_a_page() -> None:
    shown = [set(fields_on(page)) for page in PAGES]
    for name, fields in FORMS.items():
        visible = set(fields) - {"answer"}  # a script writes it
        if len(visible) > 1 and name not in NO_PAGE:
            assert visible in shown, name


class ThreeForm(forms.Form):
    first = forms.CharField()
    second = forms.CharField()
    third = forms.CharField()


def test_what_is_wrong_is_summed_up_in_the_order_of_the_fields() -> None:
    form = ThreeForm({"first": "x", "third": "x"})
    for name in ("third", "first", None):  # as views and clean() find it out
        form.add_error(name, f"Wrong: {name}")
    engine: Any = engines["jinja2"]
    summary = engine.env.get_template("components/forms.html").module.error_summary
    said = re.findall(r"<li>(?:<a href=\"#(\w+)\">)?([^<]*)", summary(form))
    assert said == [
        ("", "Wrong: None"),
        ("id_first", "Wrong: first"),
        ("id_second", "This field is required."),
        ("id_third", "Wrong: third"),
    ]
