"""From the invitation's e-mail to a forgotten password, as the real worker sends them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import check_accessibility, look, take_picture
from tests.journeys.people import link_mailed, secret_shown, sign_in
from tests.journeys.visitor import PASSWORD
from tests.tools import code_for

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
NEW = "four louder herons"


def log_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Username").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"java_script_enabled": False}, id="no JavaScript"),
        pytest.param({"viewport": {"width": 320, "height": 640}}, id="320 pixels wide"),
    ],
)
def test_links_lead_in_and_to_another_password(
    site: Site,
    open_browser: Callable[..., Page],
    options: dict[str, object],
    request: pytest.FixtureRequest,
) -> None:
    page = open_browser(**options)
    name = request.node.callspec.id.removeprefix("chromium-")
    email = f"jane.links.{name.split()[0].lower()}@larkfield.example"

    site.invite(email)
    link = link_mailed(site, email, "Activate your PharmRefer account")
    scanner = open_browser()  # it looks at every link before the mailbox's owner does
    scanner.goto(link)
    expect(scanner).to_have_title("Activate your account – PharmRefer")
    page.goto(link)
    look(page, f"activation link, {name}")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    secret = secret_shown(page)
    page.get_by_label("6-digit code").fill(code_for(secret))
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("Referrals – PharmRefer")
    page.get_by_role("button", name="Log out").click()
    page.goto(link)
    expect(page).to_have_title("This link does not work – PharmRefer")
    look(page, f"activation link used, {name}")

    page.get_by_role("link", name="log in", exact=True).click()
    look(page, f"log-in with forgotten, {name}")
    page.get_by_role("link", name="I have forgotten my password").click()
    page.get_by_role("button", name="Send the email").click()
    expect(page).to_have_title("Error: Forgotten password – PharmRefer")
    look(page, f"forgotten, mistake, {name}")
    page.get_by_label("Username").fill(email)
    page.get_by_role("button", name="Send the email").click()
    expect(page).to_have_title("Check your email – PharmRefer")
    look(page, f"forgotten, sent, {name}")

    link = link_mailed(site, email, "Choose a new PharmRefer password")
    scanner.goto(link)
    expect(scanner).to_have_title("Choose a new password – PharmRefer")
    page.goto(link)
    look(page, f"new password, {name}")
    page.get_by_label("Password", exact=True).fill("PharmRefer2026!!")
    page.get_by_role("button", name="Set the new password").click()
    expect(page).to_have_title("Error: Choose a new password – PharmRefer")
    look(page, f"new password, mistake, {name}")
    page.get_by_label("Password", exact=True).fill(NEW)
    page.get_by_role("button", name="Set the new password").click()
    expect(page.get_by_text("Your new password is set. Log in with it and a code.")).to_be_visible()
    look(page, f"log-in after new password, {name}")

    log_in(page, email, PASSWORD)
    expect(page.get_by_text("The username or password is not right").first).to_be_visible()
    log_in(page, email, NEW)
    page.get_by_label("6-digit code").fill(code_for(secret, seconds_off=30))
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("Referrals – PharmRefer")
    page.goto(link)
    expect(page).to_have_title("This link does not work – PharmRefer")
    look(page, f"password link used, {name}")
    subjects = [mail.subject for mail in site.mails(to=email)]
    assert subjects.count("Choose a new PharmRefer password") == 1


def test_a_colleague_s_open_screen_is_left_by_who_activates_there(site: Site, page: Page) -> None:
    email = "jane.second.there@larkfield.example"
    site.invite(email)
    link = link_mailed(site, email, "Activate your PharmRefer account")
    page.goto(link)
    is_logged_in_here = page.get_by_text("is logged in here now, and will be logged out")
    expect(page).to_have_title("Activate your account – PharmRefer")
    expect(is_logged_in_here).to_have_count(0)
    sign_in(site, page, "jane.first.there@larkfield.example")
    page.goto(link)
    expect(is_logged_in_here).to_have_count(1)
    check_accessibility(page)
    take_picture(page, "activation link, somebody else logged in")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("6-digit code").fill(code_for(secret_shown(page)))
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("Referrals – PharmRefer")
    page.goto("/account/")
    expect(page.get_by_text("jane.second.there@larkfield.example")).to_be_visible()


def test_a_screen_where_a_user_is_logged_in_tells_the_key_to_no_other_address(
    site: Site, page: Page
) -> None:
    sign_in(site, page, "jane.open@larkfield.example")
    email = "jane.opened@larkfield.example"
    site.invite(email)
    link = link_mailed(site, email, "Activate your PharmRefer account")
    page.goto(link)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_request("**/session/?*"):
        page.evaluate("document.dispatchEvent(new Event('app:ask'))")
    assert not [address for address in asked if link.partition("?key=")[2] in address]


def test_no_log_has_a_key_of_a_link(site: Site, page: Page) -> None:
    email = "jane.logged@larkfield.example"
    site.invite(email)
    link = link_mailed(site, email, "Activate your PharmRefer account")
    page.goto(link)
    page.get_by_role("button", name="Continue").click()
    key = link.partition("?key=")[2]
    assert len(key) == 43
    for log in site.folder.glob("*.log"):
        assert key not in log.read_text(), log.name
