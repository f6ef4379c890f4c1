"""A screen that nobody looks at any more: the warning, the lock, other tabs, and who comes next."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.journeys.conftest import Site
from tests.journeys.locking import (
    LOCKED,
    OPEN,
    PATIENT,
    SESSION,
    everything_in,
    everything_in_memory,
    go_on,
    hear,
    let_pass,
    let_pass_until,
    log_in,
    seconds_until_lock,
    unlock_screen,
    wait_for,
    writing,
)
from tests.journeys.looking import check_accessibility, look, take_picture
from tests.journeys.people import saving, sign_in, type_referral, write_referral
from tests.journeys.visitor import PASSWORD

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]


def test_a_warning_comes_that_a_keyboard_answers(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(viewport={"width": 320, "height": 640})
    email = "jane.warned@larkfield.example"
    writing(site, page, email)
    stay = page.get_by_role("button", name="Stay logged in")
    dialog = page.get_by_role("dialog", name="PharmRefer is about to lock")
    # The server knows that something was done. What the page notes after a minute, that it was
    # opened, puts its question off until then: after 14 minutes at the latest.
    with page.expect_response(SESSION):
        page.clock.run_for(14 * 60_000 + 10_000)
    hear(page)
    expect(dialog).to_be_hidden()
    with page.expect_response(SESSION):
        let_pass_until(site, page, email, left=150)
    go_on(page)
    expect(dialog).to_be_hidden()
    let_pass_until(site, page, email, left=105)
    expect(stay).to_be_focused()
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(re.compile(r"Time left: 1:[34]\d"))
    expect(dialog.locator("[aria-live]")).to_have_text("1 minute 45 seconds")
    expect(dialog).to_have_accessible_description(
        re.compile("You can unlock it with your password")
    )
    look(page, "warning")
    let_pass_until(site, page, email, left=88)
    expect(dialog.locator("[aria-live]")).to_have_text("1 minute 30 seconds")

    # Nothing but an answer counts while it asks, and Tab does not leave it.
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Log out")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(stay).to_be_focused()
    assert seconds_until_lock(page) < 110
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Last name")).to_be_focused()
    wait_for(page, lambda: seconds_until_lock(page) > 890)

    let_pass(site, page, email, seconds=13 * 60 + 30)
    expect(stay).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    wait_for(page, lambda: seconds_until_lock(page) > 890)


def test_a_locked_page_holds_nothing_and_the_password_brings_it_back_as_it_was(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(viewport={"width": 320, "height": 640})
    email = "jane.locks.whole@larkfield.example"
    writing(site, page, email, write=type_referral)
    complaint = page.get_by_label("Symptoms, in their words")
    complaint.focus()
    page.keyboard.press("Control+Home")
    page.evaluate(
        "['before-lock', 'locked', 'unlocked'].forEach((name) =>"
        " document.addEventListener('app:' + name, () => { window.seen = (window.seen || [])"
        ".concat(name + !!document.querySelector('[name=complaint]')); }))"
    )
    top = page.evaluate("window.scrollY")
    assert PATIENT.search(everything_in(page))
    let_pass(site, page, email, seconds=15 * 60)
    expect(page).to_have_title(LOCKED)
    assert not PATIENT.search(everything_in(page))
    assert not PATIENT.findall(everything_in_memory(page))
    password = page.get_by_label("Password", exact=True)
    expect(password).to_be_focused()
    expect(page.get_by_text("Jane Doe is still logged in")).to_be_visible()
    expect(page.get_by_role("navigation", name="Account")).to_be_hidden()
    look(page, "locked")

    unlock_screen(page, "four loud herons")
    expect(page).to_have_title("Error: " + LOCKED)
    expect(password).to_be_focused()
    expect(password).to_have_accessible_description(re.compile("The password is not right"))
    expect(password).to_have_value("")
    assert not PATIENT.search(everything_in(page))
    look(page, "locked, wrong password")

    unlock_screen(page)
    expect(page).to_have_title(OPEN)
    expect(complaint).to_be_focused()
    page.keyboard.type("Very ")  # where the caret was
    expect(complaint).to_have_value(re.compile("^Very Sore throat for 3 days"))
    expect(page.get_by_label("Last name")).to_have_value("Ashworth-Lo")
    expect(page.get_by_role("radio", name="Acute sore throat")).to_be_checked()
    expect(page.get_by_role("navigation", name="Account")).to_be_visible()
    expect(page.locator("#locked")).to_have_count(0)
    assert page.evaluate("window.scrollY") == top
    assert page.evaluate("window.seen") == ["before-locktrue", "lockedfalse", "unlockedtrue"]
    page.get_by_role("button", name="Continue").click()  # its form is still good
    expect(page).to_have_title("Error: " + OPEN)  # no pharmacy is chosen
    expect(page.get_by_label("Last name")).to_have_value("Ashworth-Lo")


def test_typing_counts_and_what_the_page_does_by_itself_does_not(site: Site, page: Page) -> None:
    email = "jane.types@larkfield.example"
    writing(site, page, email)
    let_pass(site, page, email, seconds=600)
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true}))")
    go_on(page)
    assert seconds_until_lock(page) < 310
    page.get_by_label("Last name").press("End")
    wait_for(page, lambda: seconds_until_lock(page) > 890)
    pings: list[str] = []
    page.on("request", lambda request: pings.append(request.url))
    before = time.monotonic()
    with saving(page, "abc"):  # not while time is made to jump: to save is to do something too
        page.get_by_label("Last name").press_sequentially("abc")
        typed = time.monotonic()
    page.evaluate("new Promise((done) => setTimeout(done, 1000))")  # it has looked again before
    hear(page)
    assert not [url for url in pings if url.endswith("/stay/")]  # once a minute is enough
    with page.expect_response("**/session/stay/"):
        let_pass(site, page, email, seconds=59)
    # Not since now, but since the last key.
    asked, left = time.monotonic(), seconds_until_lock(page)
    assert 840 - (time.monotonic() - before) <= left <= 843 - (asked - typed)


def test_a_computer_that_wakes_up_shows_nothing_it_may_not(site: Site, page: Page) -> None:
    email = "jane.sleeps@larkfield.example"
    writing(site, page, email)
    site.let_pass(email, minutes=16)
    page.clock.fast_forward(16 * 60_000)
    expect(page).to_have_title(LOCKED)
    unlock_screen(page)
    expect(page).to_have_title(OPEN)
    # Its clock stood still: coming back to the window is enough.
    site.let_pass(email, minutes=16)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title(LOCKED)
    assert not PATIENT.search(everything_in(page))


def test_what_is_over_leads_through_logging_in_to_the_same_page(site: Site, page: Page) -> None:
    email = "jane.over@larkfield.example"
    page.clock.install()
    secret = sign_in(site, page, email)
    page.get_by_role("button", name="New referral").click()
    page.wait_for_url("**/edit/")
    address = page.url
    let_pass(site, page, email, seconds=3600)
    expect(page).to_have_title("Log in – PharmRefer")
    expect(page.get_by_text("PharmRefer was not used for a while")).to_be_visible()
    log_in(page, email, secret)
    expect(page).to_have_url(address)


def test_the_longest_time_is_told_before_it_ends(site: Site, page: Page) -> None:
    email = "jane.longest@larkfield.example"
    writing(site, page, email)
    site.let_pass(email, idle=False, minutes=12 * 60 - 1.6)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    dialog = page.get_by_role("dialog", name="You are about to be logged out")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("What you have written in a referral is kept")
    check_accessibility(page)
    take_picture(page, "warning of the end")
    with page.expect_response("**/session/stay/"):
        page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    go_on(page)
    expect(dialog).to_be_hidden()
    let_pass(site, page, email, seconds=100)
    expect(page).to_have_title("Log in – PharmRefer")
    expect(page.get_by_text("you had been logged in for a long time")).to_be_visible()


def test_tabs_agree(site: Site, page: Page) -> None:
    email = "jane.tabs.agree@larkfield.example"
    writing(site, page, email)
    other = page.context.new_page()
    other.clock.install()
    other.goto("/account/")
    # What is done in one keeps the other from warning.
    site.let_pass(email, minutes=13.5)
    other.clock.fast_forward(13 * 60_000 + 30_000)
    dialog = other.get_by_role("dialog", name="PharmRefer is about to lock")
    expect(dialog).to_be_visible()
    page.clock.fast_forward(13 * 60_000 + 30_000)
    expect(page.get_by_role("button", name="Stay logged in")).to_be_focused()
    with page.expect_response("**/session/stay/"):
        page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    # Locked and unlocked together.
    site.let_pass(email, minutes=15)
    page.clock.fast_forward(15 * 60_000)
    other.clock.fast_forward(15 * 60_000)
    expect(page).to_have_title(LOCKED)
    expect(other).to_have_title(LOCKED)
    unlock_screen(other)
    expect(other).to_have_title("Your account – PharmRefer")
    expect(page).to_have_title(OPEN)
    expect(page.get_by_label("Last name")).to_have_value("Ashworth-Lo")
    # Logged out in one, both are.
    other.get_by_role("button", name="Log out").click()
    expect(other).to_have_title("Log in – PharmRefer")
    expect(page).to_have_title("Log in – PharmRefer")


def test_a_page_is_good_again_after_the_same_person_logs_in_in_another_tab(
    site: Site, page: Page
) -> None:
    email = "jane.again@larkfield.example"
    page.clock.install()
    secret = sign_in(site, page, email)
    page.get_by_role("button", name="New referral").click()
    write_referral(page)
    other = page.context.new_page()
    page.route(
        "**/session/**", lambda route: route.fulfill(status=404)
    )  # it hears of nothing meanwhile
    site.let_pass(email, hours=1)
    other.goto("/account/")
    log_in(other, email, secret)
    expect(other).to_have_title("Your account – PharmRefer")
    page.unroute("**/session/**")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Last name")).to_have_value("Ashworth")
    page.get_by_label("Last name").fill("Again")
    page.get_by_role("button", name="Continue").click()  # its token was of another log-in
    expect(page).to_have_title("Error: " + OPEN)  # no pharmacy is chosen
    expect(page.get_by_label("Last name")).to_have_value("Again")


def test_nobody_is_ever_shown_what_another_user_wrote(
    site: Site, page: Page, open_browser: Callable[..., Page]
) -> None:
    theirs = "john.next@larkfield.example"
    secret = sign_in(site, open_browser(), theirs)
    email = "jane.gone@larkfield.example"
    writing(site, page, email)
    page.route("**/session/**", lambda route: route.fulfill(status=404))
    other = page.context.new_page()
    other.goto("/account/")
    other.get_by_role("button", name="Log out").click()
    log_in(other, theirs, secret)
    expect(other).to_have_title("Referrals – PharmRefer")
    other.wait_for_load_state()
    page.unroute("**/session/**")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title("Referrals – PharmRefer")
    assert "Ashworth-Lo" not in everything_in(page)  # what was sent, the practice does see


def test_a_page_that_a_browser_has_kept_asks_before_it_shows_anything(
    site: Site, page: Page
) -> None:
    """Chromium keeps none of ours, for it may not store them; other browsers have."""
    email = "jane.kept@larkfield.example"
    writing(site, page, email)
    kept = "window.dispatchEvent(new PageTransitionEvent('{}', {{persisted: true}}))"
    page.evaluate(kept.format("pagehide"))
    assert not PATIENT.search(everything_in(page))
    page.evaluate(kept.format("pageshow"))
    expect(page).to_have_title(OPEN)
    page.evaluate(kept.format("pagehide"))
    site.let_pass(email, minutes=15)
    page.evaluate(kept.format("pageshow"))
    assert not PATIENT.search(everything_in(page))
    expect(page).to_have_title(LOCKED)
    unlock_screen(page)
    expect(page).to_have_title(OPEN)
    expect(page.get_by_label("Last name")).to_have_value("Ashworth-Lo")


@pytest.fixture(scope="module")
def keeping_browser(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[Browser]:
    """A browser that may keep pages for its Back button: Playwright's own may not."""
    usual = ["--disable-back-forward-cache"]
    browser = browser_type.launch(**browser_type_launch_args, ignore_default_args=usual)
    yield browser
    browser.close()


