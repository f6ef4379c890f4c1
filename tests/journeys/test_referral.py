"""A referral, from the form to the pharmacy's system, in a browser and without its JavaScript."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from referrals.completeness import LONGEST_COMPLAINT
from referrals.forms import ReferralForm
from tests.journeys.conftest import Site
from tests.journeys.looking import check_accessibility, look, take_picture
from tests.journeys.people import (
    choose_pharmacy,
    found,
    send_referral,
    sign_in,
    type_referral,
    write_referral,
)
from tests.pharmacy_system import tell

# DoS service ids.
WELL_STREET, MARKET_CROSS, NIGHTINGALES = "2000000101", "2000000102", "2000000104"
GREENACRE, HARBOUR = "2000000106", "2000000107"
pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]


def test_a_receptionist_sends_a_referral_and_sees_that_it_arrived(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.sends@larkfield.example")
    expect(page).to_have_title("Referrals – PharmRefer")
    check_accessibility(page)
    page.get_by_role("button", name="New referral").click()
    expect(page).to_have_title("New referral – PharmRefer")
    check_accessibility(page)

    # Two mistakes: digits of the NHS number swapped, and a date with a short year pasted into the
    # first box. Nothing is lost.
    pasted = {"Day": "15 Mar 84", "Month": "", "Year": ""}
    type_referral(page, **{"NHS number": "999 000 0081"} | pasted)
    page.get_by_label("Find another pharmacy").press_sequentially("market")
    expect(page.get_by_text("1 pharmacy for “market”")).to_be_visible()
    found(page, "Market Cross Chemist").check()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Error: New referral – PharmRefer")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    expect(page.get_by_label("Last name")).to_have_value("Ashworth")
    expect(page.get_by_role("radio", name="Market Cross Chemist", checked=True)).to_have_count(1)
    expect(page.get_by_role("radio", name="Acute sore throat")).to_be_checked()
    check_accessibility(page)
    take_picture(page, "referral-mistake")
    page.get_by_role("link", name="The NHS number is not right").click()
    expect(page.get_by_label("NHS number")).to_be_focused()
    page.get_by_label("NHS number").fill("999 000 0018")
    page.get_by_role("link", name="enter 1984, not 84").click()
    expect(page.get_by_label("Year", exact=True)).to_be_focused()
    expect(page.get_by_label("Day", exact=True)).to_have_value("15")
    page.get_by_label("Year", exact=True).fill("1984")
    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_title("Check the referral – PharmRefer")
    for words in ("Winifred Ashworth", "999 000 0018", "15 March 1984", "TS18 1AB", "Market Cross"):
        expect(page.get_by_text(words).first).to_be_visible()
    check_accessibility(page)
    take_picture(page, "check")
    page.get_by_role("button", name="Send referral").click()

    expect(page.get_by_role("heading", name="Delivered")).to_be_visible()
    expect(page.get_by_text("Market Cross Chemist's system received it at")).to_be_visible()
    check_accessibility(page)
    take_picture(page, "delivered")
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
    take_picture(page, "home")
    assert len(site.received(by=MARKET_CROSS)) == 1


def test_a_pharmacy_that_is_busy_for_a_moment_gets_it_and_the_page_follows(
    site: Site, page: Page
) -> None:
    sign_in(site, page, "jane.waits@larkfield.example")
    busy = "too-many-requests-429"  # which asks for time, so that there is something to see
    tell(site.pharmacy_system, busy, dos_service_id=WELL_STREET, times=1, seconds=8)
    send_referral(page, to="Well Street Pharmacy", **{"NHS number": "", "Last name": "Waits"})
    # All of it without touching the page again.
    expect(page.get_by_role("heading", name="Trying again")).to_be_visible()
    expect(page.get_by_text("The pharmacy's system is busy.")).to_be_visible()
    expect(page.get_by_text("We will keep trying until")).to_be_visible()
    check_accessibility(page)
    take_picture(page, "trying-again")
    expect(page.get_by_role("heading", name="Delivered")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Received by the pharmacy's system")).to_be_visible()
    expect(page.get_by_role("link", name="Refresh the status")).to_have_count(0)
    outcomes = [each["outcome"] for each in site.received(by=WELL_STREET)]
    assert outcomes == [f"told to {busy}", "processed"]


def test_a_referral_that_does_not_arrive_says_whom_to_phone(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(viewport={"width": 320, "height": 800})
    sign_in(site, page, "jane.phones@larkfield.example")
    for mode, heading in (
        ("not-found-404", "Not delivered: phone the pharmacy on 01632 960 204"),
        ("server-error-500-exception", "Not confirmed: phone the pharmacy on 01632 960 204"),
    ):
        tell(site.pharmacy_system, mode, dos_service_id=NIGHTINGALES, times=1)
        name = f"{mode.split('-')[0].title()} Reached"
        send_referral(page, to="Nightingale's Pharmacy", **{"NHS number": "", "Last name": name})
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        look(page, mode)
        page.get_by_role("link", name="Back to referrals").click()
    urgent = page.get_by_role("table", name="Needs action: phone the pharmacy")
    expect(urgent.get_by_role("link", name="Winifred Not Reached")).to_be_visible()
    expect(urgent).to_contain_text("01632 960 204")
    look(page, "urgent")


def test_a_second_one_for_the_same_patient_is_asked_about(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.twice@larkfield.example")
    who = {"NHS number": "999 000 0026", "Last name": "Twice"}
    send_referral(page, **who)
    page.get_by_role("link", name="Back to referrals").click()
    send_referral(page, **who)
    expect(page).to_have_title("Error: Check the referral – PharmRefer")
    expect(page.get_by_text("Jane Doe referred Winifred Twice")).to_be_visible()
    expect(page.get_by_text("to Larkfield Pharmacy at")).to_be_visible()
    check_accessibility(page)
    take_picture(page, "sent-already")
    page.get_by_role("checkbox", name="I have read this").check()
    page.get_by_role("button", name="Send referral").click()
    expect(page.get_by_role("heading", name="Delivered")).to_be_visible()


def test_the_same_number_for_another_person_is_compared(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.compares@larkfield.example")
    send_referral(page, **{"NHS number": "999 000 0042", "Last name": "Former"})
    page.get_by_role("link", name="Back to referrals").click()
    send_referral(page, **{"NHS number": "999 000 0042", "Last name": "Latter", "Year": "1951"})
    asked = page.get_by_role("heading", name="Is this the right patient?")
    expect(asked).to_be_visible()
    both = page.get_by_role("table", name="The two people with this NHS number")
    expect(both.get_by_role("row", name="Last name: different")).to_contain_text("Former")
    look(page, "same-number")
    page.get_by_role("checkbox", name="I have checked: this is the right patient").check()
    page.get_by_role("button", name="Send referral").click()
    expect(page.get_by_role("heading", name="Delivered")).to_be_visible()


def test_a_keyboard_is_enough_to_send_one(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.keyboard@larkfield.example")
    press, write = page.keyboard.press, page.keyboard.type

    def tab_to(words: str) -> None:
        for _ in range(60):
            press("Tab")
            focused = page.evaluate(
                "[document.activeElement.name, document.activeElement.textContent,"
                " document.activeElement.value].join(' ')"
            )
            if words in focused:
                return
        pytest.fail(f"the keyboard does not reach {words}")

    page.wait_for_url("**/referrals/")
    tab_to("New referral")
    press("Enter")
    page.wait_for_url("**/edit/")
    expect(page.locator("[name=q_emergency]").first).to_be_focused()
    press("Space")  # none of these
    for name, text in (
        *(("given_name", "Winifred"), ("family_name", "Keys"), ("birth_day", "15")),
        *(("birth_month", "3"), ("birth_year", "1984")),
    ):
        tab_to(name)
        write(text)
    tab_to("sex")
    press("Space")
    for name, text in (
        *(("postcode", "TS18 1AB"), ("address_line_1", "8 Tanners Row"), ("town", "Westmere")),
    ):
        tab_to(name)
        write(text)
    tab_to("spoken_to")
    press("Space")
    tab_to("phone")
    write("07700 900982")
    tab_to("phone_owner")
    press("Space")
    tab_to("pathway")
    press("Space")
    tab_to("q_sinusitis_red_flags")
    press("Space")
    tab_to("q_sinusitis_criteria")
    press("Space")
    tab_to("complaint")
    write("Blocked nose")
    tab_to("duration")
    write("12 days")
    tab_to("search")
    write("beacon")
    press("Enter")  # searches, and does not send the form away
    expect(page.get_by_text("1 pharmacy for “beacon”")).to_be_visible()
    tab_to("QA109")
    press("Space")
    tab_to("consent")
    press("Space")
    press("Enter")
    page.wait_for_url("**/send/")
    tab_to("Send referral")
    press("Enter")
    expect(page.get_by_role("heading", name="Delivered")).to_be_visible()


def test_two_tabs_of_one_draft_send_what_is_shown_and_one(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.tabs@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    write_referral(page, **{"NHS number": "", "Last name": "Tabs"})
    choose_pharmacy(page, "Larkfield Pharmacy")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/send/")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("link", name="Change address").click()
    other.get_by_label("Town or city").fill("Saltby")
    other.get_by_role("button", name="Continue").click()
    other.wait_for_url("**/send/")

    page.get_by_role("button", name="Send referral").click()
    expect(page.get_by_role("alert")).to_contain_text("was changed in another window")
    expect(page.get_by_text("Saltby")).to_be_visible()
    page.get_by_role("button", name="Send referral").click()
    expect(page.get_by_role("heading", name="Delivered")).to_be_visible()
    other.get_by_role("button", name="Send referral").click()
    expect(other.get_by_role("heading", name="Delivered")).to_be_visible()
    assert urlsplit(other.url).path == urlsplit(page.url).path


def test_a_search_never_unticks_what_was_chosen_while_it_was_under_way(
    site: Site, page: Page
) -> None:
    sign_in(site, page, "jane.chooses@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    choose_pharmacy(page, "Beacon Hill Chemist")
    page.get_by_label("Find another pharmacy").fill("saltby")
    expect(page.get_by_text("3 pharmacies for “saltby”")).to_be_visible()
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/referrals/pharmacies/", hold, times=1)
    with page.expect_request("**/referrals/pharmacies/"):
        page.get_by_label("Find another pharmacy").fill("beacon")
    found(page, "Harbour Pharmacy").check()
    page.get_by_label("Find another pharmacy").focus()
    late.pop().continue_()
    expect(page.get_by_text("1 pharmacy for “beacon”")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("radio", name="Harbour Pharmacy", checked=True)).to_have_count(1)
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)

    # Tab goes on from the box meanwhile: a user who is on a pharmacy then stays on it.
    status = page.locator("#search-said")
    status.evaluate("(each) => { each.isTheOneOfBefore = true; }")
    page.route("**/referrals/pharmacies/", hold, times=1)
    with page.expect_request("**/referrals/pharmacies/"):
        page.get_by_label("Find another pharmacy").fill("saltby")
    page.get_by_label("Find another pharmacy").press("Tab")
    page.keyboard.press("Tab")
    focused = page.locator("#pharmacies :focus")
    expect(focused).to_have_attribute("name", "pharmacy")
    code = focused.get_attribute("value")
    late.pop().continue_()
    expect(status).to_have_text("3 pharmacies for “saltby”.")
    expect(focused).to_have_attribute("value", code or "")

    # What has none of it waits until the user goes on.
    page.route("**/referrals/pharmacies/", hold, times=1)
    with page.expect_request("**/referrals/pharmacies/"):
        page.get_by_label("Find another pharmacy").fill("market")
    found(page, "Saltby Late Night Pharmacy").focus()
    with page.expect_response("**/referrals/pharmacies/"):
        late.pop().continue_()
    page.wait_for_load_state("networkidle")
    expect(found(page, "Saltby Late Night Pharmacy")).to_be_focused()
    expect(status).to_have_text("3 pharmacies for “saltby”.")
    page.keyboard.press("Tab")
    expect(status).to_have_text("1 pharmacy for “market”.")
    assert (
        status.evaluate("(each) => each.isTheOneOfBefore && each.getAttribute('role')") == "status"
    )


# What is counted: each with how it is typed.
TEXTS = [
    "",
    "Sore throat\nfor 3 days",
    "Sore throat\r\nfor 3 days\r\n\r\n",
    "  \n Sore throat \u00a0\t\n",
    "\U0001f912" * 10,
    "e\u0301 \u200b\u00ad\ufeff\u202e zero \u200d width \u200c",
    "\x00 \x07 \x85 \u2028 bell \u2029",
    "\ue000 private \U000e0001",
    "\u3000 wide \u2003",
    "one\rtwo\u2028three",
    "\u0915\u094d\u200d\u0937 a\u200db \ufe0f \u2800 \u3164",
]


def test_characters_are_counted_as_the_server_counts_them(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.counts@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    complaint = page.get_by_label("Symptoms, in their words")
    complaint.fill("x" * LONGEST_COMPLAINT + "\n\n")  # what is empty at its end is not sent
    expect(page.locator(".nhsuk-character-count__status")).to_have_text(
        "You have 0 characters remaining"
    )
    counted = page.evaluate(
        """async (texts) => {
          const loaded = performance.getEntriesByType("resource").map((each) => each.name);
          const counter = await import(loaded.find((each) => each.includes("/counter")));
          return texts.map(counter.count);
        }""",
        TEXTS,
    )
    field = ReferralForm.base_fields["complaint"]
    assert counted == [len(field.to_python(text) or "") for text in TEXTS]


def test_a_page_whose_session_has_ended_lets_go_of_the_patient(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.lets.go@larkfield.example")
    tell(site.pharmacy_system, "unavailable-503", dos_service_id=GREENACRE)
    send_referral(page, to="Greenacre Pharmacy", **{"NHS number": "", "Last name": "Leaves"})
    expect(page.get_by_role("heading", name="Trying again")).to_be_visible()
    page.context.clear_cookies()
    expect(page).to_have_title("Log in – PharmRefer", timeout=15_000)
    tell(site.pharmacy_system, "normal", dos_service_id=GREENACRE)


def test_a_page_that_cannot_ask_says_that_it_is_not_up_to_date(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.offline@larkfield.example")
    tell(site.pharmacy_system, "unavailable-503", dos_service_id=HARBOUR)
    send_referral(page, to="Harbour Pharmacy", **{"NHS number": "", "Last name": "Offline"})
    expect(page.get_by_role("heading", name="Trying again")).to_be_visible()
    page.route("**/progress/", lambda route: route.fulfill(status=422, body="no"))
    stale = page.get_by_text("We cannot update this page at the moment.")
    expect(stale).to_be_visible(timeout=15_000)
    page.unroute("**/progress/")
    expect(stale).to_be_hidden(timeout=15_000)
    tell(site.pharmacy_system, "normal", dos_service_id=HARBOUR)
