"""The usual referral by keyboard: fast enough for a patient who waits on the phone."""

from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Site
from tests.journeys.looking import check_accessibility, take_picture
from tests.journeys.people import sign_in
from tests.keystrokes import BANNER, counted, send_usual_referral

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
TALLEST = 1500  # pixels: a whole referral with at most one screen of scrolling
# What is said of a pharmacy's hours takes most room in the evening, whenever this runs.
LONGEST_HOURS = """
    for (const hint of document.querySelectorAll("#pharmacies-usual .nhsuk-radios__hint")) {
        const hours = /(Open|Closed) now[^.]*[.]/, said = hint.textContent;
        if (!hours.test(said)) throw new Error(said);
        hint.textContent = said.replace(hours, "Closed now, opens 9am tomorrow (Wednesday).");
    }
"""
NEAR = "QA105"  # ODS code of the demonstration's Mill Lane Pharmacy
PRACTICE = "Z91002"  # where no other journey sends a referral
PICKED = """
    INSERT INTO referrals_usualpharmacy (practice_id, pharmacy_id, position)
    SELECT practice.id, pharmacy.id, row_number() OVER (ORDER BY pharmacy.ods_code)
    FROM referrals_pharmacy AS pharmacy, accounts_practice AS practice
    WHERE practice.ods_code = %s AND pharmacy.ods_code BETWEEN 'QA101' AND 'QA105'
        AND NOT EXISTS (SELECT FROM referrals_usualpharmacy WHERE practice_id = practice.id)
"""


@pytest.mark.parametrize(
    ("email", "banner", "most"),
    [("jane.taps@larkfield.example", "", 55), ("jane.taps.less@larkfield.example", BANNER, 40)],
)
def test_the_usual_referral_is_sent_in_time(
    site: Site, open_browser: Callable[..., Page], email: str, banner: str, most: int
) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    page = open_browser(viewport={"width": 1366, "height": 768}, permissions=permissions)
    with psycopg.connect(site.environment["DATABASE_URL"]) as database:
        database.execute(PICKED, [PRACTICE])  # five, as most practices have
    sign_in(site, page, email, at=PRACTICE)
    page.evaluate("(text) => navigator.clipboard.writeText(text)", banner)
    effort = counted(page.context)
    heights: list[int] = []

    def look() -> None:
        check_accessibility(page)
        take_picture(page, "new-referral")
        page.evaluate(LONGEST_HOURS)
        heights.append(page.evaluate("document.documentElement.scrollHeight"))

    page.goto("/referrals/new/")
    send_usual_referral(
        page,
        to=NEAR,
        banner=banner,
        look=look,
    )
    assert effort.seconds <= most, (effort.seconds, effort)
    assert max(heights) <= TALLEST
