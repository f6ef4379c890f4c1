"""An operator says who people can ask, while someone reads it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.people import confirm, let_in, sign_in
from tests.journeys.visitor import LONG
from tests.pharmrefer.local.harness import wait_until

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
EMAIL = "region.operator@westmere.example"
OLD, NEW = "01632 960 400", "01632 960 499"


def change_phone(page: Page, secret: str) -> None:
    page.get_by_role("link", name="Help and contacts").click()
    look(page, "help and contacts")
    page.get_by_role("link", name="Change service desk", exact=True).click()
    confirm(page, secret)
    page.get_by_label("Phone number").fill("0163296049")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Phone number")).to_have_accessible_description(re.compile("digits"))
    look(page, "help and contacts, service desk")
    page.get_by_label("Phone number").fill("01632960499")
    page.get_by_label("Phone number").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Service desk: how it will look")
    look(page, "help and contacts, how it will look")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


def test_a_number_is_changed_while_someone_reads_it(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    reader = open_browser()
    sign_in(site, reader, "region.reader@larkfield.example")
    reader.goto("/help/")
    told = reader.get_by_role("contentinfo")
    expect(told).to_contain_text(OLD)

    operator = open_browser(viewport={"width": 320, "height": 800}, java_script_enabled=False)
    operator.goto("/log-in/")
    invitation = site.invite(EMAIL, role="operator")
    secret = let_in(operator, site, EMAIL, invitation, password=LONG, seconds_off=-30)
    change_phone(operator, secret)

    def is_new() -> bool:
        reader.reload()
        return NEW in told.inner_text()

    wait_until(is_new, seconds=8, what="the new number")  # each process asks every 5 seconds
    expect(reader.get_by_role("main")).to_contain_text(NEW)

    operator.get_by_role("link", name="See all versions").click()
    expect(operator.get_by_role("row").nth(1)).to_contain_text(
        re.compile("Shown now.*Jane Doe", re.DOTALL)
    )
    look(operator, "help and contacts, versions")
    operator.get_by_role("link", name=re.compile("^Version")).nth(1).click()
    look(operator, "help and contacts, a version")
    operator.get_by_role("button", name="Go back to this version").click()
    look(operator, "help and contacts, going back")
    operator.get_by_role("button", name="Go back to version").click()
    expect(operator.get_by_role("status").first).to_contain_text("That version is back")


def test_rows_come_and_go_without_javascript(site: Site, open_browser: Callable[..., Page]) -> None:
    email = "region.rows@westmere.example"
    page = open_browser(viewport={"width": 320, "height": 800}, java_script_enabled=False)
    page.goto("/log-in/")
    invitation = site.invite(email, role="operator")
    secret = let_in(page, site, email, invitation, password=LONG, seconds_off=-30)
    page.goto("/region/change/apps/")
    confirm(page, secret)
    page.get_by_role("button", name="Add another app").click()
    page.get_by_label("Name of the app").last.fill("Aegis")
    page.get_by_role("button", name="Remove app 1").click()
    expect(page.get_by_label("Name of the app").last).to_have_value("Aegis")
    look(page, "help and contacts, apps")
    page.get_by_label("Name of the app").last.press("Enter")
    expect(page.get_by_role("table", name="Approved authenticator apps")).to_be_visible()
    look(page, "help and contacts, apps, how it will look")
    page.get_by_role("button", name="Change it again").click()
    expect(page.get_by_label("Name of the app").last).to_have_value("Aegis")
    page.goto("/region/change/notices/")
    page.get_by_label("Title").fill("Slow today")
    page.get_by_label("Day").first.fill("31 February 2027")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("February 2027 has 28 days")
    look(page, "help and contacts, notices")
