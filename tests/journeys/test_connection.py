"""The connection test in a browser: a wrong clock, no scripts, and proxies that get in the way."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.looking import look, take_picture
from tests.journeys.meddling import meddling, proxy_options
from tests.journeys.paper import sheets_of

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(120)]
FOUR_MINUTES_FAST = "const now = Date.now; Date.now = () => now() + 240000;"
OF_AN_OLD_BROWSER = (
    "Object.defineProperty(PerformanceResourceTiming.prototype, 'nextHopProtocol', "
    "{ get: () => 'http/2+quic/46' });"
)
BETWEEN = "Something between your computer and PharmRefer"
# What Chromium says of what is blocked, cut or away.
OUTAGE = re.compile(r"Failed to load resource: .*(403|ERR_CONTENT_LENGTH|ERR_INTERNET|ERR_FAILED)")


def verdict(page: Page) -> Locator:
    """Return the result once the test is done."""
    expect(page.locator("#connection-status")).to_contain_text("The test is done.", timeout=30_000)
    return page.locator("#connection .nhsuk-inset-text")


def row(page: Page, name: str) -> Locator:
    """Return what the table says of something."""
    return page.get_by_role("row", name=name).get_by_role("cell")


def again(page: Page) -> Locator:
    """Press the button, and return the new result."""
    page.get_by_role("button", name="Test again").click()
    expect(page.get_by_role("button", name="Test again")).to_be_visible(timeout=30_000)
    return verdict(page)


def test_a_wrong_clock_is_found_and_the_result_can_be_copied_and_printed(
    open_browser: Callable[..., Page], complaints: list[str]
) -> None:
    page = open_browser(
        viewport={"width": 320, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )
    page.add_init_script(FOUR_MINUTES_FAST + OF_AN_OLD_BROWSER)
    page.goto("/help/")
    page.get_by_role("link", name="Check your connection").click()
    said = "The clock of this computer is 4 minutes fast: codes from 2FAST on it are refused."
    expect(verdict(page)).to_contain_text(said)
    expect(row(page, "Clock of this computer")).to_have_text("4 minutes fast")
    expect(row(page, "Tries that had an answer")).to_have_text("12 of 12")
    expect(row(page, "Cookies")).to_have_text("Kept")
    expect(row(page, "Not tested")).to_have_text("Protocol")
    for whole in ("Style sheets and scripts", "Answers of up to 1 MB", "Sending 100 kB"):
        expect(row(page, whole)).to_have_text("Not changed")
    expect(page.get_by_role("heading", name="Test by hand")).to_be_hidden()
    look(page, "connection, result")

    page.get_by_role("button", name="Copy the result").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"PharmRefer connection test\n{said}\nAsk ")
    assert "\nClock of this computer: 4 minutes fast\n" in copied
    assert sheets_of(page) == 1

    page.context.set_offline(True)
    page.get_by_role("button", name="Test again").click()
    away = page.get_by_text("PharmRefer cannot be reached from here.")
    expect(away.and_(page.locator(":not([role=status])"))).to_be_visible()
    expect(page.get_by_role("table")).to_be_hidden()
    take_picture(page, "connection, away")
    page.context.set_offline(False)
    expect(again(page)).to_contain_text("4 minutes fast")
    expect(away.and_(page.locator(":not([role=status])"))).to_be_hidden()
    assert all(map(OUTAGE.match, complaints))
    complaints.clear()


def test_a_slow_line_and_a_proxy_that_meddles_are_told_apart(
    open_browser: Callable[..., Page], complaints: list[str]
) -> None:
    with meddling() as ways:
        page = open_browser(proxy=proxy_options(ways))
        page.goto("/connection/")
        expect(verdict(page)).to_contain_text("quickly and steadily")

        ways.slow, ways.cut_at = "clock", 65_536
        result = again(page)
        expect(result).to_contain_text("Your computer reaches PharmRefer, but slowly: 0.")
        expect(result).to_contain_text(f"{BETWEEN} cuts long answers (at 65 kB).")
        expect(row(page, "Answers of up to 1 MB")).to_have_text("Cut at 65 kB")

        ways.slow, ways.cut_at, ways.upload_cut_at = "\0", None, 65_536
        ways.changed = "/pharmrefer/app."
        ways.takes_headers = {"set-cookie", "content-security-policy"}
        result = again(page)
        for does in (
            "changes style sheets or scripts",
            "cuts, changes or blocks what your computer sends",
            "takes away headers",
        ):
            expect(result).to_contain_text(f"{BETWEEN} {does}")
        expect(result).to_contain_text("does not keep PharmRefer's cookies")
        expect(result).not_to_contain_text("slowly")

        ways.blocked = ".css"
        page.goto("/connection/")
        expect(verdict(page)).to_contain_text(f"{BETWEEN} blocks style sheets or scripts.")
        expect(row(page, "Style sheets and scripts")).to_have_text("Blocked")
    assert all(map(OUTAGE.match, complaints))
    complaints.clear()


@pytest.mark.parametrize("how", ["turned off", "blocked"])
def test_without_scripts_people_test_by_hand(
    open_browser: Callable[..., Page], complaints: list[str], how: str
) -> None:
    page = open_browser(java_script_enabled=how == "blocked")
    if how == "blocked":
        page.route("**/*.js", lambda route: route.abort())
    page.goto("/connection/")
    expect(page.locator(".nhsuk-inset-text").get_by_text("has brought you this")).to_be_visible()
    expect(page.get_by_text("The style sheets of this page have arrived.")).to_be_visible()
    expect(page.get_by_text("have not arrived")).to_be_hidden()
    expect(row(page, "Not tested")).to_contain_text("JavaScript; Cookies;")
    page.get_by_role("link", name="Test cookies").click()
    expect(row(page, "Cookies")).to_have_text("Kept")
    look(page, f"connection, scripts {how}")
    assert sheets_of(page) == 1

    with page.expect_popup() as opened:
        page.get_by_role("link", name="1,000 characters").click()
    expect(opened.value.locator("body")).to_contain_text(
        "\nThis is the last line: nothing was cut."
    )
    opened.value.close()

    page.route("**/*.css", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text("The style sheets of this page have not arrived")).to_be_visible()
    expect(page.get_by_text("have arrived.")).to_be_hidden()
    assert all(map(OUTAGE.match, complaints))
    complaints.clear()
