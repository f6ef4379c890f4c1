"""How long a practised user needs for a referral, by the keys that a real browser has counted."""

import os

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from referrals.models.pharmacies import Pharmacy
from tests import factories
from tests.browser import launch_options
from tests.keystrokes import BANNER, counted, send_usual_referral

# Of a browser that asks its user for nothing.
PERMISSIONS = ["clipboard-read", "clipboard-write"]


def measure(port: int, pharmacies: list[Pharmacy]) -> dict[str, float]:
    """Return seconds, with the banner of a clinical system and without."""
    # Playwright keeps an event loop in the thread that rows are made in.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        try:
            return {
                "keystrokes_paste_s": _seconds(browser, port, pharmacies, banner=BANNER),
                "keystrokes_typed_s": _seconds(browser, port, pharmacies, banner=""),
            }
        finally:
            browser.close()


def _seconds(browser: Browser, port: int, pharmacies: list[Pharmacy], *, banner: str) -> float:
    client, person = Client(), factories.member()
    factories.sign_in(client, person.user)
    name, url = settings.SESSION_COOKIE_NAME, f"http://localhost:{port}"
    context = browser.new_context(base_url=url, locale="en-GB", permissions=PERMISSIONS)
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    page = context.new_page()
    page.goto("/referrals/")
    page.evaluate("(text) => navigator.clipboard.writeText(text)", banner)
    effort = counted(context)
    page.goto("/referrals/new/")
    send_usual_referral(page, to=pharmacies[0].ods_code, banner=banner)
    context.close()
    return effort.seconds
