"""A pharmacy is found and chosen where the user is on the page: nothing jumps, no click is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import evaluate, look
from tests.journeys.people import choose, found, sign_in
from tests.pharmrefer.local.harness import wait_until

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
ANSWERS = "**/referrals/pharmacies/"
BOX = "Find another pharmacy"


def middle_of(what: Locator) -> tuple[float, float]:
    what.scroll_into_view_if_needed()
    box = what.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def held_back(page: Page) -> list[Route]:
    """Hold the next search back; return where it will be."""
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route(ANSWERS, hold, times=1)
    return late


def answer_late(page: Page, late: list[Route]) -> None:
    """Let the answer come that was held back, and wait until the page has had time for it."""
    wait_until(lambda: bool(page.title() and late), seconds=10, what="a search is held back")
    with page.expect_response(ANSWERS) as answer:
        late.pop().continue_()
    answer.value.finished()
    page.evaluate("new Promise((done) => requestIdleCallback(() => setTimeout(done)))")


def test_find_stays_on_the_page(site: Site, page: Page, complaints: list[str]) -> None:
    sign_in(site, page, "jane.finds@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    page.wait_for_url("**/edit/")
    expect(page.locator("[name=q_emergency]").first).to_be_focused()
    page.evaluate("window.isTheOneOfBefore = true")
    find = page.get_by_role("button", name="Find")
    page.get_by_label(BOX).fill("harbour")
    find.click()
    expect(page.get_by_text("1 pharmacy for “harbour”")).to_be_in_viewport()
    expect(found(page, "Harbour Pharmacy")).to_be_in_viewport()
    page.get_by_label(BOX).fill("beacon")
    find.press("Enter")
    expect(page.get_by_text("1 pharmacy for “beacon”")).to_be_in_viewport()
    expect(find).to_be_focused()
    assert page.evaluate("window.isTheOneOfBefore")

    # Where nobody answers, the page says so.
    page.route(ANSWERS, lambda route: route.abort())
    page.route("**/draft/", lambda route: route.abort())
    find.click()
    expect(page.locator("#draft-said")).to_contain_text("Check your connection")
    complaints[:] = [each for each in complaints if "net::ERR_FAILED" not in each]


def test_without_javascript_the_page_comes_back_where_it_was(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(java_script_enabled=False)
    sign_in(site, page, "jane.finds.plainly@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    page.get_by_label(BOX).fill("harbour")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("1 pharmacy for “harbour”")).to_be_in_viewport()
    expect(found(page, "Harbour Pharmacy")).to_be_in_viewport()
    assert evaluate(page, "document.activeElement.name") == "search"


def test_the_first_click_after_the_postcode_is_not_lost(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(viewport={"width": 1366, "height": 768})
    sign_in(site, page, "jane.clicks@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    radio = page.locator("#pharmacies-usual").get_by_role("radio").first
    code = radio.get_attribute("value")
    hint = page.locator("#pharmacies-usual .nhsuk-radios__hint").first
    before = hint.inner_text()
    page.get_by_label("Postcode", exact=True).fill("TS18 1AB")
    page.mouse.move(*middle_of(radio))
    late = held_back(page)
    page.mouse.down()
    answer_late(page, late)
    expect(hint).to_have_text(before)  # nothing moves below the mouse
    page.mouse.up()
    expect(page.locator("[name=pharmacy]:checked")).to_have_value(code or "")
    expect(page.locator(f"#pharmacies-usual [value={code}] ~ .nhsuk-hint")).not_to_have_text(before)
    expect(page.locator("[name=pharmacy]:checked")).to_have_value(code or "")


def test_a_key_that_is_held_on_a_pharmacy_chooses_it(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.holds@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    late = held_back(page)
    page.get_by_label("Postcode", exact=True).fill("TS18 1AB")
    page.get_by_label(BOX).focus()
    radio = page.locator("#pharmacies-usual").get_by_role("radio").nth(1)
    code = radio.get_attribute("value")
    radio.focus()
    page.keyboard.down("Space")
    answer_late(page, late)
    page.keyboard.up("Space")
    chosen = page.locator("[name=pharmacy]:checked")
    expect(chosen).to_have_value(code or "")
    expect(chosen).to_be_focused()


def test_of_those_found_the_chosen_one_says_that_it_is_chosen(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(viewport={"width": 320, "height": 800})
    # Where no other journey sends a referral: what it sends to becomes a usual one.
    sign_in(site, page, "jane.finds.another@milllane.example", at="Z91002")
    page.get_by_role("button", name="New referral").click()
    choose(page, sex="female")
    page.get_by_label(BOX).fill("harbour")
    found(page, "Harbour Pharmacy").check()
    tag = page.locator("#pharmacies").get_by_text("Chosen", exact=True)
    expect(tag).to_have_count(0)
    page.get_by_label(BOX).fill("beacon")
    expect(page.get_by_text("1 pharmacy for “beacon”")).to_be_visible()
    expect(tag).to_be_visible()
    look(page, "found, another one chosen")
    found(page, "Beacon Hill Chemist").check()
    expect(tag).to_be_hidden()
