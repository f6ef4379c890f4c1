"""The one template engine: Jinja2, autoescaping, and an undefined name is an error."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from accounts import wording


def url(name: str, **arguments: object) -> str:
    """Return the path of a named route."""
    return reverse(name, kwargs=arguments)


def typed(value: object) -> str:
    """Return what somebody typed, fit to stand in a page: without control characters."""
    return "".join(letter for letter in str(value) if letter.isprintable() or letter in "\r\n\t")


def environment(**options: Any) -> Environment:
    """Build the environment with what every template may call."""
    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=options["loader"],
        auto_reload=options["auto_reload"],
    )
    made.globals.update(static=static, url=url)
    made.filters.update(day=wording.day, typed=typed)
    return made
