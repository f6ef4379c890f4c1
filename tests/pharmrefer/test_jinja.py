"""Templates fail on what is not there, and escape what is."""

import pytest
from django.template import engines
from jinja2 import UndefinedError


def render(source: str, **context: object) -> str:
    return str(engines["jinja2"].from_string(source).render(context))


def test_an_undefined_name_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("{{ pateint }}")


def test_what_people_type_is_escaped() -> None:
    assert render("{{ name }}", name="<script>") == "&lt;script&gt;"


def test_a_route_is_named_not_spelled() -> None:
    assert render("{{ url('home') }}") == "/"


def test_what_was_typed_comes_back_without_control_characters() -> None:
    assert render("{{ 'a\\x00b\\x7f c\\n' | typed }}") == "ab c\n"
