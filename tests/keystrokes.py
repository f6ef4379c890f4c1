"""What it costs a practised user to send a referral: real key events in a real browser, in seconds.

The keystroke-level model: so long for a key, for a thought before each field or choice, and for a
page. Only what the browser itself calls trusted counts, so that nothing is left out or made up.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

KEY, THOUGHT, PAGE = 0.2, 1.35, 0.8  # seconds
COUNT = """
addEventListener("keydown", (event) => {
  if (event.isTrusted && !event.repeat) counted("key", event.key);
}, true);
for (const kind of ["input", "change", "click"]) {
  addEventListener(kind, (event) => {
    const on = event.target.closest("input, select, textarea, button");
    if (event.isTrusted && on) counted("field", on.name || on.textContent.trim());
  }, true);
}
addEventListener("DOMContentLoaded", () => counted("page", location.pathname));
"""


@dataclass
class Effort:
    """What a browser has counted."""

    keys: list[str] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)  # of a page, by name; a button's is its words
    pages: int = 0

    def count(self, source: Any, kind: str, what: str) -> None:
        """Take one event from the page."""
        if kind == "key":
            self.keys.append(what)
        elif kind == "page":
            self.pages += 1
        else:
            self.fields.add(f"{source['page'].url} {what}")

    @property
    def seconds(self) -> float:
        """Return what the model says."""
        return KEY * len(self.keys) + THOUGHT * len(self.fields) + PAGE * self.pages


def counted(context: BrowserContext) -> Effort:
    """Have what is done in a browser counted from now on, beginning with the next page."""
    effort = Effort()
    context.expose_binding("counted", effort.count)
    context.add_init_script(COUNT)
    return effort


FOCUSED = """() => {
  const on = document.activeElement;
  return [on.name || on.textContent.trim(), on.value || ""];
}"""


class Typist:
    """Somebody who knows the page, and has only a keyboard."""

    def __init__(self, page: Page) -> None:
        """Take the page that is open."""
        self._page = page

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self._page.keyboard.press(key)

    def go_to(self, name: str) -> None:
        """Press Tab until the field or button of that name has the focus, if it has not."""
        for _ in range(60):
            if self._page.evaluate(FOCUSED)[0] == name:
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {name}")

    def type(self, name: str, text: str) -> None:
        """Type into a field."""
        self.go_to(name)
        self._page.keyboard.type(text)

    def choose(self, name: str, value: str) -> None:
        """Choose one of several radio buttons: Space for the first, arrows for the others."""
        self.go_to(name)
        if self._page.evaluate(FOCUSED)[1] == value:
            self.press("Space")
        for _ in range(20):
            chosen = self._page.locator(f"[name={name}]:checked")
            if chosen.count() and chosen.get_attribute("value") == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"no arrow reaches {value} of {name}")


BANNER = (
    "HOLLOWAY, Nora (Mrs)  Born 15-Mar-1992 (34y)  Gender Female  NHS No. 999 000 0042\n"
    "Address: 8 Tanners Row, Westmere, TS18 1AB  Mobile: 07700 900982"
)
PATIENT = {
    "nhs_number": "9990000034",
    "given_name": "Maria",
    "family_name": "Fairweather",
    "birth_day": "15",
    "birth_month": "3",
    "birth_year": "1992",
}


def send_usual_referral(
    page: Page, *, to: str, banner: str = "", look: Callable[[], object] = lambda: None
) -> None:
    """Send a sore throat of a woman of 34 to a usual pharmacy, on the page that has just opened.

    Every answer that is required is given.

    Args:
        to: ODS code of one of those that are offered at once.
        banner: what the clipboard has of the clinical system, to be pasted.
        look: called once all of it is written.
    """
    hands = Typist(page)
    hands.choose("q_emergency", "none")
    if banner:
        hands.go_to("banner")
        hands.press("Control+v")
        expect(page.locator("[name=family_name]")).to_have_value("Holloway")
    else:
        for name, text in PATIENT.items():
            hands.type(name, text)
        hands.choose("sex", "female")
        hands.type("postcode", "ts181ab")
    hands.choose("spoken_to", "self")
    if not banner:
        hands.type("phone", "07700900982")
    hands.choose("phone_owner", "patient")
    hands.choose("pathway", "sore_throat")
    hands.choose("q_sore_throat_red_flags", "none")
    hands.type("complaint", "Sore throat")
    hands.type("duration", "3 days")
    hands.choose("pharmacy", to)
    hands.go_to("consent")
    hands.press("Space")
    look()
    hands.go_to("Continue")
    hands.press("Enter")
    expect(page.get_by_role("heading", name="Check the referral")).to_be_visible()
    hands.go_to("Send referral")
    hands.press("Enter")
    page.wait_for_url(re.compile("/referrals/[0-9a-f-]{36}/$"))
