"""The guides as people see them: on a narrow screen, with axe, and on paper."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from support.help.guides import GUIDES
from support.region.content import AppDevice, Approval, ApprovedApp, Region, SupportContact
from tests.journeys.looking import check_accessibility, take_picture, width_of
from tests.journeys.paper import sheets_of
from tests.regional_content import shown

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(180)]

DESK = SupportContact(
    name="Service desk of a region with a long name",
    phone="01632 960400 (option 2)",
    email="help.with.pharmrefer@servicedesk.example",
    website="https://servicedesk.example/portal/pharmrefer/new-request",
    hours="Monday to Friday, 8am to 6pm, and Saturday, 9am to 1pm",
    helps_with="Everything about PharmRefer that your practice administrator cannot do",
)
# A region that says all that it can: guides have to fit on their sheets with it.
FULL = Region(
    name="Westmere",
    service_desk=DESK,
    local_it=DESK,
    escalation=DESK,
    apps=tuple(
        ApprovedApp(name=name, on=dict.fromkeys(AppDevice, Approval.UNSUPPORTED), note="Version 5")
        for name in ("Microsoft Authenticator", "2FAST", "Google Authenticator", "Another App")
    ),
)


def serve_of_region(page: Page, address: str) -> None:
    """Let the browser have a page as it is where a region has said all of this."""
    with shown(FULL):
        answer = Client(headers={"x-forwarded-proto": "https"}).get(address)
    text = answer.content.decode()
    page.route(f"**{address}", lambda route: route.fulfill(body=text, content_type="text/html"))


def test_a_guide_fits_a_phone_and_two_sheets(open_browser: Callable[..., Page]) -> None:
    page = open_browser(viewport={"width": 320, "height": 800})
    for guide in GUIDES:
        address = f"/help/guides/{guide.name}/"
        serve_of_region(page, address)
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text(guide.title)
        assert width_of(page) <= 320, guide.name
        check_accessibility(page)
        take_picture(page, f"guide, {guide.name}, 320 wide")
        page.set_viewport_size({"width": 1280, "height": 800})
        assert width_of(page) <= 1280, guide.name
        take_picture(page, f"guide, {guide.name}, 1280 wide")
        page.emulate_media(media="print")
        expect(page.get_by_role("link", name="All help")).to_be_hidden()
        expect(page.get_by_role("contentinfo")).to_be_hidden()
        assert sheets_of(page) <= 2, guide.name
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 320, "height": 800})


def test_without_javascript_a_guide_is_found_and_has_its_pictures(
    open_browser: Callable[..., Page],
) -> None:
    page = open_browser(java_script_enabled=False)
    page.goto("/help/")
    page.get_by_role("link", name="Log in after the first time").click()
    picture = page.get_by_role("img", name="The login page")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
