"""Accessibility, privacy, cookies and terms: true of the product, and of the region."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models.mail import Mail
from pharmrefer.local import ROOT
from support.about.cookies import listed
from support.about.pages import AboutPage
from support.models.support_codes import SupportCode
from support.region.content import LegalText, Region, SupportContact
from tests.pages import text_of
from tests.regional_content import shown

ADDRESSES = {page: f"/about/{page}/" for page in AboutPage}
NOT_APPROVED = "This page has not been approved by an organisation"


@pytest.mark.django_db
@pytest.mark.parametrize("page", AboutPage)
def test_each_page_opens_to_everyone_and_asks_no_database(
    client: Client, page: AboutPage, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        text = text_of(client.get(ADDRESSES[page]))
    assert f"<h1>{page.heading}</h1>" in text
    assert f"<title>{page.heading} – PharmRefer</title>" in text


@pytest.mark.parametrize("address", ["/log-in/", "/no/such/page", "/help/", "/about/privacy/"])
def test_each_is_linked_from_the_foot_of_every_page(client: Client, address: str) -> None:
    footer = text_of(client.get(address)).partition("<footer")[2]
    links = [footer.find(f'href="{each}"') for each in ("/whats-new/", *ADDRESSES.values())]
    assert -1 not in links
    assert links == sorted(links)


@pytest.mark.parametrize("page", AboutPage)
def test_what_needs_approval_says_so_until_someone_answers_for_it(
    client: Client, page: AboutPage
) -> None:
    assert (NOT_APPROVED in text_of(client.get(ADDRESSES[page]))) is (page != AboutPage.COOKIES)
    with shown(Region(legal=LegalText(controller="Westmere ICB"))):
        assert NOT_APPROVED not in text_of(client.get(ADDRESSES[page]))


def test_the_privacy_notice_names_the_region_and_shows_its_words(client: Client) -> None:
    legal = LegalText(
        controller="Westmere <ICB>",
        data_protection_email="dpo@westmere.example",
        privacy="We keep paper too.\n\nIn a <cupboard>.",
    )
    with shown(Region(legal=legal)):
        page = text_of(client.get("/about/privacy/"))
    assert "<p>Westmere &lt;ICB&gt; answers for the data in PharmRefer.</p>" in page
    assert 'href="mailto:dpo@westmere.example"' in page
    assert "<p>We keep paper too.</p>\n<p>In a &lt;cupboard&gt;.</p>" in page


def test_the_privacy_notice_says_how_long_things_are_really_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DRAFTS_KEPT", timedelta(days=4))
    monkeypatch.setattr(Mail, "KEPT_FOR", timedelta(days=12))
    monkeypatch.setattr(SupportCode, "LIFETIME", timedelta(minutes=30))
    page = text_of(client.get("/about/privacy/"))
    assert "Drafts of referrals: 4 days after" in page
    assert "who they went to for 12 days" in page
    assert "Support codes: 30 minutes" in page


def test_the_privacy_notice_names_whatever_is_stored_of_a_support_code(client: Client) -> None:
    """A new column fails this until the notice, and the list below, say what it is."""
    said = {
        "person": "your username, if you are logged in",
        "user_name": "or type it",
        "page": "which page you came from",
        "browser": "your browser",
        "address": "its network address",
        "figures": "what your browser measured of your connection and your clock",
    }
    # What the code is, when it works, and what the page before it said or shows by itself.
    plain = {"id", "code_hash", "made_at", "expires_at", "said", "who_asks"}
    plain |= {"has_cookies", "has_scripts"}
    assert {field.name for field in SupportCode._meta.get_fields()} == said.keys() | plain
    page = " ".join(text_of(client.get("/about/privacy/")).split())
    for words in said.values():
        assert words in page


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (Region(), "Tell your practice administrator."),
        (
            Region(service_desk=SupportContact(name="Westmere desk", phone="01632 960400")),
            "Tell the Westmere desk: their phone number",
        ),
        (
            Region(legal=LegalText(accessibility_email="access@westmere.example")),
            '<a href="mailto:access@westmere.example">',
        ),
    ],
)
def test_the_accessibility_statement_says_who_to_tell(
    client: Client, region: Region, words: str
) -> None:
    with shown(region):
        assert words in text_of(client.get("/about/accessibility/"))


def test_the_accessibility_statement_has_the_regions_words(client: Client) -> None:
    with shown(Region(legal=LegalText(accessibility="Large print: ask us."))):
        assert "<p>Large print: ask us.</p>" in text_of(client.get("/about/accessibility/"))


def test_the_cookies_page_has_a_row_for_each(client: Client) -> None:
    page = text_of(client.get("/about/cookies/"))
    assert f"We use only the {len(listed())} cookies below" in page
    for each in listed():
        assert f'<code class="app-together">{each.name}</code>' in page


def test_the_terms_say_which_version_runs_and_under_which_licence(client: Client) -> None:
    page = text_of(client.get("/about/terms/"))
    assert f"This is PharmRefer {settings.VERSION}." in page
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
    assert "under the MIT licence" in page
    assert "that comes with PharmRefer is not clinically signed off" in page
