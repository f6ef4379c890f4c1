"""Your account: the page that tells people whom PharmRefer takes them for."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import audit
from accounts.models.audit import AuditReason, Event
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.roles import Role
from tests import factories
from tests.factories import acting
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_it_says_who_where_and_as_what(client: Client) -> None:
    user = factories.active_person(at=factories.practice(name="Mill Lane & Sons"))
    factories.sign_in(client, user)
    page = text_of(client.get("/account/"))
    for words in (user.full_name, user.email, "Receptionist", "Practice staff"):
        assert words in page
    assert page.count("Mill Lane &amp; Sons") == 2  # on the page and in its header


@pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.OPERATOR])
def test_who_is_in_no_practice_is_shown_their_role(client: Client, role: Role) -> None:
    factories.sign_in(client, factories.active_person(role=role))
    page = text_of(client.get("/account/"))
    main = page.partition("<main")[2]
    assert main.count(role.label) == 1
    assert f'app-place">{role.label}</li>' in page
    assert "<dt" in page
    assert ">Practice<" not in page


def test_authenticators_are_listed_but_those_that_are_not_confirmed(client: Client) -> None:
    user = factories.active_person()
    user.authenticators.update(name="My phone")
    factories.authenticator(user, confirmed=False)
    factories.sign_in(client, user)
    page = text_of(client.get("/account/"))
    assert "</span><span>My phone</span>" in page
    assert "</span><span>Authenticator app</span>" not in page
    assert "</span><span>Not yet</span>" in page


def test_the_last_authenticator_cannot_be_removed_and_there_may_be_five(client: Client) -> None:
    user = factories.active_person()
    factories.sign_in(client, user)
    page = text_of(client.get("/account/"))
    assert "/remove/" not in page
    assert "ask the service desk" in page
    assert "/account/authenticators/add/" in page
    for _ in range(4):
        factories.authenticator(user)
    page = text_of(client.get("/account/"))
    assert page.count("/remove/") == 5
    assert "/account/authenticators/add/" not in page
    assert "You can have up to 5" in page


def test_it_says_where_the_person_is_logged_in_this_browser_first(client: Client) -> None:
    user = factories.active_person()
    here = factories.sign_in(client, user)
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/138.0 Safari/537.36 Edg/138.0"
    Session.objects.filter(pk=here.pk).update(
        browser=edge, last_seen_at=timezone.now() - timedelta(minutes=5)
    )
    other = factories.sign_in(Client(), user)
    ended, stale = (factories.sign_in(Client(), user) for _ in range(2))
    Session.objects.filter(pk=ended.pk).update(session_epoch=7)
    Session.objects.filter(pk=stale.pk).update(last_seen_at=timezone.now() - timedelta(hours=1))
    factories.sign_in(Client(), factories.active_person())
    page = text_of(client.get("/account/"))
    assert re.findall(r"sessions/(\d+)/end/", page) == [str(other.pk)]
    assert page.count("192.0.2.7") >= 3
    assert page.index("Edge on Windows") < page.index("This browser") < page.index("A browser<")
    assert "/account/sessions/end-others/" in page
    other.delete()
    assert "/account/sessions/end-others/" not in text_of(client.get("/account/"))


def note_log_out(user: User, *, now: datetime) -> None:
    audit.note(Event.SESSION_ENDED, acting(now=now), reason=AuditReason.LOGGED_OUT, person=user)


def test_it_says_what_happened_lately_and_to_nobody_else(client: Client) -> None:
    user, other = factories.active_person(), factories.active_person()
    factories.sign_in(client, user)
    now = timezone.now()
    audit.note(Event.PASSWORD_CHANGED, acting(now=now), person=other)
    page = text_of(client.get("/account/"))
    assert "Account created" in page
    assert "Password changed" not in page
    for _ in range(20):
        audit.note(Event.SESSION_ENDED, acting(now=now), reason=AuditReason.LOGGED_OUT, person=user)
    page = text_of(client.get("/account/"))
    assert page.count("<span>Logged out</span>") == 20
    assert "Account created" not in page


def test_every_event_is_reached(client: Client) -> None:
    user, now = factories.active_person(), timezone.now()
    factories.sign_in(client, user)
    for _ in range(44):
        audit.note(Event.SESSION_ENDED, acting(now=now), reason=AuditReason.LOGGED_OUT, person=user)
    address, visited = "/account/", []
    while address:
        visited.append(text_of(client.get(address)))
        address = next(iter(re.findall('href="([^"]+)#events">Next page', visited[-1])), "")
    said = [re.findall(r"Events, latest first \(([^)]+)\)", page)[0] for page in visited]
    assert said == ["1 to 20 of 45", "21 to 40 of 45", "41 to 45 of 45"]
    assert sum(page.count("<span>Logged out</span>") for page in visited) == 44
    assert "Account created" in visited[-1]


def test_news_are_ours_and_no_others(client: Client) -> None:
    factories.sign_in(client, factories.active_person())
    assert "You have changed your password" in text_of(client.get("/account/?because=password"))
    assert "you won" not in text_of(client.get("/account/?because=<b>you+won</b>"))


def test_its_queries_do_not_grow_with_authenticators_sessions_and_events(
    client: Client, django_assert_num_queries: Any
) -> None:
    user = factories.active_person()
    factories.sign_in(client, user)
    with django_assert_num_queries(5):
        client.get("/account/")
    for _ in range(10):
        factories.authenticator(user)
        factories.sign_in(Client(), user)
        audit.note(
            Event.ACTIVATION_ISSUED,
            acting(now=timezone.now()),
            person=user,
            by=factories.active_person(),
        )
    with django_assert_num_queries(5):
        client.get("/account/")