@pytest.mark.parametrize("when", ["open", "warned", "locked"])
def test_who_comes_next_finds_nothing_by_going_back(
    site: Site, keeping_browser: Browser, when: str
) -> None:
    page = keeping_browser.new_context(base_url=site.url, locale="en-GB").new_page()
    email = f"jane.left.{when}@larkfield.example"
    writing(site, page, email)
    if when == "warned":
        let_pass(site, page, email, seconds=13 * 60 + 30)
        expect(page.get_by_role("dialog")).to_be_visible()
    if when == "locked":
        let_pass(site, page, email, seconds=15 * 60)
        expect(page).to_have_title(LOCKED)
        expect(page.get_by_role("heading", name="Not Jane?")).to_be_visible()
    leave = "Switch user" if when == "locked" else "Log out"
    with page.expect_response("**/log-out/") as answer:
        page.get_by_role("button", name=leave).last.click()  # the dialog's, where there is one
    assert answer.value.all_headers()["clear-site-data"] == '"storage"'
    expect(page).to_have_title("Log in – PharmRefer")
    while page.evaluate("navigation.canGoBack"):  # past the page, and past what came before it
        with page.expect_event("framenavigated"):
            page.evaluate("history.back()")
        page.wait_for_load_state("networkidle")
        assert not PATIENT.search(everything_in(page))


