"""What's new: a quiet line on each role's first page, until it was opened or dismissed."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models.people import User
from accounts.roles import Role
from support.about import release_notes
from support.about.release_notes import PART_OF, ReleasePart, releases_in
from tests import factories
from tests.pages import text_of

pytestmark = pytest.mark.django_db

FIRST_PAGES = {
    Role.STAFF: "/referrals/",
    Role.PRACTICE_ADMINISTRATOR: "/referrals/",
    Role.SERVICE_DESK: "/desk/",
    Role.OPERATOR: "/account/",
}
LINE = '<a href="/whats-new/">What’s new in PharmRefer</a>'


@pytest.fixture(autouse=True)
def _changelog(monkeypatch: pytest.MonkeyPatch) -> None:
    sections = "".join(f"### {part}\n\n- Something {part}.\n\n" for part in ReleasePart)
    monkeypatch.setattr(
        release_notes, "releases", lambda: releases_in(f"## {settings.VERSION}\n\n{sections}")
    )


def came_before(role: Role, client: Client) -> User:
    """Return someone who is signed in, and was there before the version that runs."""
    user = factories.active_person(role=role)
    factories.sign_in(client, user)
    User.objects.update(seen_version="0.0.9")
    return user


@pytest.mark.parametrize("role", Role)
def test_it_is_said_on_the_first_page_until_it_is_dismissed(client: Client, role: Role) -> None:
    user = came_before(role, client)
    assert LINE in text_of(client.get(FIRST_PAGES[role]))
    assert client.post("/whats-new/")["Location"] == "/"
    assert LINE not in text_of(client.get(FIRST_PAGES[role]))
    user.refresh_from_db()
    assert user.seen_version == settings.VERSION


@pytest.mark.parametrize("role", Role)
def test_opening_it_shows_the_roles_part_only_and_counts_as_seen(
    client: Client, role: Role
) -> None:
    came_before(role, client)
    page = text_of(client.get("/whats-new/"))
    assert f"<li>Something {PART_OF[role]}.</li>" in page
    assert page.count("<li>Something") == 1
    assert LINE not in text_of(client.get(FIRST_PAGES[role]))


@pytest.mark.parametrize("role", Role)
def test_nobody_is_told_of_what_was_there_before_them(client: Client, role: Role) -> None:
    user = factories.active_person(role=role)
    factories.sign_in(client, user)
    assert user.seen_version == settings.VERSION
    assert LINE not in text_of(client.get(FIRST_PAGES[role]))


def test_a_version_that_changes_nothing_for_a_role_is_no_news(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    came_before(Role.STAFF, client)
    told = f"## {settings.VERSION}\n\n### For operators\n\n- A setting.\n"
    monkeypatch.setattr(release_notes, "releases", lambda: releases_in(told))
    assert LINE not in text_of(client.get("/referrals/"))
    page = text_of(client.get("/whats-new/"))
    assert "Nothing that changes your work." in page
    assert "A setting" not in page


def test_of_many_changes_the_newest_are_seen_and_the_others_open(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    came_before(Role.STAFF, client)
    many = "".join(f"- Change {number}.\n" for number in range(10))
    told = f"## {settings.VERSION}\n\n### For practices\n\n{many}"
    monkeypatch.setattr(release_notes, "releases", lambda: releases_in(told))
    seen, _, opened = text_of(client.get("/whats-new/")).partition("<details")
    assert [f"Change {number}." in seen for number in range(10)] == [True] * 8 + [False] * 2
    assert "2 more changes" in opened
    assert "Change 9." in opened


def test_a_visitor_sees_all_parts_and_asks_the_database_nothing(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        page = text_of(client.get("/whats-new/"))
    assert page.count("<li>Something") == len(ReleasePart)
    assert client.post("/whats-new/")["Location"] == "/"


@pytest.mark.parametrize(
    ("seen", "queries"),
    [
        ("0.0.9", 2),  # the session, and that it was seen
        (settings.VERSION, 1),
    ],
)
def test_it_costs_one_query_once(
    client: Client, seen: str, queries: int, django_assert_num_queries: Any
) -> None:
    came_before(Role.STAFF, client)
    User.objects.update(seen_version=seen)
    with django_assert_num_queries(queries):
        client.get("/whats-new/")


def test_the_line_costs_no_query(client: Client) -> None:
    came_before(Role.SERVICE_DESK, client)
    with CaptureQueriesContext(connection) as shown:
        assert LINE in text_of(client.get("/desk/"))
    client.post("/whats-new/")
    with CaptureQueriesContext(connection) as gone:
        client.get("/desk/")
    assert len(shown) == len(gone)
