"""The status page and the paper form as people see them: narrow, wide, and on paper."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look, take_picture

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(180)]
READING = "INSERT INTO support_minutereading VALUES (%s, %s) ON CONFLICT DO NOTHING"
DAY = "INSERT INTO support_dayofreadings VALUES (%s, %s) ON CONFLICT DO NOTHING"
STATES = {"website": "working", "sending": "slow", "email": "not-known", "system:x": "not-working"}
TROUBLE = (0, 3, 0, 20, 90, 0, 400)  # minutes, day by day


def let_it_be_read(site: Site) -> None:
    """Write down a reading from a minute that is still to come, and some days before today."""
    now = datetime.now(UTC)
    at = now.replace(second=0, microsecond=0) + timedelta(minutes=2)
    part = {"since": now.isoformat(), "number": 1}
    parts = {name: {"state": state, **part} for name, state in STATES.items()}
    with psycopg.connect(site.environment["DATABASE_URL"]) as database:
        database.execute(READING, [at, json.dumps(parts)])
        for ago, trouble in enumerate(TROUBLE, start=2):
            minutes = {"working": 1440 - trouble, "slow": trouble}
            day = json.dumps(dict.fromkeys(STATES, minutes))
            database.execute(DAY, [now.date() - timedelta(days=ago), day])


def test_who_asks_what_works_sees_it_and_can_print_a_form(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    let_it_be_read(site)
    page = open_browser(viewport={"width": 320, "height": 800})
    page.goto("/log-in/")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Status").click()
    page = opened.value
    expect(page.get_by_role("heading", level=1)).to_have_text("Status")
    page.goto("/status/")  # while the reading that was written down just now is read
    look(page, "status")

    page.get_by_role("link", name="Paper form to print").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Paper form for a pharmacy referral")
    look(page, "paper form")
    page.emulate_media(media="print")
    expect(page.get_by_role("contentinfo")).to_be_hidden()
    page.set_viewport_size({"width": 718, "height": 1000})
    take_picture(page, "paper form, on paper")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4"))) == 1