def test_a_password_opens_nothing_while_the_server_cannot_be_reached(
    site: Site, page: Page, complaints: list[str]
) -> None:
    email = "jane.unreached@larkfield.example"
    writing(site, page, email)
    page.route("**/session/**", lambda route: route.abort())
    page.route("**/draft/", lambda route: route.abort())
    page.get_by_label("Last name").fill("Never-Saved")
    page.clock.fast_forward(15 * 60_000)
    expect(page).to_have_title(LOCKED)
    unlock_screen(page)
    expect(page.get_by_role("alert")).to_contain_text("PharmRefer cannot be reached")
    page.get_by_role("alert").evaluate("(each) => each.setAttribute('id', 'first-said')")
    unlock_screen(page)
    expect(page.locator("#first-said")).to_have_count(0)  # it is said again
    expect(page.get_by_role("alert")).to_have_count(1)
    check_accessibility(page)
    assert not PATIENT.search(everything_in(page))
    assert "Never-Saved" not in everything_in_memory(page)
    page.unroute("**/session/**")
    page.unroute("**/draft/")
    with saving(page, "Never-Saved"):
        unlock_screen(page)  # it was only the page that thought so
    expect(page).to_have_title(OPEN)
    expect(page.get_by_label("Last name")).to_have_value("Never-Saved")
    assert all("ERR_FAILED" in complaint for complaint in complaints)
    complaints.clear()


def test_without_javascript_the_lock_comes_with_the_next_page(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(java_script_enabled=False)
    email = "jane.plain@larkfield.example"
    sign_in(site, page, email)
    expect(page.locator("dialog:visible")).to_have_count(0)
    site.let_pass(email, minutes=15)
    page.get_by_role("link", name="Jane Doe").click()
    expect(page).to_have_title(LOCKED)
    take_picture(page, "locked, without JavaScript")
    page.get_by_label("Password", exact=True).fill("four loud herons")
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("The password is not right").first).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page).to_have_title("Your account – PharmRefer")
