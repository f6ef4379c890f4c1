"""What the journeys about the lock have in common: half a referral, and time that goes by."""

import json
import re
import time
from collections.abc import Callable

from playwright.sync_api import Page

from tests.journeys import people
from tests.journeys.conftest import Site
from tests.journeys.looking import evaluate
from tests.journeys.people import saving, sign_in, write_referral
from tests.journeys.visitor import PASSWORD
from tests.tools import code_for

# The digits with what follows: five of them stand in a random key now and then.
PATIENT = re.compile(
    r"Winifred|Ashworth|Tanners|07700 ?900|999 ?000 ?00|sore throat", re.IGNORECASE
)
TEXTS_OF = """function () {
  const nodes = this.filter((node) => Object.getPrototypeOf(node) !== Node.prototype
    && !Object.hasOwn(node, 'constructor'));
  return nodes.map((node) => [node.value, node.data, node.defaultValue, node.outerHTML].join(' '))
    .join(' ');
}"""
SESSION = "**/session/?*"  # how a page asks how its session stands
LOCKED, OPEN = "Locked – PharmRefer", "New referral – PharmRefer"


def let_pass(site: Site, page: Page, email: str, *, seconds: int) -> None:
    """Let nobody do anything for so long, on the server and in the page."""
    site.let_pass(email, seconds=seconds)
    page.clock.fast_forward(seconds * 1000)


def let_pass_until(site: Site, page: Page, email: str, *, left: int) -> None:
    """Let nobody do anything until so many seconds are left before the screen locks."""
    let_pass(site, page, email, seconds=seconds_until_lock(page) - left)


def writing(
    site: Site, page: Page, email: str, *, write: Callable[..., None] = write_referral
) -> None:
    """Log in and write half a referral."""
    page.clock.install()
    sign_in(site, page, email)
    page.get_by_role("button", name="New referral").click()
    page.wait_for_url("**/edit/")
    with saving(page, "Ashworth-Lo"):  # to save is to do something too
        write(page, **{"Last name": "Ashworth-Lo"})
    page.get_by_label("Last name").focus()


def everything_in(page: Page) -> str:
    """Return what the document holds, typed values and the title included."""
    values = "[...document.querySelectorAll('input, textarea')].map((each) => each.value).join(' ')"
    look = f"document.documentElement.outerHTML + {values} + document.title"
    text: str = evaluate(page, look)
    return text


def everything_in_memory(page: Page) -> str:
    """Return every text that the page's scripts, or a person at its console, can still get at.

    Elements that are out of the document too: as long as anything holds them they can be found.
    """
    cdp = page.context.new_cdp_session(page)
    chunks: list[str] = []
    cdp.on("HeapProfiler.addHeapSnapshotChunk", lambda event: chunks.append(event["chunk"]))
    cdp.send("HeapProfiler.enable")
    cdp.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    texts = list(map(str, json.loads("".join(chunks))["strings"]))
    nodes = cdp.send("Runtime.evaluate", {"expression": "Node.prototype"})["result"]["objectId"]
    found = cdp.send("Runtime.queryObjects", {"prototypeObjectId": nodes})["objects"]["objectId"]
    ask = {"functionDeclaration": TEXTS_OF, "objectId": found, "returnByValue": True}
    texts.append(cdp.send("Runtime.callFunctionOn", ask)["result"]["value"])
    cdp.detach()
    return "\n".join(texts)


def log_in(page: Page, email: str, secret: str) -> None:
    """Log in with the code after the last one, which has been used."""
    people.log_in(page, email, code_for(secret, seconds_off=30))


def unlock_screen(page: Page, password: str = PASSWORD) -> None:
    """Give the password to a locked screen."""
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")


def seconds_until_lock(page: Page) -> int:
    """Ask the server."""
    ask = "fetch('/session/').then((answer) => answer.json()).then((said) => said.locks_in)"
    return int(page.evaluate(ask))


def hear(page: Page) -> None:
    """Wait for an answer that comes after all that the page has asked for."""
    page.evaluate("fetch('/session/').then((answer) => answer.text())")


def go_on(page: Page, *, seconds: float = 1.5) -> None:
    """Let the page's clock go on, which looks once a second, and let it hear what it then asks."""
    page.clock.run_for(int(seconds * 1000))
    hear(page)


def wait_for(page: Page, happened: Callable[[], bool]) -> None:
    """Wait for what no page shows."""
    until = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < until
        page.wait_for_timeout(100)
