"""Reads a page as a browser does: strictly."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Protocol

import html5lib
from django.test import Client


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


def would_send(page: str) -> dict[str | None, str | None]:
    """Return what a browser would send from a page if nobody touched it."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    sent: dict[str | None, str | None] = {
        each.get("name"): each.text for each in tree.iter("textarea")
    }
    for each in tree.iter("input"):
        if each.get("type") not in {"radio", "checkbox"} or "checked" in each.attrib:
            sent[each.get("name")] = each.get("value", "")
    for each in tree.iter("select"):
        chosen = [option for option in each.iter("option") if "selected" in option.attrib]
        sent[each.get("name")] = chosen[-1].get("value") if chosen else ""
    return sent


def link_to(page: str, words: str) -> str:
    """Return where the one link with these words leads, "" where there is none."""
    found = re.findall(f'href="([^"]*)">{words}</a>', page)
    assert len(found) <= 1, found
    return unescape(found[0]) if found else ""


def walk(client: Client, address: str) -> Iterator[str]:
    """Yield the pages of a list from here on, and see that the way back is the same."""
    pages = []
    while address:
        page = text_of(client.get(address))
        pages.append(page)
        yield page
        address = link_to(page, "Next page")
    for earlier in pages[-2::-1]:
        page = text_of(client.get(link_to(page, "Previous page")))
        assert _rows(page) == _rows(earlier)
    assert not link_to(page, "Previous page")


def _rows(page: str) -> list[str]:
    """Return rows and how many there are, without the tokens in them."""
    main = re.sub("<input[^>]*>", "", page.partition("<main")[2].partition("</main>")[0])
    return re.findall(r"<(?:tr|caption|li)\b.*?</(?:tr|caption|li)>", main, re.DOTALL)
