"""From an activation code to the next morning's log-in, in a browser, with real apps beside it."""

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import check_accessibility, look, take_picture, width_of
from tests.journeys.people import (
    activate,
    begin_log_in,
    enter_code,
    log_in,
    secret_shown,
    send_written,
    tab_to,
    type_referral,
)
from tests.journeys.visitor import PASSWORD
from tests.tools import code_for, read_qr_code

pytestmark = [
    pytest.mark.needs("chromium", "oathtool", "zbarimg"),
    pytest.mark.timeout(180),
]


def test_a_receptionist_sets_up_her_phone_and_logs_in_the_next_morning(
    site: Site, page: Page, open_browser: Callable[..., Page]
) -> None:
    email = "jane.doe@larkfield.example"
    invitation = site.invite(email)

    page.goto("/")
    expect(page).to_have_title("Log in – PharmRefer")
    page.get_by_role("link", name="Activate your account").click()

    # A mistake is said at the field and in the summary, which has the focus; nothing is lost.
    page.get_by_label("Username").fill(email)
    page.get_by_label("Activation code").fill("7KQM-2XRW")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Error: Activate your account – PharmRefer")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    expect(page.get_by_label("Username")).to_have_value(email)
    check_accessibility(page)
    take_picture(page, "activate-mistake")
    page.get_by_role("link", name="The activation code must be 12 letters and digits").click()
    expect(page.get_by_label("Activation code")).to_be_focused()
    page.get_by_label("Activation code").fill(invitation.lower().replace("-", " "))
    page.get_by_role("button", name="Continue").click()

    check_accessibility(page)
    take_picture(page, "password")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_title("Set up your authenticator app – PharmRefer")
    for words in ("PharmRefer", email, "Larkfield Surgery", "12 Larkfield Road, Westmere"):
        expect(
            page.get_by_text(words, exact=True).or_(page.get_by_text(words)).first
        ).to_be_visible()
    check_accessibility(page)
    take_picture(page, "set-up")

    # The phone scans the screen; the text beside the barcode says the same.
    uri = read_qr_code(page.screenshot(full_page=True))
    secret = parse_qs(urlsplit(uri).query)["secret"][0]
    assert uri.startswith("otpauth://totp/PharmRefer:jane.doe%40larkfield.example?")
    assert secret_shown(page) == secret

    page.reload()
    assert secret_shown(page) == secret

    used = code_for(secret)
    enter_code(page, f"{used[:3]} {used[3:]}")
    expect(page).to_have_title("Referrals – PharmRefer")
    page.get_by_role("link", name="Jane Doe").click()
    expect(page).to_have_title("Your account – PharmRefer")

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You have logged out.")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page).to_have_title("Log in – PharmRefer")

    # On another computer: the code of before is spent, and it says so.
    desktop = open_browser()
    desktop.goto("/")
    log_in(desktop, email, used)
    expect(desktop.get_by_role("alert")).to_contain_text("You have used that code already")
    check_accessibility(desktop)
    take_picture(desktop, "code-used")
    # The next one is accepted a step early, as from a phone whose clock is a little fast.
    enter_code(desktop, code_for(secret, seconds_off=30))
    expect(desktop).to_have_title("Referrals – PharmRefer")


