"""Passkeys in a browser that has an authenticator made of software, which signs as a real one."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.journeys import people
from tests.journeys.conftest import Site
from tests.journeys.looking import check_accessibility, look, take_picture
from tests.journeys.people import enter_code, tab_to
from tests.journeys.visitor import PASSWORD
from tests.tools import code_for

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]


@dataclass
class Device:
    """Chromium's virtual authenticator: what a laptop with a fingerprint reader has."""

    page: Page
    cdp: CDPSession = field(init=False)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        self.cdp = self.page.context.new_cdp_session(self.page)
        self.cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "automaticPresenceSimulation": True,
        }
        options |= {"hasUserVerification": True, "isUserVerified": True, "hasResidentKey": True}
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]

    def recognises(self, person: bool) -> None:
        """Say whether the next fingerprint is the right one."""
        self.cdp.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": person}
        )

    @property
    def credential(self) -> dict[str, Any]:
        """The one passkey that it holds."""
        held = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        (credential,) = held["credentials"]
        return dict(credential)

    def take_back_to(self, count: int) -> None:
        """Become a copy of itself, as it was after so many uses."""
        credential = self.credential | {"signCount": count}
        of = {"authenticatorId": self.id}
        self.cdp.send(
            "WebAuthn.removeCredential", of | {"credentialId": credential["credentialId"]}
        )
        self.cdp.send("WebAuthn.addCredential", of | {"credential": credential})


def sign_in(site: Site, page: Page, email: str) -> str:
    """Bring a new user in with the code before this one; return their secret."""
    return people.sign_in(site, page, email, seconds_off=-30)


def begin_log_in(page: Page, email: str) -> None:
    page.goto("/log-in/")
    people.begin_log_in(page, email)
    expect(page).to_have_title("Enter your code – PharmRefer")


def confirm(page: Page, code: str) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("6-digit code").fill(code)
    page.get_by_role("button", name="Continue").click()


def add_passkey(site: Site, page: Page, email: str) -> None:
    """Add one for a user who is signed in, and sign them out: to have it, not to look at it."""
    confirmed = "UPDATE accounts_session SET confirmed_at = now() WHERE user_id = "
    confirmed += "(SELECT id FROM accounts_user WHERE email = %s)"
    with psycopg.connect(site.environment["DATABASE_URL"]) as database:
        database.execute(confirmed, (email,))
    page.goto("/account/passkeys/new/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("You have added your new passkey.")).to_be_visible()
    page.context.clear_cookies(name="session")


def test_a_passkey_is_added_used_copied_and_removed(site: Site, page: Page) -> None:
    email = "jane.passkey@larkfield.example"
    device = Device(page)
    secret = sign_in(site, page, email)
    page.goto("/account/")
    page.get_by_role("button", name="Add a passkey").click()
    confirm(page, code_for(secret))
    expect(page).to_have_title("Add a passkey – PharmRefer")
    expect(page.get_by_text("Your browser cannot create passkeys here")).to_be_hidden()

    # No name: nothing is asked of the device.
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    check_accessibility(page)

    # The wrong finger, and then the right one.
    device.recognises(False)
    page.get_by_label("Name").fill("Reception computer")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert").last).to_have_text("No passkey was created. Try again.")
    check_accessibility(page)
    device.recognises(True)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("You have added your new passkey.")).to_be_visible()
    expect(page.get_by_role("cell", name="Reception computer").first).to_be_visible()
    assert device.credential["rpId"] == "localhost"
    assert email not in str(device.credential["userHandle"])

    # The same device makes no second one.
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Name").fill("Again")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_have_text(
        "That device already has a passkey for PharmRefer."
    )

    page.get_by_role("button", name="Log out").click()
    begin_log_in(page, email)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_title("Referrals – PharmRefer")
    page.goto("/account/")
    expect(page.get_by_text("Logged in with password and passkey")).to_be_visible()

    # A copy of it, which has been used less often, opens nothing; a code still does.
    used = device.credential["signCount"]
    page.get_by_role("button", name="Log out").click()
    device.take_back_to(used - 1)
    begin_log_in(page, email)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator(".nhsuk-error-summary")).to_contain_text("someone may have a copy of it")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    check_accessibility(page)
    take_picture(page, "passkey-copied")
    enter_code(page, code_for(secret, seconds_off=30))
    expect(page).to_have_title("Referrals – PharmRefer")
    page.goto("/account/")
    expect(page.get_by_text("Turned off", exact=True)).to_be_visible()
    check_accessibility(page)
    take_picture(page, "passkey-stopped")


