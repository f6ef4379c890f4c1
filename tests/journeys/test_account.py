"""One's own account in a browser: a second authenticator, the first one gone, others out."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.people import activate, enter_code, log_in, secret_shown, sign_in, tab_to
from tests.journeys.visitor import PASSWORD
from tests.tools import code_for, read_qr_code

pytestmark = [
    pytest.mark.needs("chromium", "oathtool", "zbarimg"),
    pytest.mark.timeout(240),
]
ANOTHER = "four quiet herons"


def scanned(page: Page) -> str:
    """Return the secret in the barcode, which the text beside it must say too."""
    uri = read_qr_code(page.screenshot(full_page=True))
    secret = parse_qs(urlsplit(uri).query)["secret"][0]
    assert secret_shown(page) == secret
    return secret


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"java_script_enabled": False}, id="no JavaScript"),
        pytest.param({"viewport": {"width": 320, "height": 640}}, id="320 pixels wide"),
    ],
)
def test_a_second_authenticator_takes_the_place_of_the_first(
    site: Site,
    open_browser: Callable[..., Page],
    options: dict[str, object],
    request: pytest.FixtureRequest,
) -> None:
    name = request.node.callspec.id.removeprefix("chromium-")
    page = open_browser(**options)
    email = f"o'neil.{name.split()[0].lower()}+desk@larkfield.example"
    activate(page, email, site.invite(email))
    phone = secret_shown(page)
    spent = code_for(phone, seconds_off=-30)
    enter_code(page, spent)

    page.get_by_role("link", name="your account").click()
    expect(page.get_by_text("You cannot remove your only authenticator app")).to_be_visible()
    look(page, f"own account, one app, {name}")
    page.get_by_role("button", name="Add another one").or_(
        page.get_by_role("link", name="Add another one")
    ).click()

    # The code that logged in is spent, and a wrong password is said at its field.
    page.get_by_label("Password", exact=True).fill(ANOTHER)
    page.get_by_label("6-digit code").fill(spent)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("link", name="The password is not right")).to_be_visible()
    look(page, f"confirm, wrong password, {name}")
    expect(page).to_have_title("Error: Confirm that it is you – PharmRefer")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("You have used that code already")
    look(page, f"confirm, code used, {name}")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("6-digit code").fill(code_for(phone))
    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_title("Add another authenticator app – PharmRefer")
    look(page, f"add app, {name}")
    page.get_by_label("Name").fill("This computer")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Set up another authenticator app – PharmRefer")
    look(page, f"set up another app, {name}")
    desktop = scanned(page)
    assert desktop != phone
    page.get_by_label("6-digit code").fill(code_for(desktop, seconds_off=-30))
    page.get_by_role("button", name="Add this app").click()
    expect(page.get_by_text("You have set up your new authenticator app")).to_be_visible()
    look(page, f"own account, two apps, {name}")

    # Elsewhere, with the new one; then the first one goes, and the user there is out at once.
    other = open_browser()
    other.goto("/log-in/")
    log_in(other, email, code_for(desktop))
    expect(other).to_have_title("Referrals – PharmRefer")
    page.reload()
    expect(page.get_by_role("link", name="Log out Chrome on Linux at 127.0.0.1")).to_have_count(1)
    look(page, f"own account, two browsers, {name}")
    page.get_by_role("link", name="Remove Authenticator app").click()
    look(page, f"remove app, {name}")
    page.get_by_role("button", name="Remove this app").click()
    expect(page.get_by_text("You have removed the authenticator app")).to_be_visible()
    look(page, f"own account, app removed, {name}")
    other.reload()
    expect(other.get_by_text("something in your account changed")).to_be_visible()
    other.goto("/log-in/")
    log_in(other, email, code_for(phone, seconds_off=30))
    expect(other.get_by_role("alert")).to_contain_text("That code is not right")
    enter_code(other, code_for(desktop, seconds_off=30))
    expect(other).to_have_title("Referrals – PharmRefer")

    # One browser logs out the other; another password; and it is all told.
    page.reload()
    page.get_by_role("link", name="Log out Chrome").click()
    look(page, f"log out another browser, {name}")
    page.get_by_role("button", name="Log out that browser").click()
    expect(page.get_by_text("That browser has been logged out")).to_be_visible()
    other.reload()
    expect(other).to_have_title("Log in – PharmRefer")
    page.get_by_role("link", name="Change password").click()
    look(page, f"change password, {name}")
    page.get_by_label("New password", exact=True).fill(ANOTHER)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("You have changed your password")).to_be_visible()
    for happened in ("Password changed", "Authenticator app removed", "Code already used"):
        expect(page.get_by_text(happened, exact=True).first).to_be_visible()
    look(page, f"own account, in the end, {name}")


def test_a_keyboard_is_enough_to_add_an_authenticator(site: Site, page: Page) -> None:
    secret = sign_in(site, page, "jane.keys.account@larkfield.example", seconds_off=-30)
    press, write = page.keyboard.press, page.keyboard.type

    tab_to(page, "your account")
    press("Enter")
    page.wait_for_url("**/account/")
    tab_to(page, "Add another one")
    press("Enter")
    page.wait_for_url("**/account/confirm/**")
    tab_to(page, "password")
    write(PASSWORD)
    tab_to(page, "code")
    write(code_for(secret))
    press("Enter")
    page.wait_for_url("**/account/authenticators/add/")
    tab_to(page, "name")
    write("Phone")
    press("Enter")
    page.wait_for_url("**/account/authenticators/set-up/")
    added = secret_shown(page)
    tab_to(page, "code")
    write(code_for(added))
    press("Enter")
    page.wait_for_url("**/account/?because=added")
    tab_to(page, "Remove Phone")
    press("Enter")
    page.wait_for_url("**/remove/")
    tab_to(page, "Remove this app")
    press("Enter")
    page.wait_for_url("**/account/?because=removed")