def test_the_copy_buttons_give_exactly_what_an_app_wants(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(permissions=["clipboard-read", "clipboard-write"])
    email = "o'neil+desk@larkfield.example"
    activate(page, email, site.invite(email))
    copied = {}
    for name in ("label", "account name", "secret key"):
        button = page.get_by_role("button", name=f"Copy {name}")
        button.click()
        expect(page.get_by_role("button", name=f"Copied {name}")).to_be_visible()
        expect(page.locator("#copied")).to_have_text("Copied")
        copied[name] = page.evaluate("navigator.clipboard.readText()")
    assert copied["label"] == "PharmRefer"
    assert copied["account name"] == email
    assert len(copied["secret key"]) == 32
    assert copied["secret key"] == secret_shown(page)

    # Selected by hand and copied, the groups leave no spaces behind either.
    page.locator("#secret-key").select_text()
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == copied["secret key"]
    # Nor do the places where an address may break.
    page.locator("#account-name").select_text()
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == email

    uri = read_qr_code(page.screenshot(full_page=True))
    assert uri.startswith("otpauth://totp/PharmRefer:o%27neil%2Bdesk%40larkfield.example?")
    assert parse_qs(urlsplit(uri).query)["secret"] == [copied["secret key"]]


def in_one_view(page: Page) -> None:
    """Fail unless barcode, values, code box and its button are seen together, without scrolling."""
    size = page.viewport_size
    assert size
    assert page.evaluate("scrollY") == 0
    parts = [page.locator(name) for name in (".app-qr-code", "#label", "#account-name")]
    parts += [page.locator("#secret-key"), page.get_by_label("6-digit code")]
    for part in [*parts, page.locator("#first-code button")]:
        box = part.bounding_box()
        assert box, part
        assert box["x"] >= 0, part
        assert box["x"] + box["width"] <= size["width"], part
        assert box["y"] + box["height"] <= size["height"], part


def test_setting_up_takes_one_view_and_nothing_secret_to_paper(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(viewport={"width": 1280, "height": 900})
    email = "maximiliana.featherstone@larkfield.example"
    activate(page, email, site.invite(email))
    expect(
        page.get_by_role("heading", name="Microsoft Authenticator, step by step")
    ).to_be_visible()
    in_one_view(page)
    page.get_by_role("radio", name="2FAST").check()
    enter_code(page, "123 456")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    in_one_view(page)
    # The steps of the app that was chosen, and of no other, stand beside it still.
    expect(page.get_by_role("heading", name="step by step")).to_have_text("2FAST, step by step")
    steps, values = page.locator(".app-steps--twofast"), page.locator(".app-set-up__values")
    left, right = steps.bounding_box(), values.bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] < right["x"]
    # Where there is little room, no part of an address stands on two lines.
    page.set_viewport_size({"width": 320, "height": 640})
    lines = page.locator("#account-name").evaluate(
        """(name) => [...name.childNodes].map((text) => {
          const range = document.createRange();
          range.selectNodeContents(text);
          return text.data ? range.getClientRects().length : 1;
        })"""
    )
    assert set(lines) == {1}, lines
    assert width_of(page) <= 320

    page.emulate_media(media="print")
    for part in (".app-qr-code", "#label", "#account-name", "#secret-key", "#first-code"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.get_by_text("The barcode and the values to copy are not printed")).to_be_visible()
    expect(page.get_by_role("heading", name="2FAST, step by step")).to_be_visible()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"java_script_enabled": False}, id="no JavaScript"),
        pytest.param({"viewport": {"width": 320, "height": 640}}, id="320 pixels wide"),
        pytest.param({"forced_colors": "active", "color_scheme": "dark"}, id="forced colours"),
    ],
)
def test_the_whole_way_works_for_everybody(
    site: Site,
    open_browser: Callable[..., Page],
    options: dict[str, object],
    request: pytest.FixtureRequest,
) -> None:
    page = open_browser(**options)
    name = request.node.callspec.id.removeprefix("chromium-")
    email = f"jane.{name.replace(' ', '-').lower()}@larkfield.example"
    activate(page, email, site.invite(email))
    take_picture(page, f"set-up, {name}")
    secret = parse_qs(urlsplit(read_qr_code(page.screenshot(full_page=True))).query)["secret"][0]
    if "viewport" in options:
        assert width_of(page) <= 320
    # A button that could do nothing is not shown.
    buttons = 0 if options.get("java_script_enabled") is False else 3
    expect(page.get_by_role("button", name="Copy")).to_have_count(buttons)
    enter_code(page, code_for(secret))
    expect(page).to_have_title("Referrals – PharmRefer")

    def fits(what: str) -> None:
        take_picture(page, f"{what}, {name}")
        if "viewport" in options:
            assert width_of(page) <= 320

    page.get_by_role("button", name="New referral").click()
    page.get_by_label("Find another pharmacy").fill("saltby")
    page.get_by_label("Find another pharmacy").press("Enter")  # as the Find button, not as Continue
    expect(page.get_by_text("3 pharmacies for “saltby”")).to_be_visible()
    fits("found")
    page.get_by_role("link", name="Back to referrals").click()
    page.get_by_role("button", name="New referral").first.click()
    type_referral(page, **{"NHS number": "", "Last name": name})
    send_written(page, to="Larkfield Pharmacy")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Winifred {name}")
    delivered = page.get_by_role("heading", name="Delivered")
    refresh = page.get_by_role("link", name="Refresh the status")
    if options.get("java_script_enabled") is False:
        for _ in range(100):
            expect(delivered.or_(refresh).first).to_be_visible()  # the heading comes first
            if delivered.is_visible():
                break
            refresh.click()
            time.sleep(0.1)
    expect(delivered).to_be_visible(timeout=30_000)
    fits("delivered")
    page.get_by_role("link", name="Back to referrals").click()
    fits("home")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You have logged out.")).to_be_visible()


def test_who_was_interrupted_goes_on_with_the_same_activation_code(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    size = {"width": 320, "height": 800}
    email = "jane.interrupted@larkfield.example"
    invitation = site.invite(email)
    activate(open_browser(viewport=size), email, invitation)  # and the telephone rings

    page = open_browser(viewport=size)
    page.goto("/activate/")
    look(page, "activate")
    page.goto("/no/such/page/")
    look(page, "not found")
    page.goto("/log-in/?because=idle")
    look(page, "log-in after an hour")
    begin_log_in(page, email)
    expect(page).to_have_title("Enter your activation code – PharmRefer")
    look(page, "activation")
    page.get_by_label("Activation code").fill(invitation)
    page.get_by_role("button", name="Continue").click()
    secret = secret_shown(page)
    enter_code(page, code_for(secret))
    page.get_by_role("button", name="Log out").click()
    log_in(page, email, code_for(secret, seconds_off=-240))
    expect(page.get_by_role("alert")).to_contain_text(re.compile("has expired.*minutes slow"))
    look(page, "code of another time")


def test_a_keyboard_is_enough(site: Site, page: Page) -> None:
    email = "jane.keys@larkfield.example"
    invitation = site.invite(email)
    press, write = page.keyboard.press, page.keyboard.type

    page.goto("/activate/")
    tab_to(page, "user_name")
    write(email)
    tab_to(page, "activation_code")
    write(invitation)
    press("Enter")
    page.wait_for_url("**/activate/password/")
    tab_to(page, "password")
    write(PASSWORD)
    press("Enter")
    page.wait_for_url("**/activate/authenticator/")
    secret = secret_shown(page)
    tab_to(page, "Copy")
    tab_to(page, "code")
    write(code_for(secret))
    press("Enter")
    page.wait_for_url("**/referrals/")
    tab_to(page, "Log out")
    press("Enter")
    page.wait_for_url("**/log-in/?because=out")


@pytest.mark.parametrize("role", ["practice_administrator", "service_desk", "operator"])
def test_every_role_gets_in_the_same_way(site: Site, page: Page, role: str) -> None:
    email = f"jane.{role.replace('_', '.')}@example.example"
    activate(page, email, site.invite(email, role=role))
    enter_code(page, code_for(secret_shown(page)))
    where = {"practice_administrator": "Referrals", "service_desk": "Service desk"}
    expect(page).to_have_title(f"{where.get(role, 'Your account')} – PharmRefer")