def test_a_passkey_confirms_in_place_of_a_code(site: Site, page: Page) -> None:
    email = "jane.passkey.confirms@larkfield.example"
    device = Device(page)
    secret = sign_in(site, page, email)
    add_passkey(site, page, email)
    begin_log_in(page, email)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_title("Referrals – PharmRefer")
    page.goto("/account/")
    page.get_by_role("link", name="Change password").click()
    expect(page).to_have_title("Confirm that it is you – PharmRefer")
    check_accessibility(page)
    take_picture(page, "passkey-confirm")

    # Without a password nothing is asked of the device; the wrong finger; the wrong password.
    used = device.credential["signCount"]
    page.get_by_role("button", name="Use a passkey").click()
    summary = page.locator(".nhsuk-error-summary")
    expect(summary).to_have_text(re.compile(r"Enter your password\s*$"))
    assert device.credential["signCount"] == used
    device.recognises(False)
    page.get_by_label("Password", exact=True).fill("four loud herons")
    page.get_by_role("button", name="Use a passkey").click()
    said = page.get_by_text("No passkey was used. Try again, or enter a code.")
    expect(said).to_be_visible()
    check_accessibility(page)
    device.recognises(True)
    page.get_by_role("button", name="Use a passkey").click()
    expect(summary).to_contain_text("The password is not right")
    check_accessibility(page)
    take_picture(page, "passkey-confirm, wrong password")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_title("Change your password – PharmRefer")

    # A code goes on to do, and Enter means a code.
    page.context.clear_cookies(name="session")
    begin_log_in(page, email)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_title("Referrals – PharmRefer")
    page.goto("/account/password/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("6-digit code").fill(code_for(secret, seconds_off=30))
    page.keyboard.press("Enter")
    expect(page).to_have_title("Change your password – PharmRefer")


def test_a_name_that_was_typed_is_there_after_confirming_anew(site: Site, page: Page) -> None:
    email = "jane.late.name@larkfield.example"
    Device(page)
    secret = sign_in(site, page, email)
    page.goto("/account/passkeys/new/")
    confirm(page, code_for(secret))
    expect(page).to_have_title("Add a passkey – PharmRefer")
    lapse = "UPDATE accounts_session SET confirmed_at = confirmed_at - interval '10 minutes'"
    with psycopg.connect(site.environment["DATABASE_URL"]) as database:
        database.execute(lapse)
    page.get_by_label("Name").fill("Blue key")
    page.get_by_role("button", name="Add a passkey").click()
    confirm(page, code_for(secret, seconds_off=30))
    expect(page.get_by_label("Name")).to_have_value("Blue key")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("cell", name="Blue key").first).to_be_visible()


def test_who_cancels_is_told_and_enters_a_code(site: Site, page: Page) -> None:
    email = "jane.cancels@larkfield.example"
    device = Device(page)
    secret = sign_in(site, page, email)
    add_passkey(site, page, email)
    begin_log_in(page, email)
    device.recognises(False)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_have_text(
        "No passkey was used. Try again, or enter a code."
    )
    expect(page.get_by_role("button", name="Use a passkey")).to_be_focused()
    check_accessibility(page)
    take_picture(page, "passkey-cancelled")
    enter_code(page, code_for(secret, seconds_off=30))
    expect(page).to_have_title("Referrals – PharmRefer")


def test_a_page_that_is_too_old_leads_to_where_it_can_be_done(site: Site, page: Page) -> None:
    email = "jane.old.page@larkfield.example"
    Device(page)
    sign_in(site, page, email)
    add_passkey(site, page, email)
    begin_log_in(page, email)
    page.context.clear_cookies(name="log-in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_title("Log in – PharmRefer")


def test_without_a_network_it_says_so(site: Site, page: Page, complaints: list[str]) -> None:
    email = "jane.unreachable@larkfield.example"
    Device(page)
    sign_in(site, page, email)
    add_passkey(site, page, email)
    begin_log_in(page, email)
    page.context.set_offline(True)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("PharmRefer could not be reached. Try again.")
    page.context.set_offline(False)
    assert complaints == ["Failed to load resource: net::ERR_INTERNET_DISCONNECTED"]
    complaints.clear()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_title("Referrals – PharmRefer")


def test_a_keyboard_and_a_narrow_window_are_enough(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(viewport={"width": 320, "height": 800})
    email = "jane.passkey.keys@larkfield.example"
    Device(page)
    press, write = page.keyboard.press, page.keyboard.type

    secret = sign_in(site, page, email)
    page.goto("/account/")
    tab_to(page, "Add a passkey")
    press("Enter")
    confirm(page, code_for(secret))
    expect(page).to_have_title("Add a passkey – PharmRefer")
    look(page, "passkey-new")
    tab_to(page, "name")
    write("Laptop")
    press("Enter")
    expect(page.get_by_text("You have added your new passkey.")).to_be_visible()
    look(page, "passkey-account")
    page.get_by_role("button", name="Log out").click()
    begin_log_in(page, email)
    look(page, "passkey-code")
    tab_to(page, "Use a passkey")
    press("Space")
    expect(page).to_have_title("Referrals – PharmRefer")
    page.goto("/account/")
    page.get_by_role("link", name="Remove Laptop").click()
    confirm(page, code_for(secret, seconds_off=30))
    expect(page).to_have_title("Remove a passkey – PharmRefer")
    look(page, "passkey-remove")
    tab_to(page, "Remove this passkey")
    press("Enter")
    expect(page.get_by_text("You have removed the passkey.")).to_be_visible()


def test_without_scripts_there_are_codes(site: Site, open_browser: Callable[..., Page]) -> None:
    email = "jane.no.scripts@larkfield.example"
    scripted = open_browser()
    Device(scripted)
    secret = sign_in(site, scripted, email)
    add_passkey(site, scripted, email)
    page = open_browser(java_script_enabled=False)
    begin_log_in(page, email)
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    enter_code(page, code_for(secret, seconds_off=30))
    expect(page).to_have_title("Referrals – PharmRefer")
