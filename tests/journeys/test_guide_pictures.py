"""The pictures in the guides show our pages as they are now; PICTURES=1 takes them anew.

Pixels differ between machines, so beside each picture is kept, in words, what it showed: a page
that says something else makes it stale. What only looks different is left to the eye.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect

from pharmrefer.local import ROOT
from tests.journeys.conftest import Site
from tests.journeys.people import (
    activate,
    begin_log_in,
    confirm,
    enter_code,
    let_in,
    secret_shown,
)
from tests.journeys.visitor import LONG
from tests.tools import code_for

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]

PICTURES = ROOT / "pharmrefer" / "static" / "pharmrefer" / "guides"
SHOWN = Path(__file__).parent / "guide_pictures"
# More pixels than are shown, for paper; and narrow, since a picture stands beside its words.
SCALE = 1.5
NARROW: ViewportSize = {"width": 480, "height": 900}
WIDE: ViewportSize = {"width": 1000, "height": 900}  # where tables are tables
MARGIN = 12  # CSS pixels around a part of a page; below it stands what comes next
PRACTICE = "Z91004"  # with few people
BOSS, KIT = "ida.hill@elm.example", "kit.moss@elm.example"
# What is never the same twice.
CHANGING = {
    r"\d{1,2}:\d\d[ap]m": "(time)",
    r"\d{1,2} [A-Z][a-z]+ \d{4}": "(date)",
    r"([A-Z2-7]{4} ?){8}": "(secret)",
    r"/url: .*": "/url",
}


def shown_in(region: Locator) -> str:
    """Return what a screen reader finds there, without what is never the same twice."""
    found = region.aria_snapshot()
    for pattern, name in CHANGING.items():
        found = re.sub(pattern, name, found)
    return f"{found}\n"


def around(region: Locator) -> FloatRect:
    """Return where on the page it is, with some margin; nothing in it has the focus."""
    region.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    box = region.bounding_box()
    assert box
    left, top = (max(0, round(box[side]) - MARGIN) for side in ("x", "y"))
    width = round(box["x"] + box["width"]) + MARGIN - left
    return {"x": left, "y": top, "width": width, "height": round(box["height"]) + MARGIN}


class Camera:
    """Takes pictures, or sees that those taken are still right."""

    def __init__(self) -> None:
        self.stale: list[str] = []

    def take(self, name: str, region: Locator, *, covered: Locator | None = None) -> None:
        """Take one of a part of a page; covered: what nobody may copy from it."""
        expect(region).to_be_visible()
        shown, kept = shown_in(region), SHOWN / f"{name}.txt"
        if os.environ.get("PICTURES") == "1":
            SHOWN.mkdir(exist_ok=True)
            kept.write_text(shown)
            region.page.screenshot(
                path=PICTURES / f"{name}.png",
                full_page=True,
                clip=around(region),
                animations="disabled",
                mask=[covered] if covered else [],
                mask_color="#aeb7bd",
            )
        elif not kept.exists() or kept.read_text() != shown:
            self.stale.append(name)


def invite(site: Site, email: str, role: str) -> str:
    given, family = email.partition("@")[0].title().split(".")
    names = ["--given-name", given, "--family-name", family, "--job-role", "Receptionist"]
    said = site.manage("invite", email, *names, "--role", role, "--practice", PRACTICE)
    return said.split()[-1]


def form_with(page: Page, field: str) -> Locator:
    return page.locator(f"main form:has([name={field}])")


def photograph_logging_in(site: Site, page: Page, camera: Camera) -> str:
    """From the first set-up to a locked screen; return the authenticator's secret."""
    activate(page, BOSS, invite(site, BOSS, "practice_administrator"), password=LONG)
    secret = secret_shown(page)
    values = page.locator("dl:has(#secret-key)")
    camera.take("values-to-copy", values, covered=page.locator("#secret-key"))
    camera.take("code-box", form_with(page, "code"))
    enter_code(page, code_for(secret, seconds_off=-30))
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("Username").fill(BOSS)
    camera.take("login-page", form_with(page, "user_name"))
    begin_log_in(page, BOSS, password=LONG)
    camera.take("code", form_with(page, "code"))
    enter_code(page, code_for(secret))
    expect(page).to_have_title("Referrals – PharmRefer")
    site.let_pass(BOSS, minutes=20)
    page.reload()
    camera.take("locked", page.locator("main .nhsuk-grid-row"))
    page.get_by_label("Password", exact=True).fill(LONG)
    page.get_by_role("button", name="Unlock").click()
    expect(page).to_have_title("Referrals – PharmRefer")
    return secret


def photograph_people(page: Page, camera: Camera) -> None:
    page.set_viewport_size(WIDE)
    page.goto("/account/")
    camera.take("authenticator-apps", page.get_by_role("table", name="Authenticator apps"))
    page.goto("/people/")
    page.get_by_label("Name or username").fill("@elm.example")
    page.get_by_role("button", name="Find").click()
    camera.take("people", page.get_by_role("table", name="2 people found"))
    page.goto("/people/review/")
    camera.take("review", page.get_by_role("row").filter(has_text=KIT))


def photograph_the_desk(site: Site, page: Page, camera: Camera) -> None:
    email = "jane.pictures@servicedesk.example"
    invitation = site.invite(email, role="service_desk")
    secret = let_in(page, site, email, invitation, password=LONG, seconds_off=-30)
    page.get_by_label("ODS code of a practice").fill(KIT)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Reset authenticator").click()
    confirm(page, secret)
    camera.take("number-on-record", page.locator(".nhsuk-inset-text"))
    page.get_by_label("Ticket").fill("INC-20417")
    page.get_by_label("Who called?").fill("Kit Moss")
    page.get_by_label("Reason").fill("New phone")
    camera.take("call", form_with(page, "ticket"))


def test_the_pictures_in_the_guides_are_as_our_pages_are(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    camera = Camera()
    let_in(open_browser(), site, KIT, invite(site, KIT, "staff"))
    boss = open_browser(viewport=NARROW, device_scale_factor=SCALE)
    photograph_logging_in(site, boss, camera)
    photograph_people(boss, camera)
    photograph_the_desk(site, open_browser(viewport=NARROW, device_scale_factor=SCALE), camera)
    how = "PICTURES=1 .venv/bin/python -m pytest tests/journeys/test_guide_pictures.py"
    assert not camera.stale, f"these show what our pages no longer say; look at them after {how}"
