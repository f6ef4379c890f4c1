"""From a refused login to the service desk's page: what is read out, and what it shows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.topics import Topic
from tests.journeys.conftest import Site
from tests.journeys.looking import look, take_picture
from tests.journeys.people import begin_log_in, let_in
from tests.journeys.visitor import LONG

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
FOUR_MINUTES_FAST = "const now = Date.now; Date.now = () => now() + 240000;"
LINK = "Get a support code (opens in a new tab)"


def get_code(page: Page) -> str:
    """Press the button, and return the code that is shown."""
    page.get_by_role("button", name="Get a support code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your support code")
    return page.locator(".app-support-code").inner_text()


def open_code(desk: Page, code: str) -> None:
    """Type it as a member of the service desk hears it."""
    desk.get_by_role("link", name="Support code", exact=True).first.click()
    desk.get_by_label("Support code").fill(code.lower().replace(" ", ""))
    desk.get_by_role("button", name="Open").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("What the support code shows")


def value_of(desk: Page, name: str) -> str:
    return desk.locator("dt", has_text=name).first.locator("+ dd").inner_text()


def test_the_service_desk_reads_why_a_log_in_was_refused(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    desk, email = open_browser(), "jane.codes@servicedesk.example"
    let_in(desk, site, email, site.invite(email, role="service_desk"), password=LONG)

    caller = open_browser(viewport={"width": 320, "height": 800})
    caller.context.add_init_script(FOUR_MINUTES_FAST)
    caller.goto("/log-in/")
    begin_log_in(caller, email, password="a wrong password")
    take_picture(caller, "log-in refused, with a support code")
    with caller.expect_popup() as opened:
        caller.get_by_role("link", name=LINK).first.click()
    asking = opened.value
    look(asking, "support code, asked for")
    code = get_code(asking)
    look(asking, "support code, made")
    expect(caller.get_by_label("Username")).to_have_value(email)  # the form is still there

    open_code(desk, code)
    expect(desk.get_by_role("row", name="Wrong password").first).to_contain_text(email)
    expect(desk.get_by_text("choose a new one with “I have forgotten my password”")).to_be_visible()
    assert value_of(desk, "Page") == "/log-in/"
    assert value_of(desk, "Its message, or its help") == Topic.PASSWORD.question
    assert value_of(desk, "Browser").startswith("Chrome on")
    assert value_of(desk, "Cookies") == "Come back"
    assert value_of(desk, "JavaScript") == "Runs"
    assert value_of(desk, "Clock of the computer").startswith("4 minutes fast")
    assert value_of(desk, "The connection test says").startswith("Your computer reaches PharmRefer")
    look(desk, "support code, opened")

    without_scripts = open_browser(java_script_enabled=False)
    without_scripts.goto("/activate/")
    with without_scripts.expect_popup() as opened:
        without_scripts.get_by_role("link", name=LINK).click()
    open_code(desk, get_code(opened.value))
    assert value_of(desk, "Page") == "/activate/"
    assert value_of(desk, "JavaScript").startswith("Does not run")
    assert value_of(desk, "Clock of the computer") == "Not measured"
