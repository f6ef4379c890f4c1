"""What anybody may write behind a question mark: it is ignored in silence, on every page."""

import logging
import uuid
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
# All that a page of ours reads of an address, and one that none does.
READ = (
    "because",
    "from",
    "kept",
    "key",
    "name",
    "next",
    "page",
    "said",
    "token",
    "whose",
    "nobody",
)
LONGEST = 2048  # characters of an address that we lead to: what Django follows back again
ODD: dict[str, str | bytes] = {
    "over-long": "/" + "a" * 2_500,  # of each; Django leads to no more than 16,384 characters
    "over-long once it is escaped": "/%25" * 400,
    "no text": "a\x00b\ud800".encode("utf-8", "surrogatepass"),
    "odd digits": "\u0663\u00b2" * 3,
    "signed by nobody": "W251bGwse31d:1u3kPq:" + "x" * 43,
    "two lines": "a\r\nSet-Cookie: b=c",
}


def addresses(patterns: Iterable[Any], before: str = "/") -> Iterator[str]:
    """Yield the address of every page, of things that are not there where it is about a thing."""
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            named = {"int": "1", "uuid": str(uuid.UUID(int=4)), "str": "x", "slug": "x"}
            for kind, value in named.items():
                for name in pattern.pattern.converters:
                    here = here.replace(f"<{kind}:{name}>", value)
            yield here.removesuffix("$").replace("^", "")


def browser(*, checks: bool = False) -> Client:
    return Client(enforce_csrf_checks=checks, headers={"x-forwarded-proto": "https"})


def everybody() -> dict[str, Client]:
    found = {"visitor": browser(), "form without a token": browser(checks=True)}
    for role in (Role.PRACTICE_ADMINISTRATOR, Role.SERVICE_DESK, Role.OPERATOR):
        found[role] = browser()
        factories.confirmed(factories.sign_in(found[role], factories.active_person(role=role)))
    return found


@pytest.mark.parametrize("kind", ODD)
def test_no_page_minds_what_stands_in_its_address(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    query: dict[str, str | bytes] = dict.fromkeys(READ, ODD[kind])
    pages = sorted(set(addresses(get_resolver().url_patterns)))
    assert len(pages) > 80
    for who, visitor in everybody().items():
        for page in pages:
            if who == "form without a token":
                address = f"{page}?{urlencode(query)}"
                answer = visitor.post(address, query, headers={"referer": "https://testserver/"})
            else:
                answer = visitor.get(page, query)
            assert answer.status_code < 500 or page == "/health/ready", (who, page)
            assert len(answer.headers.get("Location", "")) <= LONGEST, (who, page)
    assert [f"{each.name}: {each.getMessage()[:200]}" for each in caplog.records] == []


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (f"/log-in?whose={'a' * 17_000}", {}),  # without the last slash
        (f"/log-in/?whose={'a' * 17_000}", {"x-forwarded-proto": "http"}),
    ],
)
def test_what_is_too_long_to_lead_back_to_is_answered_and_no_error_of_ours(
    address: str, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    assert browser().get(address, headers=headers).status_code == 400
    assert caplog.records == []


def test_neither_is_a_form_of_very_many_fields(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    assert browser().post("/log-in/", {str(n): "x" for n in range(2_000)}).status_code == 400
    assert caplog.records == []
