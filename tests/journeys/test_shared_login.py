"""Two people with one login, in two browsers; their administrator sees a hint, and they go on."""

import re
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.people import begin_log_in, enter_code, sign_in
from tests.journeys.visitor import LONG
from tests.tools import code_for

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(240)]
A_MINUTE_LATER = """
    UPDATE accounts_session SET last_seen_at = last_seen_at - interval '61 seconds',
        beside_since = beside_since - interval '61 seconds'
    WHERE user_id = (SELECT id FROM accounts_user WHERE email = %s)
    """


def use_at_once(site: Site, email: str, *pages: Page) -> None:
    """Use all of them, again and again, for some minutes."""
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as database:
        for _ in range(3):
            moved = database.execute(A_MINUTE_LATER, (email,))
            assert moved.rowcount == len(pages)
            for page in pages:
                page.reload()


def test_who_shares_a_login_is_seen_and_not_stopped(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    front, back, boss = open_browser(), open_browser(), open_browser()
    email, boss_email = "jane.shares@larkfield.example", "jane.told@larkfield.example"
    secret = sign_in(site, front, email, seconds_off=-30)
    front.get_by_role("button", name="Log out").click()
    code = code_for(secret)
    begin_log_in(front, email)
    enter_code(front, code)
    front.wait_for_url("**/referrals/")
    back.goto("/log-in/")
    begin_log_in(back, email)
    enter_code(back, code)
    expect(back.get_by_role("alert")).to_contain_text("used that code already")
    enter_code(back, code_for(secret, seconds_off=30))
    back.wait_for_url("**/referrals/")
    use_at_once(site, email, front, back)

    role, seconds_off = "practice_administrator", -30
    bosses = sign_in(site, boss, boss_email, role=role, password=LONG, seconds_off=seconds_off)
    boss.goto("/people/")
    boss.get_by_label("Name or username").fill(email)
    boss.get_by_role("button", name="Find").click()
    expect(boss.get_by_role("table")).to_contain_text("May be shared")
    look(boss, "shared login, list")
    boss.get_by_role("link", name="Jane Doe").last.click()
    expect(boss.get_by_role("heading", name="This login may be shared")).to_be_visible()
    expect(boss.get_by_text("at the same time, on")).to_be_visible()
    expect(boss.get_by_text("One code was entered")).to_be_visible()
    look(boss, "shared login, person")
    boss.get_by_role("button", name="This is one person").click()
    boss.get_by_label("Password", exact=True).fill(LONG)
    boss.get_by_label("6-digit code").fill(code_for(bosses))
    boss.get_by_role("button", name="Continue").click()
    expect(boss.get_by_role("heading", name="Does only Jane Doe use this login?")).to_be_visible()
    look(boss, "shared login, sure")
    boss.get_by_role("button", name="This is one person").click()
    expect(boss.get_by_role("status")).to_contain_text("We have recorded")
    expect(boss.get_by_text(re.compile("Jane Doe said on .* nobody else uses"))).to_be_visible()
    look(boss, "shared login, said")
    for page in (front, back):
        page.reload()
        expect(page.get_by_role("button", name="New referral").first).to_be_visible()
