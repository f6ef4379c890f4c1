"""A banner from the clinical system fills in a referral, with JavaScript and without."""

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Request, expect

from referrals.views.paste import OPTIONAL
from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.people import sign_in

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
BANNER = (
    "ASHWORTH, Winifred (Mrs)  Born 15-Mar-1984  Gender Female  NHS No. 999 000 0018\n"
    "8 Tanners Row, Westmere, TS18 1AB\nMobile: 07700 900982"
)
FILLED = {
    "NHS number": "999 000 0018",
    "First name": "Winifred",
    "Last name": "Ashworth",
    "Day": "15",
    "Month": "3",
    "Year": "1984",
    "Address line 1": "8 Tanners Row",
    "Town or city": "Westmere",
    "Postcode": "TS18 1AB",
    "Phone number": "07700 900 982",
}
BOX = "Paste from your clinical system (optional)"


def paste(page: Page, text: str) -> None:
    """Copy a text and paste it with the keyboard, as people do."""
    page.evaluate(
        """(text) => {
          const made = document.createElement("textarea");
          made.value = text;
          document.body.append(made);
          made.select();
          document.execCommand("copy");
          made.remove();
        }""",
        text,
    )
    page.get_by_label(BOX).focus()
    page.keyboard.press("Control+V")


def check_filled(page: Page, filled: dict[str, str]) -> None:
    for label, text in filled.items():
        is_exact = label in {"Day", "Month", "Year", "Postcode"}
        expect(page.get_by_label(label, exact=is_exact)).to_have_value(text)


def check_kept(page: Page, text: str) -> None:
    expect(page.get_by_label(BOX)).to_be_focused()
    expect(page.get_by_label(BOX)).to_have_value(text)


def where_the_keyboard_is(page: Page) -> str:
    """Return the name of the field that has the focus."""
    return str(page.evaluate("document.activeElement.name || ''"))


def is_unanswered(page: Page, name: str) -> bool:
    form = "new FormData(document.querySelector('[data-draft]'))"
    sent = parse_qs(page.evaluate(f"String(new URLSearchParams({form}))"))
    return bool(name) and name not in {"banner", "fill", *OPTIONAL.split(), *sent}


def test_a_banner_fills_the_form_and_the_keyboard_goes_on_to_what_is_missing(
    site: Site, page: Page
) -> None:
    sign_in(site, page, "jane.pastes@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    saved: list[Request] = []
    page.on("request", lambda each: saved.append(each) if each.url.endswith("/draft/") else None)
    page.get_by_label("Town or city").fill("Saltby")
    paste(page, BANNER)
    said = page.locator("#banner-said")
    expect(said).to_contain_text("We filled in 5 answers: name, NHS number, date of birth, sex and")
    expect(said).to_contain_text("Not changed: address.")
    left_alone = {"Address line 1": "", "Postcode": "", "Town or city": "Saltby"}
    check_filled(page, FILLED | left_alone)
    expect(page.get_by_label("Female")).to_be_checked()
    expect(page.get_by_label(BOX)).to_have_value("")
    assert is_unanswered(page, where_the_keyboard_is(page))
    expect(page.locator("#draft-said")).to_contain_text("Draft saved")
    bodies = [parse_qs(each.post_data or "", keep_blank_values=True) for each in saved]
    assert "Ashworth" in {body["family_name"][0] for body in bodies}
    assert not any("banner" in body for body in bodies)
    look(page, "pasted")

    # Another patient's changes nothing, and says so; what is pasted next takes its place.
    other = BANNER.replace("999 000 0018", "999 000 0026")
    paste(page, other)
    expect(said).to_contain_text("What you pasted has another NHS number than this page.")
    check_filled(page, {"NHS number": "999 000 0018"})
    check_kept(page, other)
    look(page, "pasted, another patient's")
    paste(page, "lorem ipsum")
    expect(said).to_contain_text("We found nothing to fill in.")
    check_kept(page, "lorem ipsum")
    page.get_by_role("button", name="Continue").last.click()
    expect(page.locator(".nhsuk-error-summary")).to_be_visible()  # it is not read once more
    expect(said).to_be_empty()


def test_with_the_button_and_where_nobody_answers(
    site: Site, page: Page, complaints: list[str]
) -> None:
    sign_in(site, page, "jane.pastes.again@larkfield.example")
    page.get_by_role("button", name="New referral").click()
    page.get_by_label(BOX).fill(BANNER)
    page.route("**/paste/", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="Fill in").click()
    said = page.locator("#banner-said")
    expect(said).to_contain_text("could not fill it in. Check your connection")
    expect(page.get_by_label(BOX)).to_have_value(BANNER)  # and it can be tried again
    page.unroute("**/paste/")
    complaints.clear()  # the console has one of the status
    page.get_by_role("button", name="Fill in").click()
    expect(said).to_contain_text("We filled in 6 answers")
    check_filled(page, FILLED)
    assert is_unanswered(page, where_the_keyboard_is(page))


@pytest.mark.parametrize("button", ["Fill in", "Continue"])
def test_without_javascript_it_takes_one_press(
    site: Site, open_browser: Callable[..., Page], button: str
) -> None:
    page = open_browser(java_script_enabled=False)
    email = f"jane.pastes.{button.lower().replace(' ', '.')}@larkfield.example"
    sign_in(site, page, email)
    page.get_by_role("button", name="New referral").click()
    page.get_by_label("First name").fill("Winifred")
    page.get_by_label(BOX).fill(BANNER)
    page.get_by_role("button", name=button).last.click()
    expect(page.locator("#banner-said")).to_contain_text("We filled in 6 answers")
    check_filled(page, FILLED)
    expect(page.get_by_label("Female")).to_be_checked()
    expect(page.get_by_label(BOX)).to_have_value("")
    expect(page.locator(".nhsuk-error-summary")).to_have_count(0)
