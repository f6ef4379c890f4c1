"""Where a support code comes from: names of pages, and never what they are about."""

import uuid
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import ResolverMatch

from accounts.models.sessions import Ended
from accounts.topics import QUESTIONS, Topic
from support.codes import pages
from tests.routes import routes


def test_every_page_is_known_by_its_name_and_says_no_identifier() -> None:
    for route in routes():
        address = pages.address_of(route)
        assert address.startswith("/"), route
        assert not set(address) & set("0123456789"), route


@pytest.mark.parametrize(
    ("route", "address"),
    [
        ("accounts:code", "/log-in/code/"),
        ("referrals:send", "/referrals/…/send/"),
        ("accounts:desk-person", "/desk/people/…/"),
        ("", ""),
        ("referrals:no-such", ""),
        ("/referrals/7/", ""),
        ("no such:page", ""),
        ("x" * 500, ""),
    ],
)
def test_where_it_is(route: str, address: str) -> None:
    assert pages.address_of(route) == address


def test_names_of_routes_fit_their_column() -> None:
    assert max(map(len, routes())) <= pages.LONGEST_ROUTE


def test_what_a_page_said() -> None:
    assert pages.what_was_said(Topic.CLOCK) == QUESTIONS[Topic.CLOCK]
    assert pages.what_was_said("idle") == Ended.IDLE.label
    assert pages.what_was_said("Winifred Ashworth") == ""
    assert not {each.value for each in Topic} & {each.value for each in Ended}


def asked(path: str, route: str = "", **headers: str) -> Any:
    request: Any = RequestFactory(headers={"host": "testserver"} | headers).get(path, secure=True)
    if route:
        request.resolver_match = ResolverMatch(lambda: None, (), {}, url_name=route)
    request.ended = None
    return request


def test_a_link_carries_the_page_s_name_and_why_the_session_ended() -> None:
    ended = asked("/log-in/?because=idle&next=/referrals/9/", "log-in")
    assert pages.support_code_link(ended) == "/support-code/?page=log-in&said=idle"
    other = asked(f"/referrals/{uuid.uuid4()}/send/?because=Winifred", "send")
    assert pages.support_code_link(other) == "/support-code/?page=send"
    assert pages.support_code_link(asked("/no/such/page")) == "/support-code/"


@pytest.mark.parametrize(
    ("path", "headers", "route"),
    [
        ("/support-code/?page=referrals:send", {}, "referrals:send"),
        ("/support-code/?page=referrals:sent-7", {}, ""),
        ("/support-code/", {"referer": "https://testserver/log-in/code/?x=1"}, "accounts:code"),
        ("/support-code/", {"referer": "https://testserver/no/such/page"}, ""),
        ("/support-code/", {"referer": "https://elsewhere.example/log-in/code/"}, ""),
        ("/support-code/", {"referer": "https://[/log-in/"}, ""),
        ("/support-code/", {"referer": "https://testserver"}, ""),
        ("/support-code/", {}, ""),
    ],
)
def test_the_page_whose_link_was_followed(path: str, headers: Any, route: str) -> None:
    assert pages.came_from(asked(path, **headers)).page == route


def test_what_it_said_is_known_or_left_out() -> None:
    assert pages.came_from(asked("/support-code/?said=clock")).said == "clock"
    assert pages.came_from(asked("/support-code/?said=Winifred")).said == ""
    ended = asked("/support-code/")
    ended.ended = Ended.IDLE
    assert pages.came_from(ended).said == "idle"
