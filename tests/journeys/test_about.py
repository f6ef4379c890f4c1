"""What PharmRefer says of itself, found from the foot of a page: wide, narrow and with axe."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from support.about.pages import AboutPage
from tests.journeys.looking import look

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(180)]


def test_each_page_is_one_click_away_and_fits(
    open_browser: Callable[..., Page],
) -> None:
    page = open_browser(viewport={"width": 320, "height": 800})
    page.goto("/log-in/")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="What’s new").click()
    page = opened.value
    expect(page.get_by_role("heading", level=1)).to_have_text("What’s new")
    look(page, "what's new")
    for each in AboutPage:
        page.get_by_role("contentinfo").get_by_role("link", name=each.capitalize()).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(each.heading)
        look(page, f"about, {each}")
