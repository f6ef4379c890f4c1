"""Nothing typed is ever lost: pauses, tabs, computers, a network that is away, an old session."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import BrowserType, Page, expect

from tests.journeys import people
from tests.journeys.conftest import Site
from tests.journeys.locking import wait_for
from tests.journeys.looking import check_accessibility, take_picture
from tests.journeys.people import choose_pharmacy, found, saving, sign_in, write_referral
from tests.journeys.visitor import PASSWORD
from tests.tools import code_for

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
SAVED = re.compile(r"Draft saved at \d+:\d\d[ap]m")
# What Chromium says of an answer that is no page, or that never came.
EXPECTED = re.compile(r"status of (401|409|423|403)|net::ERR_")


@pytest.fixture(autouse=True)
def _expected(open_browser: object, complaints: list[str]) -> Iterator[None]:
    assert open_browser  # which looks at the complaints after this
    yield
    complaints[:] = [each for each in complaints if not EXPECTED.search(each)]


def begin(page: Page) -> None:
    page.get_by_role("button", name="New referral").click()
    page.wait_for_url("**/edit/")


def type_name(page: Page, name: str) -> None:
    page.get_by_label("Last name").press_sequentially(name)


def expect_saved(page: Page) -> None:
    expect(page.locator("#draft-said")).to_have_text(SAVED)


def expect_last_name(page: Page, name: str) -> None:
    expect(page.get_by_label("Last name")).to_have_value(name)


def run(site: Site, sql: str, *values: object) -> None:
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        connection.execute(sql, values)


def log_in(site: Site, page: Page, email: str, secret: str) -> None:
    """Log in on the page that is open; the code may be the one that was used before."""
    run(site, "UPDATE accounts_authenticator SET last_step = -1")
    people.log_in(page, email, code_for(secret))


def test_what_is_typed_is_saved_at_a_pause_and_is_there_on_another_computer(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser()
    sign_in(site, page, "jane.pauses@larkfield.example")
    begin(page)
    expect(page.get_by_role("link", name="Delete this draft")).to_be_hidden()
    type_name(page, "Paus")
    page.get_by_role("radio", name="Female").check()  # a choice is saved at once
    expect_saved(page)
    expect(page.locator("#draft-aloud")).to_have_text(SAVED)
    expect(page.get_by_role("link", name="Delete this draft")).to_be_visible()
    check_accessibility(page)
    page.locator("#draft-said").scroll_into_view_if_needed()
    take_picture(page, "draft-saved")
    with saving(page, "ington"):
        page.get_by_label("Last name").focus()
        page.keyboard.type("ington")
        page.get_by_label("Last name").press("End")
    state, address = page.context.storage_state(), page.url
    page.context.close()  # and so nothing more comes from there

    other = open_browser(storage_state=state)
    other.goto("/referrals/")
    expect(other.get_by_role("row", name="ington")).to_contain_text("Not finished")
    check_accessibility(other)
    take_picture(other, "home-drafts")
    other.get_by_role("row", name="ington").get_by_role("link").first.click()
    expect(other).to_have_url(address)
    expect(other.get_by_role("radio", name="Female", exact=True)).to_be_checked()
    expect(other.get_by_role("alert")).to_have_count(0)


def test_who_types_without_a_pause_is_saved_meanwhile(site: Site, page: Page) -> None:
    """A crash loses what was typed in the last two seconds, and not since the last pause."""
    sign_in(site, page, "jane.quick@larkfield.example")
    begin(page)
    saves: list[str] = []
    page.on("request", lambda each: saves.append(each.url) if "/draft/" in each.url else None)
    page.get_by_label("Symptoms, in their words").press_sequentially("a" * 25, delay=100)
    assert saves
    expect_saved(page)


def test_what_was_typed_last_is_saved_when_the_page_is_left_or_hidden(
    site: Site, page: Page
) -> None:
    email = "jane.leaves@larkfield.example"
    secret = sign_in(site, page, email)
    begin(page)
    type_name(page, "Left")
    page.goto("/referrals/")

    def is_listed() -> bool:
        page.reload()
        return page.get_by_role("row", name="Left").count() == 1

    wait_for(page, is_listed)  # what a page sends while it is left has no answer to wait for
    page.get_by_role("row", name="Left").get_by_role("link").first.click()
    page.wait_for_url("**/edit/")
    hide = "Object.defineProperty(document, 'hidden', {value: true});"
    hide += "document.dispatchEvent(new Event('visibilitychange'))"
    page.get_by_label("First name").fill("Hidden")
    with page.expect_request("**/draft/", timeout=700) as saved:
        page.evaluate(hide)
    assert "Hidden" in (saved.value.post_data or "")
    page.get_by_label("First name").fill("Out")  # and the button is pressed at once
    page.evaluate("document.getElementById('log-out').requestSubmit()")
    expect(page).to_have_title("Log in – PharmRefer")
    log_in(site, page, email, secret)
    page.get_by_role("row", name="Out Left").get_by_role("link").first.click()
    expect(page.get_by_label("First name")).to_have_value("Out")


def processes_of(profile: Path) -> list[int]:
    """Return the processes of the browser that has this profile, the first one first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.fsencode(f"--user-data-dir={profile}") in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return sorted(found)


