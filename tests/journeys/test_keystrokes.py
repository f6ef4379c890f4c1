"""The usual referral by keyboard: fast enough for a patient who waits on the phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Site
from tests.journeys.people import sign_in
from tests.keystrokes import BANNER, counted, send_usual_referral

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
TALLEST = 1500  # pixels: a whole referral with at most one screen of scrolling
NEAR = "QA103"  # ODS code of the demonstration's Larkfield Pharmacy


@pytest.mark.parametrize(
    ("email", "banner", "most"),
    [("jane.taps@larkfield.example", "", 55), ("jane.taps.less@larkfield.example", BANNER, 40)],
)
def test_the_usual_referral_is_sent_in_time(
    site: Site, open_browser: Callable[..., Page], email: str, banner: str, most: int
) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    page = open_browser(viewport={"width": 1366, "height": 768}, permissions=permissions)
    sign_in(site, page, email)
    page.evaluate("(text) => navigator.clipboard.writeText(text)", banner)
    effort = counted(page.context)
    heights: list[int] = []
    page.goto("/referrals/new/")
    send_usual_referral(
        page,
        to=NEAR,
        banner=banner,
        look=lambda: heights.append(page.evaluate("document.documentElement.scrollHeight")),
    )
    assert effort.seconds <= most, (effort.seconds, effort)
    assert max(heights) <= TALLEST
