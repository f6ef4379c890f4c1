"""A practice's administrator in a browser: a new user, a leaver, a locum, and two at once."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import check_accessibility, look, take_picture
from tests.journeys.people import confirm, let_in, log_in, sign_in, sign_in_boss, tab_to
from tests.journeys.visitor import LONG, PASSWORD, Visitor, secret_on
from tests.tools import code_for

pytestmark = [
    pytest.mark.needs("chromium", "oathtool"),
    pytest.mark.timeout(240),
]

ASK = """
    INSERT INTO accounts_membership
    (user_id, practice_id, role, off_at, accepted_at, offered_role, offered_at)
    SELECT person.id, practice.id, 'staff', now(), NULL, 'practice_administrator', now()
    FROM accounts_user AS person, accounts_practice AS practice
    WHERE person.email = %s AND practice.name = 'Mill Lane Medical Centre' RETURNING id
    """
MEMBERSHIP = """
    SELECT membership.id FROM accounts_membership AS membership JOIN accounts_user AS person
    ON person.id = membership.user_id WHERE person.email = %s
    """
IS_OFF = "SELECT off_at IS NOT NULL FROM accounts_membership WHERE id = %s"


def ask(site: Site, sql: str, value: object) -> Any:
    """Return what the database answers."""
    with psycopg.connect(site.environment["DATABASE_URL"]) as database:
        row = database.execute(sql, (value,)).fetchone()
    assert row
    return row[0]


def invite(page: Page, given: str, family: str, email: str) -> None:
    """Fill in who it is."""
    page.get_by_label("First name").fill(given)
    page.get_by_label("Last name").fill(family)
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Job role").fill("Receptionist")
    page.get_by_role("button", name="Invite").click()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"java_script_enabled": False}, id="no JavaScript"),
        pytest.param({"viewport": {"width": 320, "height": 640}}, id="320 pixels wide"),
    ],
)
def test_a_new_user_comes_and_goes(
    site: Site,
    open_browser: Callable[..., Page],
    options: dict[str, object],
    request: pytest.FixtureRequest,
) -> None:
    name = request.node.callspec.id.removeprefix("chromium-")
    tag = name.split()[0].lower()
    boss, email = open_browser(**options), f"jane.boss.{tag}@larkfield.example"

    secret = sign_in_boss(site, boss, email)
    boss.get_by_label("Menu").get_by_role("link", name="People").click()
    look(boss, f"people, list, {name}")
    boss.get_by_role("button", name="Invite someone").click()
    confirm(boss, secret)
    look(boss, f"people, invite, {name}")
    invite(boss, "Ida", f"Hill-{tag.title()}", "reception@larkfield.example")
    expect(boss.get_by_role("alert")).to_contain_text("“reception” suggests a shared mailbox")
    look(boss, f"people, invite, refused, {name}")
    ida_email = f"ida.hill.{tag}@larkfield.example"
    boss.get_by_label("Email address").fill(ida_email)
    boss.get_by_role("button", name="Invite").click()
    look(boss, f"people, invited, {name}")
    found = re.search(
        r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", boss.locator(".app-code").inner_text()
    )
    assert found

    ida = open_browser()
    let_in(ida, site, ida_email, found.group())
    ida.wait_for_url("**/referrals/")

    boss.get_by_label("Menu").get_by_role("link", name="People").click()
    boss.get_by_label("Name or username").fill(f"hill {tag}")
    boss.get_by_role("button", name="Find").click()
    expect(boss.get_by_text("1 person found")).to_be_visible()
    look(boss, f"people, found, {name}")
    boss.get_by_role("link", name="Ida Hill").click()
    expect(boss.get_by_text("Active", exact=True)).to_be_visible()
    look(boss, f"people, person, {name}")
    boss.get_by_role("link", name="Change username").click()
    expect(boss.get_by_label("Email address")).to_have_value(ida_email)
    look(boss, f"people, details, {name}")
    boss.get_by_role("link", name="Back to Ida Hill").click()
    boss.get_by_role("button", name="Turn off").click()
    look(boss, f"people, turn off, {name}")
    boss.get_by_role("button", name="Turn off").click()
    expect(boss.get_by_role("status")).to_contain_text("They are turned off")
    ida.goto("/referrals/new/")
    expect(ida.get_by_role("heading", name="Log in to PharmRefer")).to_be_visible()
    boss.get_by_role("link", name=re.compile("Change.*role here")).click()
    look(boss, f"people, place, {name}")


def test_with_the_keyboard_alone(site: Site, open_browser: Callable[..., Page]) -> None:
    page = open_browser()
    secret = sign_in_boss(site, page, "jane.boss.keys@larkfield.example")
    tab_to(page, "People")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/")
    tab_to(page, "Invite someone")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/confirm/**")
    confirm(page, secret)
    page.wait_for_url("**/people/invite/")
    for label, text in (
        ("given_name", "Kit"),
        ("family_name", "Keys"),
        ("email", "kit.keys@larkfield.example"),
        ("job_role", "Receptionist"),
    ):
        tab_to(page, label)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kit Keys is invited")).to_be_visible()


def test_a_locum_accepts_a_second_practice_and_says_where_they_work(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    page, email = open_browser(), "jane.locum@larkfield.example"
    secret = sign_in(site, page, email, seconds_off=-30)
    page.get_by_role("button", name="Log out").click()
    ask(site, ASK, email)
    log_in(page, email, code_for(secret))
    heading = page.get_by_role("heading", name="Join Mill Lane Medical Centre?")
    expect(heading).to_be_visible()
    look(page, "asked to join")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your password")
    tab_to(page, "is_main")
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where are you working now?")).to_be_visible()
    check_accessibility(page)
    take_picture(page, "where are you working")
    page.get_by_role("button", name=re.compile("Mill Lane")).click()
    page.wait_for_url("**/referrals/")
    here = page.locator(".app-place")
    expect(here).to_contain_text("Mill Lane")
    page.get_by_role("button", name="New referral").click()
    page.get_by_label("First name").fill("Griselda")
    expect(page.locator("#draft-said")).to_contain_text("Draft saved")
    here.get_by_role("link").click()
    page.get_by_role("button", name=re.compile("Larkfield")).click()
    page.wait_for_url("**/referrals/")
    expect(here).to_contain_text("Larkfield")
    expect(page.get_by_text("Griselda")).to_have_count(0)
    take_picture(page, "at one of two places")


def test_two_administrators_cannot_turn_each_other_off_at_one_moment(site: Site) -> None:
    pair = []
    for email in ("jane.duel.one@larkfield.example", "jane.duel.two@larkfield.example"):
        visitor, code = Visitor(site.url), site.invite(email, role="practice_administrator")
        visitor.send("/activate/", user_name=email, activation_code=code)
        secret = secret_on(visitor.send("/activate/password/", password=LONG))
        code = code_for(secret, seconds_off=-30)
        visitor.send("/activate/authenticator/", code=code)
        visitor.send("/account/confirm/", password=LONG, code=code_for(secret))
        pair.append(visitor)
    one, two = (
        ask(site, MEMBERSHIP, f"jane.duel.{name}@larkfield.example") for name in ("one", "two")
    )
    paths = [f"/people/{two}/off/", f"/people/{one}/off/"]
    tokens = [visitor.token_on(path) for visitor, path in zip(pair, paths, strict=True)]
    with ThreadPoolExecutor(2) as pool:
        each = zip(pair, paths, tokens, strict=True)
        list(pool.map(lambda one: one[0].post(one[1], one[2]), each))
    assert sorted(ask(site, IS_OFF, membership) for membership in (one, two)) == [False, True]
