"""Operators in a browser: one loads clinical content at a console, another makes it live."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from referrals.content_packs import FIRST_PACK
from tests.clinical_content import FIRST
from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.people import confirm, let_in
from tests.journeys.visitor import LONG

pytestmark = [
    pytest.mark.needs("chromium", "oathtool"),
    pytest.mark.timeout(240),
]


def pack(folder: Path) -> Path:
    """A pack of next year, so that other journeys go on with the one that is in force."""
    for path in FIRST_PACK.iterdir():
        text = path.read_text().replace(f'"{FIRST.version}"', '"next-year"')
        for name in ("starts_on", "ends_on"):
            later = date.today() + timedelta(days=365)  # noqa: DTZ011  any day of next year
            text = text.replace(f"{name} = {getattr(FIRST, name)}", f"{name} = {later}")
        (folder / path.name).write_text(text.replace("youngest = 12", "youngest = 13"))
    return folder


def test_a_pack_is_loaded_looked_at_and_made_live_by_another(
    site: Site, page: Page, tmp_path: Path
) -> None:
    loader = "loader@westmere.example"
    site.invite(loader, role="operator")
    said = site.manage("load_clinical_pack", str(pack(tmp_path)), "--by", loader)
    assert f"against {FIRST.version}, which is in force" in said  # load_demonstration's
    assert f"makes it live at {site.url}/clinical-content/" in said
    email = "confirmer@westmere.example"
    secret = let_in(
        page, site, email, site.invite(email, role="operator"), password=LONG, seconds_off=-30
    )
    page.get_by_role("link", name="Clinical content").click()
    expect(page.get_by_text("Not clinically signed off")).to_be_visible()
    look(page, "clinical content, waiting")
    page.get_by_role("link", name="Version next-year").click()
    expect(page.get_by_text("people aged 13 and over", exact=True)).to_be_visible()
    look(page, "clinical content, what it changes")
    page.get_by_role("button", name="Make it live").click()
    confirm(page, secret)
    look(page, "clinical content, sure")
    page.get_by_role("button", name="Make it live").click()
    expect(page.get_by_role("status").first).to_contain_text("The pack is live.")
    page.get_by_role("link", name="next-year", exact=True).click()
    expect(page.get_by_role("heading", name="Clinical content next-year")).to_be_visible()
    look(page, "clinical content, its parts")
    for part in page.get_by_role("main").locator("summary").all():
        part.click()
    expect(page.get_by_role("table", name="Do any of these apply?").first).to_be_visible()
    look(page, "clinical content, all that it says")
