"""Notices, contacts and approved apps where users see them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from msgspec import structs

from accounts.roles import Role
from support.region.content import NOTHING, Notice, NoticeKind, Region, SupportContact
from tests import factories
from tests.pages import text_of
from tests.regional_content import shown
from tests.support.region.samples import FULL

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SLOW = Notice(
    kind=NoticeKind.PROBLEM,
    title="The <b>pharmacies’</b> system is slow",
    text="Send once.\n\nWe try again.",
    starts_at=NOW - timedelta(hours=1),
    ends_at=NOW + timedelta(days=1),
)
LATER = structs.replace(SLOW, title="Not yet", starts_at=NOW + timedelta(hours=2))
OVER = structs.replace(SLOW, title="Over", ends_at=NOW - timedelta(minutes=1))
TOLD = structs.replace(SLOW, title="A new guide", kind=NoticeKind.INFORMATION)


@pytest.fixture(autouse=True)
def _region() -> Iterator[None]:
    with shown(Region(notices=(TOLD, SLOW, LATER, OVER))):
        yield


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("/log-in/", None),
        ("/help/", None),
        ("/help/clock/", None),
        ("/referrals/", Role.STAFF),
        ("/desk/", Role.SERVICE_DESK),
    ],
)
def test_what_all_should_know_now_is_shown_where_they_begin(
    client: Client, address: str, role: Role | None
) -> None:
    if role:
        factories.sign_in(client, factories.active_person(role=role))
    page = text_of(client.get(address))
    assert "The &lt;b&gt;pharmacies’&lt;/b&gt; system is slow" in page
    assert page.index("system is slow") < page.index("Information: A new guide")
    assert "Not yet" not in page
    assert "Over" not in page
    assert page.count('<p class="app-lines">Send once.</p>') == 2
    with shown(NOTHING):
        assert "system is slow" not in text_of(client.get(address))


def test_the_help_says_who_helps_with_what(client: Client) -> None:
    with shown(FULL):
        page = text_of(client.get("/help/"))
    said = page[page.index("Who helps with what") : page.index("<footer")]
    names = ("Your practice administrator", "Local IT", "PharmRefer desk", "Integration manager")
    found = [said.index(f"<strong>{name}:</strong>") for name in names]
    assert found == sorted(found)
    assert "mailto:manager@region.example" in page


def test_the_help_says_which_apps_may_be_used_on_what(client: Client) -> None:
    with shown(FULL):
        page = text_of(client.get("/help/apps/"))
    rows = page[page.index("Approved authenticator apps") :].split("<tr")[2:]
    told = [row.partition("</tr>")[0] for row in rows if "</td>" in row]
    assert ["Your local IT service desk" in row for row in told] == [True, True, False]
    assert "A computer at work" in told[1]
    assert "Ask for it." in told[1]


def test_without_regional_content_the_help_says_it_in_general(client: Client) -> None:
    with shown(NOTHING):
        page = text_of(client.get("/help/"))
        apps = text_of(client.get("/help/apps/"))
    assert "<strong>Your local IT service desk:</strong>" in page
    assert "<table" not in apps
    assert "Any app for 6-digit codes works" in apps


def test_a_device_without_an_approved_app_is_not_left_out(client: Client) -> None:
    with shown(structs.replace(FULL, apps=FULL.apps[:1])):
        page = text_of(client.get("/help/apps/"))
    assert page.count("No app is approved") == 1


@pytest.mark.parametrize("address", ["/log-in/", "/help/clock/", "/no/such/page"])
def test_the_contacts_are_in_the_footer_of_every_page_in_one_order(
    client: Client, address: str
) -> None:
    with shown(FULL):
        page = text_of(client.get(address))
    footer = page[page.index("<footer") :]
    assert footer.index("PharmRefer desk:") < footer.index("Local IT:")
    assert "01632 960 400 (option 2)" in footer
    assert "website" not in footer
    assert FULL.service_desk.hours not in footer


def test_the_footer_has_a_website_where_there_is_no_other_way(client: Client) -> None:
    desk = SupportContact(name="Web desk", website="https://desk.example/", hours="always")
    with shown(Region(service_desk=desk)):
        footer = text_of(client.get("/help/")).partition("<footer")[2]
    assert 'href="https://desk.example/"' in footer


def test_the_page_on_apps_asks_those_who_help_with_them_first(client: Client) -> None:
    with shown(FULL):
        page = text_of(client.get("/help/apps/")).partition("<footer")[0]
    first = page.index(f">{FULL.local_it.name}</h2>")
    assert first < page.index(f"If they cannot help you, ask the {FULL.service_desk.name}:")
    assert "Ask the " not in page.replace("ask the ", "")
