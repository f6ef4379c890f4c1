"""The help pages as people see them: on a screen, a narrow one, and on paper."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, PdfMargins, expect

from accounts.topics import Topic
from support.help import tree
from support.help.tree import HelpNode, HelpQuestion
from tests.journeys.conftest import Site
from tests.journeys.looking import check_accessibility, look, take_picture, width_of
from tests.journeys.people import begin_log_in, log_in, sign_in
from tests.tools import code_for

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(180)]
MARGINS = PdfMargins(top="15mm", right="15mm", bottom="15mm", left="15mm")


def pages_of(pdf: bytes) -> int:
    """Count them: in what Chromium writes, each is an object of its own."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def answer(page: Page, question: HelpQuestion, number: int) -> HelpNode:
    """Choose an answer with the keyboard; return where it leads, once that page is there."""
    page.locator(".app-answers a").nth(number).press("Enter")
    node = tree.NODES[question.leads_to[number]]
    expect(page.get_by_role("heading", level=1)).to_have_text(node.title)
    return node


def walk(page: Page, question: HelpQuestion, seen: set[str]) -> None:
    """Try every answer of a question that is open, and those of the questions that follow."""
    for number, slug in enumerate(question.leads_to):
        if slug in seen:
            continue
        seen.add(slug)
        node = answer(page, question, number)
        if isinstance(node, HelpQuestion):
            assert width_of(page) <= 320, slug
            walk(page, node, seen)
        page.get_by_role("navigation", name="Back").get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(question.title)


def test_who_cannot_log_in_finds_each_answer_on_a_narrow_screen(
    open_browser: Callable[..., Page],
) -> None:
    page = open_browser(viewport={"width": 320, "height": 800})
    page.goto("/log-in/")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="I cannot log in").click()
    page = opened.value
    expect(page).to_have_title("I cannot log in – PharmRefer")
    look(page, "help, a question")
    page.get_by_role("link", name="All help").click()
    seen: set[str] = set()
    for slug in tree.ROOTS:
        root = tree.NODES[slug]
        assert isinstance(root, HelpQuestion)
        seen.add(slug)
        page.get_by_role("link", name=root.title, exact=True).click()
        walk(page, root, seen)
        page.get_by_role("link", name="All help").click()
    assert seen == tree.NODES.keys()


def test_who_looks_for_help_finds_it_by_what_they_call_it(page: Page) -> None:
    page.goto("/help/")
    page.get_by_label("Search help").fill("new phnoe")
    page.get_by_label("Search help").press("Enter")
    expect(page.get_by_role("heading", name="pages found")).to_be_visible()
    look(page, "help, found")
    page.get_by_role("link", name="I have lost or changed my phone").click()
    page.get_by_role("link", name="My phone is lost, stolen or broken").click()
    page.get_by_role("link", name="No", exact=True).click()
    look(page, "help, an end")
    page.get_by_label("Search help").fill("Margaret Thompson")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    assert "Margaret" not in page.url
    look(page, "help, nothing found")
    page.get_by_role("button", name="Search").press("Enter")
    page.get_by_label("Search help").fill("")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a word or two")
    look(page, "help, nothing typed")


def test_a_page_fits_each_screen_and_on_paper_one_a4_page(page: Page) -> None:
    for name in ("", *(f"{topic}/" for topic in Topic)):
        page.goto(f"/help/{name}")
        page.emulate_media(media="print")
        expect(page.get_by_role("link", name="All help")).to_be_hidden()
        expect(page.get_by_role("contentinfo")).to_be_hidden()
        # As wide as what is left of A4 between the margins.
        page.set_viewport_size({"width": 680, "height": 962})
        take_picture(page, f"help, {name.strip('/') or 'contents'}, on paper")
        assert pages_of(page.pdf(format="A4", margin=MARGINS)) == 1, name
        page.emulate_media(media="screen")
        look(page, f"help, {name.strip('/') or 'contents'}")


def test_pages_are_counted_as_they_are(page: Page) -> None:
    page.goto("/help/set-up/")
    assert pages_of(page.pdf(format="A6")) > 1


@pytest.mark.needs("oathtool")
def test_a_refused_code_leads_to_help_and_the_form_is_still_there(site: Site, page: Page) -> None:
    email = "jane.help@larkfield.example"
    secret = sign_in(site, page, email)
    page.get_by_role("button", name="Log out").click()
    log_in(page, email, code_for(secret, seconds_off=240))
    expect(page.get_by_role("alert")).to_contain_text("4 minutes fast")
    expect(page.get_by_label("6-digit code")).to_have_accessible_description(
        re.compile(rf"4 minutes fast.*{re.escape(Topic.CLOCK.question)}", re.DOTALL)
    )
    check_accessibility(page)
    take_picture(page, "code refused, with help")

    # With the keyboard: from the summary to the message, and on to the help beside it.
    page.get_by_role("alert").get_by_role("link").press("Enter")
    expect(page.get_by_label("6-digit code")).to_be_focused()
    page.keyboard.press("Shift+Tab")  # to the support code
    page.keyboard.press("Shift+Tab")
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    helping = opened.value
    expect(helping.get_by_role("heading", level=1)).to_have_text(Topic.CLOCK.question)
    expect(helping.locator(".app-time")).to_have_text(re.compile(r"^\d+:\d\d:\d\d[ap]m$"))
    helping.close()
    expect(page.get_by_label("6-digit code")).to_be_visible()


def test_without_javascript_the_help_is_the_same(open_browser: Callable[..., Page]) -> None:
    page = open_browser(java_script_enabled=False)
    page.goto("/log-in/")
    begin_log_in(page, "no.one@larkfield.example", password="a wrong password")
    with page.expect_popup() as opened:
        page.get_by_role("link", name=Topic.PASSWORD.question).click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(Topic.PASSWORD.question)
