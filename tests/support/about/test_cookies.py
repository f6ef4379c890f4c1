"""The page lists every cookie that PharmRefer sets, and how long each lasts."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from accounts.models.people import User
from pharmrefer.local import ROOT
from support.about import cookies
from tests import factories
from tests.factories import PASSWORD
from tests.tools import code_for

# Django's own for languages and messages, which we do not use.
UNUSED = {"LANGUAGE_COOKIE_NAME"}


def test_every_cookie_that_settings_name_is_listed() -> None:
    names = {each for each in dir(settings) if each.endswith("_COOKIE_NAME")} - UNUSED
    assert {each.name for each in cookies.listed()} == {getattr(settings, each) for each in names}


def test_none_is_set_under_a_name_that_settings_do_not_have() -> None:
    for app in ("accounts", "referrals", "support", "pharmrefer"):
        for path in (ROOT / app).rglob("*.py"):
            text = path.read_text()
            if path != ROOT / "accounts/web/cookies.py":
                assert not re.search(r"set_cookie|set_signed_cookie|SimpleCookie", text), path
                continue
            named = re.findall(r"_set\(response, ([\w.]+)", text)
            assert len(named) == text.count("    _set(response,") > 0
            assert all(re.fullmatch(r"settings\.\w+_COOKIE_NAME", name) for name in named)
            assert text.count("response.set_cookie(") == 1


@pytest.mark.needs("oathtool")
@pytest.mark.django_db
def test_pages_set_exactly_those_that_are_listed(client: Client) -> None:
    user = factories.active_person()
    secret = user.authenticators.get().secret
    client.get("/log-in/")
    held = set(client.cookies)
    client.post("/log-in/", {"user_name": user.email, "password": PASSWORD})
    held |= set(client.cookies)
    client.get("/connection/cookies/")
    client.post("/log-in/code/", {"code": code_for(secret)})
    assert User.objects.get(pk=user.pk).last_login
    assert held | set(client.cookies) == {each.name for each in cookies.listed()}


def test_how_long_they_last_is_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SESSION_LONGEST", timedelta(hours=9))
    monkeypatch.setattr(cookies, "DEVICE_KEPT_FOR", timedelta(days=30))
    lasts = {each.name: each.lasts for each in cookies.listed()}
    assert "9 hours at most" in lasts[settings.SESSION_COOKIE_NAME]
    assert lasts[settings.DEVICE_COOKIE_NAME].startswith("30 days")


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(weeks=52), "364 days"),
    ],
)
def test_a_length_of_time_is_said_in_whole_units(length: timedelta, words: str) -> None:
    assert cookies.duration(length) == words
