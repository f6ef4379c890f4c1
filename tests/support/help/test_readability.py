"""Every page of help can be read by a child of 9 to 12: that is what the NHS writes for."""

import re

import pytest
import textstat  # type: ignore[import-untyped]
from django.test import Client

from support.about.pages import AboutPage
from support.help import pages, tree
from support.help.guides import GUIDES
from support.help.pages import HelpPage
from tests.pages import text_of

# The Flesch-Kincaid grade is a year of American school, whose children are five years older: the
# seventh is 12. It counts words a sentence and syllables a word, so it sees what makes our pages
# hard. SMOG and Gunning's index want 30 sentences and more, which a page of help does not have.
HARDEST_GRADE = 7.0
HARDEST_PASSAGE = 9.0  # of one paragraph, since headings and short lines make a page look easier
FEWEST_WORDS = 10  # of fewer, one long word decides

# Counted as short words. They are names: of what a user has in the hand or on the screen, of what
# the page is about, and of whom they ask. Another word for them would be harder to understand.
NAMES = [
    *("PharmRefer", "2FAST", "Microsoft", "Google", "Android", "Windows", "iPhone", "QR-code"),
    *("authenticators?", "PharmRefer", "pharmacy(’s)?", "pharmacies", "referrals?"),
    *("administrators?", "activation", "activate[ds]?", "username", "passkeys?", "ODS"),
    *("Equality Advisory and Support Service", "Equality and Human Rights Commission"),
]
NAME = re.compile(rf"\b({'|'.join(NAMES)})\b", re.IGNORECASE)


def spoken(passages: list[str]) -> str:
    """Return passages as one text: what stands on a line of its own is a sentence."""
    text = "\n".join(each if each[-1] in ".?!" else f"{each}." for each in passages)
    return NAME.sub("name", text)


def grade(text: str) -> float:
    return float(textstat.flesch_kincaid_grade(text))


def contents() -> HelpPage:
    context = {"roots": tree.ROOTS, "guides": GUIDES}
    return HelpPage("Help", "support:help", "support/help/contents.html", "", context)


ALL = [
    contents(),
    *pages.every(),
    *(pages.page_of(tree.NODES[slug]) for slug in sorted(tree.FOLLOWING)),
]


@pytest.mark.parametrize("help_page", ALL, ids=lambda each: each.address)
def test_a_child_of_12_can_read_it(help_page: HelpPage) -> None:
    is_easy(help_page.passages())


@pytest.mark.parametrize(
    "address",
    [
        *("/support-code/", "/status/", "/help/search/"),
        *(f"/about/{page}/" for page in AboutPage if page != AboutPage.TERMS),
    ],
)
def test_so_can_they_read_pages_beside_help(client: Client, address: str) -> None:
    main = text_of(client.get(address)).partition("<main")[2].partition("</main>")[0]
    is_easy(pages.passages_in(f"<main{main}"))


def is_easy(passages: list[str]) -> None:
    text = spoken(passages)
    if len(text.split()) < FEWEST_WORDS:
        return
    long_ones = [line for line in text.splitlines() if len(line.split()) >= FEWEST_WORDS]
    assert grade(text) <= HARDEST_GRADE, sorted(long_ones, key=grade)[-3:]
    assert not [line for line in long_ones if grade(line) > HARDEST_PASSAGE]


@pytest.mark.parametrize(
    "text",
    [
        "Wait until your app shows the next code. It takes up to 30 seconds. Enter that one.",
        "Ask your practice administrator. They look after the logins at your practice.",
    ],
)
def test_short_words_in_short_sentences_are_easy(text: str) -> None:
    assert grade(spoken([text])) <= HARDEST_GRADE


@pytest.mark.parametrize(
    "text",
    [
        "Authentication depends on the synchronisation of the internal clock of the device.",
        (
            "If you have not got the one that you had when you set it up, and you do not know "
            "where it is, or who has got it now, then ask the desk for a new one soon."
        ),
    ],
)
def test_long_words_are_hard_and_so_are_long_sentences(text: str) -> None:
    assert grade(spoken([text])) > HARDEST_GRADE
