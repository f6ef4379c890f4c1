"""What people do in a browser, again and again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import PRACTICE, Site
from tests.journeys.visitor import LONG, PASSWORD
from tests.pharmrefer.local.harness import wait_until
from tests.tools import code_for


def activate(page: Page, email: str, code: str, *, password: str = PASSWORD) -> None:
    """Go from an activation code to the set-up page."""
    page.goto("/")
    page.get_by_role("link", name="Activate your account").click()
    page.get_by_label("Username").fill(email)
    page.get_by_label("Activation code").fill(code)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/activate/authenticator/")


def secret_shown(page: Page) -> str:
    """Return the secret on the set-up page."""
    page.wait_for_load_state()
    return page.locator("#secret-key").inner_text().replace("\n", "")


def let_in(
    page: Page,
    site: Site,
    email: str,
    invitation: str,
    *,
    password: str = PASSWORD,
    seconds_off: int = 0,
) -> str:
    """Let a user who was invited activate their account, and give the page their log-in.

    Pages are left out: they cost a second of a processor, and other journeys go through them.
    """
    browser = page.evaluate("navigator.userAgent")
    secret, cookies = site.let_in(
        email, invitation, password, seconds_off=seconds_off, browser=browser
    )
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": site.url, "httpOnly": True, "sameSite": "Lax"}
            for name, value in cookies.items()
        ]
    )
    page.goto("/")
    return secret


def sign_in(
    site: Site,
    page: Page,
    email: str,
    *,
    role: str = "staff",
    at: str = PRACTICE,
    password: str = PASSWORD,
    seconds_off: int = 0,
) -> str:
    """Bring a new user all the way in; return their authenticator's secret."""
    invitation = site.invite(email, role=role, at=at)
    secret = let_in(page, site, email, invitation, password=password, seconds_off=seconds_off)
    expect(page).to_have_url(re.compile("/referrals/$"))
    return secret


def begin_log_in(page: Page, email: str, *, password: str = PASSWORD) -> None:
    """Take the first step, on the log-in page that is open."""
    page.get_by_label("Username").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Continue").click()


def enter_code(page: Page, code: str) -> None:
    """Take the second step."""
    page.get_by_label("6-digit code").fill(code)
    page.get_by_role("button", name="Log in").click()


def log_in(page: Page, email: str, code: str, *, password: str = PASSWORD) -> None:
    """Take both, on the log-in page that is open."""
    begin_log_in(page, email, password=password)
    enter_code(page, code)


def sign_in_boss(site: Site, page: Page, email: str) -> str:
    """Bring a new administrator all the way in; return their authenticator's secret."""
    role = "practice_administrator"
    return sign_in(site, page, email, role=role, password=LONG, seconds_off=-30)


def confirm(page: Page, secret: str) -> None:
    """Say who it is anew, with the long password."""
    page.get_by_label("Password", exact=True).fill(LONG)
    page.get_by_label("6-digit code").fill(code_for(secret))
    page.get_by_role("button", name="Continue").click()


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has these words, or this name, has the focus, if it has not."""
    focused = "(each) => each === document.body ? '' : [each.name, each.textContent].join(' ')"
    focused = f"({focused})(document.activeElement)"
    for _ in range(40):
        if words in page.evaluate(focused):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {words}")


ANSWERS = {
    "NHS number": "999 000 0018",
    "First name": "Winifred",
    "Last name": "Ashworth",
    "Day": "15",
    "Month": "3",
    "Year": "1984",
    "Address line 1": "8 Tanners Row",
    "Town or city": "Westmere",
    "Postcode": "ts181ab",
    "Phone number": "07700 900 982",
    "Symptoms, in their words": "Sore throat for 3 days.\nParacetamol has not helped.",
    "How long have they had it?": "3 days",
}
CHOSEN = {
    "q_emergency": "none",
    "sex": "female",
    "spoken_to": "self",
    "phone_owner": "patient",
    "pathway": "sore_throat",
    "consent": "yes",
}
ANSWERED = {"q_sore_throat_red_flags": "none"}  # once it is chosen
ALL_AT_ONCE = """([answers, chosen]) => {
  const labels = [...document.querySelectorAll("label")];
  const field = (name) => {
    const found = labels.find((each) => each.textContent.trim() === name)
      || labels.find((each) => each.textContent.trim().startsWith(name));
    if (!found.checkVisibility()) throw new Error(name);
    return found.control;
  };
  for (const [name, value] of Object.entries(chosen)) {
    const box = document.querySelector(`[name=${name}][value=${value}]`);
    if (!box.checkVisibility()) throw new Error(name);
    if (!box.checked) box.click();
  }
  for (const [name, text] of Object.entries(answers)) {
    field(name).value = text;
    field(name).dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


def choose(page: Page, **chosen: str) -> None:
    """Choose radio buttons and tick boxes, by the names of their fields."""
    for name, value in chosen.items():
        page.locator(f"[name={name}][value={value}]").check()


def type_referral(page: Page, **others: str) -> None:
    """Fill in the whole form but the pharmacy, as a person does."""
    for label, text in (ANSWERS | others).items():
        page.get_by_label(label, exact=label in {"Day", "Month", "Year", "Postcode"}).fill(text)
    choose(page, **CHOSEN)
    show_questions(page)
    choose(page, **ANSWERED)


def show_questions(page: Page) -> None:
    """Press what shows the questions of what was chosen, where no script does."""
    button = page.get_by_role("button", name="Show the questions")
    if button.count():
        button.click()


def write_referral(page: Page, **others: str) -> None:
    """Have the whole form filled in but the pharmacy: to type it takes most of a second."""
    page.wait_for_url("**/edit/**")  # and until its scripts are there
    page.evaluate(ALL_AT_ONCE, [ANSWERS | others, CHOSEN])
    show_questions(page)
    page.evaluate(ALL_AT_ONCE, [{}, ANSWERED])


@contextmanager
def saving(page: Page, text: str) -> Iterator[None]:
    """Wait at the end until the page has saved a referral with the text in it."""
    with page.expect_response(
        lambda answer: (
            text in (answer.request.post_data or "") and answer.request.url.endswith("/draft/")
        )
    ):
        yield


def choose_pharmacy(page: Page, name: str) -> None:
    """Find a pharmacy and tick it: which ones are offered at first is of what was sent before."""
    page.get_by_label("Find another pharmacy").fill(name)
    page.get_by_label("Find another pharmacy").press("Enter")
    expect(page.get_by_text(f"1 pharmacy for “{name}”")).to_be_visible()
    found(page, name).check()


def found(page: Page, name: str) -> Locator:
    """The radio button of a pharmacy among those found: it may be one of the usual ones too."""
    return page.locator("#pharmacies").get_by_role("radio", name=name)


def send_written(page: Page, *, to: str) -> None:
    """Choose the pharmacy of a referral that is written, check it and send it."""
    choose_pharmacy(page, to)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send referral").click()


def send_referral(page: Page, *, to: str = "Larkfield Pharmacy", **others: str) -> None:
    """Write a referral, check it and send it."""
    page.get_by_role("button", name="New referral").first.click()
    write_referral(page, **others)
    send_written(page, to=to)


def link_mailed(site: Site, email: str, subject: str) -> str:
    """Wait for an e-mail, and return the link in it."""

    def texts() -> list[str]:
        return [mail.text for mail in site.mails(to=email) if mail.subject == subject]

    wait_until(lambda: bool(texts()), seconds=30, what=f"“{subject}” goes out")
    (link,) = re.findall(r"^(http\S+)\s*$", texts()[-1], re.MULTILINE)
    return str(link)
