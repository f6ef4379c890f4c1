"""The lock while answers are slow, come out of turn or cross each other, and clocks are wrong."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Site
from tests.journeys.locking import (
    LOCKED,
    OPEN,
    PATIENT,
    SESSION,
    everything_in,
    go_on,
    hear,
    let_pass,
    let_pass_until,
    unlock_screen,
    wait_for,
    writing,
)
from tests.journeys.visitor import PASSWORD

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(120)]
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"


def hold_up(page: Page, address: str) -> list[Route]:
    """Let nothing come back from an address; return what has been asked for there."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(address, hold)
    return held


def test_nothing_is_shown_while_the_log_in_page_is_on_its_way(site: Site, page: Page) -> None:
    email = "jane.leaving@larkfield.example"
    writing(site, page, email)
    # An answer without a page: the browser stays where it is, as while it waits for one.
    page.route("**/log-in/?*", lambda route: route.fulfill(status=204), times=1)
    site.let_pass(email, hours=1)
    with page.expect_response("**/log-in/?*"):
        page.evaluate(LOOK)
    assert not PATIENT.search(everything_in(page))
    page.reload()
    expect(page).to_have_title("Log in – PharmRefer")


def test_nothing_is_shown_to_another_user_while_their_page_is_on_its_way(
    site: Site, page: Page
) -> None:
    writing(site, page, "jane.replaced@larkfield.example")
    theirs = {"state": "open", "session": "other", "holder": "other", "token": "other"}
    theirs_now = theirs | {"locks_in": 900, "ends_in": 9000}
    page.route(SESSION, lambda route: route.fulfill(json=theirs_now), times=1)
    page.route(f"{site.url}/", lambda route: route.fulfill(status=204), times=1)
    with page.expect_response(f"{site.url}/"):
        page.evaluate(LOOK)
    assert not PATIENT.search(everything_in(page))


def test_an_answer_that_was_overtaken_by_a_later_one_counts_no_more(site: Site, page: Page) -> None:
    email = "jane.overtaken@larkfield.example"
    writing(site, page, email)
    overtaken: list[Callable[[], None]] = []

    def hold(route: Route) -> None:
        answer = route.fetch()
        overtaken.append(lambda: route.fulfill(response=answer))

    page.route(SESSION, hold, times=1)
    site.let_pass(email, minutes=15)
    page.evaluate(LOOK)
    wait_for(page, lambda: bool(overtaken))
    (arrive,) = overtaken
    site.let_pass(email, minutes=-15)
    with page.expect_response(SESSION):
        page.evaluate(LOOK)
    hear(page)
    with page.expect_response(SESSION):
        arrive()
    hear(page)
    expect(page).to_have_title(OPEN)


def test_a_session_that_only_seems_over_is_asked_for_again(site: Site, page: Page) -> None:
    """Another tab has just unlocked, and this one has asked with the key of before."""
    writing(site, page, "jane.seems@larkfield.example")
    over = {"state": "over", "address": "/log-in/"}
    held = hold_up(page, SESSION)  # what it is told when it asks again
    page.route(SESSION, lambda route: route.fulfill(status=401, json=over), times=1)
    page.evaluate(LOOK)
    expect(page).to_have_title("PharmRefer")  # nothing is shown meanwhile
    assert not PATIENT.search(everything_in(page))
    wait_for(page, lambda: bool(held))
    held[0].continue_()
    expect(page).to_have_title(OPEN)
    expect(page.get_by_label("Last name")).to_have_value("Ashworth-Lo")


def test_a_form_token_of_before_is_renewed_and_the_password_sent_again(
    site: Site, page: Page
) -> None:
    email = "jane.old.token@larkfield.example"
    writing(site, page, email)
    let_pass(site, page, email, seconds=15 * 60)
    expect(page).to_have_title(LOCKED)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_response(SESSION):
        page.evaluate(LOOK)
    hear(page)
    expect(page.get_by_label("Password", exact=True)).to_have_value(PASSWORD)
    page.context.clear_cookies(name="csrftoken")
    unlock_screen(page)
    expect(page).to_have_title(OPEN)


def test_who_stays_at_the_last_moment_is_not_locked_out_by_a_slow_answer(
    site: Site, page: Page
) -> None:
    email = "jane.last.moment@larkfield.example"
    writing(site, page, email)
    slow = hold_up(page, "**/session/stay/")
    let_pass_until(site, page, email, left=20)
    page.get_by_role("button", name="Stay logged in").click()
    page.evaluate("document.addEventListener('app:locked', () => { window.hasLocked = true; })")
    go_on(page, seconds=25)
    assert not page.evaluate("window.hasLocked")
    with page.expect_response("**/session/stay/"):
        slow[0].continue_()
    hear(page)
    expect(page).to_have_title(OPEN)


def test_a_password_is_sent_once_however_often_enter_is_pressed(site: Site, page: Page) -> None:
    email = "jane.twice.enter@larkfield.example"
    writing(site, page, email)
    let_pass(site, page, email, seconds=15 * 60)
    expect(page).to_have_title(LOCKED)
    sent = hold_up(page, "**/session/unlock/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    for _ in range(3):
        page.keyboard.press("Enter")
    wait_for(page, lambda: bool(sent))
    hear(page)
    assert len(sent) == 1
    sent[0].continue_()
    expect(page).to_have_title(OPEN)


def test_a_clock_that_is_set_back_does_not_put_off_the_lock(site: Site, page: Page) -> None:
    email = "jane.set.back@larkfield.example"
    writing(site, page, email)
    site.let_pass(email, minutes=15)
    page.clock.set_system_time(datetime.now(UTC) - timedelta(minutes=10))
    expect(page).to_have_title(LOCKED)


def test_a_locked_screen_is_over_after_an_hour(site: Site, page: Page) -> None:
    email = "jane.locked.long@larkfield.example"
    writing(site, page, email)
    let_pass(site, page, email, seconds=15 * 60)
    expect(page).to_have_title(LOCKED)
    let_pass(site, page, email, seconds=45 * 60)
    expect(page).to_have_title("Log in – PharmRefer")
    expect(page.get_by_text("What you have written in a referral is kept.")).to_be_visible()


def test_who_comes_back_too_late_sees_nothing_before_the_answer(site: Site, page: Page) -> None:
    email = "jane.too.late@larkfield.example"
    writing(site, page, email)
    hold_up(page, SESSION)  # the server would say that it is open: only the page's clock is late
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=30))
    page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=16))
    shown = page.evaluate(f"{LOOK}; document.getElementById('maincontent').textContent")
    assert not shown.strip()
