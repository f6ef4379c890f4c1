"""Every named route of the project, for tests that walk over all of them."""

from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

Route = tuple[str, Any]


@cache
def routes() -> dict[str, Route]:
    """Return every route by its full name: its address, with its converters, and its view."""
    return _below(get_resolver().url_patterns, "", "/")


def _below(patterns: list[URLPattern | URLResolver], space: str, prefix: str) -> dict[str, Route]:
    found: dict[str, Route] = {}
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            found |= _below(pattern.url_patterns, inner, address)
        else:
            found[f"{space}{pattern.name}"] = (address, pattern.callback)
    return found