def kill(profile: Path) -> None:
    """End a browser as a crash does: all of its processes at once, and none may say goodbye."""
    group = os.getpgid(processes_of(profile)[0])
    assert group != os.getpgrp()
    os.killpg(group, signal.SIGKILL)
    for _ in range(100):
        if not processes_of(profile):
            return
        time.sleep(0.1)
    pytest.fail("the browser lives on")


def test_a_browser_that_is_killed_loses_at_most_the_last_two_seconds(
    site: Site,
    open_browser: Callable[..., Page],
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path: Path,
) -> None:
    doomed = browser_type.launch_persistent_context(
        tmp_path, base_url=site.url, locale="en-GB", **browser_type_launch_args
    )
    page, email = doomed.pages[0], "jane.killed@larkfield.example"
    secret = sign_in(site, page, email)
    begin(page)
    type_name(page, "Killed")
    page.get_by_role("radio", name="Female", exact=True).check()
    expect_saved(page)
    page.get_by_label("Symptoms, in their words").focus()
    typed, at = "", [time.monotonic()]
    while at[-1] < at[0] + 3.5:  # without a pause, and not so long that a slow save would do
        letter = "Sore throat. "[len(typed) % 13]
        page.keyboard.type(letter, delay=50)
        typed += letter
        at.append(time.monotonic())
    kill(tmp_path)
    old_enough = sum(moment < at[-1] - 2 for moment in at[1:])
    assert old_enough

    other = open_browser()
    other.goto("/")
    log_in(site, other, email, secret)
    other.get_by_role("row", name="Killed").get_by_role("link").first.click()
    expect(other.get_by_role("radio", name="Female", exact=True)).to_be_checked()
    kept = other.get_by_label("Symptoms, in their words").input_value()
    assert typed.startswith(kept)
    assert len(kept) >= old_enough


