"""Reads a page as a browser does: strictly."""

from typing import Protocol

import html5lib


class Answer(Protocol):
    """What a view or the test client returns."""

    @property
    def content(self) -> bytes:
        """The page."""


def text_of(response: Answer) -> str:
    """Return a page's HTML, once a strict parser has found nothing wrong with it."""
    page = response.content.decode()
    html5lib.HTMLParser(strict=True).parse(page)
    return page
