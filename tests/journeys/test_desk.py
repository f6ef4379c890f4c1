"""The service desk in a browser: the right caller is helped in minutes, the wrong one never."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import check_accessibility, look, take_picture
from tests.journeys.people import (
    begin_log_in,
    confirm,
    enter_code,
    let_in,
    link_mailed,
    secret_shown,
    sign_in,
)
from tests.journeys.visitor import LONG
from tests.tools import code_for

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(240)]
CODE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}")


def sign_in_member(site: Site, page: Page, email: str) -> str:
    """Bring a member of the service desk all the way in; return their authenticator's secret."""
    invitation = site.invite(email, role="service_desk")
    secret = let_in(page, site, email, invitation, password=LONG, seconds_off=-30)
    page.wait_for_url("**/desk/")
    return secret


def find(page: Page, who: str) -> None:
    page.get_by_role("link", name="Service desk").first.click()
    page.get_by_label("ODS code of a practice").fill(who)
    page.get_by_role("button", name="Find").click()


def take_call(page: Page) -> None:
    """Write down the call."""
    page.get_by_label("Ticket").fill("INC-20417")
    page.get_by_label("Who called?").fill("Ida Hill")
    page.get_by_label("Reason").fill("New phone")
    page.get_by_role("checkbox", name="rung Larkfield Surgery on 01632 960 101").check()


def code_on(page: Page) -> str:
    found = CODE.search(page.inner_text("main"))
    assert found
    return found.group()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="as most people have it"),
        pytest.param(
            {"viewport": {"width": 320, "height": 640}, "java_script_enabled": False},
            id="320 pixels wide, no JavaScript",
        ),
    ],
)
def test_a_lost_authenticator_is_reset_while_they_are_on_the_phone(
    site: Site,
    open_browser: Callable[..., Page],
    options: dict[str, object],
    request: pytest.FixtureRequest,
) -> None:
    name = request.node.callspec.id.removeprefix("chromium-")
    tag = name.split()[0].lower()
    ida = open_browser()
    email = f"jane.lost.{tag}@larkfield.example"
    sign_in(site, ida, email)
    desk = open_browser(**options)

    secret = sign_in_member(site, desk, f"jane.desk.{tag}@servicedesk.example")
    look(desk, f"desk, overview, {name}")
    find(desk, "z91001")
    expect(desk.get_by_text("Number on record of Larkfield Surgery")).to_be_visible()
    look(desk, f"desk, practice, {name}")
    find(desk, email)
    look(desk, f"desk, person, {name}")
    desk.get_by_role("button", name="Reset authenticator").click()
    confirm(desk, secret)
    desk.get_by_role("button", name="Reset authenticator").click()
    expect(desk.get_by_role("alert")).to_contain_text("Enter the name of the caller")
    look(desk, f"desk, reset, refused, {name}")
    take_call(desk)
    desk.get_by_role("button", name="Reset authenticator").click()
    expect(desk.get_by_role("heading", name="authenticator was reset")).to_be_visible()
    look(desk, f"desk, reset, done, {name}")
    code = code_on(desk)

    # The old session is out, and the code leads to set-up only after the password.
    ida.goto("/referrals/")
    begin_log_in(ida, email)
    ida.get_by_label("Activation code").fill(code)
    ida.get_by_role("button", name="Continue").click()
    enter_code(ida, code_for(secret_shown(ida)))
    expect(ida).to_have_title("Referrals – PharmRefer")

    # Another person had called: the link in the e-mail locks the account.
    ida.goto(link_mailed(site, email, "Your authenticator was reset in PharmRefer"))
    take_picture(ida, f"not me, {name}")
    check_accessibility(ida)
    ida.get_by_role("button", name="Stop it, and lock the account").click()
    expect(ida.get_by_role("heading", name="You have stopped this")).to_be_visible()
    ida.goto("/referrals/")
    begin_log_in(ida, email)
    expect(ida.get_by_role("alert")).to_contain_text("This account is locked")
    desk.get_by_role("button", name="Back to the service desk").click()
    expect(desk.get_by_text("find out who called").first).to_be_visible()
    look(desk, f"desk, overview, with a dispute, {name}")


def test_an_administrator_s_is_approved_by_a_colleague(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    boss = "jane.lost.boss@larkfield.example"
    sign_in(site, open_browser(), boss, role="practice_administrator", password=LONG)
    first, second = open_browser(), open_browser()
    secret = sign_in_member(site, first, "jane.first@servicedesk.example")
    other_secret = sign_in_member(site, second, "jane.second@servicedesk.example")
    find(first, boss)
    first.get_by_role("button", name="Reset authenticator").click()
    confirm(first, secret)
    expect(first.get_by_text("the case has to wait for 24 hours")).to_be_visible()
    take_call(first)
    first.get_by_role("button", name="Open the case").click()
    expect(first.get_by_text("so a colleague has to approve it")).to_be_visible()
    take_picture(first, "case that waits")
    check_accessibility(first)
    address = first.url.partition("?")[0]

    second.goto(address)
    take_picture(second, "case, as a colleague sees it")
    second.get_by_role("button", name="Approve").click()
    confirm(second, other_secret)
    take_picture(second, "case, to approve")
    check_accessibility(second)
    second.get_by_role("button", name="Approve").click()
    expect(second.get_by_text("You have approved it")).to_be_visible()

    first.goto(address)
    first.get_by_role("button", name="Carry out").click()
    take_picture(first, "case, to carry out")
    check_accessibility(first)
    first.get_by_role("checkbox", name="rung Larkfield Surgery").check()
    first.get_by_role("button", name="Reset authenticator").click()
    expect(first.get_by_role("heading", name="authenticator was reset")).to_be_visible()
    assert code_on(first)
    first.goto("/desk/addresses/")
    take_picture(first, "allowed addresses")
    check_accessibility(first)
