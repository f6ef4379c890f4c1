"""A practice's administrator in a browser: what the practice has chosen, and who has access."""

import re
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look, take_picture
from tests.journeys.people import confirm, let_in
from tests.journeys.visitor import LONG

pytestmark = [
    pytest.mark.needs("chromium", "oathtool"),
    pytest.mark.timeout(240),
]
# Where no other journey counts people, or minds in which order pharmacies are; each its own.
PRACTICES = {"as": "Z91004", "no": "Z91003"}
LONG_AGO = """
    UPDATE accounts_membership SET created_at = now() - interval '100 days' FROM accounts_practice
    WHERE accounts_practice.id = practice_id AND ods_code = %s
    """


def invite(site: Site, tag: str, given: str, role: str = "staff") -> tuple[str, str]:
    """Create a user at a practice of the journey's own; return user name and activation code."""
    email, family = f"{given}.{tag}@orchard.example".lower(), f"Orchard-{tag.title()}"
    names = ["--given-name", given, "--family-name", family, "--job-role", "Receptionist"]
    role_there = ["--role", role, "--practice", PRACTICES[tag]]
    return email, site.manage("invite", email, *names, *role_there).split()[-1]


def sign_in(site: Site, page: Page, tag: str) -> str:
    """Bring an administrator all the way in; return their authenticator's secret."""
    invited = invite(site, tag, "Jane", "practice_administrator")
    secret = let_in(page, site, *invited, password=LONG, seconds_off=-30)
    page.wait_for_url("**/referrals/")
    return secret


def look_at_paper(page: Page) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins
    take_picture(page, "settings, review on paper")
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 800})


def review(page: Page, secret: str, family: str) -> None:
    """Confirm one of two people, and turn the other off."""
    expect(
        page.get_by_text(re.compile("people have not been confirmed for 90 days"))
    ).to_be_visible()
    look(page, "settings, home")
    page.get_by_role("link", name="Review who has access").click()
    look(page, "settings, review")
    ida, kit = (page.get_by_role("group", name=f"{name} {family}") for name in ("Ida", "Kit"))
    ida.get_by_label("Still works here").check()
    kit.get_by_label("Turn off").check()
    page.get_by_role("button", name="Save").click()
    confirm(page, secret)
    expect(kit.get_by_label("Turn off")).to_be_checked()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(kit).to_have_count(0)
    expect(page.get_by_text(f"by Jane {family} (role: practice staff)")).to_be_visible()
    look(page, "settings, review, saved")


def choose_pharmacies(page: Page) -> None:
    """Find two, and put the second one first."""
    page.get_by_role("link", name="Practice", exact=True).click()
    page.get_by_role("link", name="Change usual pharmacies").click()
    for name in ("Larkfield Pharmacy", "Vale Pharmacy"):
        page.get_by_label("Find a pharmacy").fill(name)
        page.get_by_label("Find a pharmacy").press("Enter")
        page.get_by_role("button", name=f"Add {name}").click()
        expect(page.get_by_role("status").first).to_contain_text("You have added")
    page.get_by_role("button", name="Move up Vale Pharmacy").click()
    expect(page.get_by_role("status").first).to_contain_text("moved the pharmacy up")
    page.get_by_label("Find a pharmacy").fill("vale")
    page.get_by_role("button", name="Find").click()
    look(page, "settings, pharmacies")
    page.get_by_role("link", name="Practice settings").click()


def change_lines(page: Page) -> None:
    """Say on which number pharmacists phone, and where notices go."""
    page.get_by_role("link", name="Change call-back number").click()
    page.get_by_label("Call-back number").fill("0901 234 5678")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("others cost the caller more")
    look(page, "settings, call-back, refused")
    page.get_by_label("Call-back number").fill("01632 960 997")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Change address for notices").click()
    look(page, "settings, notices")
    page.get_by_label("Email address").fill("team@orchard.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("team@orchard.example")).to_be_visible()
    look(page, "settings, settings")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="as most people have it"),
        pytest.param({"java_script_enabled": False}, id="no JavaScript"),
    ],
)
def test_reviewing_who_has_access_and_choosing_pharmacies(
    site: Site,
    open_browser: Callable[..., Page],
    options: dict[str, bool],
    request: pytest.FixtureRequest,
) -> None:
    tag = request.node.callspec.id.removeprefix("chromium-").split()[0].lower()
    page = open_browser(**options)
    secret = sign_in(site, page, tag)
    for given in ("Ida", "Kit"):
        invite(site, tag, given)
    with psycopg.connect(site.environment["DATABASE_URL"]) as database:
        database.execute(LONG_AGO, (PRACTICES[tag],))
    page.goto("/referrals/")
    review(page, secret, f"Orchard-{tag.title()}")
    if not options:
        look_at_paper(page)
    page.get_by_role("link", name="Ida Orchard").first.click()
    look(page, "settings, person")
    choose_pharmacies(page)
    change_lines(page)
    page.goto("/referrals/new/")
    offered = page.get_by_role("radio", name="Pharmacy")
    expect(offered.nth(0)).to_have_accessible_name("Vale Pharmacy")
    expect(offered.nth(1)).to_have_accessible_name("Larkfield Pharmacy")