def test_a_network_that_is_away_is_said_and_made_up_for(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.away@larkfield.example")
    begin(page)
    page.context.set_offline(True)
    type_name(page, "Away")
    page.get_by_role("radio", name="Female", exact=True).check()
    said = page.locator("#draft-said")
    expect(said).to_contain_text("Draft not saved. Check your connection")
    check_accessibility(page)
    page.get_by_role("button", name="Continue").click()  # does not leave the page
    expect(said).to_contain_text("your answers are still on this page")
    expect_last_name(page, "Away")
    take_picture(page, "draft-not-saved")
    page.context.set_offline(False)
    expect_saved(page)
    page.reload()
    expect_last_name(page, "Away")


def test_two_tabs_do_not_overwrite_each_other(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.two@larkfield.example")
    begin(page)
    with saving(page, "First"):
        type_name(page, "First")
        page.get_by_label("Last name").blur()
    expect_saved(page)
    other = page.context.new_page()
    other.goto(page.url)
    expect_last_name(other, "First")
    with saving(other, "Second"):
        other.get_by_label("Last name").fill("Second")
        other.get_by_label("Last name").blur()
    expect_saved(other)

    page.get_by_label("First name").fill("Third")
    page.get_by_label("First name").blur()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("This referral was changed in another window at")
    expect(page.locator("#draft-said")).to_contain_text("What is on this page is not saved")
    check_accessibility(page)
    take_picture(page, "draft-changed")
    with page.context.expect_page() as opened:
        alert.get_by_role("link", name="View the saved version").click()
    expect_last_name(opened.value, "Second")
    page.get_by_role("button", name="Use this version instead").click()
    expect_saved(page)
    opened.value.reload()
    expect_last_name(opened.value, "First")

    # And by Continue: once it is told, twice it is meant.
    other.get_by_label("Last name").fill("Fourth")
    other.get_by_label("Last name").press("Enter")
    other.wait_for_url("**/edit/?typed")  # the page that is left says the same, and takes no press
    expect(other.locator("#changed")).to_contain_text("was changed in another window")
    expect_last_name(other, "Fourth")
    other.get_by_role("button", name="Continue").click()
    expect(other.locator("#changed")).to_be_hidden()
    opened.value.reload()
    expect_last_name(opened.value, "Fourth")


def test_what_another_tab_has_sent_leads_to_where_it_is(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.sent.elsewhere@larkfield.example")
    begin(page)
    write_referral(page, **{"NHS number": "", "Last name": "Elsewhere"})
    with saving(page, "pharmacy="):
        choose_pharmacy(page, "Larkfield Pharmacy")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Continue").last.click()
    other.get_by_role("button", name="Send referral").click()
    other.wait_for_url(re.compile(r"/referrals/[0-9a-f-]{36}/$"))
    page.get_by_label("First name").fill("Edith")
    page.wait_for_url(re.compile(r"/referrals/[0-9a-f-]{36}/[?]because=changed$"))


@pytest.mark.parametrize("has_script", [True, False])
def test_a_session_that_ends_loses_nothing_at_continue_and_at_send(
    site: Site, open_browser: Callable[..., Page], has_script: bool
) -> None:
    page = open_browser(java_script_enabled=has_script)
    email = f"jane.ends.{has_script}@larkfield.example".lower()
    secret = sign_in(site, page, email)
    begin(page)
    write_referral(page, **{"NHS number": "", "Last name": f"Ends{has_script}"})
    with saving(page, "pharmacy=") if has_script else nullcontext():
        choose(page, has_script=has_script)
    site.let_pass(email, minutes=61)
    page.get_by_role("button", name="Continue").last.click()
    log_in(site, page, email, secret)
    expect(page.get_by_text("Nothing was lost: what you typed is here.")).to_be_visible()
    take_picture(page, f"kept at Continue, script {has_script}")
    expect_last_name(page, f"Ends{has_script}")
    page.get_by_role("button", name="Continue").last.click()
    expect(page).to_have_title("Check the referral – PharmRefer")
    site.let_pass(email, minutes=61)
    page.get_by_role("button", name="Send referral").click()
    log_in(site, page, email, secret)
    expect(page.get_by_text("Nothing has been sent yet.")).to_be_visible()
    take_picture(page, f"kept at Send, script {has_script}")
    page.get_by_role("button", name="Send referral").click()
    page.wait_for_url(re.compile(r"/referrals/[0-9a-f-]{36}/$"))


def choose(page: Page, *, has_script: bool) -> None:
    if has_script:
        choose_pharmacy(page, "Larkfield Pharmacy")
        return
    page.get_by_label("Find another pharmacy").fill("Larkfield Pharmacy")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("1 pharmacy for “Larkfield Pharmacy”")).to_be_visible()
    found(page, "Larkfield Pharmacy").check()


def test_another_user_who_logs_in_after_that_sees_nothing_of_it(
    site: Site, page: Page, open_browser: Callable[..., Page]
) -> None:
    jane, ruth = "jane.first@larkfield.example", "ruth.second@larkfield.example"
    secret_of_ruth = sign_in(site, open_browser(), ruth)
    secret_of_jane = sign_in(site, page, jane)
    begin(page)
    with saving(page, "Private"):  # else the page may lock by itself, before Continue
        type_name(page, "Private")
    site.let_pass(jane, minutes=61)
    page.get_by_role("button", name="Continue").click()
    log_in(site, page, ruth, secret_of_ruth)
    expect(page).to_have_title("Referrals – PharmRefer")
    expect(page.get_by_text("Private")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()
    log_in(site, page, jane, secret_of_jane)
    expect(page.get_by_role("row", name="Private")).to_contain_text("Not finished")


@pytest.mark.parametrize("has_script", [True, False])
def test_logging_in_again_in_another_tab_does_not_stop_the_first_one(
    site: Site, open_browser: Callable[..., Page], has_script: bool
) -> None:
    page = open_browser(java_script_enabled=has_script)
    email = f"jane.again.{has_script}@larkfield.example".lower()
    secret = sign_in(site, page, email)
    begin(page)
    write_referral(page, **{"NHS number": "", "Last name": "Again"})
    choose(page, has_script=has_script)
    other = page.context.new_page()
    other.goto("/account/")
    other.get_by_role("button", name="Log out").click()
    if has_script:  # nothing of the patient stays in a tab while nobody is logged in
        expect(page).to_have_title("Log in – PharmRefer")
    log_in(site, other, email, secret)
    other.wait_for_url("**/referrals/")
    page.get_by_role("button", name="Continue").last.click()
    if has_script:
        expect(page).to_have_title("New referral – PharmRefer")
    else:
        expect(page.get_by_text("You have logged in again.")).to_be_visible()
    page.get_by_role("button", name="Continue").last.click()
    expect(page).to_have_title("Check the referral – PharmRefer")
    expect(page.get_by_text("Again").first).to_be_visible()


def test_a_locked_screen_keeps_what_is_typed_on(site: Site, page: Page) -> None:
    email = "jane.locks@larkfield.example"
    sign_in(site, page, email)
    begin(page)
    with saving(page, "Locks"):  # else the page may lock by itself, before Continue
        type_name(page, "Locks")
    site.let_pass(email, minutes=16)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("Nothing was lost: what you typed is here.")).to_be_visible()
    expect_last_name(page, "Locks")


def test_back_from_a_page_that_could_not_be_reached_brings_the_form_back(
    site: Site, page: Page
) -> None:
    sign_in(site, page, "jane.back@larkfield.example")
    begin(page)
    type_name(page, "Back")
    page.get_by_label("Last name").blur()
    expect_saved(page)
    page.route("**/edit/?typed", lambda route: route.abort())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Last name")).to_have_count(0)
    page.unroute("**/edit/?typed")
    page.go_back()
    expect_last_name(page, "Back")


def test_a_draft_is_deleted_with_a_keyboard_and_on_a_narrow_window(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(viewport={"width": 320, "height": 700})
    sign_in(site, page, "jane.deletes@larkfield.example")
    begin(page)
    type_name(page, "Gone")
    page.get_by_label("Last name").press("Tab")
    expect_saved(page)
    take_picture(page, "draft-saved-narrow")
    page.get_by_role("link", name="Delete this draft").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_title("Delete a draft – PharmRefer")
    check_accessibility(page)
    take_picture(page, "draft-delete-narrow")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Delete this draft").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The draft was deleted.")).to_be_visible()
    check_accessibility(page)
    expect(page.get_by_role("row", name="Gone")).to_have_count(0)


TYPED_AT_ONCE = """([name, length]) => {
  const box = document.querySelector(`[name=${name}]`);
  box.value = "x".repeat(length);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.dispatchEvent(new Event("change", { bubbles: true }));
}"""


def test_too_much_text_is_not_called_a_bad_connection(
    site: Site, page: Page, complaints: list[str]
) -> None:
    sign_in(site, page, "jane.pastes.much@larkfield.example")
    begin(page)
    page.evaluate(TYPED_AT_ONCE, ["complaint", 100_000])  # more than may be sent while leaving
    expect_saved(page)
    page.evaluate(TYPED_AT_ONCE, ["complaint", 10_000_000])
    said = page.locator("#draft-said")
    expect(said).to_contain_text("Draft not saved: there is too much text on this page.")
    page.get_by_role("button", name="Continue").click()
    expect(said).to_be_in_viewport()
    page.evaluate(TYPED_AT_ONCE, ["complaint", 10])
    expect_saved(page)
    complaints[:] = [each for each in complaints if "status of 413" not in each]


def test_nothing_is_kept_by_the_browser(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.keeps@larkfield.example")
    begin(page)
    type_name(page, "Nowhere")
    page.get_by_label("Last name").blur()
    expect_saved(page)
    kept = page.evaluate(
        "async () => [localStorage.length, sessionStorage.length,"
        " (await indexedDB.databases()).length, (await caches.keys()).length]"
    )
    assert kept == [0, 0, 0, 0]


def test_a_form_that_nobody_has_touched_is_no_draft(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.looks@larkfield.example")
    begin(page)
    with page.expect_request("**/pharmacies/"):
        page.get_by_label("Find another pharmacy").fill("market")
    page.goto("/referrals/")
    expect(page.get_by_text("Not sent yet")).to_have_count(0)
