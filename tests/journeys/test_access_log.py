"""Who has looked at a referral, told by a real browser that prints; and a practice that closes."""

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look, take_picture
from tests.journeys.people import let_in, send_referral, write_referral
from tests.journeys.visitor import LONG

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]
FERNHILL, EMAIL = "Z91077", "jane.fern@fernhill.example"
ADD_PRACTICE = """
    INSERT INTO accounts_practice (ods_code, name, address, postcode, phone, icb_id)
    SELECT %s, 'Fernhill Surgery', address, postcode, phone, icb_id
    FROM accounts_practice WHERE ods_code = 'Z91001' RETURNING id
    """
CLOSE = "UPDATE accounts_practice SET closed_on = '2026-04-01' WHERE ods_code = %s RETURNING id"
ACTIONS = """
    SELECT string_agg(action, ' ' ORDER BY entry.id) FROM referrals_accesslogentry AS entry
    JOIN accounts_user AS person ON person.id = entry.person_id WHERE person.email = %s
    """


def ask(site: Site, sql: str, value: str) -> str:
    """Return what the database answers."""
    with psycopg.connect(site.environment["DATABASE_URL"]) as database:
        row = database.execute(sql, (value,)).fetchone()
    assert row
    return str(row[0])


def sign_in_at_fernhill(site: Site, page: Page) -> None:
    ask(site, ADD_PRACTICE, FERNHILL)
    names = ["--given-name", "Jane", "--family-name", "Fern", "--job-role", "Practice manager"]
    role = ["--role", "practice_administrator", "--practice", FERNHILL]
    said = site.manage("invite", EMAIL, *names, *role)
    let_in(page, site, EMAIL, said.split()[-1], password=LONG)
    page.wait_for_url("**/referrals/")


def test_an_administrator_sees_who_looked_and_a_practice_closes(
    site: Site, page: Page, complaints: list[str]
) -> None:
    sign_in_at_fernhill(site, page)
    send_referral(page)
    expect(page.get_by_role("heading", name="Delivered")).to_be_visible()
    look(page, "looks, referral")

    page.evaluate("window.print = () => window.printed = true")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    with page.expect_response("**/printed/") as answer:
        page.pdf(format="A4")  # fires what Print does
    assert answer.value.status == 204
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    for words in ("Winifred Ashworth", "Opened by Jane Fern, Fernhill Surgery, at"):
        expect(page.get_by_text(words).first).to_be_visible()
    for name in ("Print", "New referral", "Who has looked at this?", "Back to referrals"):
        expect(page.get_by_text(name, exact=True)).to_be_hidden()
    take_picture(page, "looks, on paper")
    page.emulate_media(media="screen")
    assert ask(site, ACTIONS, EMAIL) == "changed viewed printed"

    page.get_by_role("link", name="Who has looked at this?").click()
    for what in ("Printed", "Viewed", "Sent by the practice", "Draft written"):
        expect(page.get_by_role("row", name=what)).to_contain_text("Jane Fern")
    look(page, "looks, who")
    page.get_by_label("Menu").get_by_role("link", name="People").click()
    page.get_by_role("table").get_by_role("link", name="Jane Fern").click()
    page.get_by_role("link", name="Which referrals have they looked at?").click()
    expect(page.get_by_role("row", name="Printed")).to_be_visible()
    look(page, "looks, of a person")

    # A member is writing when the practice closes.
    page.goto("/referrals/new/")
    ask(site, CLOSE, FERNHILL)
    write_referral(page, **{"Last name": "Late"})
    expect(page.locator("#draft-said")).to_contain_text("is not saved")
    look(page, "looks, closed, writing")
    assert complaints
    assert all("status of 409" in complaint for complaint in complaints)
    complaints.clear()
    page.get_by_role("button", name="Continue").click()
    expect(
        page.get_by_text("What you typed is still on this page, and is not saved.")
    ).to_be_visible()
    expect(page.get_by_label("Last name")).to_have_value("Late")
    page.get_by_role("link", name="Back to referrals").click()
    expect(page.get_by_text("Fernhill Surgery closed on 1 April 2026.")).to_be_visible()
    expect(page.get_by_role("button", name="New referral")).to_have_count(0)
    look(page, "looks, closed, home")

    said = site.manage("move_people", FERNHILL, "Z91001", "--reason", "merger")
    assert f"Added to Larkfield Surgery: 1\n  {EMAIL}" in said
