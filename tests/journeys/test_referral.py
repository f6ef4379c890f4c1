"""A referral, from the form to the pharmacy's system, in a browser and without its JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PICTURES, Site, check_accessibility, take_picture
from tests.journeys.people import sign_in, write_referral

MARKET_CROSS = "2000000102"  # its DoS service id
pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]


def test_a_receptionist_sends_a_referral_and_sees_that_it_arrived(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.sends@larkfield.example")
    expect(page).to_have_title("Referrals – PharmRefer")
    check_accessibility(page)
    page.get_by_role("button", name="New referral").click()
    expect(page).to_have_title("New referral – PharmRefer")
    check_accessibility(page)

    # One mistake: two digits of the NHS number swapped. Nothing else is lost.
    write_referral(page, **{"NHS number": "999 000 0081"})
    page.get_by_label("Find a pharmacy by name or postcode").press_sequentially("market")
    expect(page.get_by_text("1 pharmacy for “market”")).to_be_visible()
    page.get_by_role("radio", name="Market Cross Chemist").check()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Error: New referral – PharmRefer")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    expect(page.get_by_label("Last name")).to_have_value("Ashworth")
    expect(page.get_by_role("radio", name="Market Cross Chemist")).to_be_checked()
    expect(page.get_by_role("radio", name="Acute sore throat")).to_be_checked()
    check_accessibility(page)
    take_picture(page, PICTURES, "referral-mistake")
    page.get_by_role("link", name="The NHS number is not right").click()
    expect(page.get_by_label("NHS number")).to_be_focused()
    page.get_by_label("NHS number").fill("999 000 0018")
    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_title("Check the referral – PharmRefer")
    for words in ("Winifred Ashworth", "999 000 0018", "15 March 1984", "WM1 2CD", "Market Cross"):
        expect(page.get_by_text(words).first).to_be_visible()
    check_accessibility(page)
    take_picture(page, PICTURES, "check")
    page.get_by_role("button", name="Send referral").click()

    expect(page.get_by_role("heading", name="Delivered")).to_be_visible()
    expect(page.get_by_text("Market Cross Chemist's system received it at")).to_be_visible()
    check_accessibility(page)
    take_picture(page, PICTURES, "delivered")
    received = site.received(by=MARKET_CROSS)
    assert [each["outcome"] for each in received] == ["processed"]
    reference = page.get_by_text("The pharmacy's reference is").inner_text().split()[-1]
    assert reference.rstrip(".") == received[0]["reference"]

    # Going back and sending again finds that it has been sent.
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="Delivered")).to_be_visible()
    page.get_by_role("link", name="Back to referrals").click()
    expect(page.get_by_role("row", name="Winifred Ashworth")).to_contain_text("Delivered")
    check_accessibility(page)
    take_picture(page, PICTURES, "home")
    assert len(site.received(by=MARKET_CROSS)) == 1
