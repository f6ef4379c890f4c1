"""Looks at pages as their users do: wide and narrow, with axe, and keeps pictures on request."""

import os
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from pharmrefer.local import ROOT

PICTURES = ROOT / "build" / "pictures"
WIDTHS = (1280, 320)  # as most people have it, and as narrow as WCAG 2.2 asks (1.4.10)


def evaluate(page: Page, expression: str) -> Any:
    """Evaluate something in a page; in one that is on its way, once it is there."""
    while True:
        page.wait_for_load_state()
        try:
            return page.evaluate(expression)
        except PlaywrightError as error:
            if "context was destroyed" not in error.message:
                raise


def width_of(page: Page) -> int:
    """Return how wide what a page shows is, in CSS pixels."""
    width: int = evaluate(page, "document.documentElement.scrollWidth")
    return width


def look(page: Page, name: str) -> None:
    """See that a page fits and is accessible, wide and narrow; axe needs a page's scripts."""
    as_it_is = page.viewport_size
    assert as_it_is
    has_scripts = evaluate(page, "matchMedia('(scripting: enabled)').matches")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": as_it_is["height"]})
        # The menu is made to fit a moment after the window has changed.
        expect(page.locator("html")).to_have_js_property("scrollWidth", width)
        if has_scripts:
            check_accessibility(page)
        take_picture(page, f"{name}, {width} wide")
    page.set_viewport_size(as_it_is)


def check_accessibility(page: Page) -> None:
    """Fail where axe finds something on the page that is open."""
    page.wait_for_load_state()
    # base.html keeps the skip link outside of landmarks, as nhsuk-frontend does. And to tell of all
    # that is right takes as long as to find what is wrong.
    options = {"resultTypes": ["violations"], "rules": {"region": {"enabled": False}}}
    if not evaluate(page, "'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # half a megabyte: once a page
    run = "(options) => axe.run(options).then(({ violations }) => ({ violations }))"
    found = AxeResults(page.evaluate(run, options))
    assert found.violations_count == 0, found.generate_report()


def take_picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page where people want to look at it: it takes a while."""
    page.wait_for_load_state()
    if os.environ.get("PICTURES") != "1":
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
