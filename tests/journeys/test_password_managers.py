"""A browser on a shared desktop that has saved the log-ins of two people."""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from tests.journeys.conftest import Site
from tests.journeys.people import sign_in
from tests.journeys.visitor import PASSWORD
from tests.tools import code_for

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(120)]
MINE, COLLEAGUES = "jane.saved@larkfield.example", "john.saved@larkfield.example"
OF_COLLEAGUE = "four loud herons"
AUTOMATED = ["--enable-automation"]  # with it, Chromium fills in nothing


def sealed(password: str) -> bytes:
    """Return a password as Chromium stores it where the desktop has no keyring.

    Source: components/os_crypt, "v10" on Linux.
    """
    key = hashlib.pbkdf2_hmac("sha1", b"peanuts", b"saltysalt", 1, 16)
    padder = PKCS7(128).padder()
    padded = padder.update(password.encode()) + padder.finalize()
    cipher = Cipher(algorithms.AES(key), modes.CBC(b" " * 16)).encryptor()
    return b"v10" + cipher.update(padded) + cipher.finalize()


def save_log_in(database: sqlite3.Connection, site: Site, user: str, password: str) -> None:
    """Save one, as if the browser had offered it after logging in."""
    columns = database.execute("PRAGMA table_info(logins)").fetchall()
    empty = {"VARCHAR": "", "INTEGER": 0, "BLOB": b""}
    needed = {name: empty[kind] for _, name, kind, is_needed, *_ in columns if is_needed}
    row = needed | {
        "origin_url": f"{site.url}/log-in/",
        "signon_realm": f"{site.url}/",
        "username_element": "user_name",
        "username_value": user,
        "password_element": "password",
        "password_value": sealed(password),
    }
    names, placeholders = ", ".join(row), ", ".join("?" * len(row))
    insert = f"INSERT INTO logins ({names}) VALUES ({placeholders})"  # noqa: S608  Chromium's own names
    database.execute(insert, list(row.values()))


@pytest.fixture
def open_profile(
    site: Site, browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> Iterator[Callable[[], Page]]:
    """Open the desktop's browser, which keeps its profile."""
    opened: list[BrowserContext] = []

    def launch() -> Page:
        options = {
            **browser_type_launch_args,
            "executable_path": shutil.which("chromium"),  # the headless shell keeps no passwords
            "ignore_default_args": AUTOMATED,
        }
        context = browser_type.launch_persistent_context(
            tmp_path, base_url=site.url, locale="en-GB", **options
        )
        opened.append(context)
        return context.pages[0]

    yield launch
    for context in opened:
        context.close()


def filled_in(page: Page) -> tuple[str, str]:
    """Return what the password and the code hold once the user has touched the page.

    Until then Chromium shows what it fills in, and gives no script the value.
    """
    page.wait_for_load_state()
    page.mouse.click(2, 2)
    read = "(name) => (document.querySelector(`main [name=${name}]`) || {value: ''}).value"
    return page.evaluate(read, "password"), page.evaluate(read, "code")


def test_a_saved_log_in_is_filled_in_for_its_owner_only_and_never_as_a_code(
    site: Site, open_profile: Callable[[], Page], tmp_path: Path
) -> None:
    page = open_profile()
    secret = sign_in(site, page, MINE)
    cookies: Any = page.context.cookies()
    page.context.close()  # its database of log-ins is there now
    with closing(sqlite3.connect(tmp_path / "Default" / "Login Data")) as database:
        save_log_in(database, site, MINE, PASSWORD)
        save_log_in(database, site, COLLEAGUES, OF_COLLEAGUE)
        database.commit()
    page = open_profile()
    page.context.add_cookies(cookies)
    password = page.locator("main [name=password]")

    page.goto("/account/confirm/")
    expect(page.locator("main [name=password]:autofill")).to_have_count(1)
    assert filled_in(page) == (PASSWORD, "")
    page.get_by_label("6-digit code").fill(code_for(secret, seconds_off=30))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/account/")

    page.goto("/account/password/")
    assert filled_in(page) == ("", "")  # it is a new one

    site.let_pass(MINE, minutes=15)
    page.goto("/account/")
    expect(page.locator("main [name=password]:autofill")).to_have_count(1)
    assert filled_in(page) == (PASSWORD, "")
    page.get_by_role("button", name="Unlock").click()
    page.wait_for_url("**/account/")

    site.let_pass(MINE, minutes=15)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("heading", name="PharmRefer is locked")).to_be_visible()
    expect(password).to_be_focused()
    assert filled_in(page)[0] in {"", PASSWORD}
    cookies = page.context.cookies()
    page.context.close()

    # Now only the colleague's is left.
    with closing(sqlite3.connect(tmp_path / "Default" / "Login Data")) as database:
        database.execute("DELETE FROM logins WHERE username_value = ?", [MINE])
        database.commit()
    page = open_profile()
    page.goto("/log-in/")
    expect(page.locator("main [name=password]:autofill")).to_have_count(1)
    assert filled_in(page) == (OF_COLLEAGUE, "")
    page.context.add_cookies(cookies)
    page.goto("/account/")
    expect(page).to_have_title("Locked – PharmRefer")
    assert filled_in(page) == ("", "")
    site.let_pass(MINE, minutes=-15)
    page.goto("/account/confirm/")
    expect(page).to_have_title("Confirm that it is you – PharmRefer")
    assert filled_in(page) == ("", "")
