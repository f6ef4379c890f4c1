"""What the patient is told: aloud, on a sheet of paper, and as a line for the record."""

import re

import pytest
from playwright.sync_api import Page, PdfMargins, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look, take_picture
from tests.journeys.people import send_referral, sign_in

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
MARGINS = PdfMargins(top="10mm", right="10mm", bottom="10mm", left="10mm")

# As long as real ones are, and longer.
LONG = {
    "Pharmacy": "Boots, inside the Royal Infirmary Main Entrance, Windsor Building",
    "Address": "Unit 14 to 16, The Highcross Centre, 5 Shires Walk, High Street, St Nicholas "
    "Circle, Leicester, Leicestershire, LE1 4FQ",
    "Open": ", ".join(
        f"{day} 8:30am to 12:30pm and 1:30pm to 6:{minutes}pm"
        for day, minutes in zip(
            ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
            range(10, 17),
            strict=True,
        )
    ),
}
LENGTHEN = """(texts) => {
  for (const heading of document.querySelectorAll("main th")) {
    heading.nextElementSibling.textContent =
      texts[heading.textContent] || heading.nextElementSibling.textContent;
  }
}"""


def pages_of(pdf: bytes) -> int:
    """Count them: in what Chromium writes, each is an object of its own."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_the_patient_is_told_and_takes_a_slip_home(site: Site, page: Page) -> None:
    sign_in(site, page, "jane.slip@larkfield.example")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    send_referral(page, **{"NHS number": "", "Last name": "Slip"})
    # These parts are new: the page has put them there when it heard that it had arrived.
    expect(page.get_by_role("heading", name="Tell the patient")).to_be_visible()
    expect(page.get_by_text("The referral has been sent to Larkfield Pharmacy")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Pharmacy First referral PR-")
    assert copied == page.locator("#record").text_content()
    look(page, "told")

    page.get_by_role("button", name="Patient slip").click()
    expect(page).to_have_title(re.compile("^Patient slip PR-.* – PharmRefer$"))
    look(page, "slip")
    page.emulate_media(media="print")
    for words in ("Print", "Back to the referral"):
        expect(page.get_by_text(words, exact=True)).to_be_hidden()
    for name in ("Account", "Back"):
        expect(page.get_by_label(name, exact=True)).to_be_hidden()
    expect(page.get_by_role("contentinfo")).to_be_hidden()
    on_paper = page.get_by_role("main").inner_text()
    assert "Larkfield Pharmacy" in on_paper
    assert not re.search("Winifred|throat|Jane|1984|900 982", on_paper)
    # As wide as what is left of A5 between the margins.
    page.set_viewport_size({"width": 484, "height": 718})
    take_picture(page, "slip, on paper")
    page.evaluate(LENGTHEN, LONG)
    take_picture(page, "slip, on paper, long")
    with page.expect_response("**/printed/") as answer:
        for paper in ("A5", "A4"):
            assert pages_of(page.pdf(format=paper, margin=MARGINS)) == 1, paper
    assert answer.value.status == 204
